"""Explainable boosting: a shape function for each feature and some pairs, by interpret.

Every fold's shapes are boosted on the other folds, and stopped on a part of these; the model is
the mean of all folds' shapes, the way interpret itself averages bags, with folds and customers in
place of random parts so that one customer's rows stay together.

Source: Lou et al. (2013), "Accurate intelligible models with pairwise interactions".
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from solvent.errors import TechniqueError, TrainingError
from solvent.models._settings import read_settings
from solvent.models.folds import deal_folds
from solvent.models.matrix import Draft, Encoder
from solvent.models.plans import Told
from solvent.models.scorers.additive import Additive, AdditiveModel, Term, find_bins
from solvent.models.technique import (
    BoolArray,
    FloatArray,
    IntArray,
    Learnt,
    Range,
    Technique,
    Training,
    out_of_fold,
    rank_importances,
    sample_rows,
)
from solvent.models.techniques.boosted_trees import plan
from solvent.progress import Progress

NAME: Final = "explainable_boosting"
DEFAULTS: Final = {
    "bins": 32, "pair_bins": 16, "pairs": 10, "learning_rate": 0.04, "leaf_rows": 20,
    "lambda_l2": 1.0,
}  # fmt: skip
PATIENCE: Final = 50
BAGS: Final = 2
"""Of each fold, each stopped on another part of what the fold may learn from."""
STOPPING_PARTS: Final = 8
MOST_PAIRED: Final = 100
"""Columns among which pairs are sought; their number grows with the square."""
EXPLAINED_ROWS: Final = 2000
Learner = Any  # interpret's types are loose; what it returns is turned into arrays at once


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainableBoosting:
    """The technique."""

    name: str = NAME
    title: str = "explainable boosting"
    directed: bool = True

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning."""
        return {
            "bins": Range(low=8, high=255, whole=True, log=True),
            "pair_bins": Range(low=4, high=64, whole=True, log=True),
            "pairs": Range(low=0, high=40, whole=True),
            "learning_rate": Range(low=0.01, high=0.1, log=True),
            "leaf_rows": Range(low=2, high=200, whole=True, log=True),
            "lambda_l2": Range(low=0.1, high=100.0, log=True),
        }

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; see `Technique.fit`.

        Raises:
            TechniqueError: interpret is not installed; or a setting is unknown.
        """
        frame, bad, guidance = training.frame, training.bad, training.guidance
        told = read_settings(self, guidance.settings, DEFAULTS)
        led = Led.of(Draft.of(frame, bad, training.fold, plan), int(told["bins"]))
        cuts = led.cuts(int(told["bins"]))
        settings = _settings(told, led.encoder(), guidance.directions, training.seed)
        parts = []
        with progress.step("boosting shape functions", training.folds) as step:
            for fold in range(training.folds):
                learner, side = _learner(settings), _sides(training, fold)
                _fit(learner, _binned(led.matrix(fold), cuts), bad, side)
                parts.append(_read(learner, cuts))
                step.advance()
        bag = tuple(
            AdditiveModel(technique=NAME, additive=part, encoder=led.encoder(fold))
            for fold, part in enumerate(parts)
        )
        model = AdditiveModel(technique=NAME, additive=_mean(parts), encoder=led.encoder())
        some = frame.take(sample_rows(frame.rows, EXPLAINED_ROWS))
        shown = model.contributions(some)[:, :-1]
        return Learnt(
            model=replace(model, importances=rank_importances(shown.std(axis=0), some, shown)),
            margin=out_of_fold(bag, training), bag=bag,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Led:
    """A draft whose frequent levels stand for themselves.

    A level with rows enough to fill a bin is not told by evidence: its rows would be told a little
    else by fold, less where their own fold was bad more often, and bins fine enough to see that
    learn it instead of the level.

    Args:
        draft: The rows.
        leading: By place in the encoder, the levels of each category that stand for themselves.
    """

    draft: Draft
    leading: Mapping[int, tuple[int, ...]]

    @classmethod
    def of(cls, draft: Draft, bins: int) -> Led:
        """Find the levels with more rows than an even share of the bins."""
        least = len(draft.fold) / bins
        leading = {}
        for place, one in draft.heard.items():
            rows = one.evidence.rows.sum(axis=1)
            leading[place] = tuple(np.flatnonzero(rows >= least).tolist())
        return cls(draft=draft, leading=leading)

    def encoder(self, held: int | None = None) -> Encoder:
        """Return the encoder, to which fold `held`'s labels said nothing."""
        encoder = self.draft.encoder if held is None else self.draft.encoder_without(held)
        plans = [
            replace(plan, leading=self.leading[place]) if isinstance(plan, Told) else plan
            for place, plan in enumerate(encoder.plans)
        ]
        return Encoder(plans=tuple(plans))

    def matrix(self, held: int | None = None) -> FloatArray:
        """Return the training matrix: each row is told by other folds' rows, but for `held`'s."""
        draft = self.draft
        matrix = draft.matrix() if held is None else draft.matrix_without(held)
        owners, parts = draft.encoder.owners, []
        for place, one in enumerate(self.encoder().plans):
            mine = matrix[:, owners == place]
            if isinstance(one, Told):
                mine = one.lead(draft.heard[place].level, mine)
            parts.append(mine)
        return np.concatenate(parts, axis=1)

    def cuts(self, bins: int) -> tuple[FloatArray, ...]:
        """Return the cuts of each column, fewer than `bins` but for places of levels."""
        encoder = self.encoder()
        nominal, found = _nominal(encoder), list[FloatArray]()
        for place, (owner, column) in enumerate(zip(encoder.owners, self.matrix().T, strict=True)):
            if nominal[place]:
                count = len(self.leading[int(owner)])
                found.append(np.linspace(0.5, count - 0.5, count))
            else:
                found.append(_cuts(column, bins, few=int(owner) not in self.leading))
        return tuple(found)


def _nominal(encoder: Encoder) -> list[bool]:
    """Return which columns hold places of levels, which are in no order."""
    return [
        isinstance(one, Told) and bool(one.leading) and not place
        for one in encoder.plans
        for place in range(one.width)
    ]


def _cuts(column: FloatArray, bins: int, *, few: bool = True) -> FloatArray:
    """Return at most `bins` - 1 cuts of a column, so that a bin holds an even share of all rows.

    Args:
        column: Of the training matrix, shape (n,).
        bins: How many at most.
        few: Whether to cut half-way between each two values where these are few.
    """
    known = np.sort(column[~np.isnan(column)])
    values = np.unique(known)
    if few and len(values) <= bins:
        halfway: FloatArray = (values[:-1] + values[1:]) / 2.0
        return halfway
    if not few:
        bins = max(1, len(known) * bins // len(column))
    cuts: FloatArray = np.unique(known[np.arange(1, bins) * len(known) // bins])
    above: FloatArray = cuts[cuts > known[0]] if len(known) else cuts
    return above


def _binned(matrix: FloatArray, cuts: Sequence[FloatArray]) -> FloatArray:
    """Return bins from 1, NaN where missing, shape (n, width): interpret then has none to find."""
    bins = np.column_stack(
        [find_bins(column, at) for column, at in zip(matrix.T, cuts, strict=True)]
    )
    return np.where(bins == 0, np.nan, bins)


def _settings(
    told: Mapping[str, float], encoder: Encoder, declared: Mapping[str, int], seed: int
) -> dict[str, Any]:
    directions = encoder.directions(declared)
    width = len(directions)
    pairs = width * (width - 1) // 2 if width <= MOST_PAIRED else 0
    return {
        "feature_types": ["nominal" if nominal else "continuous" for nominal in _nominal(encoder)],
        "interactions": min(int(told["pairs"]), pairs),
        "max_interaction_bins": int(told["pair_bins"]),
        "learning_rate": told["learning_rate"],
        "min_samples_leaf": int(told["leaf_rows"]),
        "reg_lambda": told["lambda_l2"],
        "early_stopping_rounds": PATIENCE,
        "monotone_constraints": list(directions) if any(directions) else None,
        "outer_bags": BAGS,
        "n_jobs": 1,
        "random_state": seed % 2**31,
    }


def _learner(settings: Mapping[str, Any]) -> Learner:
    try:
        from interpret.glassbox import (  # type: ignore[import-untyped]  # has none
            ExplainableBoostingClassifier,
        )
    except ImportError as error:
        raise TechniqueError(
            "interpret is not installed", hint='install "solvent[explainable_boosting]"', field=NAME
        ) from error
    return ExplainableBoostingClassifier(**settings)


def _sides(training: Training, held: int) -> IntArray:
    """Return what each row is to a fold's bags: 1 to learn from, -1 to stop on, 0 neither.

    A fold that is held out is neither, so that no row stops the model that judges it. What is left
    is dealt in parts, customer by customer, and each bag stops on another part; without a second
    customer to stop on, nothing is learnt but the bad rate.
    """
    rest = np.flatnonzero(training.fold != held)
    side = np.zeros((len(training.fold), BAGS), dtype=np.int64)
    side[rest] = 1
    try:
        part = deal_folds(
            training.bad[rest], training.groups[rest], seed=training.seed, folds=STOPPING_PARTS
        )
    except TrainingError:
        return side
    for bag in range(BAGS):
        side[rest[part == bag % (part.max() + 1)], bag] = -1
    return side


def _fit(learner: Learner, binned: FloatArray, bad: BoolArray, side: IntArray) -> None:
    """Boost on some rows and stop on others; see `_sides`. A row on no side is not shown."""
    shown = side.any(axis=1)
    if not (side < 0).any():
        learner.set_params(max_rounds=0)
    with warnings.catch_warnings():  # it warns of missing values, which have a bin of their own
        warnings.simplefilter("ignore")
        learner.fit(binned[shown], bad[shown].astype(np.int64), bags=side[shown].astype(np.int8))


def _read(learner: Learner, cuts: Sequence[FloatArray]) -> Additive:
    """Return what was boosted, over the bins it was given."""
    terms = []
    for columns, scores in zip(learner.term_features_, learner.term_scores_, strict=True):
        merged = []
        for column in columns:
            levels = learner.bins_[column]
            merged.append(_merged(levels[min(len(levels), len(columns)) - 1], len(cuts[column])))
        terms.append(Term(columns=tuple(columns), values=scores[np.ix_(*merged)]))
    return Additive(intercept=float(learner.intercept_[0]), cuts=tuple(cuts), terms=tuple(terms))


def _merged(known: Any, cuts: int) -> IntArray:  # noqa: ANN401 - interpret's cuts or its levels
    """Return interpret's own bin of each of our bins, shape (cuts + 2,)."""
    given = range(1, cuts + 2)
    if isinstance(known, dict):  # a level it was not given is its last
        unknown = max(known.values(), default=0) + 1
        return np.array([0, *(known.get(str(one), unknown) for one in given)])
    return find_bins(np.array([np.nan, *given]), known)


def _mean(parts: Sequence[Additive]) -> Additive:
    """Return the mean of shape functions over the same bins; a pair may be in some alone."""
    total: dict[tuple[int, ...], FloatArray] = {}
    for part in parts:
        for term in part.terms:
            total[term.columns] = total.get(term.columns, 0.0) + term.values
    order = sorted(total, key=lambda columns: (len(columns), columns))
    return Additive(
        intercept=float(np.mean([part.intercept for part in parts])),
        cuts=parts[0].cuts,
        terms=tuple(Term(columns=one, values=total[one] / len(parts)) for one in order),
    )


technique: Technique = ExplainableBoosting()
