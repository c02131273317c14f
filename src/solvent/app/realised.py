"""Realised against predicted of one product, as the API, the pages and the terminal show it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np

from solvent.app.answers import instant_json
from solvent.app.bootstrap import Service
from solvent.app.csv_cells import CsvWriter
from solvent.app.live_product import LiveProduct
from solvent.app.outcomes import begun_at
from solvent.dataset import Bad, Equals, Unpaid
from solvent.domain import Money, OutcomeWord, Verdict
from solvent.errors import RangeError
from solvent.features import DAY, from_json
from solvent.metrics import GiniInterval
from solvent.monitor import Group, Loans, Realised, Told, realised, settle
from solvent.store.outcomes import KnownLoan

LEVEL = 0.95
DECILES = 10
NOTE = (
    "Only approved loans have outcomes: these figures say nothing of applicants who were declined "
    "or referred. A loan counts once its performance window is over and its outcome was told; "
    "until then it is neither good nor bad."
)
_NOTE_ALL = (
    "Loans made although they were referred or declined count as well, where their outcome was "
    "told. A loan counts once its performance window is over and its outcome was told; until then "
    "it is neither good nor bad."
)
COLUMNS = (
    "month", "band", "decided", "approved", "known", "immature", "untold", "customers", "mean_pd",
    "expected_bads", "bads", "bad_rate", "low", "high", "z", "p_value", "p_adjusted", "agrees",
)  # fmt: skip


class BandedBy(StrEnum):
    """What parts decisions into bands."""

    POLICY = "policy"
    DECILES = "deciles"


class Counted(StrEnum):
    """Which loans count."""

    APPROVED = "approved"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked.

    Args:
        by: What parts decisions into bands; None: the policy's bands where it has some.
        counted: approved: loans with the verdict to approve; all: also those of other verdicts
            whose outcome was told.
        at: Instant as of which it is asked, int UTC microseconds: decisions made later, and what
            became known later, do not count; None: now. An outcome told late counts from when it
            was known (`available`).
    """

    by: BandedBy | None = None
    counted: Counted = Counted.APPROVED
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bands:
    """Bands: labels, the safest first, and what parts them."""

    by: BandedBy
    labels: tuple[str, ...]
    edges: tuple[float, ...]

    def places(self, loans: Sequence[KnownLoan]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the band of each loan; edges are of scores for the policy's, else of PDs."""
        if self.by is BandedBy.POLICY:
            score = np.array([one.score for one in loans], dtype=np.float64)
            return np.searchsorted(-np.array(self.edges), -score, side="left").astype(np.int64)
        pd = np.array([one.pd for one in loans], dtype=np.float64)
        return np.searchsorted(np.array(self.edges), pd, side="right").astype(np.int64)


def realised_json(service: Service, product: str, wish: Wish) -> dict[str, Any]:
    """Return realised against predicted.

    Raises:
        NotServedError: No such product is served.
        RangeError: The instant is to come.
    """
    live = service.product(product)
    now = service.now()
    at = now if wish.at is None else wish.at
    if at > now:
        raise RangeError(
            "lies ahead of the server's clock", hint="leave it out for what is known now",
            field="at",
        )  # fmt: skip
    kept = list(service.outcomes.known(live.name, at=at))
    bands, bad = _bands(live, wish.by), bad_of(live)
    loans = _loans(live, kept, bands, wish.counted, at)
    found = realised(loans, bands.labels, level=LEVEL)
    known = loans.counted & loans.windowed.known
    others = loans.windowed.known & ~loans.approved
    return {
        "product": live.name, "at": instant_json(at), "level": LEVEL,
        "banded_by": bands.by.value, "loans": wish.counted.value,
        "bad_words": "" if bad is None else bad.words, "window_days": _window(live) / DAY,
        "whole": _group_json(found.whole), "months": [_group_json(one) for one in found.months],
        "bands": [_group_json(one) for one in found.bands],
        "cells": [_group_json(one) for one in found.cells], "ranking": _ranking(found),
        "ranking_missing": found.auc_missing, "known_of_others": int(np.count_nonzero(others)),
        "currency": live.currency,
        "paid": _total(one.paid for one, counts in zip(kept, known, strict=True) if counts),
        "lost": _total(one.lost for one, counts in zip(kept, known, strict=True) if counts),
        "note": NOTE if wish.counted is Counted.APPROVED else _NOTE_ALL,
    }  # fmt: skip


def realised_csv(answer: dict[str, Any]) -> str:
    """Return realised against predicted as CSV: all, by month, by band, then by both."""
    out = io.StringIO(newline="")
    writer = CsvWriter(out)
    writer.write(COLUMNS)
    for row in (answer["whole"], *answer["months"], *answer["bands"], *answer["cells"]):
        told = {**row, "month": row["month"] or "all", "band": row["band"] or "all"}
        writer.write([told[name] for name in COLUMNS])
    return out.getvalue()


def bad_of(live: LiveProduct) -> Bad | None:
    """Return the bad definition the model was trained with; None where it had none."""
    told = live.registered.about["bad"]
    if not told:
        return None
    parts = {name: from_json(value) for name, value in told.items() if name not in {"is", "words"}}
    return Unpaid(**parts) if told["is"] == Unpaid.__name__ else Equals(**parts)


def _window(live: LiveProduct) -> int:
    bad = bad_of(live)
    return 0 if bad is None else bad.window


def _loans(
    live: LiveProduct, kept: Sequence[KnownLoan], bands: _Bands, counted: Counted, at: int
) -> Loans:
    """Return decisions as arrays."""
    begun = np.array([begun_at(live, one) for one in kept], dtype=np.int64)
    words = np.array([one.word or "" for one in kept], dtype=np.str_)
    bad = words == OutcomeWord.BAD
    told = Told(
        as_of=begun, bad=bad, good=words == OutcomeWord.GOOD, repaid=words == OutcomeWord.REPAID,
        observed_at=np.array([one.observed_at or 0 for one in kept], dtype=np.int64),
    )  # fmt: skip
    approved = np.array([one.verdict == Verdict.APPROVE.value for one in kept], dtype=np.bool_)
    # who was erased is nobody else's customer
    names = np.array([one.key or f"\0{one.id}" for one in kept], dtype=np.str_)
    _, customer = np.unique(names, return_inverse=True)
    return Loans(
        month=begun.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64),
        band=bands.places(kept), pd=np.array([one.pd for one in kept], dtype=np.float64),
        customer=customer.astype(np.int64), approved=approved, bad=bad,
        counted=approved if counted is Counted.APPROVED else approved | (words != ""),
        windowed=settle(told, window=_window(live), at=at),
    )  # fmt: skip


def _bands(live: LiveProduct, by: BandedBy | None) -> _Bands:
    """Return the bands, safest first; their edges do not move with the decisions."""
    own = sorted(live.policy.bands, key=lambda band: -band.score_from)
    if own and by is not BandedBy.DECILES:
        labels = (*(band.name for band in own), f"below {own[-1].name}")
        return _Bands(
            by=BandedBy.POLICY, labels=labels, edges=tuple(float(one.score_from) for one in own)
        )
    pd = live.population.pd
    shares = np.arange(1, DECILES) / DECILES
    edges = tuple(np.unique(np.quantile(pd, shares)).tolist()) if len(pd) else ()
    ends = [0.0, *edges, 1.0]
    labels = tuple(f"{100 * low:.1f} to {100 * high:.1f} %" for low, high in pairwise(ends))
    return _Bands(by=BandedBy.DECILES, labels=labels, edges=edges)


def _group_json(group: Group) -> dict[str, Any]:
    found = group.figures
    counts = {
        "month": group.month, "band": group.band, "decided": group.decided,
        "approved": group.approved, "known": group.known, "immature": group.immature,
        "untold": group.untold, "p_adjusted": group.p_adjusted,
    }  # fmt: skip
    names = ("customers", "bads", "mean_pd", "bad_rate", "low", "high", "z", "p_value")
    figures = {name: None if found is None else getattr(found, name) for name in names}
    return {
        **counts, **figures, "expected_bads": None if found is None else found.expected,
        "agrees": None if found is None else found.low <= found.mean_pd <= found.high,
    }  # fmt: skip


def _ranking(found: Realised) -> dict[str, float] | None:
    if found.auc is None:
        return None
    gini = GiniInterval.of(found.auc)
    return {
        "auc": found.auc.auc, "auc_low": found.auc.low, "auc_high": found.auc.high,
        "gini": gini.gini, "gini_low": gini.low, "gini_high": gini.high,
    }  # fmt: skip


def _total(amounts: Iterator[Money | None]) -> float | None:
    """Return the sum of the amounts told, in major units; None where none was."""
    told = [one for one in amounts if one is not None]
    if not told:
        return None
    return sum(one.minor for one in told) / 10.0 ** told[0].scale
