"""What the fake API says of outcomes."""

from __future__ import annotations

from tests.ui.fake_data import NOW, Json, product

MONTHS = ("2025-11", "2025-12", "2026-01", "2026-02")
NOTE = "Only approved loans have outcomes."


def group(month: str, band: str, known: int, bads: int, expected: float, young: int = 0) -> Json:
    """Return a group with round figures; interval and test are made up beside them."""
    rate = bads / known if known else None
    pd = expected / known if known else None
    return {
        "month": month, "band": band, "decided": 2 * (known + young + 1),
        "approved": known + young + 1, "known": known, "immature": young, "untold": 1,
        "customers": known or None, "bads": bads if known else None,
        "expected_bads": expected if known else None, "mean_pd": pd, "bad_rate": rate,
        "low": None if rate is None else max(0.0, rate - 0.03),
        "high": None if rate is None else rate + 0.03, "z": 0.4 if known else None,
        "p_value": 0.69 if known else None, "p_adjusted": 1.0 if known else None,
        "agrees": None if rate is None or pd is None else abs(rate - pd) <= 0.03,
    }  # fmt: skip


def realised(name: str, bands: str | None) -> Json:
    own = bands in {None, "policy"}
    labels = ("A", "B", "below B") if own else ("0.0 to 5.0 %", "5.0 to 100.0 %")
    months = [group(month, "", 400, 40 + n, 41.5) for n, month in enumerate(MONTHS[:3])]
    months.append(group(MONTHS[3], "", 0, 0, 0.0, young=300))
    by_band = [group("", label, 200, 20, 18.0) for label in labels]
    return {
        "product": name, "at": NOW, "level": 0.95, "banded_by": "policy" if own else "deciles",
        "loans": "approved", "bad_words": "not paid 30 days after it was due", "window_days": 30.0,
        "whole": group("", "", 1200, 123, 124.5, young=300), "months": months, "bands": by_band,
        "cells": [group(MONTHS[0], label, 60, 6, 5.5) for label in labels],
        "ranking": {
            "auc": 0.74, "auc_low": 0.7, "auc_high": 0.78, "gini": 0.48, "gini_low": 0.4,
            "gini_high": 0.56,
        },
        "ranking_missing": "", "known_of_others": 3, "currency": product(name)["currency"],
        "paid": 12_400.0, "lost": 610.0, "note": NOTE,
    }  # fmt: skip


def nothing_known(name: str, *, decided: int, young: int) -> Json:
    """Return what is said before any outcome counts."""
    none = group("", "", 0, 0, 0.0) | {
        "decided": decided, "approved": decided, "immature": young, "untold": decided - young,
    }  # fmt: skip
    return realised(name, None) | {
        "whole": none, "months": [], "bands": [], "cells": [], "ranking": None,
        "ranking_missing": "no outcome is known yet", "paid": None, "lost": None,
    }  # fmt: skip
