"""What a technique is: something that learns from features and labels, and says how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from solvent.features import FeatureFrame, NumberColumn
from solvent.progress import Progress

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

CLEAR: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """How much a model leans on a feature.

    Args:
        name: The feature.
        share: In [0, 1]; over all features they sum to 1, or to 0 where the model uses none.
        direction: +1 where higher values go with more risk, -1 with less; 0 where neither is clear,
            and for categories.
    """

    name: str
    share: float
    direction: int


class FittedModel(Protocol):
    """A model that has learnt."""

    @property
    def technique(self) -> str:
        """The name of its technique."""
        ...

    @property
    def features(self) -> tuple[str, ...]:
        """The features it reads."""
        ...

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return uncalibrated log-odds of bad, shape (n,).

        Raises:
            DataError: A feature is missing, of the wrong kind, or infinite.
        """
        ...

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return what each feature adds to the margin, and last the baseline; shape (n, k + 1).

        Exact: a row's values sum to its margin.

        Raises:
            DataError: As `margin`.
        """
        ...

    def importance(self) -> tuple[Importance, ...]:
        """Return the importance of each feature, most important first."""
        ...

    def save(self) -> dict[str, bytes]:
        """Return the files it is kept in, by name: the same bytes each time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learnt:
    """What training gives.

    Args:
        model: Learnt from every row.
        margin: What models that had not seen a row said of it: log-odds, shape (n,).
    """

    model: FittedModel
    margin: FloatArray


class Technique(Protocol):
    """Learns a model, and reads one back."""

    @property
    def name(self) -> str:
        """Its word."""
        ...

    def fit(
        self,
        frame: FeatureFrame,
        bad: BoolArray,
        *,
        groups: IntArray,
        seed: int,
        progress: Progress,
    ) -> Learnt:
        """Learn; the same input gives the same model, bit for bit.

        Args:
            frame: Features, n rows.
            bad: True where the account met the bad definition, shape (n,).
            groups: The customer of each row, shape (n,): one customer's rows share a fold.
            seed: Of everything random, >= 0.
            progress: Told how far it is.

        Raises:
            OneClassError: `bad` is all true or all false.
            TrainingError: One customer holds every bad or every good.
            DataError: There is no feature, or a number is infinite.
            ShapeError: The lengths differ.
        """
        ...

    def load(self, files: dict[str, bytes]) -> FittedModel:
        """Read a model from the files `save` gave.

        Raises:
            BundleError: A file is missing or damaged.
        """
        ...


def rank_importances(
    weights: FloatArray, frame: FeatureFrame, contributions: FloatArray
) -> tuple[Importance, ...]:
    """Turn weights into importances.

    Args:
        weights: >= 0, shape (k,), of each feature of the frame in order.
        frame: Some rows.
        contributions: What each feature adds to the margin on those rows, shape (n, k).
    """
    total = float(weights.sum())
    found = [
        Importance(
            name=column.name,
            share=float(weight) / total if total > 0.0 else 0.0,
            direction=_direction(column.values, contributions[:, place])
            if isinstance(column, NumberColumn)
            else 0,
        )
        for place, (column, weight) in enumerate(zip(frame, weights.tolist(), strict=True))
    ]
    return tuple(sorted(found, key=lambda one: (-one.share, one.name)))


def _direction(values: FloatArray, contribution: FloatArray) -> int:
    """Sign of Spearman's correlation over known values; 0 where it is within `CLEAR` of none."""
    known = ~np.isnan(values)
    if known.sum() < 2:
        return 0
    left, right = _midranks(values[known]), _midranks(contribution[known])
    spread = float(np.sqrt((left @ left) * (right @ right)))
    correlation = float(left @ right) / spread if spread > 0.0 else 0.0
    return int(np.sign(correlation)) if abs(correlation) >= CLEAR else 0


def _midranks(values: FloatArray) -> FloatArray:
    """Ranks, ties shared, about their mean."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(times) - (times - 1) / 2.0)[place]
    centred: FloatArray = ranks - ranks.mean()
    return centred


def sample_rows(rows: int, most: int) -> IntArray:
    """Return at most `most` evenly spaced positions of 0 .. rows - 1."""
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(np.int64))
