"""A sensible set of features for every column and window, without hand work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from solvent.errors import DeclarationError
from solvent.features.aggregates import (
    Aggregate,
    Feature,
    active_days,
    attribute,
    count,
    distinct,
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
from solvent.features.columns import Kind
from solvent.features.expressions import Column
from solvent.features.tables import Applications, Attributes, Events
from solvent.features.windows import EVER, Window, days

DEFAULT_DAYS = (7, 30, 90)


def behaviour(
    source: Events | Attributes | Applications,
    *,
    over: Sequence[float] = DEFAULT_DAYS,
    only: Sequence[str] = (),
) -> tuple[Feature, ...]:
    """Return the features worth trying for a source.

    Events give, for each window and for all history: counts, sums, means, spreads, extremes,
    distinct values, shares of declared levels, last values, recency, active days, and ratios
    between neighbouring windows. Attributes and applications give each column's value.

    Args:
        source: The table.
        over: Window lengths in days, beside all history.
        only: Columns to use; empty for all declared ones.

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
    return tuple(_of_events(source, columns, windows))


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
