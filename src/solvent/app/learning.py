"""From a dataset and a product's declaration to a model: one, or a link of a chain each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solvent.dataset import Dataset, Split
from solvent.dataset.folds import customer_folds, forward_folds
from solvent.dataset.gate import model_frame
from solvent.errors import TrainingError
from solvent.features.presence import presence
from solvent.models import Guidance, Technique, TrainedModel, Training, fit_model, start_training
from solvent.models.card_stability import month_numbers
from solvent.models.chain import LinkPlan, fit_chain
from solvent.models.scorers.chain import known_to
from solvent.product import Product
from solvent.progress import Progress

Finder = Callable[[str], Technique]


def training_of(dataset: Dataset, product: Product, *, seed: int) -> Training:
    """Return the training side, and what the product says of how a model may learn.

    Args:
        dataset: Features and outcomes.
        product: The declaration.
        seed: Of everything random.
    """
    side = dataset.split.train
    frame = model_frame(dataset.open_data.plan, dataset.frame).take(side)
    months = None
    if product.applications.as_of is not None:
        months = month_numbers(dataset.applications.as_of[side])
    guidance = Guidance(
        periods=months,
        directions=product.directions_of(column.name for column in frame),
        card=product.card,
    )
    return start_training(
        frame, dataset.bad[side], groups=dataset.customer[side], seed=seed, guidance=guidance
    )


def folds_of(dataset: Dataset, *, folds: int, seed: int) -> tuple[Split, ...]:
    """Return folds of the training side to judge on, told apart as its two sides are.

    Where the product is tested on later applications, each fold is later than what it learns from,
    and than the day its outcomes were final; else each holds other customers.

    Args:
        dataset: Features and outcomes.
        folds: How many, >= 2.
        seed: Of everything random.

    Returns:
        Masks over the applications of the training side, in their order.

    Raises:
        TrainingError: There are too few applications for it.
    """
    side = dataset.split.train
    bad, customer = dataset.bad[side], dataset.customer[side]
    if dataset.split.cut is None:
        return customer_folds(customer, bad, folds=folds, seed=seed)
    as_of = dataset.applications.as_of[side]
    known = dataset.matured_at[side]
    return forward_folds(as_of, customer, bad, known, folds=folds, seed=seed)


def learn(
    training: Training, plans: Sequence[LinkPlan], technique: Technique, *, progress: Progress
) -> TrainedModel:
    """Fit what a product declares: a model for each link of its chain, or one model.

    Args:
        training: The training side with every feature of any link.
        plans: The links, from `link_plans`; none where the product has one model.
        technique: How the one model learns.
        progress: Told how far it is.

    Raises:
        TechniqueError: A library a technique needs is not installed.
        TrainingError: A link has too few applications to learn from.
        DataError: There is no feature, or a number is infinite.
    """
    if plans:
        return fit_chain(training, plans, progress=progress)
    return fit_model(training, technique, progress=progress)


def link_plans(
    dataset: Dataset, product: Product, technique: str, find: Finder
) -> tuple[LinkPlan, ...]:
    """Return the links that can learn: one whose source is absent cannot, and stands aside.

    Args:
        dataset: Features and outcomes.
        product: The declaration.
        technique: The name of the technique of every link that declares none itself.
        find: From the name of a technique to the technique.

    Returns:
        In the order they are tried; none where the product has one model.

    Raises:
        TechniqueError: There is no such technique.
        TrainingError: Selection, or an absent source, left a link no feature.
    """
    data = dataset.open_data
    sources = {source.name: source for source in product.sources}
    training = dataset.frame.take(dataset.split.train)
    plans = []
    for link in product.chain:
        if set(link.needs) & set(data.absent):
            continue
        asks = tuple(presence(sources[name]).name for name in link.needs)
        features = link.reads(data.plan.model_features, product.sources)
        if not features:
            raise TrainingError(
                "its model has no feature left to read",
                hint="keep one with select=Selection(keep=(...)), or is a source absent?",
                field=f"chain.{link.name}",
            )
        plans.append(
            LinkPlan(
                link=link, asks=asks, features=features,
                technique=find(link.technique or technique), known=known_to(training, asks),
            )
        )  # fmt: skip
    return tuple(plans)
