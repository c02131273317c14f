"""A bag: the mean of models that each had not seen one fold, and how much its margin says.

The mean of several models moves less than each of them: what is chance in one is not in another.
It follows the truth as far as each does, so a unit of its margin says more, and a calibration
learnt on what single models said out of fold would find it timid. How much less it moves can be
told without a row that nobody has seen: on a training row one model of the bag has not seen it, and
what that one gets wrong by chance has nothing to do with what the others, which have, make of the
row. Their covariance is therefore that of two models on a new row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.models.technique import FittedModel, FloatArray, IntArray, Training, sample_rows

ASKED_ROWS: Final = 4000
"""Training rows that are enough to tell how much less a bag moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a unit of a bag's margin is made to say what a unit of its models' does out of fold.

    Args:
        factor: Variance of one model over that of the bag, on new rows, >= 1: the slope of the
            truth on the bag over its slope on one model, as both covary with the truth alike.
        centre: Mean margin out of fold, which stays where it is.
    """

    factor: float
    centre: float

    @property
    def shift(self) -> float:
        """What is added to a margin after it is multiplied by the factor."""
        return self.centre * (1.0 - self.factor)


def asked_rows(training: Training) -> IntArray:
    """Return the places of the training rows that a bag is asked of, shape (n,)."""
    return sample_rows(training.frame.rows, ASKED_ROWS)


def fold_of_asked(training: Training) -> IntArray:
    """Return the fold of each of the `asked_rows`, shape (n,)."""
    return training.fold[asked_rows(training)]


def ask(bag: Sequence[FittedModel], training: Training) -> FloatArray:
    """Return what each model of a bag says of the `asked_rows`, shape (folds, n)."""
    some = training.frame.take(asked_rows(training))
    return np.stack([model.margin(some) for model in bag])


def bag_spread(said: FloatArray, fold: IntArray) -> Spread:
    """Tell how much less a bag moves than its models.

    Args:
        said: Margins of training rows, shape (folds, n): row k by the model that has not seen
            fold k.
        fold: The fold of each of these rows, shape (n,).

    >>> said = np.array([[1.0, -1.0, 1.0, -1.0], [1.0, -1.0, 1.0, -1.0]])
    >>> bag_spread(said, np.array([0, 0, 1, 1])).factor
    1.0
    """
    models, rows = said.shape
    unseen = said[fold, np.arange(rows)]
    seen = (said.sum(axis=0) - unseen) / (models - 1)
    alone, others = _within(unseen, fold), _within(seen, fold)
    variance = float(alone @ alone)
    common = min(max(float(alone @ others), 0.0), variance)
    of_bag = variance / models + common * (models - 1) / models
    factor = variance / of_bag if of_bag > 0.0 else 1.0
    return Spread(factor=max(factor, 1.0), centre=float(unseen.mean()))


def _within(margin: FloatArray, fold: IntArray) -> FloatArray:
    """Return margins about the mean of their fold."""
    rows = np.maximum(np.bincount(fold), 1)
    found: FloatArray = margin - (np.bincount(fold, weights=margin) / rows)[fold]
    return found
