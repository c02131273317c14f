"""Requests and answers about outcomes as the documentation shows them."""

from __future__ import annotations

from typing import Any, Final

_GROUP: Final = {
    "month": "2026-03", "band": "B", "decided": 420, "approved": 300, "known": 210, "immature": 80,
    "untold": 10, "customers": 190, "bads": 14, "expected_bads": 12.6, "mean_pd": 0.06,
    "bad_rate": 0.067, "low": 0.04, "high": 0.11, "z": 0.4, "p_value": 0.69, "p_adjusted": 1.0,
    "agrees": True,
}  # fmt: skip
OUTCOME_EXAMPLES: Final[dict[str, Any]] = {
    "OutcomesBody": {
        "outcomes": [
            {"application_id": "L1", "bad": True, "observed_at": "2026-05-01T00:00:00Z",
             "paid": 4.5, "lost": 5.5},
            {"decision_id": "0f8c1d7e5a2b4c6d9e3f1a2b3c4d5e6f", "outcome": "repaid",
             "observed_at": "2026-04-12T09:30:00Z", "available": "2026-04-13T00:00:00Z"},
        ]
    },
    "OutcomeReceipt": {
        "accepted": 1, "repeated": 0, "corrected": 0,
        "refused": [
            {
                "row": 0, "field": "application_id",
                "detail": "no such decision of this product is kept",
                "hint": "check the id, and the product",
            }
        ],
    },
    "RealisedAnswer": {
        "product": "airtime_loans", "at": "2026-11-02T09:30:00Z", "level": 0.95,
        "banded_by": "policy", "loans": "approved",
        "bad_words": "not paid (paid_at) 30 days after the application", "window_days": 30.0,
        "whole": _GROUP | {"month": "", "band": ""}, "months": [_GROUP | {"band": ""}],
        "bands": [_GROUP | {"month": ""}], "cells": [_GROUP],
        "ranking": {
            "auc": 0.74, "auc_low": 0.68, "auc_high": 0.8, "gini": 0.48, "gini_low": 0.36,
            "gini_high": 0.6,
        },
        "ranking_missing": "", "known_of_others": 3, "currency": "BRL", "paid": 1240.5,
        "lost": 61.0, "note": "Only approved loans have outcomes.",
    },
}  # fmt: skip
