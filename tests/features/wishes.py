"""Random features for the laws: expressions of every type and aggregates of every op."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from solvent.features import (
    EVER,
    Aggregate,
    Expression,
    Feature,
    Op,
    Table,
    active_days,
    attribute,
    count,
    days,
    distinct,
    hours,
    last,
    maximum,
    mean,
    minimum,
    own,
    ratio,
    share,
    since_first,
    since_last,
    std,
    total,
)
from solvent.features.expressions import Literal, Type
from tests.features.worlds import APPLICATIONS, FACTS, LEVELS, LOG, ZONES

WINDOWS = (hours(7), days(1), days(7), days(8), EVER, EVER)
_WITH_VALUE = {
    Op.SUM: total, Op.MEAN: mean, Op.STD: std, Op.MIN: minimum, Op.MAX: maximum,
    Op.DISTINCT: distinct, Op.LAST: last,
}  # fmt: skip
_WITHOUT_VALUE = {Op.COUNT: count, Op.SINCE_LAST: since_last, Op.SINCE_FIRST: since_first}
_NUMBERS = (Type.EXACT, Type.FLOAT, Type.TRUTH)
_CALENDAR = ("hour", "weekday", "day_of_month", "day")
_COMPARE: tuple[Callable[[Expression, object], Expression], ...] = (
    lambda a, b: a == b, lambda a, b: a != b, lambda a, b: a < b, lambda a, b: a <= b,
    lambda a, b: a > b, lambda a, b: a >= b,
)  # fmt: skip


@st.composite
def expressions(draw: st.DrawFn, table: Table, kind: Type, depth: int = 2) -> Expression:
    """An expression over `table` that yields `kind`, with at most `depth` levels."""
    columns = [table[name] for name in table.columns if table[name].type is kind]
    times = [table[name] for name in table.columns if table[name].type is Type.TIME]
    plain = st.sampled_from(columns or times)
    if kind in {Type.TIME, Type.CODE} or (depth == 0 and columns):
        return draw(plain)
    make = {Type.EXACT: _exact, Type.FLOAT: _float, Type.TRUTH: _truth}[kind]
    built = st.deferred(lambda: make(table, max(depth - 1, 0)))
    return draw(built | plain if columns else built)


@st.composite
def _exact(draw: st.DrawFn, table: Table, depth: int) -> Expression:
    if draw(st.booleans()):
        part, zone = draw(st.sampled_from(_CALENDAR)), draw(st.sampled_from(ZONES))
        return getattr(draw(expressions(table, Type.TIME)), part)(zone)
    left = draw(expressions(table, Type.EXACT, depth))
    if draw(st.booleans()) and left.scale == 0:
        right: Expression = Literal(value=draw(st.integers(-5, 5)))
    else:
        right = draw(expressions(table, Type.EXACT, depth))
    if left.scale != right.scale:
        right = left
    return left + right if draw(st.booleans()) else left - right


@st.composite
def _float(draw: st.DrawFn, table: Table, depth: int) -> Expression:
    if draw(st.booleans()):
        return draw(expressions(table, Type.TIME)) - draw(expressions(table, Type.TIME))
    left = draw(expressions(table, draw(st.sampled_from(_NUMBERS[:2])), depth))
    right = draw(
        expressions(table, draw(st.sampled_from(_NUMBERS[:2])), depth)
        | st.sampled_from((2, 0.1, -3.5, 0)).map(lambda value: Literal(value=value))
    )
    op = draw(st.sampled_from("+-*/"))
    built = {"+": left + right, "-": left - right, "*": left * right, "/": left / right}[op]
    return built if built.type is Type.FLOAT else built / right


@st.composite
def _truth(draw: st.DrawFn, table: Table, depth: int) -> Expression:
    form = draw(st.sampled_from(("compare", "compare", "level", "in", "missing", "logic", "not")))
    if form == "level":
        channel, level = draw(expressions(table, Type.CODE)), draw(st.sampled_from(LEVELS))
        return channel == level if draw(st.booleans()) else channel != level
    if form == "in":
        levels = draw(st.lists(st.sampled_from((*LEVELS, "nowhere")), min_size=1, max_size=3))
        return draw(expressions(table, Type.CODE)).is_in(*levels)
    if form == "missing":
        return draw(expressions(table, draw(st.sampled_from(list(Type))), depth)).is_missing()
    if form == "not":
        return ~draw(expressions(table, Type.TRUTH, depth))
    if form == "logic":
        left, right = (draw(expressions(table, Type.TRUTH, depth)) for _ in range(2))
        return left & right if draw(st.booleans()) else left | right
    return draw(_comparison(table, depth))


@st.composite
def _comparison(draw: st.DrawFn, table: Table, depth: int) -> Expression:
    compare = draw(st.sampled_from(_COMPARE))
    kind = draw(st.sampled_from((Type.EXACT, Type.FLOAT, Type.TIME, Type.TRUTH)))
    left = draw(expressions(table, kind, depth))
    if kind in {Type.TIME, Type.TRUTH}:
        return compare(left, draw(expressions(table, kind, depth)))
    other = draw(st.sampled_from((0, 1, -2.5, 0.1, Type.EXACT, Type.FLOAT)))
    return compare(left, draw(expressions(table, other, depth)) if other in _NUMBERS else other)


@st.composite
def aggregates(draw: st.DrawFn) -> Aggregate:
    """An aggregate of the log, or a fact."""
    op = draw(st.sampled_from(list(Op)))
    over = draw(st.sampled_from(WINDOWS))
    if op is Op.ATTRIBUTE:
        return attribute(FACTS, draw(expressions(FACTS, draw(st.sampled_from(list(Type))))))
    if op is Op.SHARE:
        return share(LOG, draw(expressions(LOG, Type.TRUTH)), over=over)
    where = draw(expressions(LOG, Type.TRUTH)) if draw(st.integers(0, 2)) == 0 else None
    if op in _WITHOUT_VALUE:
        return _WITHOUT_VALUE[op](LOG, where=where, over=over)
    if op is Op.DISTINCT and draw(st.booleans()):
        return active_days(LOG, zone=draw(st.sampled_from(ZONES)), where=where, over=over)
    kinds = list(Type) if op in {Op.DISTINCT, Op.LAST} else list(_NUMBERS)
    value = draw(expressions(LOG, draw(st.sampled_from(kinds))))
    return _WITH_VALUE[op](LOG, value, where=where, over=over)


@st.composite
def wishes(draw: st.DrawFn, *, most: int = 12) -> list[Feature]:
    """Some features with names of their own: aggregates, ratios of them, the application's own."""
    found: list[Feature] = list(draw(st.lists(aggregates(), min_size=1, max_size=most)))
    kinds = draw(st.lists(st.sampled_from(list(Type)), max_size=3))
    found += [own(APPLICATIONS, draw(expressions(APPLICATIONS, kind))) for kind in kinds]
    named = [feature.called(f"f{i}") for i, feature in enumerate(found)]
    numbers = [feature for feature in named if not feature.is_category]
    if len(numbers) > 1:
        pairs = draw(st.lists(st.tuples(*[st.sampled_from(numbers)] * 2), max_size=2))
        named += [ratio(*pair).called(f"r{i}") for i, pair in enumerate(pairs)]
    return named


def every_aggregate() -> list[Feature]:
    """Every op over every kind of column, with and without a condition, for three windows."""
    found: list[Feature] = []
    asked = (None, LOG["channel"] == "app", LOG["paid"] > LOG["closed"])
    for window in (hours(7), days(7), EVER):
        for where in asked:
            found += [make(LOG, where=where, over=window) for make in _WITHOUT_VALUE.values()]
            for op, make in _WITH_VALUE.items():
                found += [
                    make(LOG, LOG[name], where=where, over=window)
                    for name in LOG.columns
                    if LOG[name].type in _NUMBERS or op in {Op.DISTINCT, Op.LAST}
                ]
            found.append(active_days(LOG, zone="Europe/Madrid", where=where, over=window))
            found += [share(LOG, where, over=window)] if where is not None else []
        found += [share(LOG, LOG["ok"], over=window), share(LOG, LOG["good"], over=window)]
    found += [attribute(FACTS, FACTS[name]) for name in FACTS.columns]
    found += [own(APPLICATIONS, APPLICATIONS[name]) for name in APPLICATIONS.columns]
    return found
