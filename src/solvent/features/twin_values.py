"""One row expression on one row, in plain Python: what `values.py` must agree with bit for bit.

A cell is an int (exact numbers in minor units, times in UTC microseconds), a float, a str (the
level of a category), a bool or None. Nothing here is shared with the arrays of `values.py`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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
from solvent.features.windows import DAY

Cell = int | float | str | bool | None
Row = Mapping[str, Cell]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMPARE: dict[str, Callable[..., bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
_FLOATS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


def value_of(expression: Expression, row: Row) -> Cell:
    """Return the value of `expression` for one row; None for null.

    Args:
        expression: What to compute.
        row: Cells by column name, those not known yet already None.
    """
    if isinstance(expression, Literal):
        return expression.value
    if isinstance(expression, Column):
        cell = row[expression.name]
        return bool(cell) if cell is not None and expression.type is Type.TRUTH else cell
    if isinstance(expression, Detail):
        return row[expression.column]
    if isinstance(expression, Logic):
        return _logic(expression.op, *(value_of(part, row) for part in expression.children))
    inner = [value_of(part, row) for part in expression.children]
    if isinstance(expression, IsMissing):
        return inner[0] is None
    if None in inner:
        return None
    if isinstance(expression, Not):
        return not inner[0]
    if isinstance(expression, IsIn):
        return inner[0] in expression.levels
    if isinstance(expression, Calendar):
        return calendar_part(_integer(inner[0]), expression.zone, expression.part)
    if isinstance(expression, Arithmetic):
        return _arithmetic(expression, inner[0], inner[1])
    if isinstance(expression, Comparison):
        return _compare(expression, inner[0], inner[1])
    raise TypeError(f"{type(expression).__name__} is no expression")


def whole(cell: Cell, scale: int) -> float:
    """Return a number in whole units: minor units divided by 10 ** scale, rounded to float64.

    A float keeps its value and loses the sign of its zero: -0.0 and 0.0 are one number.
    """
    if isinstance(cell, float):
        return cell + 0.0
    return float(_integer(cell)) / 10.0**scale


def age(cell: Cell, as_of: int) -> float:
    """Return the days from a time to `as_of`, negative where it lies after."""
    return float(as_of - _integer(cell)) / float(DAY)


def calendar_part(time: int, zone: str, part: str) -> int:
    """Return a calendar part of an instant in a zone, by `datetime` and `zoneinfo`.

    Args:
        time: UTC microseconds.
        zone: IANA name.
        part: "hour", "weekday" (0 is Monday), "day_of_month", "day" (days since 1970-01-01) or
            "month" (months since January 1970).
    """
    local = (_EPOCH + timedelta(microseconds=time)).astimezone(ZoneInfo(zone))
    parts = {
        "hour": local.hour, "weekday": local.weekday(), "day_of_month": local.day,
        "day": local.date().toordinal() - _EPOCH.date().toordinal(),
        "month": 12 * (local.year - _EPOCH.year) + local.month - _EPOCH.month,
    }  # fmt: skip
    return parts[part]


def _integer(cell: Cell) -> int:
    if isinstance(cell, int):
        return int(cell)
    raise TypeError(f"{type(cell).__name__} is no whole number")


def _logic(op: str, left: Cell, right: Cell) -> bool | None:
    """Kleene's rules: one no settles an `and`, one yes an `or`, whatever is not known."""
    decisive = op == "or"
    if decisive in {left, right}:
        return decisive
    return None if None in {left, right} else not decisive


def _arithmetic(expression: Arithmetic, left: Cell, right: Cell) -> Cell:
    if expression.left.type is Type.TIME:
        return age(right, _integer(left))
    if expression.type is Type.EXACT:
        sign = 1 if expression.op == "+" else -1
        return _integer(left) + sign * _integer(right)
    a, b = whole(left, expression.left.scale), whole(right, expression.right.scale)
    if expression.op == "/" and b == 0:
        return None
    answer = _FLOATS[expression.op](a, b)
    return answer if math.isfinite(answer) else None


def _compare(expression: Comparison, left: Cell, right: Cell) -> bool:
    numbers = {expression.left.type, expression.right.type} <= {Type.EXACT, Type.FLOAT}
    if numbers:
        left = whole(left, expression.left.scale)
        right = whole(right, expression.right.scale)
    return _COMPARE[expression.op](left, right)
