"""Explainable boosting: a shape function for each feature and some pairs, by interpret.

Every fold's shapes are boosted on the other folds and stopped on it; the model is their mean, the
way interpret itself averages bags, with folds in place of random parts so that one customer's
rows stay together.

Source: Lou et al. (2013), "Accurate intelligible models with pairwise interactions".
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from solvent.errors import TechniqueError
from solvent.models._settings import read_settings
from solvent.models.matrix import Draft
from solvent.models.scorers.additive import Additive, AdditiveModel, Term, find_bins
from solvent.models.technique import (
    BoolArray,
    FloatArray,
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
        draft = Draft.of(frame, bad, training.fold, plan)
        cuts = tuple(
            _cuts(fixed, column, int(told["bins"]))
            for fixed, column in zip(draft.fixed.T, draft.matrix().T, strict=True)
        )
        directions = draft.encoder.directions(guidance.directions)
        settings = _settings(told, directions, training.seed)
        parts = []
        with progress.step("boosting shape functions", training.folds) as step:
            for fold in range(training.folds):
                learner = _learner(settings)
                binned = _binned(draft.matrix_without(fold), cuts)
                _fit(learner, binned, bad, draft.fold == fold)
                parts.append(_read(learner, cuts))
                step.advance()
        bag = tuple(
            AdditiveModel(technique=NAME, additive=part, encoder=draft.encoder_without(fold))
            for fold, part in enumerate(parts)
        )
        model = AdditiveModel(technique=NAME, additive=_mean(parts), encoder=draft.encoder)
        some = frame.take(sample_rows(frame.rows, EXPLAINED_ROWS))
        shown = model.contributions(some)[:, :-1]
        return Learnt(
            model=replace(model, importances=rank_importances(shown.std(axis=0), some, shown)),
            margin=out_of_fold(bag, training), bag=bag,
        )  # fmt: skip


def _cuts(fixed: FloatArray, told: FloatArray, bins: int) -> FloatArray:
    """Return at most `bins` - 1 cuts of a column.

    Few values are cut half-way between each two, so that a level of a category has a bin of its
    own although each fold is told a little else of it; many are cut at even quantiles.

    Args:
        fixed: As new rows are given it, shape (n,).
        told: As training rows are, by other folds' rows, shape (n,).
        bins: How many at most.
    """
    values = np.unique(fixed[~np.isnan(fixed)])
    if len(values) <= bins:
        halfway: FloatArray = (values[:-1] + values[1:]) / 2.0
        return halfway
    known = np.sort(told[~np.isnan(told)])
    cuts: FloatArray = np.unique(known[np.arange(1, bins) * len(known) // bins])
    above: FloatArray = cuts[cuts > known[0]]
    return above


def _binned(matrix: FloatArray, cuts: Sequence[FloatArray]) -> FloatArray:
    """Return bins from 1, NaN where missing, shape (n, width): interpret then has none to find."""
    bins = np.column_stack(
        [find_bins(column, at) for column, at in zip(matrix.T, cuts, strict=True)]
    )
    return np.where(bins == 0, np.nan, bins)


def _settings(told: Mapping[str, float], directions: Sequence[int], seed: int) -> dict[str, Any]:
    width = len(directions)
    pairs = width * (width - 1) // 2 if width <= MOST_PAIRED else 0
    return {
        "feature_types": ["continuous"] * width,
        "interactions": min(int(told["pairs"]), pairs),
        "max_interaction_bins": int(told["pair_bins"]),
        "learning_rate": told["learning_rate"],
        "min_samples_leaf": int(told["leaf_rows"]),
        "reg_lambda": told["lambda_l2"],
        "early_stopping_rounds": PATIENCE,
        "monotone_constraints": list(directions) if any(directions) else None,
        "outer_bags": 1,
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


def _fit(learner: Learner, binned: FloatArray, bad: BoolArray, held: BoolArray) -> None:
    """Boost on the rows that are not held out, and stop on those that are."""
    side = np.where(held, -1, 1).astype(np.int8)[:, None]
    with warnings.catch_warnings():  # it warns of missing values, which have a bin of their own
        warnings.simplefilter("ignore")
        learner.fit(binned, bad.astype(np.int64), bags=side)


def _read(learner: Learner, cuts: Sequence[FloatArray]) -> Additive:
    """Return what was boosted, over the bins it was given."""
    terms = []
    for columns, scores in zip(learner.term_features_, learner.term_scores_, strict=True):
        merged = []
        for column in columns:
            levels = learner.bins_[column]
            given = np.array([np.nan, *range(1, len(cuts[column]) + 2)])
            merged.append(find_bins(given, levels[min(len(levels), len(columns)) - 1]))
        terms.append(Term(columns=tuple(columns), values=scores[np.ix_(*merged)]))
    return Additive(intercept=float(learner.intercept_[0]), cuts=tuple(cuts), terms=tuple(terms))


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
