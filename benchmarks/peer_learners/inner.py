"""What the peers share: stratified inner folds, and telling long categories."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Score = Callable[[pandas.DataFrame], FloatArray]
Learnt = tuple[Score, dict[str, object]]
"""A model's PD of the rows given, and what it has to say of itself."""
INNER = 5
SEED = 7
MANY_LEVELS = 64
"""A category with more levels than this may be told by a number."""
_PRIOR_ROWS = 20.0


def inner_folds(bad: IntArray) -> list[tuple[IntArray, IntArray]]:
    """Return pairs of positions: learn from, check on."""
    folds = StratifiedKFold(INNER, shuffle=True, random_state=SEED)
    return [(a, b) for a, b in folds.split(np.zeros(len(bad)), bad)]


def categories(frame: pandas.DataFrame) -> list[str]:
    """Return the names of the categories."""
    return [name for name in frame if isinstance(frame[name].dtype, pandas.CategoricalDtype)]


def long_categories(frame: pandas.DataFrame) -> list[str]:
    """Return the names of the categories with many levels."""
    return [n for n in categories(frame) if frame[n].nunique() > MANY_LEVELS]


def counted(frame: pandas.DataFrame, train: pandas.DataFrame) -> pandas.DataFrame:
    """Return the frame with long categories told by how often the training rows have the level."""
    told = frame.copy()
    for name in long_categories(train):
        counts = train[name].value_counts()
        values = frame[name].astype(object).map(counts).astype(float)
        told[name] = values.where(frame[name].isna(), values.fillna(0.0))
    return told


def rated(
    frame: pandas.DataFrame, train: pandas.DataFrame, bad: IntArray, *, same: bool
) -> pandas.DataFrame:
    """Return the frame with long categories told by their level's smoothed bad rate and count.

    Args:
        frame: What to tell.
        train: The training rows.
        bad: Their outcomes.
        same: True where `frame` is `train`: then each row's rate comes from the other inner folds.
    """
    told = counted(frame, train)
    for name in long_categories(train):
        rate = np.full(len(frame), np.nan)
        if same:
            for learnt, checked in inner_folds(bad):
                rates, prior = _rates(train[name].iloc[learnt], bad[learnt])
                rate[checked] = _looked_up(frame[name].iloc[checked], rates, prior)
        else:
            rates, prior = _rates(train[name], bad)
            rate = _looked_up(frame[name], rates, prior)
        told[f"{name} rate"] = rate
    return told


def _rates(levels: pandas.Series, bad: IntArray) -> tuple[pandas.Series, float]:
    prior = float(bad.mean())
    by = pandas.Series(bad).groupby(levels.astype(object).to_numpy())
    return (by.sum() + prior * _PRIOR_ROWS) / (by.count() + _PRIOR_ROWS), prior


def _looked_up(levels: pandas.Series, rates: pandas.Series, prior: float) -> FloatArray:
    return np.asarray(levels.astype(object).map(rates).astype(float).fillna(prior), np.float64)
