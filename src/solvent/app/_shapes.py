"""The shape functions of a model, read for its report."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.models import TrainedModel
from solvent.models.scorers.additive import AdditiveModel, Shape
from solvent.models.technique import sample_rows
from solvent.report.shapes_record import AddedFeature, AddedLevel, AddedPair, ShapesRecord
from solvent.report.training import FeatureLine

FloatArray = NDArray[np.float64]

RARE: Final = 30
MOST_FEATURES: Final = 12
MOST_LEVELS: Final = 8
MOST_PAIRS: Final = 10
ROWS_READ: Final = 20_000
ENDS: Final = (0.01, 0.99)
"""Share of values below which, and above which, nothing is drawn."""


def shapes_record(
    model: TrainedModel, frame: FeatureFrame, lines: tuple[FeatureLine, ...]
) -> ShapesRecord | None:
    """Return what the report draws; None where the model has no shape functions.

    Args:
        model: The model.
        frame: Its training applications.
        lines: Its features in words, the most important first.
    """
    inner = model.model
    if not isinstance(inner, AdditiveModel):
        return None
    read = [line for line in lines if line.name in inner.features]
    alone = {one.features[0]: one for one in inner.shapes() if len(one.features) == 1}
    return ShapesRecord(
        features=tuple(
            _feature(inner, alone[line.name], frame, line) for line in read[:MOST_FEATURES]
        ),
        others=max(0, len(read) - MOST_FEATURES),
        pairs=_pairs(inner, frame, {line.name: line.title for line in lines}),
        rare=RARE,
    )


def _feature(
    model: AdditiveModel, shape: Shape, frame: FeatureFrame, line: FeatureLine
) -> AddedFeature:
    column = frame[line.name]
    if isinstance(column, CategoryColumn):
        levels = _levels(column, model.levels(line.name))
        return AddedFeature(title=line.title, levels=levels)
    return _number(column, shape, line)


def _number(column: NumberColumn, shape: Shape, line: FeatureLine) -> AddedFeature:
    known = column.values[~np.isnan(column.values)]
    missing = float(shape.values[0]) if len(known) < len(column.values) else None
    (cuts,) = shape.edges
    low, high = np.quantile(known, ENDS).tolist() if len(known) else (0.0, 0.0)
    if not low < high:
        low, high = low - 0.5, high + 0.5
    inside = (cuts > low) & (cuts < high)
    first = 1 + int((cuts <= low).sum())
    values = shape.values[first : first + int(inside.sum()) + 1]
    return AddedFeature(
        title=line.title, unit=line.unit, edges=(low, *cuts[inside].tolist(), high),
        values=tuple(values.tolist()), missing=missing,
    )  # fmt: skip


def _levels(column: CategoryColumn, added: dict[str, float]) -> tuple[AddedLevel, ...]:
    """Return levels with rows enough to be named, the riskiest first, and the rest as one."""
    rows = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels)).tolist()
    found = [
        AddedLevel(label=label, added=added[label], rows=count)
        for label, count in zip(column.levels, rows, strict=True)
        if count and label in added
    ]
    absent = int((column.codes < 0).sum())
    if absent:
        found.append(AddedLevel(label="no value", added=added["missing"], rows=absent))
    often = sorted((one for one in found if one.rows >= RARE), key=lambda one: -one.rows)
    named = often[:MOST_LEVELS]
    rest = [one for one in found if one not in named]
    shown = sorted(named, key=lambda one: -one.added)
    if rest:
        weights = [one.rows for one in rest]
        mean = float(np.average([one.added for one in rest], weights=weights))
        words = f"{len(rest)} others" if len(rest) > 1 else "1 other"
        shown.append(AddedLevel(label=words, added=mean, rows=sum(weights)))
    return tuple(shown)


def _pairs(
    model: AdditiveModel, frame: FeatureFrame, titles: dict[str, str]
) -> tuple[AddedPair, ...]:
    some = frame.take(sample_rows(frame.rows, ROWS_READ))
    added = model.additive.added(model.encoder.matrix(some))
    total: dict[tuple[str, ...], FloatArray] = {}
    for place, shape in enumerate(model.shapes()):
        if len(set(shape.features)) == 2:
            total[shape.features] = total.get(shape.features, 0.0) + added[:, place]
    found = [
        AddedPair(
            titles=(titles[first], titles[second]), spread=float(values.std()),
            least=float(values.min()), most=float(values.max()),
        )
        for (first, second), values in total.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.spread, one.titles))[:MOST_PAIRS])
