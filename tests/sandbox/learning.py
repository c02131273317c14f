"""Columns as numbers, a quick model of them, and whether two simulated columns are the same."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from solvent.metrics import auc
from solvent.sandbox._block import Coded, Columns

Values = NDArray[Any]


def plain(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column as numbers: texts by their place among the levels, -1 where missing."""
    if pa.types.is_string(column.type):
        levels = pc.unique(column).drop_null().sort()
        return pc.fill_null(pc.index_in(column, value_set=levels), -1).to_numpy().astype(float)
    return column.to_numpy().astype(np.float64)


def auc_of_trees(matrix: Values, bad: Values, fitted: Values) -> float:
    """AUC of boosted trees on the rows they were not fitted on."""
    trees = lgb.LGBMClassifier(
        n_estimators=180, num_leaves=8, learning_rate=0.06, colsample_bytree=0.4,
        min_child_samples=60, reg_lambda=5.0, num_threads=1, verbose=-1,
    )  # fmt: skip
    trees.fit(matrix[fitted], bad[fitted])
    return auc(np.asarray(trees.booster_.predict(matrix[~fitted])), bad[~fitted])


def is_same(one: Columns, other: Columns, name: str) -> bool:
    """Whether a column holds the same in two simulated tables."""
    first, second = one[name], other[name]
    if isinstance(first, Coded) and isinstance(second, Coded):
        return np.array_equal(first.codes, second.codes)
    return np.array_equal(np.asarray(first), np.asarray(second), equal_nan=True)
