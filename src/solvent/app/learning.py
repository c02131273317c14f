"""From a dataset and a product's declaration to what a technique learns from."""

from __future__ import annotations

import numpy as np

from solvent.dataset import Dataset, Split
from solvent.dataset.folds import customer_folds, forward_folds
from solvent.dataset.gate import model_frame
from solvent.models import Guidance, Training, start_training
from solvent.product import Product


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
        instants = dataset.applications.as_of[side].astype("datetime64[us]")
        months = instants.astype("datetime64[M]").astype(np.int64)
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

    Where the product is tested on later applications, each fold is later than what it learns from;
    else each holds other customers.

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
    return forward_folds(as_of, customer, bad, folds=folds, seed=seed)
