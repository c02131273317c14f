"""Select the features of a model, and tell afterwards why one was kept or dropped."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solvent.dataset import Dataset
from solvent.dataset.gate import model_frame
from solvent.dataset.narrowing import narrowed
from solvent.dataset.plan import reads
from solvent.features import Feature, Own
from solvent.models import Candidate, Known, Selected, Selection, select_features
from solvent.models.selection import wanted
from solvent.progress import Progress
from solvent.store import ModelRegistry

BoolArray = NDArray[np.bool_]


def select_for(
    dataset: Dataset, declared: Selection | str, *, seed: int, progress: Progress
) -> tuple[Dataset, Selected | None]:
    """Return the dataset with the features selected, and what was found.

    Only the training side is looked at.

    Args:
        dataset: With every candidate.
        declared: A selection, "all" or "auto".
        seed: Of everything random.
        progress: Told how far it is.
    """
    selected = select_on(dataset, dataset.split.train, declared, seed=seed, progress=progress)
    return (dataset, None) if selected is None else (narrowed(dataset, selected.kept), selected)


def select_on(
    dataset: Dataset, rows: BoolArray, declared: Selection | str, *, seed: int, progress: Progress
) -> Selected | None:
    """Return what selection finds on some rows, looking at no other; None where all are kept.

    Args:
        dataset: With every candidate.
        rows: Applications to look at, shape (n,).
        declared, seed, progress: As `select_for`.
    """
    plan = dataset.open_data.plan
    selection = wanted(declared, len(plan.model_features))
    if selection is None:
        return None
    as_of = dataset.applications.as_of[rows] if plan.has_times else None
    return select_features(
        model_frame(plan, dataset.frame).take(rows),
        Known(bad=dataset.bad[rows], groups=dataset.customer[rows], as_of=as_of),
        selection, seed=seed, progress=progress, costs=costs_of(plan.model_features),
    )  # fmt: skip


def select_within(
    dataset: Dataset, learning: BoolArray, declared: Selection | str, *, seed: int,
    progress: Progress,
) -> Selected | None:  # fmt: skip
    """Return what selection finds on a part of the training side, as of a fold.

    Args:
        dataset: With every candidate.
        learning: Which applications of the training side to look at, in their order.
        declared, seed, progress: As `select_for`.
    """
    rows = np.zeros(len(dataset.bad), np.bool_)
    rows[np.flatnonzero(dataset.split.train)[learning]] = True
    return select_on(dataset, rows, declared, seed=seed, progress=progress)


def costs_of(features: Iterable[Feature]) -> dict[str, float]:
    """Return what features cost to compute, by name, roughly.

    What the application says costs nothing; anything else must be looked up, and the more columns
    it reads the more.
    """
    return {
        feature.name: 0.0
        if isinstance(feature, Own)
        else 1.0 + len({(column.table, column.name) for column in reads(feature)})
        for feature in features
    }


def selection_of(home: Path, product: str, version: int | None = None) -> Selected | None:
    """Return what selection found when a version was trained; None where all were kept.

    Args:
        home: Folder of the registry.
        product: Name of the product.
        version: The version; None for the newest.

    Raises:
        BundleError: There is no such version, or it was changed.
    """
    return ModelRegistry(home).selection(product, version)


def why(home: Path, product: str, name: str, version: int | None = None) -> Candidate | None:
    """Return why a feature was kept or dropped; None where nothing was selected.

    Args:
        home: Folder of the registry.
        product: Name of the product.
        name: The feature.
        version: The version; None for the newest.

    Raises:
        BundleError: There is no such version, or it was changed.
        DeclarationError: The feature was no candidate.
    """
    found = selection_of(home, product, version)
    return None if found is None else found.why(name)
