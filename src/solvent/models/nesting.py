"""Models inside a model: their files beside each other in one bundle, told apart by a prefix."""

from __future__ import annotations

from collections.abc import Mapping

from solvent.models.documents import Document, Json
from solvent.models.finding import load_scorer
from solvent.models.technique import FittedModel


def nest(prefix: str, model: FittedModel) -> dict[str, bytes]:
    """Return a model's files under names of its own.

    Args:
        prefix: What sets it apart from its siblings, without a dot.
        model: The model inside.
    """
    return {f"{prefix}.{name}": raw for name, raw in model.save().items()}


def nested_document(model: FittedModel) -> dict[str, Json]:
    """Return what reading a nested model back needs beside its files."""
    return {"technique": model.technique, "scorer": model.scorer}


def unnest(prefix: str, files: Mapping[str, bytes], told: Document) -> FittedModel:
    """Read a nested model back.

    Args:
        prefix: As it was given to `nest`.
        files: Of the outer model.
        told: What `nested_document` gave.

    Raises:
        BundleError: A file is missing or damaged, or there is no such scorer.
    """
    start = f"{prefix}."
    own = {name.removeprefix(start): raw for name, raw in files.items() if name.startswith(start)}
    return load_scorer(told.text("scorer"), own, told.text("technique"))
