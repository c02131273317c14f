"""From a dataset and a product's declaration to what a technique learns from."""

from __future__ import annotations

import numpy as np

from solvent.dataset import Dataset
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
        periods=months, directions=product.directions_of(column.name for column in frame)
    )
    return start_training(
        frame, dataset.bad[side], groups=dataset.customer[side], seed=seed, guidance=guidance
    )
