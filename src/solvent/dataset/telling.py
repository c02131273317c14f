"""How well one column alone tells the outcome, in whatever shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solvent.features import CategoryColumn, NumberColumn
from solvent.metrics import auc

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

BINS = 50
"""A number is cut into so many groups; each of few values is a group."""


def telling_auc(column: NumberColumn | CategoryColumn, bad: BoolArray) -> float:
    """Return the AUC a column reaches alone, in [0.5, 1].

    Each group (a level, a value or a bin of numbers, or "missing") is ranked by its bad rate in
    the other half of the rows, so that noise stays near 0.5 however many groups it has. A number
    is also ranked as it is, and so is whether there is a value, in both directions.

    Args:
        column: The column, n rows.
        bad: True where the loan went bad, both classes present, shape (n,).
    """
    found = [0.5, auc(_other_half_rate(_groups(column), bad), bad)]
    missing = column.codes < 0 if isinstance(column, CategoryColumn) else np.isnan(column.values)
    found += _either_way(missing.astype(np.float64), bad)
    if isinstance(column, NumberColumn) and not missing.all():
        middle = np.median(column.values[~missing])
        found += _either_way(_unit(np.where(missing, middle, column.values)), bad)
    return max(found)


def _either_way(risk: FloatArray, bad: BoolArray) -> list[float]:
    reach = auc(risk, bad)
    return [reach, 1 - reach]


def _groups(column: NumberColumn | CategoryColumn) -> IntArray:
    """Return each row's group, 0 where nothing is known."""
    if isinstance(column, CategoryColumn):
        return column.codes.astype(np.int64) + 1
    known = ~np.isnan(column.values)
    values = column.values[known]
    groups = np.zeros(len(known), np.int64)
    distinct, place = np.unique(values, return_inverse=True)
    if len(distinct) > BINS:
        edges = np.quantile(values, np.arange(1, BINS) / BINS, method="lower")
        # a value that is an edge, as any frequent one is, makes a group of its own
        place = np.searchsorted(edges, values) + np.searchsorted(edges, values, side="right")
    groups[known] = place + 1
    return groups


def _other_half_rate(group: IntArray, bad: BoolArray) -> FloatArray:
    """Return the bad rate of each row's group in the half of the rows it is not in, in (0, 1)."""
    half, size = _halves(bad), int(group.max()) + 1
    risk = np.empty(len(bad))
    for side in (False, True):
        learn, apply = half != side, half == side
        rows = np.bincount(group[learn], minlength=size)
        bads = np.bincount(group[learn], weights=bad[learn], minlength=size)
        rate = (bads + bad.mean()) / (rows + 1)
        risk[apply] = rate[group[apply]]
    return risk


def _halves(bad: BoolArray) -> BoolArray:
    """Return which half each row is in, drawn apart for bads and goods so that both are alike."""
    rng = np.random.default_rng(0)
    half = np.empty(len(bad), np.bool_)
    for which in (bad, ~bad):
        places = rng.permutation(np.flatnonzero(which))
        half[places] = np.arange(len(places)) % 2 == 1
    return half


def _unit(values: FloatArray) -> FloatArray:
    """Return ranks scaled to [0, 1], ties kept."""
    _, rank = np.unique(values, return_inverse=True)
    return rank / max(1, int(rank.max()))
