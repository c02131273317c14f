"""How well each feature alone tells who belongs to a group, judged out of fold."""

from __future__ import annotations

from typing import Final

import numpy as np

from solvent.binning.evidence import Evidence
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.metrics import auc
from solvent.models.folds import deal_folds
from solvent.models.technique import BoolArray, FloatArray, IntArray

BINS: Final = 32


def tell_alone(
    frame: FeatureFrame, inside: BoolArray, *, groups: IntArray, seed: int
) -> FloatArray:
    """Return the AUC of each feature alone, shape (features,).

    Each value is told by how often others of its kind belong to the group, in folds that had not
    seen its customer: numbers by 32 bins, categories by their levels, missing values as they are.

    Args:
        frame: Features, n rows.
        inside: Who belongs to the group, shape (n,).
        groups: The customer of each row, shape (n,): one customer's rows share a fold.
        seed: Of the folds, >= 0.

    Raises:
        OneClassError: Everybody belongs to the group, or nobody.
        TrainingError: One customer is the whole group, or all of the others.
        ShapeError: The lengths differ.
    """
    fold = deal_folds(inside, groups, seed=seed)
    found = []
    for column in frame:
        level = _level(column)
        told, _ = Evidence.of(level, inside, fold, int(level.max()) + 1).others(level, fold)
        found.append(auc(1.0 / (1.0 + np.exp(-told)), inside))
    return np.array(found)


def _level(column: NumberColumn | CategoryColumn) -> IntArray:
    """Return a number for each value: 0 where it is missing."""
    if isinstance(column, CategoryColumn):
        return column.codes.astype(np.int64) + 1
    known = ~np.isnan(column.values)
    level = np.zeros(len(known), dtype=np.int64)
    if known.any():
        values = column.values[known]
        edges = np.unique(np.quantile(values, np.arange(1, BINS) / BINS))
        level[known] = 1 + np.searchsorted(edges, values, side="left")
    return level
