"""Realised against predicted: by month of decision, by band of PD, and over all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solvent.errors import MetricError
from solvent.metrics import (
    AucInterval,
    ClusteredCalibration,
    auc_interval,
    clustered_calibration,
    holm,
)
from solvent.monitor.maturity import Windowed

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loans:
    """Decisions, and what is known of their loans.

    Args:
        month: Month of each decision, whole months since January 1970, shape (n,).
        band: Place of its band, the safest 0, shape (n,).
        pd: Probability of default as it was decided, in [0, 1], shape (n,).
        customer: Number of its customer, shape (n,).
        approved: True where the verdict was to approve, shape (n,).
        counted: True where there is a loan whose outcome is asked about, shape (n,).
        windowed: What is known of each.
        bad: True where it went bad, shape (n,); read only where it is known.
    """

    month: IntArray
    band: IntArray
    pd: FloatArray
    customer: IntArray
    approved: BoolArray
    counted: BoolArray
    windowed: Windowed
    bad: BoolArray

    def __len__(self) -> int:
        return len(self.pd)

    def take(self, rows: IntArray) -> Loans:
        """Return some of them."""
        seen = self.windowed
        return Loans(
            month=self.month[rows], band=self.band[rows], pd=self.pd[rows],
            customer=self.customer[rows], approved=self.approved[rows],
            counted=self.counted[rows], bad=self.bad[rows],
            windowed=Windowed(
                known=seen.known[rows], immature=seen.immature[rows], untold=seen.untold[rows]
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Decisions of one month, of one band, or of both.

    Attributes:
        month: As "2026-03"; empty for all months.
        band: Its label; empty for all bands.
        decided: Decisions.
        approved: Those with the verdict to approve.
        immature: Loans whose performance window is not over.
        untold: Loans whose window is over and whose outcome nobody told.
        figures: Bads against those expected, of the loans whose outcome is known; None where of
            none it is.
        p_adjusted: The test's p-value adjusted (Holm) for testing every band, or every month; None
            where there is no test.
    """

    month: str
    band: str
    decided: int
    approved: int
    immature: int
    untold: int
    figures: ClusteredCalibration | None
    p_adjusted: float | None = None

    @property
    def known(self) -> int:
        """Loans whose outcome is known."""
        return 0 if self.figures is None else self.figures.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """Realised against predicted.

    Attributes:
        whole: All decisions.
        months: By month, oldest first; months without a decision are left out.
        bands: By band, the safest first, each of them.
        cells: By month and band; those without a decision are left out.
        auc: How well the PD ranked the loans whose outcome is known; None where that cannot be
            said.
        auc_missing: Why it cannot; empty where it can.
    """

    whole: Group
    months: tuple[Group, ...]
    bands: tuple[Group, ...]
    cells: tuple[Group, ...]
    auc: AucInterval | None
    auc_missing: str


def realised(loans: Loans, bands: Sequence[str], *, level: float = 0.95) -> Realised:
    """Set what became of loans against what was predicted.

    Args:
        loans: The decisions.
        bands: Labels of the bands, the safest first.
        level: Confidence level of every interval, in (0, 1).

    Raises:
        RangeError: A PD is none, or `level` is none.
    """
    every = np.arange(len(loans))
    by_band = dict(_parted(loans.band, every))
    months = [
        _group(loans, rows, month_words(month), "", level)
        for month, rows in _parted(loans.month, every)
    ]
    cells = [
        _group(loans, rows, month_words(month), bands[band], level)
        for month, of_month in _parted(loans.month, every)
        for band, rows in _parted(loans.band, of_month)
    ]
    of_bands = [
        _group(loans, by_band.get(place, every[:0]), "", label, level)
        for place, label in enumerate(bands)
    ]
    area, missing = _auc(loans, level)
    return Realised(
        whole=_group(loans, every, "", "", level), months=_adjusted(months),
        bands=_adjusted(of_bands), cells=tuple(cells), auc=area, auc_missing=missing,
    )  # fmt: skip


def month_words(month: int) -> str:
    """Return a month as it is written.

    >>> month_words(0), month_words(674)
    ('1970-01', '2026-03')
    """
    return str(np.datetime64(month, "M"))


def _parted(labels: IntArray, rows: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Yield each label with its rows, in the labels' order."""
    if not len(rows):
        return
    order = rows[np.argsort(labels[rows], kind="stable")]
    names, starts = np.unique(labels[order], return_index=True)
    yield from zip(names.tolist(), np.split(order, starts[1:]), strict=True)


def _group(loans: Loans, rows: IntArray, month: str, band: str, level: float) -> Group:
    counted = loans.counted[rows]
    known = rows[counted & loans.windowed.known[rows]]
    figures = None
    if len(known):
        figures = clustered_calibration(
            loans.pd[known], loans.bad[known], loans.customer[known], level=level
        )
    return Group(
        month=month, band=band, decided=len(rows),
        approved=int(np.count_nonzero(loans.approved[rows])),
        immature=int(np.count_nonzero(counted & loans.windowed.immature[rows])),
        untold=int(np.count_nonzero(counted & loans.windowed.untold[rows])), figures=figures,
    )  # fmt: skip


def _adjusted(groups: Sequence[Group]) -> tuple[Group, ...]:
    """Return groups with p-values adjusted for there being several of them."""
    tests = {
        place: group.figures.p_value
        for place, group in enumerate(groups)
        if group.figures is not None and group.figures.p_value is not None
    }
    adjusted = dict(zip(tests, holm(list(tests.values())).tolist(), strict=True)) if tests else {}
    return tuple(
        replace(group, p_adjusted=adjusted.get(place)) for place, group in enumerate(groups)
    )


def _auc(loans: Loans, level: float) -> tuple[AucInterval | None, str]:
    known = loans.counted & loans.windowed.known
    if not known.any():
        return None, "no outcome is known yet"
    try:
        found = auc_interval(
            loans.pd[known], loans.bad[known], level, clusters=loans.customer[known]
        )
    except MetricError as error:
        return None, error.message
    return found, ""
