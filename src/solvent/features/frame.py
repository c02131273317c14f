"""Feature values of many applications, column by column: what a model is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.errors import DataError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
CodeArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberColumn:
    """Numbers.

    Args:
        name: The feature's name.
        values: float64, shape (n,); NaN means not known. Never infinite.
    """

    name: str
    values: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryColumn:
    """Labels.

    Args:
        name: The feature's name.
        codes: int32, shape (n,): index into `levels`, -1 for not known.
        levels: The labels; some may not occur.
    """

    name: str
    codes: CodeArray
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureFrame:
    """Columns of equal length.

    Args:
        rows: Number of applications n.
        columns: The feature values, each of shape (n,).
    """

    rows: int
    columns: tuple[NumberColumn | CategoryColumn, ...]

    def __post_init__(self) -> None:
        for column in self.columns:
            length = len(column.values if isinstance(column, NumberColumn) else column.codes)
            if length != self.rows:
                raise DataError(f"has {length} rows, not {self.rows}", field=column.name)

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names in order."""
        return tuple(column.name for column in self.columns)

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[NumberColumn | CategoryColumn]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> NumberColumn | CategoryColumn:
        for column in self.columns:
            if column.name == name:
                return column
        raise DataError("no such feature", hint=f"features: {', '.join(self.names)}", field=name)

    def select(self, names: Sequence[str]) -> FeatureFrame:
        """Return the named columns, in that order."""
        by_name = {column.name: column for column in self.columns}
        missing = [name for name in names if name not in by_name]
        if missing:
            raise DataError("features are missing", hint=", ".join(missing), field=missing[0])
        return FeatureFrame(rows=self.rows, columns=tuple(by_name[name] for name in names))

    def take(self, index: IntArray | BoolArray) -> FeatureFrame:
        """Return the rows at `index` (positions, or a mask of shape (n,))."""
        rows = int(index.sum()) if index.dtype == np.bool_ else len(index)
        return FeatureFrame(
            rows=rows, columns=tuple(_take(column, index) for column in self.columns)
        )


def _take(
    column: NumberColumn | CategoryColumn, index: IntArray | BoolArray
) -> NumberColumn | CategoryColumn:
    if isinstance(column, NumberColumn):
        return NumberColumn(name=column.name, values=column.values[index])
    return CategoryColumn(name=column.name, codes=column.codes[index], levels=column.levels)
