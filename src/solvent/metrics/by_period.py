"""Metrics period by period: whether a model that worked still works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solvent.errors import OneClassError, RangeError
from solvent.metrics.accounts import (
    BoolArray,
    FloatArray,
    check_accounts,
    check_same_length,
    one_dimensional,
)
from solvent.metrics.auc import auc


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodMetrics:
    """One period's accounts.

    Attributes:
        period: Its label, as text.
        n: Accounts, >= 1.
        bads: Bad accounts.
        bad_rate: bads / n.
        mean_pd: In [0, 1].
        auc: In [0, 1], or None where it does not exist.
        auc_missing: Why it does not; empty where it does.
    """

    period: str
    n: int
    bads: int
    bad_rate: float
    mean_pd: float
    auc: float | None
    auc_missing: str


def by_period(pd: ArrayLike, bad: ArrayLike, period: ArrayLike) -> tuple[PeriodMetrics, ...]:
    """Counts, bad rate, mean PD and AUC of each period.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        period: Label of each account's period, shape (n,): text, whole numbers or dates that sort
            in time's order ("2024-03", 202403).

    Returns:
        One row per period that occurs, in the labels' order.

    Raises:
        ShapeError, RangeError: as `check_accounts`; a label is missing or is not of one type.

    Source: tests compare with each period measured alone.

    >>> rows = by_period([0.9, 0.1, 0.2], [True, False, False], ["2024-01", "2024-01", "2024-02"])
    >>> [(row.period, row.n, row.auc, row.auc_missing) for row in rows]
    [('2024-01', 2, 1.0, ''), ('2024-02', 1, None, 'no account of 1 is bad')]
    """
    pds, bads = check_accounts(pd, bad)
    periods = _check_periods(period)
    check_same_length(pds, periods, "period")
    labels, place = np.unique(periods, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(1, labels.size))
    return tuple(
        _measure(str(label), pds[rows], bads[rows])
        for label, rows in zip(labels, np.split(order, starts), strict=True)
    )


def _check_periods(period: ArrayLike) -> NDArray[Any]:
    periods = one_dimensional(period, "period")
    if periods.dtype.kind == "O":
        if not all(isinstance(label, str) for label in periods):
            raise RangeError(
                "holds labels that are not text", hint="label each account", field="period"
            )
        return periods.astype(np.str_)
    if periods.dtype.kind not in "iuUM":
        raise RangeError(
            f"must be text, whole numbers or dates, found {periods.dtype}", field="period"
        )
    if periods.dtype.kind == "M" and np.isnat(periods).any():
        raise RangeError("holds missing dates", hint="label each account", field="period")
    return periods


def _measure(label: str, pd: FloatArray, bad: BoolArray) -> PeriodMetrics:
    area, missing = None, ""
    try:
        area = auc(pd, bad)
    except OneClassError as error:
        missing = error.message
    bads = int(np.count_nonzero(bad))
    return PeriodMetrics(
        period=label,
        n=pd.size,
        bads=bads,
        bad_rate=bads / pd.size,
        mean_pd=float(pd.mean()),
        auc=area,
        auc_missing=missing,
    )
