"""Weighing the margins of several models: non-negative weights of least log loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.models.calibration import to_pd
from solvent.models.calibrators import row_losses
from solvent.models.technique import BoolArray, FloatArray, IntArray

STEPS: Final = 200
SETTLED: Final = 1e-10
FAINT: Final = 0.01
LEAST: Final = 1e-3
PULL: Final = 20.0
"""Weight of the prior on equal weights, in units of log-odds squared: little beside a thousand
rows, but members that say the same share their weight instead of being played off."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mix:
    """A weighted sum of margins.

    Args:
        intercept: In log-odds.
        weights: >= 0, shape (k,).
    """

    intercept: float
    weights: FloatArray

    def margin(self, margins: FloatArray) -> FloatArray:
        """Return the log-odds of bad, shape (n,), of margins of shape (n, k)."""
        found: FloatArray = self.intercept + margins @ self.weights
        return found


def learn_mix(margins: FloatArray, bad: BoolArray) -> Mix:
    """Find the weights.

    Each margin is first put on a straight line of least log loss, so that one that is too bold or
    too timid starts as fairly as the others; then the lines are weighed, pulled a little towards
    equal weights.

    Args:
        margins: What models that had not seen a row said of it, shape (n, k).
        bad: Labels of both kinds, shape (n,).
    """
    lines = [_descend(margins[:, [one]], bad, 1.0, 1.0) for one in range(margins.shape[1])]
    starts, slopes = np.array(lines).T
    found = _descend(starts + margins * slopes, bad, 1.0 / len(lines), PULL)
    weights = found[1:] * slopes
    if not weights.any():  # none ranks at all: none is singled out
        weights = np.full(len(lines), LEAST)
    return Mix(intercept=float(found[0] + found[1:] @ starts), weights=weights)


def cross_fitted(margins: FloatArray, bad: BoolArray, fold: IntArray) -> FloatArray:
    """Return what mixes say of folds they were not learnt from, shape (n,).

    Args:
        margins: What models that had not seen a row said of it, shape (n, k).
        bad: Labels, shape (n,).
        fold: The fold of each row, shape (n,); without any one both labels are left.
    """
    out = np.empty(len(bad))
    for held in np.unique(fold).tolist():
        mine = fold == held
        out[mine] = learn_mix(margins[~mine], bad[~mine]).margin(margins[mine])
    return out


def _descend(columns: FloatArray, bad: BoolArray, centre: float, pull: float) -> FloatArray:
    """Return an intercept and weights >= 0 of least penalised log loss, shape (k + 1,).

    Source: Bertsekas (1982), projected Newton with an active set.
    """
    design = np.column_stack([np.ones(len(bad)), columns])
    prior = np.array([0.0, *np.full(columns.shape[1], centre)])
    precision = np.array([FAINT, *np.full(columns.shape[1], pull)])
    floor = np.array([-np.inf, *np.zeros(columns.shape[1])])

    def cost(at: FloatArray) -> float:
        away = at - prior
        return float(row_losses(design @ at, bad).sum() + 0.5 * (precision * away) @ away)

    place, now = prior, cost(prior)
    for _ in range(STEPS):
        pd = to_pd(design @ place)
        slope = design.T @ (pd - bad) + precision * (place - prior)
        free = (place > floor) | (slope < 0.0)
        bend = (design.T * (pd * (1.0 - pd))) @ design + np.diag(precision)
        step = np.zeros_like(place)
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
        size = 1.0
        moved = np.maximum(place - step, floor)
        while cost(moved) > now and size > SETTLED:
            size *= 0.5
            moved = np.maximum(place - size * step, floor)
        if float(np.abs(moved - place).max()) < SETTLED or cost(moved) > now:
            break
        place, now = moved, cost(moved)
    return place
