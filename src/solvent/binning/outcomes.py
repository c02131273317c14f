"""What became of the rows that bins are learnt from, checked once for all columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solvent.binning.woe import BoolArray, FloatArray, IntArray
from solvent.errors import DataError, NoRowsError, OneClassError, RangeError, ShapeError

FOLDS: Final = 5
SAMPLE: Final = 32_768
"""Rows that pre-bins are drawn from, where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """Outcomes of n rows.

    Args:
        bad: True, or 1, where the account met the bad definition, shape (n,).
        weights: > 0, shape (n,); None weighs all alike. They are scaled to sum to the rows they
            are worth (Kish's effective size), so their unit does not matter.
        periods: Number of each row's period (a month), >= 0, shape (n,); None where no times are.
        folds: Fold of each row, >= 0, shape (n,); None deals goods and bads into five at random.
            Rows of one customer belong into one fold.
        seed: Of the folds and of the sample that pre-bins are drawn from, >= 0.

    Raises:
        DataError: A target is missing, or is neither good nor bad; with counts.
        NoRowsError, OneClassError: There is nothing to tell apart.
        ShapeError: Lengths differ.
        RangeError: A weight, a period or a fold is out of range.
    """

    bad: BoolArray
    weights: FloatArray | None = None
    periods: IntArray | None = None
    folds: IntArray | None = None
    seed: int = 0
    fold: NDArray[np.int32] = field(init=False, repr=False)
    period_codes: tuple[int, ...] = field(init=False, repr=False)
    cell: NDArray[np.int32] = field(init=False, repr=False)
    sample: IntArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        bad = check_target(self.bad)
        n = len(bad)
        rng = np.random.default_rng(self.seed)
        fold = _dealt(bad, rng) if self.folds is None else _numbered(self.folds, n)
        codes, period = np.zeros(1, np.int64), np.zeros(n, np.int32)
        if self.periods is not None:
            codes, places = np.unique(_whole(self.periods, n, "periods"), return_inverse=True)
            period = places.astype(np.int32)
        sample = np.arange(n) if n <= SAMPLE else np.sort(rng.choice(n, SAMPLE, replace=False))
        put = object.__setattr__
        put(self, "bad", bad)
        put(self, "weights", None if self.weights is None else _scaled(self.weights, n))
        put(self, "fold", fold)
        put(self, "period_codes", tuple(codes.tolist()) if self.periods is not None else ())
        put(self, "cell", (period * (int(fold.max()) + 1) + fold) * np.int32(2) + bad)
        put(self, "sample", sample)

    def __len__(self) -> int:
        return len(self.bad)

    @property
    def fold_count(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    @property
    def period_count(self) -> int:
        """Number of periods; 1 where no times are."""
        return max(1, len(self.period_codes))


def check_target(target: ArrayLike) -> BoolArray:
    """Return labels as booleans, of which some are good and some bad.

    Raises:
        DataError, ShapeError, NoRowsError: As `flags`.
        OneClassError: All are bad, or none is.

    >>> check_target(np.array([0.0, 1.0])).tolist()
    [False, True]
    """
    bad = flags(target)
    if bad.all() or not bad.any():
        kind = "bad" if bad.all() else "good"
        raise OneClassError(f"all {len(bad):,} accounts are {kind}", field="bad")
    return bad


def flags(target: ArrayLike) -> BoolArray:
    """Return labels as booleans.

    Raises:
        DataError: One is missing, or is neither 0 nor 1; with counts.
        ShapeError: Not one-dimensional.
        NoRowsError: There is none.
    """
    array = np.asarray(target)
    if array.ndim != 1:
        raise ShapeError(f"must be one-dimensional, found {array.ndim} dimensions", field="bad")
    if not len(array):
        raise NoRowsError("there is no row to learn from", field="bad")
    if array.dtype != np.bool_:
        _check_values(array)
    return array.astype(np.bool_)


def _check_values(array: NDArray[np.generic]) -> None:
    if array.dtype.kind not in "fiu":
        raise DataError(f"must be 0 or 1, found {array.dtype}", field="bad")
    missing = int(np.isnan(array.astype(np.float64)).sum())
    other = int(((array != 0) & (array != 1)).sum()) - missing
    if missing or other:
        raise DataError(
            f"of {len(array):,} targets {missing:,} are missing and {other:,} are neither 0 nor 1",
            hint="leave out rows whose outcome is not known; missing is not good",
            field="bad",
        )


def _dealt(bad: BoolArray, rng: np.random.Generator) -> NDArray[np.int32]:
    """Deal goods and bads into folds, each kind evenly."""
    order = rng.permutation(len(bad))
    fold = np.empty(len(bad), np.int32)
    for kind in (order[bad[order]], order[~bad[order]]):
        fold[kind] = np.arange(len(kind)) % FOLDS
    return fold


def _numbered(folds: ArrayLike, n: int) -> NDArray[np.int32]:
    names, fold = np.unique(_whole(folds, n, "folds"), return_inverse=True)
    if len(names) < 2:
        raise RangeError("needs at least two folds", field="folds")
    return fold.astype(np.int32)


def _whole(values: ArrayLike, n: int, name: str) -> IntArray:
    array = np.asarray(values)
    if array.shape != (n,):
        raise ShapeError(f"has {array.shape} values for {n:,} rows", field=name)
    if array.dtype.kind not in "iu" or array.min() < 0:
        raise RangeError("must be whole numbers >= 0", field=name)
    return array.astype(np.int64)


def _scaled(weights: ArrayLike, n: int) -> FloatArray:
    array = np.asarray(weights, np.float64)
    if array.shape != (n,):
        raise ShapeError(f"has {array.shape} values for {n:,} rows", field="weights")
    wrong = int((~(np.isfinite(array) & (array > 0.0))).sum())
    if wrong:
        raise RangeError(f"{wrong:,} weights are not finite and above 0", field="weights")
    scaled: FloatArray = array * (array.sum() / (array**2).sum())
    return scaled
