"""Row expressions over arrays: numpy, null-aware, equal bit for bit to one row in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.features.calendars import Calendar
from solvent.features.detail import Detail
from solvent.features.expressions import (
    Arithmetic,
    Column,
    Comparison,
    Expression,
    IsIn,
    IsMissing,
    Literal,
    Logic,
    Not,
    Type,
)
from solvent.features.frame import BoolArray, FloatArray, IntArray
from solvent.features.rows import NULL, Values
from solvent.features.windows import DAY
from solvent.features.zones import local_parts

TruthArray = NDArray[np.int8]
UNKNOWN = 2
"""Stands for "not known" in an int8 array of truths, beside 0 and 1."""


@dataclass(frozen=True, slots=True)
class Computed:
    """The value of an expression for each row.

    Args:
        type: What the array holds.
        array: EXACT, TIME, CODE int64 (`NULL` is null); FLOAT float64 (NaN is null); TRUTH int8
            (`UNKNOWN` is null). Shape (n,), or () for a constant.
        scale: Decimals of exact values.
        levels: Labels of codes.
    """

    type: Type
    array: NDArray[np.int64] | NDArray[np.float64] | NDArray[np.int8]
    scale: int = 0
    levels: tuple[str, ...] = ()

    @property
    def null(self) -> BoolArray:
        """True where the value is null."""
        if self.type is Type.FLOAT:
            return np.isnan(self.array)
        if self.type is Type.TRUTH:
            return np.asarray(self.array == UNKNOWN)
        return np.asarray(self.array == NULL)

    def floats(self) -> FloatArray:
        """The numbers as float64 in whole units, null as NaN."""
        if self.type is Type.FLOAT:
            return self.array  # type: ignore[return-value]  # FLOAT holds float64
        values = self.array.astype(np.float64) / 10.0**self.scale
        return np.where(self.null, np.nan, values)

    def exacts(self) -> IntArray:
        """Integers as they are, truths as 0 and 1; null as `NULL`."""
        if self.type is Type.TRUTH:
            return np.where(self.null, NULL, self.array.astype(np.int64))
        return self.array  # type: ignore[return-value]  # the other exact types hold int64

    def bits(self) -> IntArray:
        """One int64 per distinct value, whatever the type; null as `NULL`."""
        if self.type is not Type.FLOAT:
            return self.exacts()
        tidy = np.ascontiguousarray(self.array + 0.0, dtype=np.float64)
        return np.where(self.null, NULL, tidy.view(np.int64))


def compute(expression: Expression, columns: Mapping[str, Values]) -> Computed:
    """Return the value of `expression` for every row of `columns`.

    Args:
        expression: What to compute.
        columns: Raw columns by name, each of shape (n,).
    """
    return _COMPUTE[type(expression)](expression, columns)


def _column(expression: Column, columns: Mapping[str, Values]) -> Computed:
    raw = columns[expression.name]
    if expression.type is Type.TRUTH:
        return Computed(Type.TRUTH, _truths(raw.array != 0, np.asarray(raw.array == NULL)))
    return Computed(expression.type, raw.array, expression.scale, raw.levels)


def _detail(expression: Detail, columns: Mapping[str, Values]) -> Computed:
    raw = columns[expression.column]
    return Computed(expression.type, raw.array, levels=raw.levels)


def _literal(expression: Literal, columns: Mapping[str, Values]) -> Computed:
    del columns
    kind = {Type.TRUTH: np.int8, Type.EXACT: np.int64, Type.FLOAT: np.float64}
    return Computed(expression.type, np.asarray(expression.value, kind[expression.type]))


def _arithmetic(expression: Arithmetic, columns: Mapping[str, Values]) -> Computed:
    left, right = compute(expression.left, columns), compute(expression.right, columns)
    null = left.null | right.null
    if left.type is Type.TIME:
        gap = (left.array - right.array).astype(np.float64) / float(DAY)
        return Computed(Type.FLOAT, np.where(null, np.nan, gap))
    if expression.type is Type.EXACT:
        sign = 1 if expression.op == "+" else -1
        total = left.array + sign * right.array
        return Computed(Type.EXACT, np.where(null, NULL, total), expression.scale)
    with np.errstate(all="ignore"):
        raw = _FLOAT_OPS[expression.op](left.floats(), right.floats())
    return Computed(Type.FLOAT, np.where(np.isfinite(raw), raw, np.nan))


_FLOAT_OPS: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide,
}  # fmt: skip
_COMPARE = {
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater,
    ">=": np.greater_equal,
}  # fmt: skip


def _comparison(expression: Comparison, columns: Mapping[str, Values]) -> Computed:
    left = compute(expression.left, columns)
    if left.type is Type.CODE and isinstance(expression.right, Literal):
        is_level = _among(left, (str(expression.right.value),))
        return is_level if expression.op == "==" else _negate(is_level)
    right = compute(expression.right, columns)
    null = left.null | right.null
    exact = left.scale == right.scale and Type.FLOAT not in {left.type, right.type}
    a, b = (left.array, right.array) if exact else (left.floats(), right.floats())
    with np.errstate(invalid="ignore"):
        answer = _COMPARE[expression.op](a, b)
    return Computed(Type.TRUTH, _truths(answer, null))


def _truths(answer: BoolArray, null: BoolArray) -> TruthArray:
    """Return answers as truths, not known where `null`, by way of bytes alone."""
    truths = np.array(answer, np.int8)
    truths[null] = UNKNOWN
    return truths


def _among(value: Computed, levels: tuple[str, ...]) -> Computed:
    """Tell for each row whether its level is one of `levels`."""
    # the last place is reached as -1: what is above null, the least integer, and no code
    table = np.array([*(level in levels for level in value.levels), UNKNOWN], np.int8)
    return Computed(Type.TRUTH, table[np.maximum(value.array, -1).astype(np.intp, copy=False)])


def _negate(value: Computed) -> Computed:
    return Computed(Type.TRUTH, _truths(np.asarray(value.array == 0), value.null))


def _logic(expression: Logic, columns: Mapping[str, Values]) -> Computed:
    left, right = compute(expression.left, columns), compute(expression.right, columns)
    decisive = 0 if expression.op == "and" else 1
    settled = (left.array == decisive) | (right.array == decisive)
    unknown = (left.null | right.null) & ~settled
    answer = np.where(settled, decisive, 1 - decisive)
    return Computed(Type.TRUTH, np.where(unknown, UNKNOWN, answer).astype(np.int8))


def _not(expression: Not, columns: Mapping[str, Values]) -> Computed:
    return _negate(compute(expression.inner, columns))


def _is_missing(expression: IsMissing, columns: Mapping[str, Values]) -> Computed:
    return Computed(Type.TRUTH, compute(expression.inner, columns).null.astype(np.int8))


def _is_in(expression: IsIn, columns: Mapping[str, Values]) -> Computed:
    return _among(compute(expression.inner, columns), expression.levels)


def _calendar(expression: Calendar, columns: Mapping[str, Values]) -> Computed:
    inner = compute(expression.inner, columns)
    null = inner.null
    if not null.any():
        return Computed(Type.EXACT, local_parts(inner.exacts(), expression.zone, expression.part))
    parts = local_parts(np.where(null, 0, inner.array), expression.zone, expression.part)
    return Computed(Type.EXACT, np.where(null, NULL, parts))


_COMPUTE: dict[type[Expression], Callable[..., Computed]] = {
    Column: _column, Detail: _detail, Literal: _literal, Arithmetic: _arithmetic,
    Comparison: _comparison, Logic: _logic, Not: _not, IsMissing: _is_missing, IsIn: _is_in,
    Calendar: _calendar,
}  # fmt: skip
