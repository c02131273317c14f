"""The words that declare features of a source's rows: count, mean, trend, sessions and the rest.

All take `where=` (rows that count), `over=` (how far back) and `newest=` (only the latest so many
of those rows).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from solvent.errors import DeclarationError
from solvent.features.aggregates import ROW_OPS, Aggregate, Op, Own
from solvent.features.expressions import Expression, Type
from solvent.features.tables import Applications, Attributes, Events
from solvent.features.windows import EVER, Window
from solvent.features.words import row_words
from solvent.features.zones import check_zone

_NUMBERS = {Type.EXACT, Type.FLOAT, Type.TRUTH}
_COUNTABLE = {Type.EXACT, Type.CODE, Type.TRUTH}
_UNITLESS = {
    Op.COUNT, Op.DISTINCT, Op.SHARE, Op.ENTROPY, Op.STREAK, Op.SESSIONS,
}  # fmt: skip
_IN_DAYS = {
    Op.SINCE_LAST, Op.SINCE_FIRST, Op.MEAN_GAP, Op.STD_GAP, Op.SHORTEST_GAP, Op.LONGEST_GAP,
    Op.ACTIVE_STREAK,
}  # fmt: skip
_MOST_ROWS = 2**23 - 1


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which rows of a source count."""

    where: Expression | None
    over: Window
    newest: int


def _aggregate(
    source: Events, op: Op, value: Expression | None, rows: _Rows, *, quantile: float = 0.0,
    gap: int = 0,
) -> Aggregate:  # fmt: skip
    from solvent.features.describe import name_aggregate, title_aggregate

    _check_parts(source, op, value, rows)
    bare = Aggregate(
        name="x", title="", table=source.name, op=op, value=value, where=rows.where,
        over=rows.over, newest=rows.newest, quantile=quantile, gap=gap,
        rows=row_words(source.name, source.title), unit=_unit(op, value),
    )  # fmt: skip
    return replace(bare, name=name_aggregate(bare), title=title_aggregate(bare))


def _check_parts(source: Events, op: Op, value: Expression | None, rows: _Rows) -> None:
    """Refuse what a typed caller cannot pass and an untyped one does."""
    if not isinstance(source, Events):
        raise DeclarationError(
            f"the {op} of a table without events",
            hint="pass an Events table; facts about a customer are read by attribute()",
            field="source",
        )
    field = f"{source.name}.{op}"
    if not isinstance(rows.over, Window):
        raise DeclarationError(
            f"over={rows.over!r} is no window", hint="write over=days(30)", field=field
        )
    if not isinstance(rows.newest, int) or not 0 <= rows.newest <= _MOST_ROWS:
        raise DeclarationError(
            f"newest={rows.newest!r} is no number of rows", hint="write newest=3", field=field
        )
    if (value is None and op not in {*ROW_OPS, Op.SHARE}) or (
        rows.where is None and op is Op.SHARE
    ):
        raise DeclarationError(f"the {op} of nothing", hint='write source["amount"]', field=field)
    for part in (value, rows.where):
        if part is not None:
            _require_own(source.name, part)
    if rows.where is not None and rows.where.type is not Type.TRUTH:
        raise DeclarationError(
            "a condition must be a yes or no", hint='write where=source["amount"] > 10',
            field=field,
        )  # fmt: skip


def _unit(op: Op, value: Expression | None) -> str:
    if op in _IN_DAYS:
        return "days"
    if value is None or op in _UNITLESS:
        return ""
    unit = "days" if value.type is Type.TIME else value.unit
    return f"{unit} per day".strip() if op is Op.TREND else unit


def _require_own(table: str, part: Expression) -> None:
    if not isinstance(part, Expression):
        raise DeclarationError(f"{part!r} is no column", hint='write source["amount"]', field=table)
    for column in part.columns():
        if column.table != table:
            raise DeclarationError(
                f"column {column.name!r} belongs to {column.table!r}",
                hint=f"use columns of {table!r} only",
                field=table,
            )


def _of_type(
    source: Events, op: Op, value: Expression, types: set[Type], rows: _Rows, *,
    quantile: float = 0.0,
) -> Aggregate:  # fmt: skip
    if isinstance(value, Expression) and value.type not in types:
        wanted = "number" if Type.FLOAT in types else "category, a flag or a whole number"
        raise DeclarationError(
            f"the {op} of {value.slug!r} means nothing: it is a {value.type}",
            hint=f"take it of a {wanted}; for categories there are distinct(), most_common() and "
            "last()",
            field=source.name,
        )
    return _aggregate(source, op, value, rows, quantile=quantile)


def count(
    source: Events, *, where: Expression | None = None, over: Window = EVER, newest: int = 0
) -> Aggregate:
    """Number of rows, 0 when there are none."""
    return _aggregate(source, Op.COUNT, None, _Rows(where, over, newest))


def total(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Sum of a number, 0 when there are no rows."""
    return _of_type(source, Op.SUM, value, _NUMBERS, _Rows(where, over, newest))


def mean(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Mean of a number over rows where it is known."""
    return _of_type(source, Op.MEAN, value, _NUMBERS, _Rows(where, over, newest))


def std(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Sample standard deviation (n - 1) of a number; null below two known rows."""
    return _of_type(source, Op.STD, value, _NUMBERS, _Rows(where, over, newest))


def minimum(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Smallest known value of a number."""
    return _of_type(source, Op.MIN, value, _NUMBERS, _Rows(where, over, newest))


def maximum(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Largest known value of a number."""
    return _of_type(source, Op.MAX, value, _NUMBERS, _Rows(where, over, newest))


def quantile(
    source: Events, value: Expression, q: float, *, where: Expression | None = None,
    over: Window = EVER, newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Exact quantile of a number's known values, between its two neighbours where it falls there.

    Of n sorted values it is the one at place (n - 1) q, counted from 0 (Hyndman and Fan's type 7).

    Raises:
        DeclarationError: If `q` is not in [0, 1].
    """
    if not 0.0 <= q <= 1.0:
        raise DeclarationError(
            f"there is no quantile {q!r}", hint="0.5 is the median, 0.9 the 90th percentile",
            field=f"{source.name}.quantile",
        )  # fmt: skip
    rows = _Rows(where, over, newest)
    return _of_type(source, Op.QUANTILE, value, _NUMBERS, rows, quantile=float(q))


def median(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Median of a number's known values."""
    return quantile(source, value, 0.5, where=where, over=over, newest=newest)


def trend(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Slope of a number over time by least squares, per day; null where all rows have one time."""
    return _of_type(source, Op.TREND, value, _NUMBERS, _Rows(where, over, newest))


def distinct(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Number of different known values, 0 when there are none."""
    return _aggregate(source, Op.DISTINCT, value, _Rows(where, over, newest))


def entropy(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Shannon entropy of a category's shares in nats: 0 where all rows are alike."""
    return _of_type(source, Op.ENTROPY, value, _COUNTABLE, _Rows(where, over, newest))


def most_common(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Most common known value; of two as common, the one seen last."""
    return _of_type(source, Op.MOST_COMMON, value, _COUNTABLE, _Rows(where, over, newest))


def first(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Oldest known value in the window (a time becomes days before the application)."""
    return _aggregate(source, Op.FIRST, value, _Rows(where, over, newest))


def last(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER,
    newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Newest known value (a time becomes days before the application)."""
    return _aggregate(source, Op.LAST, value, _Rows(where, over, newest))


def share(source: Events, where: Expression, *, over: Window = EVER, newest: int = 0) -> Aggregate:
    """Share of rows where a condition holds, of those where it is known; in [0, 1].

    With `newest`, of the latest so many rows where it is known.
    """
    return _aggregate(source, Op.SHARE, None, _Rows(where, over, newest))


def shares(
    source: Events, value: Expression, *levels: str, over: Window = EVER, newest: int = 0
) -> tuple[Aggregate, ...]:
    """Share of rows with each level of a category, of those where it is known.

    Args:
        source: The log.
        value: A category.
        levels: The levels; none for those the column declares.
        over: How far back rows count.
        newest: Only the latest so many rows; 0 for all.

    Raises:
        DeclarationError: If no level is given and the column declares none.
    """
    declared = [level for column in value.columns() for level in column.declared.levels]
    wanted = levels or tuple(declared)
    if not wanted:
        raise DeclarationError(
            f"the levels of {value.slug!r} are not declared",
            hint='name them: shares(source, source["kind"], "a", "b")', field=source.name,
        )  # fmt: skip
    return tuple(share(source, value == level, over=over, newest=newest) for level in wanted)


def night_share(
    source: Events, *, zone: str, begins: int = 22, ends: int = 6, over: Window = EVER
) -> Aggregate:
    """Share of rows at night: from `begins` to before `ends`, hours of the clock in `zone`."""
    return share(source, source.time.is_night(zone, begins=begins, ends=ends), over=over)


def weekend_share(source: Events, *, zone: str, over: Window = EVER) -> Aggregate:
    """Share of rows on a Saturday or Sunday in `zone`."""
    return share(source, source.time.is_weekend(zone), over=over)


def since_last(
    source: Events, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Days from the newest row to the application."""
    return _aggregate(source, Op.SINCE_LAST, None, _Rows(where, over, 0))


def since_first(
    source: Events, *, where: Expression | None = None, over: Window = EVER, newest: int = 0
) -> Aggregate:
    """Days from the oldest row in the window to the application."""
    return _aggregate(source, Op.SINCE_FIRST, None, _Rows(where, over, newest))


def sessions(
    source: Events, *, gap: Window, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Number of sessions: a row later than `gap` after the one before it begins a new one.

    Args:
        source: The log.
        gap: Longest pause inside a session: `minutes(30)`.
        where: Rows that count.
        over: How far back rows count.

    Raises:
        DeclarationError: If `gap` is no length of time.
    """
    if not isinstance(gap, Window) or gap == EVER:
        raise DeclarationError(
            f"gap={gap!r} is no pause",
            hint="write gap=minutes(30)",
            field=f"{source.name}.sessions",
        )
    return _aggregate(source, Op.SESSIONS, None, _Rows(where, over, 0), gap=gap.length)


def mean_gap(
    source: Events, *, where: Expression | None = None, over: Window = EVER, newest: int = 0
) -> Aggregate:
    """Mean of the days between rows that follow each other; null below two rows."""
    return _aggregate(source, Op.MEAN_GAP, None, _Rows(where, over, newest))


def std_gap(
    source: Events, *, where: Expression | None = None, over: Window = EVER, newest: int = 0
) -> Aggregate:
    """Sample standard deviation of the days between rows: 0 is clockwork; null below three rows."""
    return _aggregate(source, Op.STD_GAP, None, _Rows(where, over, newest))


def shortest_gap(
    source: Events, *, where: Expression | None = None, over: Window = EVER, newest: int = 0
) -> Aggregate:
    """Fewest days between two rows that follow each other."""
    return _aggregate(source, Op.SHORTEST_GAP, None, _Rows(where, over, newest))


def longest_gap(
    source: Events, *, where: Expression | None = None, over: Window = EVER, newest: int = 0
) -> Aggregate:
    """Most days between two rows that follow each other."""
    return _aggregate(source, Op.LONGEST_GAP, None, _Rows(where, over, newest))


def longest_streak(
    source: Events, condition: Expression, *, where: Expression | None = None,
    over: Window = EVER, newest: int = 0,
) -> Aggregate:  # fmt: skip
    """Most rows in a row for which `condition` holds; rows where it is not known are passed over.

    Raises:
        DeclarationError: If `condition` is no yes or no.
    """
    rows = _Rows(where, over, newest)
    if isinstance(condition, Expression) and condition.type is not Type.TRUTH:
        raise DeclarationError(
            f"{condition.slug!r} is no yes or no", hint='write source["amount"] > 10',
            field=f"{source.name}.longest_streak",
        )  # fmt: skip
    return _aggregate(source, Op.STREAK, condition, rows)


def active_streak(
    source: Events, *, zone: str, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Most calendar days (in `zone`) in a row with at least one row."""
    day = source.time.day(check_zone(zone))
    return _aggregate(source, Op.ACTIVE_STREAK, day, _Rows(where, over, 0))


def active_days(
    source: Events, *, zone: str, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Number of calendar days (in `zone`) with at least one row."""
    return distinct(source, source.time.day(check_zone(zone)), where=where, over=over)


def active_months(
    source: Events, *, zone: str, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Number of calendar months (in `zone`) with at least one row."""
    return distinct(source, source.time.month(check_zone(zone)), where=where, over=over)


def attribute(source: Attributes, value: Expression) -> Aggregate:
    """Value in the newest row valid and known at the application (a time becomes days before).

    Raises:
        DeclarationError: If `source` is no attribute table, or `value` reads another one.
    """
    from solvent.features.describe import title_aggregate

    if not isinstance(source, Attributes):
        raise DeclarationError(
            "attribute() reads a table of facts", hint="pass an Attributes table", field="source"
        )
    _require_own(source.name, value)
    bare = Aggregate(
        name=f"{source.name}_{value.slug}", title="", unit=_unit(Op.ATTRIBUTE, value),
        table=source.name, op=Op.ATTRIBUTE, value=value, rows=source.words,
    )  # fmt: skip
    return replace(bare, title=title_aggregate(bare))


def own(source: Applications, value: Expression) -> Own:
    """Value of the application row itself (a time becomes days before the application).

    Raises:
        DeclarationError: If `value` reads another table.
    """
    from solvent.features.describe import title_own

    _require_own(source.name, value)
    unit = "days" if value.type is Type.TIME else value.unit
    return Own(name=value.slug, title=title_own(value), unit=unit, value=value)
