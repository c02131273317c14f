"""A sensible set of features for every column and window, without hand work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from solvent.errors import DeclarationError
from solvent.features.aggregates import Aggregate, Feature
from solvent.features.columns import Kind, instant
from solvent.features.combinations import difference, ratio, zscore
from solvent.features.expressions import Column
from solvent.features.summaries import (
    active_days,
    active_months,
    active_streak,
    attribute,
    count,
    distinct,
    entropy,
    first,
    last,
    longest_gap,
    longest_streak,
    maximum,
    mean,
    mean_gap,
    median,
    minimum,
    most_common,
    night_share,
    own,
    quantile,
    sessions,
    share,
    since_first,
    since_last,
    std,
    std_gap,
    total,
    trend,
    weekend_share,
)
from solvent.features.tables import Applications, Attributes, Events
from solvent.features.windows import EVER, Window, days, minutes

DEFAULT_DAYS = (7, 30, 90)
_LATEST = 3
_PAUSE = minutes(30)
_TAILS = (0.1, 0.9)


def behaviour(
    source: Events | Attributes | Applications,
    *,
    over: Sequence[float] = DEFAULT_DAYS,
    only: Sequence[str] = (),
    rich: bool = False,
) -> tuple[Feature, ...]:
    """Return the features worth trying for a source.

    Events give, for each window and for all history: counts, sums, means, spreads, extremes,
    distinct values, shares of declared levels, last values, recency, active days, and ratios
    between neighbouring windows. Attributes and applications give each column's value.

    Args:
        source: The table.
        over: Window lengths in days, beside all history.
        only: Columns to use; empty for all declared ones.
        rich: True for everything solvent knows, some hundreds for a log: order, gaps, streaks,
            sessions, trends, quantiles, entropy, the latest three rows, a value against its own
            history, and each number for each declared level. Let `select=` choose among them.

    Raises:
        DeclarationError: If `source` is no table, or `only` names an undeclared column.
    """
    if not isinstance(source, Events | Attributes | Applications):
        raise DeclarationError(
            "behaviour() takes a table", hint="behaviour(top_ups)", field="source"
        )
    names = list(only) or [name for name in source.columns if name not in _technical(source)]
    columns = [source[name] for name in names]
    if isinstance(source, Applications):
        return tuple(own(source, column) for column in columns)
    if isinstance(source, Attributes):
        return tuple(attribute(source, column) for column in columns)
    windows = [*(days(length) for length in sorted(set(over))), EVER]
    found = list(_of_events(source, columns, windows))
    if rich:
        found += _rich(source, columns, windows)
    return tuple(found)


def _technical(source: Events | Attributes | Applications) -> set[str]:
    names = {source.key}
    for role in ("id", "as_of", "at", "available", "valid_from"):
        name = getattr(source, role, None)
        if isinstance(name, str):
            names.add(name)
    return names


def _of_events(source: Events, columns: list[Column], windows: list[Window]) -> Iterator[Feature]:
    yield since_last(source)
    yield since_first(source)
    counts = [count(source, over=window) for window in windows]
    yield from counts
    yield from _ratios(counts)
    if source.relative is None:
        zone = source.zone or "UTC"
        yield from (active_days(source, zone=zone, over=window) for window in windows)
    for column in columns:
        yield from _of_column(source, column, windows)


def _ratios(features: list[Aggregate]) -> Iterator[Feature]:
    for shorter, longer in pairwise(features):
        yield ratio(shorter, longer)


def _of_column(source: Events, column: Column, windows: list[Window]) -> Iterator[Feature]:
    kind = column.declared.kind
    if kind.is_time:
        yield from _of_time(source, column, windows)
    elif kind is Kind.CATEGORY:
        yield from (distinct(source, column, over=window) for window in windows)
        for level in column.declared.levels:
            yield from (share(source, column == level, over=window) for window in windows)
        yield last(source, column)
    elif kind is Kind.FLAG:
        yield from (share(source, column, over=window) for window in windows)
        yield last(source, column)
    else:
        yield from _of_number(source, column, windows)


def _of_number(source: Events, column: Column, windows: list[Window]) -> Iterator[Feature]:
    sums = [total(source, column, over=window) for window in windows]
    yield from sums
    yield from _ratios(sums)
    for make in (mean, std, minimum, maximum):
        yield from (make(source, column, over=window) for window in windows)
    yield last(source, column)


def _of_time(source: Events, column: Column, windows: list[Window]) -> Iterator[Feature]:
    lag = column - source.time
    for make in (mean, maximum):
        yield from (make(source, lag, over=window) for window in windows)
    yield last(source, lag)
    yield from (share(source, column.is_missing(), over=window) for window in windows)


def _rich(source: Events, columns: list[Column], windows: list[Window]) -> Iterator[Feature]:
    yield from _rhythm(source, windows)
    if source.relative is None:
        yield from _calendar(source, windows)
    levels = [
        column == level
        for column in columns
        if column.declared.kind is Kind.CATEGORY
        for level in column.declared.levels
    ]
    for where in levels:
        yield since_last(source, where=where)
        yield from (count(source, where=where, over=window) for window in windows)
    for column in columns:
        kind = column.declared.kind
        if kind is Kind.CATEGORY:
            yield from (entropy(source, column, over=window) for window in windows)
            yield from (most_common(source, column, over=window) for window in windows)
            yield first(source, column)
        elif kind is Kind.FLAG:
            yield longest_streak(source, column)
            yield share(source, column, newest=_LATEST)
        elif not kind.is_time:
            yield from _rich_number(source, column, windows)
            for where in levels:
                yield from (total(source, column, where=where, over=w) for w in windows)
                yield from (mean(source, column, where=where, over=w) for w in windows)


def _rhythm(source: Events, windows: list[Window]) -> Iterator[Feature]:
    for make in (mean_gap, std_gap, longest_gap):
        yield from (make(source, over=window) for window in windows)
    yield mean_gap(source, newest=_LATEST)


def _calendar(source: Events, windows: list[Window]) -> Iterator[Feature]:
    zone = source.zone or "UTC"
    yield from (weekend_share(source, zone=zone, over=window) for window in windows)
    yield active_months(source, zone=zone)
    yield from (active_streak(source, zone=zone, over=window) for window in windows)
    if source.columns.get(source.at, instant()).kind is not Kind.DATE:
        yield from (night_share(source, zone=zone, over=window) for window in windows)
        yield from (sessions(source, gap=_PAUSE, over=window) for window in windows)


def _rich_number(source: Events, column: Column, windows: list[Window]) -> Iterator[Feature]:
    yield first(source, column)
    yield mean(source, column, newest=_LATEST)
    for window in windows:
        yield trend(source, column, over=window)
        yield median(source, column, over=window)
        yield from (quantile(source, column, q, over=window) for q in _TAILS)
    usual, spread = mean(source, column), std(source, column)
    yield zscore(last(source, column), usual, spread)
    for window in windows[:-1]:
        yield zscore(mean(source, column, over=window), usual, spread)
        yield difference(mean(source, column, over=window), usual)
