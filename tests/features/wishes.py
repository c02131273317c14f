"""Random features for the laws: expressions of every type and aggregates of every op."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from hypothesis import strategies as st

from solvent.features import (
    EVER,
    Aggregate,
    Events,
    Expression,
    Feature,
    Op,
    Table,
    Window,
    active_days,
    active_months,
    active_streak,
    attribute,
    count,
    days,
    difference,
    distinct,
    entropy,
    first,
    hours,
    last,
    longest_gap,
    longest_streak,
    maximum,
    mean,
    mean_gap,
    minimum,
    most_common,
    own,
    quantile,
    ratio,
    sessions,
    share,
    shortest_gap,
    since_first,
    since_last,
    std,
    std_gap,
    total,
    trend,
    zscore,
)
from solvent.features.expressions import Literal, Type
from tests.features.worlds import APPLICATIONS, FACTS, LEVELS, LOG, STEPS, ZONES

WINDOWS = (hours(7), days(1), days(7), days(8), EVER, EVER)
_WITH_VALUE = {
    Op.SUM: total, Op.MEAN: mean, Op.STD: std, Op.MIN: minimum, Op.MAX: maximum,
    Op.DISTINCT: distinct, Op.LAST: last, Op.FIRST: first, Op.ENTROPY: entropy,
    Op.MOST_COMMON: most_common, Op.TREND: trend,
}  # fmt: skip
_WITHOUT_VALUE = {
    Op.COUNT: count, Op.SINCE_FIRST: since_first, Op.MEAN_GAP: mean_gap, Op.STD_GAP: std_gap,
    Op.SHORTEST_GAP: shortest_gap, Op.LONGEST_GAP: longest_gap,
}  # fmt: skip
_LEVELLED = {Op.ENTROPY, Op.MOST_COMMON}
_ANY = {Op.DISTINCT, Op.LAST, Op.FIRST}
TRUTHS = ("ok", "good")
_NUMBERS = (Type.EXACT, Type.FLOAT, Type.TRUTH)
_COUNTABLE = (Type.EXACT, Type.CODE, Type.TRUTH)
_CALENDAR = ("hour", "weekday", "day_of_month", "day", "month")
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
    if table is LOG and kind in {Type.CODE, Type.FLOAT} and draw(st.integers(0, 4)) == 0:
        return draw(_below(kind))
    if kind in {Type.TIME, Type.CODE} or (depth == 0 and columns):
        return draw(plain)
    make = {Type.EXACT: _exact, Type.FLOAT: _float, Type.TRUTH: _truth}[kind]
    built = st.deferred(lambda: make(table, max(depth - 1, 0)))
    return draw(built | plain if columns else built)


@st.composite
def _below(draw: st.DrawFn, kind: Type) -> Expression:
    """What the rows below a row of the log add up to; a name tells it from all others."""
    op = draw(st.sampled_from((Op.LAST, Op.FIRST, Op.MOST_COMMON)))
    if kind is Type.FLOAT:
        feature = draw(aggregates_of(STEPS))
        while feature.is_category:
            feature = draw(aggregates_of(STEPS))
    else:
        over = draw(st.sampled_from(WINDOWS))
        feature = _WITH_VALUE[op](STEPS, STEPS["kind"], over=over)
    return LOG.of(feature.called("x" + hashlib.sha256(repr(feature).encode()).hexdigest()[:12]))


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
    if draw(st.integers(0, len(Op))) == 0:
        return attribute(FACTS, draw(expressions(FACTS, draw(st.sampled_from(list(Type))))))
    return draw(aggregates_of(LOG))


@st.composite
def aggregates_of(draw: st.DrawFn, table: Events) -> Aggregate:
    """An aggregate of a log."""
    op = draw(st.sampled_from([op for op in Op if op is not Op.ATTRIBUTE]))
    over = draw(st.sampled_from(WINDOWS))
    newest = draw(st.sampled_from((0, 0, 0, 1, 2, 3)))
    if op is Op.SHARE:
        return share(table, draw(expressions(table, Type.TRUTH)), over=over, newest=newest)
    where = draw(expressions(table, Type.TRUTH)) if draw(st.integers(0, 2)) == 0 else None
    if op in _WITHOUT_VALUE:
        return _WITHOUT_VALUE[op](table, where=where, over=over, newest=newest)
    if op is Op.SINCE_LAST:
        return since_last(table, where=where, over=over)
    if op is Op.SESSIONS:
        return sessions(table, gap=draw(st.sampled_from(WINDOWS[:3])), where=where, over=over)
    zone = draw(st.sampled_from(ZONES))
    if op is Op.ACTIVE_STREAK:
        return active_streak(table, zone=zone, where=where, over=over)
    if op is Op.DISTINCT and draw(st.booleans()):
        calendar = draw(st.sampled_from((active_days, active_months)))
        return calendar(table, zone=zone, where=where, over=over)
    rows = {"where": where, "over": over, "newest": newest}
    if op is Op.STREAK:
        return longest_streak(table, draw(expressions(table, Type.TRUTH)), **rows)
    kinds = list(Type) if op in _ANY else list(_COUNTABLE if op in _LEVELLED else _NUMBERS)
    value = draw(expressions(table, draw(st.sampled_from(kinds))))
    if op is Op.QUANTILE:
        q = draw(st.sampled_from((0.0, 0.1, 0.5, 0.9, 1.0)) | st.floats(0, 1))
        return quantile(table, value, q, **rows)
    return _WITH_VALUE[op](table, value, **rows)


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
        named += [
            difference(*pair).called(f"d{i}")
            for i, pair in enumerate(pairs)
            if pair[0].unit == pair[1].unit
        ]
        spreads = [f for f in numbers if isinstance(f, Aggregate) and f.op in {Op.STD, Op.STD_GAP}]
        named += [zscore(*pairs[0], spreads[0]).called("z0")] if pairs and spreads else []
    return named


def below(window: Window) -> list[Feature]:
    """What the rows below the log's add up to, summed up in their turn."""
    effort = total(STEPS, STEPS["effort"], over=window)
    late = count(STEPS, where=STEPS["kind"] == "app", over=window)
    kind = LOG.of(most_common(STEPS, STEPS["kind"], over=window))
    return [
        maximum(LOG, LOG.of(effort), over=window),
        mean(LOG, LOG.of(ratio(late, count(STEPS, over=window))), over=window),
        share(LOG, LOG.of(late) > 1.0, over=window),
        last(LOG, kind, over=window),
        total(LOG, LOG["score"] * LOG.of(mean(STEPS, STEPS["pace"], over=window)), over=window),
    ]


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
                    if op in _ANY or LOG[name].type in (_COUNTABLE if op in _LEVELLED else _NUMBERS)
                ]
            for calendar in (active_days, active_months, active_streak):
                found.append(calendar(LOG, zone="Europe/Madrid", where=where, over=window))
            found.append(since_last(LOG, where=where, over=window))
            found += [sessions(LOG, gap=gap, where=where, over=window) for gap in WINDOWS[:2]]
            found += [longest_streak(LOG, LOG[name], where=where, over=window) for name in TRUTHS]
            found += [
                quantile(LOG, LOG[name], q, where=where, over=window)
                for name in LOG.columns
                if LOG[name].type in _NUMBERS
                for q in (0.25, 0.5)
            ]
            found += [share(LOG, where, over=window)] if where is not None else []
        found += [mean(LOG, LOG["amount"], over=window, newest=newest) for newest in (1, 3)]
        found += below(window)
        found += [share(LOG, LOG["ok"], over=window), share(LOG, LOG["good"], over=window)]
    found += [attribute(FACTS, FACTS[name]) for name in FACTS.columns]
    found += [own(APPLICATIONS, APPLICATIONS[name]) for name in APPLICATIONS.columns]
    return found
