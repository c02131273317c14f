"""Drivers that each say something the stronger ones do not: chosen one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import numpy as np

from solvent.app.study.lines import Binned
from solvent.app.study.sample import BoolArray, FloatArray, IntArray, Sample
from solvent.report.study_record import StudyLine

MOST: Final = 15
CHANCE: Final = 0.05
_RIDGE: Final = 1e-6
_STEPS: Final = 25


def choose_drivers(
    sample: Sample, binned: tuple[Binned, ...], lines: Sequence[StudyLine], *, most: int = MOST
) -> tuple[str, ...]:
    """Return the strongest feature, then again and again the one that adds most to those chosen.

    A feature speaks through the log-odds its group has among other customers. Only features
    stronger than chance are asked, and the last one chosen still adds more than chance explains
    where so many are asked.

    Args:
        sample: The applications.
        binned: Their features in bins.
        lines: The features, strongest first.
        most: How many to choose at most.
    """
    real = {line.name for line in lines if line.real}
    asked = [one for one in binned if one.column.name in real]
    if not asked:
        return ()
    side = sample.train
    risk = np.column_stack([one.risk[side] for one in asked])
    chosen = forward(
        np.log(risk / (1.0 - risk)), sample.bad[side], sample.customer[side], most=most
    )
    return tuple(asked[place].column.name for place in chosen)


def forward(told: FloatArray, bad: BoolArray, groups: IntArray, *, most: int) -> tuple[int, ...]:
    """Choose columns of log-odds one by one, each adding most to those before it.

    Each candidate is judged by the score test of a logistic regression on the chosen ones, its
    spread added up customer by customer. A candidate that would count the other way round is never
    chosen.

    Args:
        told: Log-odds of bad by each column, shape (n, k).
        bad: True where the account met the bad definition, shape (n,).
        groups: The customer of each row, shape (n,).
        most: How many to choose at most.

    Returns:
        Places of the chosen columns, in order.

    Source: Rao (1948), the score test.
    """
    _, who = np.unique(groups, return_inverse=True)
    least = NormalDist().inv_cdf(1.0 - CHANCE / told.shape[1])
    chosen: list[int] = []
    while len(chosen) < min(most, told.shape[1]):
        base = np.column_stack([np.ones(len(bad)), told[:, chosen]])
        height = _score(base, told, bad, who)
        height[chosen] = -np.inf
        best = int(np.argmax(height))
        if height[best] < least:
            break
        chosen.append(best)
    return tuple(chosen)


def _score(base: FloatArray, told: FloatArray, bad: BoolArray, who: IntArray) -> FloatArray:
    """Return each candidate's score statistic in standard errors, shape (k,)."""
    pd = _fitted(base, bad)
    weight = pd * (1.0 - pd)
    inverse = np.linalg.inv(base.T @ (base * weight[:, None]) + _RIDGE * np.eye(base.shape[1]))
    rest = told - base @ (inverse @ (base.T @ (told * weight[:, None])))
    terms = rest * (bad - pd)[:, None]
    sums = np.zeros((int(who.max()) + 1, told.shape[1]))
    np.add.at(sums, who, terms)
    spread = np.sqrt((sums**2).sum(axis=0))
    total: FloatArray = sums.sum(axis=0)
    # a column that the chosen ones give exactly leaves rounding errors only
    alive = (rest**2).sum(axis=0) > 1e-9 * (told**2).sum(axis=0)
    found: FloatArray = np.divide(total, spread, out=np.zeros_like(total), where=alive)
    return found


def _fitted(base: FloatArray, bad: BoolArray) -> FloatArray:
    """Return the PDs of a logistic regression, shape (n,)."""
    weights = np.zeros(base.shape[1])
    pd = np.full(len(bad), 0.5)
    for _ in range(_STEPS):
        pd = 1.0 / (1.0 + np.exp(-np.clip(base @ weights, -30.0, 30.0)))
        slope = base.T @ (bad - pd)
        curve = base.T @ (base * (pd * (1.0 - pd))[:, None]) + _RIDGE * np.eye(base.shape[1])
        step = np.linalg.solve(curve, slope)
        weights += step
        if float(np.abs(step).max()) < 1e-8:
            break
    return pd
