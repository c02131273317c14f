"""A blend: models of several techniques, averaged over folds, weighed by log loss out of fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from solvent.models.bags import Spread, ask, asked_rows, bag_spread, fold_of_asked
from solvent.models.contest import Entrant, fit_entrants, judge
from solvent.models.finding import technique_names
from solvent.models.mixing import Mix, cross_fitted, learn_mix
from solvent.models.scorers.blend import BlendModel, Part
from solvent.models.technique import (
    Learnt,
    Range,
    Technique,
    Training,
    rank_importances,
    sample_rows,
)
from solvent.progress import Progress

NAME: Final = "blend"
SIMPLEST_FIRST: Final = (
    "scorecard", "logistic", "explainable_boosting", "random_forest", "boosted_trees", "catboost",
    "neural_network",
)  # fmt: skip
MADE_OF_OTHERS: Final = (NAME, "best")
EXPLAINED_ROWS: Final = 300


def members() -> tuple[str, ...]:
    """Return every technique that learns by itself, the simplest first, those not ranked last."""
    alone = set(technique_names()) - set(MADE_OF_OTHERS)
    ranked = [name for name in SIMPLEST_FIRST if name in alone]
    return (*ranked, *sorted(alone - set(ranked)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """The technique.

    Args:
        members: What is blended: techniques, or names of those that come with solvent. One whose
            extra is not installed is left out and told.
    """

    name: str = NAME
    title: str = "blend"
    directed: bool = True
    members: tuple[str | Technique, ...] = field(default_factory=members)

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning: none, its weights are learnt."""
        return {}

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; see `Technique.fit`.

        Raises:
            TechniqueError: No member can be had here.
        """
        entrants, absent = fit_entrants(self.members, training, progress=progress)
        learnt, weights = blend(entrants, training, self.name)
        tried = tuple(
            replace(one, weight=weight, why="in the blend" if weight else "adds nothing")
            for one, weight in zip(judge(entrants, training), weights, strict=True)
        )
        return replace(learnt, contest=(*tried, *absent))


def blend(
    entrants: Sequence[Entrant], training: Training, name: str = NAME
) -> tuple[Learnt, tuple[float, ...]]:
    """Weigh what techniques learnt.

    The margin out of fold is of weights learnt on the other folds, so that calibrating on it is
    honest; the model's weights are learnt on all. A member that keeps its models by fold takes part
    as their mean, which is steadier than one model and moves less: the sum is made as bold as the
    margin out of fold. A member of weight 0 is left out.

    Args:
        entrants: The members.
        training: What they learnt from.
        name: Of the technique.

    Returns:
        The blend, and the weight of each member.
    """
    margins = np.column_stack([one.learnt.margin for one in entrants])
    mix = learn_mix(margins, training.bad)
    spread = _spread(entrants, mix, training)
    weights = tuple((spread.factor * mix.weights).tolist())
    parts = []
    for one, weight in zip(entrants, weights, strict=True):
        models = one.learnt.bag or (one.learnt.model,)
        parts += [Part(weight=weight / len(models), model=model) for model in models if weight]
    model = BlendModel(
        technique=name, parts=tuple(parts),
        intercept=spread.factor * mix.intercept + spread.shift,
        features=tuple(
            feature
            for feature in training.frame.names
            if any(feature in part.model.features for part in parts)
        ),
    )  # fmt: skip
    some = training.frame.take(sample_rows(training.frame.rows, EXPLAINED_ROWS))
    shown = model.contributions(some)[:, :-1]
    ranked = rank_importances(shown.std(axis=0), some.select(model.features), shown)
    return Learnt(
        model=replace(model, importances=ranked),
        margin=cross_fitted(margins, training.bad, training.fold),
    ), weights


def _spread(entrants: Sequence[Entrant], mix: Mix, training: Training) -> Spread:
    """Tell how much less the blend moves than one model of each member does, out of fold."""
    some = asked_rows(training)
    said = np.full((training.folds, len(some)), mix.intercept)
    for one, weight in zip(entrants, mix.weights.tolist(), strict=True):
        if weight:
            bag = one.learnt.bag
            said += weight * (ask(bag, training) if bag else one.learnt.margin[some])
    return bag_spread(said, fold_of_asked(training))


technique: Technique = Blend()
