"""How the links of a chain learn, each what it may read from those it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from solvent.errors import TrainingError
from solvent.features import FeatureFrame
from solvent.models.calibration import Calibration
from solvent.models.calibrators.line import Line
from solvent.models.links import Link
from solvent.models.scorers.chain import ChainLink, ChainModel
from solvent.models.technique import (
    BoolArray,
    IntArray,
    Settings,
    Technique,
    Training,
    start_training,
)
from solvent.models.trained import TrainedModel, fit_model
from solvent.progress import Progress

FEWEST_OF_A_KIND = 20
"""A link learns from at least so many bads, and so many goods."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkPlan:
    """A link about to learn.

    Args:
        link: As it was declared.
        asks: Values that tell whether each source it needs knows the applicant.
        features: The features its model reads, at least one.
        technique: How it learns.
        known: Training applications that all it needs knows, shape (n,): it learns from these.
        settings, members: Tuned for it; see `Guidance`.
    """

    link: Link
    asks: tuple[str, ...]
    features: tuple[str, ...]
    technique: Technique
    known: BoolArray
    settings: Settings = field(default_factory=dict)
    members: Mapping[str, Settings] = field(default_factory=dict)


def fit_chain(training: Training, plans: Sequence[LinkPlan], *, progress: Progress) -> TrainedModel:
    """Fit and calibrate a model for each link, and join them in one.

    Each learns from every application it may read, also from those an earlier link scores: what
    is not known of a newcomer is known of nobody while it learns. The out-of-fold PD of an
    application is that of the link that scores it.

    Args:
        training: The training side with every feature of any link.
        plans: The links in the order they are tried; the last needs nothing.
        progress: Told how far it is.

    Raises:
        DeclarationError: The card decides of a feature that is not there.
        TrainingError: A link has too few applications to learn from.
        DataError: A number is infinite.
    """
    if training.guidance.card is not None:
        training.guidance.card.require_known(training.frame.names)
    place = first_known([plan.known for plan in plans])
    pd = np.empty(len(training.bad), dtype=np.float64)
    links = []
    for number, plan in enumerate(plans):
        own = of_link(training, plan)
        trained = fit_model(own, plan.technique, progress=progress)
        scored = place == number
        pd[scored] = trained.out_of_fold[scored[plan.known]]
        links.append(
            ChainLink(
                name=plan.link.name, words=plan.link.whom, asks=plan.asks, trained=trained,
                rows=int(scored.sum()),
            )
        )  # fmt: skip
    chain = ChainModel(links=tuple(links))
    return TrainedModel(model=chain, calibration=as_stated(), out_of_fold=pd)


def as_stated() -> Calibration:
    """Return the calibration that changes nothing: a chain's margins are calibrated already."""
    return Calibration(curve=Line(intercept=0.0, slope=1.0))


def first_known(known: Sequence[BoolArray]) -> IntArray:
    """Return the place of the first link that knows each application, shape (n,)."""
    place: IntArray = np.argmax(np.column_stack(known), axis=1)
    return place


def of_link(training: Training, plan: LinkPlan) -> Training:
    """Return what one link learns from: its features of the applications it knows.

    Raises:
        TrainingError: They are too few.
    """
    known, guidance = plan.known, training.reading(plan.features).guidance
    bad = training.bad[known]
    if min(int(bad.sum()), int((~bad).sum())) < FEWEST_OF_A_KIND:
        raise TrainingError(
            f"knows {len(bad):,} training applications, {int(bad.sum()):,} of them bad: too few to "
            f"learn from (at least {FEWEST_OF_A_KIND} bad and {FEWEST_OF_A_KIND} good)",
            hint="leave the link out of the chain, or bring more data",
            field=f"chain.{plan.link.name}",
        )
    periods = guidance.periods
    return start_training(
        training.frame.select(plan.features).take(known), bad, groups=training.groups[known],
        seed=training.seed,
        guidance=replace(
            guidance, periods=None if periods is None else periods[known],
            settings=plan.settings, members=plan.members,
        ),
    )  # fmt: skip


def chain_of(trained: TrainedModel) -> ChainModel | None:
    """Return the chain a model is, None where it is a single model."""
    return trained.model if isinstance(trained.model, ChainModel) else None


def places_of(trained: TrainedModel, frame: FeatureFrame) -> IntArray:
    """Return which link scores each row, 0 where there is a single model, shape (n,).

    Args:
        trained: A chain, or a single model.
        frame: Holds what the links ask.
    """
    chain = chain_of(trained)
    return np.zeros(frame.rows, dtype=np.int64) if chain is None else chain.places(frame)
