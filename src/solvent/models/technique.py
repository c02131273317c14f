"""What a technique is: something that learns from features and labels, and says how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from solvent.errors import ShapeError, TechniqueError, TrainingError
from solvent.features import FeatureFrame, NumberColumn
from solvent.models.card import Card
from solvent.models.contender import Contender
from solvent.models.documents import Document, Json
from solvent.models.folds import FOLDS, check_labels, deal_folds
from solvent.progress import Progress

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Settings = Mapping[str, float]

CLEAR: Final = 0.05
EXPLAINED_ROWS: Final = 2000
"""Training rows a model is asked about, at most, to tell how much it leans on each feature."""


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

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {"name": self.name, "share": self.share, "direction": self.direction}

    @classmethod
    def read(cls, document: Document) -> Importance:
        """Read it back.

        Raises:
            BundleError: An entry is missing or of another kind.
        """
        return cls(
            name=document.text("name"), share=document.number("share"),
            direction=int(document.number("direction")),
        )  # fmt: skip


class FittedModel(Protocol):
    """A model that has learnt."""

    @property
    def technique(self) -> str:
        """The name of its technique."""
        ...

    @property
    def scorer(self) -> str:
        """The native form it is kept and read back in: a file of `models/scorers/`.

        Empty where there is none: such a model can be compared, not kept.
        """
        ...

    @property
    def exact(self) -> bool:
        """Whether its contributions are exact, so that it may give reasons and go live."""
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

        A row's values sum to its margin.

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
class Guidance:
    """What a technique is told beside the rows; one that has no use for a part passes over it.

    Args:
        periods: The month of each row, counted from any start, shape (n,); None without times.
        directions: Feature -> +1 where a higher value may only be riskier, -1 where only safer.
        settings: A tuned value for some of the technique's own settings, by name; see
            `Technique.space`.
        members: The same for each technique it is made of, by the technique's name.
        card: What is declared of a scorecard; None for nothing.
    """

    periods: IntArray | None = None
    directions: Mapping[str, int] = field(default_factory=dict)
    settings: Settings = field(default_factory=dict)
    members: Mapping[str, Settings] = field(default_factory=dict)
    card: Card | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Training:
    """What a technique learns from; made by `start_training`.

    Args:
        frame: Features, n rows.
        bad: True where the account met the bad definition, shape (n,).
        groups: The customer of each row, shape (n,): one customer's rows share a fold.
        fold: The fold of each row, 0 <= fold < folds, shape (n,): every technique is given the
            same, so that what they say out of fold can be compared and blended.
        seed: Of everything random, >= 0.
        guidance: What is known beside the rows.
    """

    frame: FeatureFrame
    bad: BoolArray
    groups: IntArray
    fold: IntArray
    seed: int
    guidance: Guidance = field(default_factory=Guidance)

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return int(self.fold.max()) + 1

    def reading(self, names: Sequence[str]) -> Training:
        """Return the training that is offered these features only, and what is said of them."""
        told = self.guidance
        guidance = replace(
            told, directions={name: way for name, way in told.directions.items() if name in names},
            card=None if told.card is None else told.card.of(names),
        )  # fmt: skip
        return replace(self, frame=self.frame.select(names), guidance=guidance)

    def tuned(self, settings: Settings, members: Mapping[str, Settings] | None = None) -> Training:
        """Return the training that tells the technique, and those it is made of, these settings."""
        guidance = replace(self.guidance, settings=settings, members=members or {})
        return replace(self, guidance=guidance)


def start_training(
    frame: FeatureFrame,
    bad: BoolArray,
    *,
    groups: IntArray,
    seed: int,
    guidance: Guidance | None = None,
    folds: int = FOLDS,
) -> Training:
    """Check what is to be learnt from and deal its folds.

    Args:
        frame, bad, groups, seed, guidance: As in `Training`.
        folds: How many folds to deal at most, >= 2.

    Raises:
        OneClassError: `bad` is all true or all false.
        TrainingError: One customer holds every bad or every good; or the seed is negative.
        ShapeError: The lengths differ.
    """
    guidance = guidance or Guidance()
    check_labels(bad, groups)
    if frame.rows != len(bad):
        raise ShapeError(f"has {len(bad)} labels for {frame.rows} rows", field="bad")
    if guidance.periods is not None and guidance.periods.shape != bad.shape:
        raise ShapeError(f"has {len(guidance.periods)} values for {len(bad)} rows", field="periods")
    if seed < 0:
        raise TrainingError("must not be negative", field="seed")
    fold = deal_folds(bad, groups, seed=seed, folds=folds)
    return Training(frame=frame, bad=bad, groups=groups, fold=fold, seed=seed, guidance=guidance)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learnt:
    """What training gives.

    Args:
        model: Learnt from every row.
        margin: What models that had not seen a row said of it: log-odds, shape (n,).
        bag: Those models, by fold; empty where a technique does not keep them.
        contest: The techniques that were tried on the way to it; empty where it is the only one.
    """

    model: FittedModel
    margin: FloatArray
    bag: tuple[FittedModel, ...] = ()
    contest: tuple[Contender, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The values a setting may take while tuning.

    Args:
        low, high: Least and greatest value.
        whole: Whether only whole numbers count.
        log: Whether to search by orders of magnitude.
    """

    low: float
    high: float
    whole: bool = False
    log: bool = False


class Technique(Protocol):
    """Learns a model."""

    @property
    def name(self) -> str:
        """Its word."""
        ...

    @property
    def title(self) -> str:
        """What a person calls it."""
        ...

    @property
    def directed(self) -> bool:
        """Whether it is held to the directions of `Guidance`."""
        ...

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning; empty where there is none."""
        ...

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; the same input gives the same model, bit for bit.

        Args:
            training: What to learn from.
            progress: Told how far it is.

        Raises:
            TechniqueError: A library it needs is not installed; or a setting is unknown.
            DataError: There is no feature, or a number is infinite.
        """
        ...


def part_of(training: Training, rows: BoolArray, *, folds: int = FOLDS) -> Training:
    """Return the training that knows some of the rows only, its folds dealt among these alone.

    Args:
        training: The whole.
        rows: Which to keep, shape (n,).
        folds: How many folds to deal at most, >= 2.

    Raises:
        OneClassError, TrainingError: As `start_training`.
    """
    known = training.guidance.periods
    return start_training(
        training.frame.take(rows), training.bad[rows], groups=training.groups[rows],
        seed=training.seed, folds=folds,
        guidance=replace(training.guidance, periods=None if known is None else known[rows]),
    )  # fmt: skip


def out_of_fold(bag: Sequence[FittedModel], training: Training) -> FloatArray:
    """Return what the model of each fold says of the rows it had not seen, shape (n,).

    Args:
        bag: By fold, learnt without it.
        training: What they learnt from.
    """
    margin = np.empty(len(training.bad), dtype=np.float64)
    for fold, model in enumerate(bag):
        out = training.fold == fold
        margin[out] = model.margin(training.frame.take(out))
    return margin


def require_directed(technique: Technique, training: Training) -> None:
    """Refuse a technique that would pass over what the product declares.

    Raises:
        TechniqueError: There are directions, and it is not held to them.
    """
    if training.guidance.directions and not getattr(technique, "directed", False):
        raise TechniqueError(
            f"{technique.name} cannot be held to the declared directions",
            hint="choose one that can, such as boosted_trees or scorecard, or declare none",
            field="directions",
        )


def require_margins(margin: FloatArray, rows: Sized, technique: str) -> None:
    """Refuse margins that are not a finite number for each row.

    Args:
        margin: What a technique, or its model, gave.
        rows: As many as there have to be.
        technique: Its name.

    Raises:
        TechniqueError: They are not.
    """
    if not isinstance(margin, np.ndarray):
        found = f"a {type(margin).__name__}"
    elif margin.shape != (len(rows),):
        found = f"of shape {margin.shape}"
    elif margin.dtype.kind != "f":
        found = f"of type {margin.dtype}"
    elif not _all_finite(margin):
        found = f"{int((~np.isfinite(margin)).sum()):,} times not finite"
    else:
        return
    raise TechniqueError(
        f"must be a finite number for each of {len(rows):,} rows, found {found}",
        hint="margins are log-odds of bad: a numpy array of floats, shape (n,)",
        field=f"{technique}.margin",
    )


def _all_finite(margin: FloatArray) -> bool:
    """Tell whether every margin is finite; of one row, as live ones are, in a tenth of the time."""
    return math.isfinite(margin.item()) if margin.size == 1 else bool(np.isfinite(margin).all())


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


def importances_of(model: FittedModel, frame: FeatureFrame) -> tuple[Importance, ...]:
    """Return importances by how far each feature moves the margin of some training rows.

    Args:
        model: Of the features of the frame, in order.
        frame: Training rows.
    """
    some = frame.take(sample_rows(frame.rows, EXPLAINED_ROWS))
    shown = model.contributions(some)[:, :-1]
    return rank_importances(shown.std(axis=0), some, shown)


def _direction(values: FloatArray, contribution: FloatArray) -> int:
    """Sign of Spearman's correlation over known values; 0 where it is within `CLEAR` of none."""
    known = ~np.isnan(values)
    if known.sum() < 2:
        return 0
    correlation = rank_correlation(values[known], contribution[known])
    return int(np.sign(correlation)) if abs(correlation) >= CLEAR else 0


def rank_correlation(left: FloatArray, right: FloatArray) -> float:
    """Return Spearman's correlation, in [-1, 1]; 0 where either is constant.

    Args:
        left, right: Known values, shape (n,).

    >>> rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([3.0, 2.0, 1.0]))
    -1.0
    """
    left, right = _midranks(left), _midranks(right)
    spread = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / spread if spread > 0.0 else 0.0


def _midranks(values: FloatArray) -> FloatArray:
    """Ranks, ties shared, about their mean."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(times) - (times - 1) / 2.0)[place]
    centred: FloatArray = ranks - ranks.mean()
    return centred


def sample_rows(rows: int, most: int) -> IntArray:
    """Return at most `most` evenly spaced positions of 0 .. rows - 1."""
    places = np.linspace(0, rows - 1, min(rows, most)).astype(np.int64)
    apart: BoolArray = np.append(True, np.diff(places) > 0)[: len(places)]
    return np.asarray(places[apart])
