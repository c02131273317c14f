"""The applications a study looks at, as arrays: features, outcomes, sides, periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.dataset import Dataset
from solvent.dataset.gate import model_frame
from solvent.features import Feature, FeatureFrame
from solvent.models.folds import deal_folds

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
TextArray = NDArray[np.str_]

MOST_ROWS = 60_000
MONTHS = 3
"""With fewer months, figures are told week by week."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Applications of the training and the test side, in the order of time.

    Attributes:
        features: What is looked at: no feature that reads a protected column.
        frame: Their values, n rows.
        bad: True where the loan went bad, shape (n,).
        customer: Customer number, shape (n,).
        train: True on the training side, shape (n,); the others are the test side.
        some: True for the training rows quick models are made of: all of them, or those of
            customers drawn by chance where they are very many, shape (n,).
        fold: Fold of each training row, -1 on the test side, shape (n,).
        period: Label of each row's month or week, shape (n,); None without times.
        period_word: "month", "week", or empty.
    """

    features: tuple[Feature, ...]
    frame: FeatureFrame
    bad: BoolArray
    customer: IntArray
    train: BoolArray
    some: BoolArray
    fold: IntArray
    period: TextArray | None
    period_word: str

    def __len__(self) -> int:
        return len(self.bad)

    @property
    def train_frame(self) -> FeatureFrame:
        """The training side's features."""
        return self.frame.take(self.train)


def sample_of(dataset: Dataset, *, seed: int) -> Sample:
    """Return what a study looks at.

    Args:
        dataset: Split into train and test.
        seed: Deals the folds.

    Raises:
        TrainingError: One customer holds every bad or every good of the training side.
    """
    plan = dataset.open_data.plan
    used = dataset.split.train | dataset.split.test
    train = dataset.split.train[used]
    bad, customer = dataset.bad[used], dataset.customer[used]
    fold = np.full(len(bad), -1, np.int64)
    fold[train] = deal_folds(bad[train], customer[train], seed=seed)
    period, word = _periods(dataset.applications.as_of[used]) if plan.has_times else (None, "")
    return Sample(
        features=plan.model_features, frame=model_frame(plan, dataset.frame).take(used), bad=bad,
        customer=customer, train=train, some=_some(train, customer, seed), fold=fold,
        period=period, period_word=word,
    )  # fmt: skip


def _some(train: BoolArray, customer: IntArray, seed: int) -> BoolArray:
    """Return the training rows, thinned customer by customer where they are very many."""
    rows = int(train.sum())
    if rows <= MOST_ROWS:
        return train
    drawn = np.random.default_rng(seed).random(int(customer.max()) + 1) < MOST_ROWS / rows
    return train & drawn[customer]


def _periods(as_of: IntArray) -> tuple[TextArray | None, str]:
    """Return months, or weeks named by their Monday where months are few."""
    times = as_of.astype("datetime64[us]")
    months = times.astype("datetime64[M]")
    if len(np.unique(months)) >= MONTHS:
        return months.astype(str), "month"
    # NumPy counts weeks from a Thursday
    days = times.astype("datetime64[D]").astype(np.int64)
    weeks = (days - (days + 3) % 7).astype("datetime64[D]")
    found = weeks.astype(str)
    return (found, "week") if len(np.unique(found)) > 1 else (None, "")
