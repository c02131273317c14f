"""The slow twin of the evaluator: every feature again, in plain Python, from the rules of time.

For each application it lists the entity's rows, keeps what was readable at `as_of`, takes the
newest version of each event, applies the window, hides values not known yet, and summarises what
is left from scratch. It shares no step with the kernel: no sorting once for all, no visibility
spans, no walk that serves several windows, no 128-bit tricks (a Python int has no last bit). Tests
and `solvent check` hold the fast evaluator to it, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from solvent.features.aggregates import Aggregate, Feature, Op, Own, Ratio
from solvent.features.columns import ColumnType
from solvent.features.expressions import Expression, Type
from solvent.features.rows import NULL, ApplicationRows, EntityRows, Values, known_name
from solvent.features.tables import AS_OF, Applications, Attributes, Events
from solvent.features.twin_values import Cell, age, value_of, whole

Value = float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of a source as it was read.

    Args:
        time: Event time or valid from, UTC microseconds.
        available: Time from which the row could be read, UTC microseconds.
        id: Names the event within its entity; None where it has no name.
        cells: Cells by column name.
    """

    time: int
    available: int
    id: Cell
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One application as it looks at its sources.

    Args:
        as_of: UTC microseconds.
        own: The application's cells, those not known yet None.
        events: By source name: the events known, oldest first, with values not known yet None.
    """

    as_of: int
    own: dict[str, Cell]
    events: Mapping[str, list[Event]]


def evaluate_slowly(
    applications_table: Applications,
    sources: Sequence[Events | Attributes],
    features: Sequence[Feature],
    applications: ApplicationRows,
    rows: Mapping[str, EntityRows],
) -> list[dict[str, Value]]:
    """Compute every feature of every application the slow, obvious way.

    Args:
        applications_table: The application table.
        sources: The declared sources.
        features: The features.
        applications: The applications, n of them.
        rows: Rows of each source, by source name, in any order within an entity.

    Returns:
        One dict per application: feature name -> number, level of a category, or None for null.
    """
    read = {source.name: columns_read(source, features) for source in sources}
    answers = []
    for index, as_of in enumerate(applications.as_of.tolist()):
        entity = int(applications.entity[index])
        moment = Moment(
            as_of=as_of,
            own=_own_cells(applications_table, applications, index, as_of),
            events={
                source.name: known_events(source, rows[source.name], entity, names, as_of)
                for source in sources
                if (names := read[source.name]) is not None
            },
        )
        answers.append({feature.name: _value(feature, sources, moment) for feature in features})
    return answers


# ----------------------------------------------------------------------------- which rows are known


def columns_read(
    source: Events | Attributes, features: Sequence[Feature]
) -> tuple[str, ...] | None:
    """Return the declared columns features read of a source; None where no feature reads it.

    They settle ties and make up an event's body. Columns known from the start come first: what is
    not known yet must not decide which of two rows is the newer one.
    """
    aggregates = [part for part in _aggregates(features) if part.table == source.name]
    if not aggregates:
        return None
    names: set[str] = set()
    for aggregate in aggregates:
        for part in (aggregate.value, aggregate.where):
            names |= set() if part is None else {column.name for column in part.columns()}
    late = {source.columns[name].known_at for name in names & set(source.columns)}
    names |= {name for name in late if name is not None}
    names.discard(source.time_column or "")
    declared = [name for name in source.columns if name in names]
    return tuple(sorted(declared, key=lambda name: source.columns[name].known_at is not None))


def _aggregates(features: Sequence[Feature]) -> Iterator[Aggregate]:
    for feature in features:
        if isinstance(feature, Ratio):
            yield from _aggregates((feature.top, feature.bottom))
        elif isinstance(feature, Aggregate):
            yield feature


def known_events(
    source: Events | Attributes,
    rows: EntityRows,
    entity: int,
    read: tuple[str, ...],
    as_of: int,
) -> list[Event]:
    """Return an entity's events as they were known at `as_of`, oldest first.

    Args:
        source: The source.
        rows: Its rows.
        entity: Index of the entity.
        read: Columns that settle ties and make up an event's body, in that order.
        as_of: UTC microseconds.
    """
    start, end = int(rows.starts[entity]), int(rows.starts[entity + 1])
    events = [_event(source, rows, i) for i in range(start, end)]
    events = [event for event in events if event.available <= as_of]
    newest = [version for group in _by_id(events) for version in _newest(group, read)]
    newest.sort(key=lambda event: _place(event, read))
    return [_hide(source.columns, event, as_of) for event in newest]


def _event(source: Events | Attributes, rows: EntityRows, i: int) -> Event:
    time = int(rows.time[i])
    cells = {name: _cell(values, i) for name, values in rows.columns.items()}
    if source.time_column is not None:
        cells[source.time_column] = time
    identity = None if rows.id is None else _cell(rows.id, i)
    return Event(time=time, available=int(rows.available[i]), id=identity, cells=cells)


def _cell(values: Values, i: int) -> Cell:
    raw: int | float = values.array[i].item()
    if raw == NULL or raw != raw:  # noqa: PLR0124  # only NaN differs from itself
        return None
    return values.levels[int(raw)] if values.levels else raw


def _by_id(events: list[Event]) -> Iterator[list[Event]]:
    """Yield the rows of each event: those of one id; a row without an id is an event of its own."""
    named: dict[Cell, list[Event]] = {}
    for event in events:
        if event.id is None:
            yield [event]
        else:
            named.setdefault(event.id, []).append(event)
    yield from named.values()


def _newest(group: list[Event], names: tuple[str, ...]) -> Iterator[Event]:
    """Yield the version known last; a repeated body is known from its first row on."""
    group = sorted(group, key=lambda event: (event.available, event.time, _body(event, names)))
    version = group[0]
    for before, event in pairwise(group):
        if (before.time, _body(before, names)) != (event.time, _body(event, names)):
            version = event
    yield version


def _place(event: Event, names: tuple[str, ...]) -> tuple[object, ...]:
    return (event.time, event.available, _rank(event.id), _body(event, names))


def _body(event: Event, names: tuple[str, ...]) -> tuple[tuple[bool, Cell], ...]:
    return tuple(_rank(event.cells[name]) for name in names)


def _rank(cell: Cell) -> tuple[bool, Cell]:
    """Order cells with null among them: first, whatever the column holds."""
    return (cell is not None, 0 if cell is None else cell)


def _hide(columns: Mapping[str, ColumnType], event: Event, as_of: int) -> Event:
    cells = _known_cells(columns, event.cells, as_of)
    return Event(time=event.time, available=event.available, id=event.id, cells=cells)


def _known_cells(
    columns: Mapping[str, ColumnType], cells: dict[str, Cell], as_of: int
) -> dict[str, Cell]:
    """Return the cells with those whose `known_at` is null or after `as_of` turned to None."""
    seen = dict(cells)
    for name, cell in cells.items():
        late = columns[name].known_at if name in columns else None
        if late is not None:
            moment = cells.get(known_name(late), cells[late])
            seen[name] = cell if isinstance(moment, int) and moment <= as_of else None
    return seen


def _own_cells(
    table: Applications, applications: ApplicationRows, index: int, as_of: int
) -> dict[str, Cell]:
    cells = {name: _cell(values, index) for name, values in applications.columns.items()}
    return {AS_OF: as_of, **_known_cells(table.columns, cells, as_of)}


# ------------------------------------------------------------------------------ what they add up to


def _value(feature: Feature, sources: Sequence[Events | Attributes], moment: Moment) -> Value:
    if isinstance(feature, Own):
        return _shown(feature.value, value_of(feature.value, moment.own), moment.as_of)
    if isinstance(feature, Ratio):
        return _divide(
            _value(feature.top, sources, moment), _value(feature.bottom, sources, moment)
        )
    if isinstance(feature, Aggregate):
        source = next(source for source in sources if source.name == feature.table)
        return _summary(feature, _counted(feature, source, moment), moment.as_of)
    raise TypeError(f"{type(feature).__name__} is no feature")


def _divide(top: Value, bottom: Value) -> Value:
    if not isinstance(top, float) or not isinstance(bottom, float) or bottom == 0:
        return None
    return _finite(top / bottom)


def _counted(feature: Aggregate, source: Events | Attributes, moment: Moment) -> list[Event]:
    """Return the events inside the feature's window, newest first, that its condition lets in."""
    inclusive = isinstance(source, Attributes)
    inside = []
    for event in reversed(moment.events[source.name]):
        if event.time > moment.as_of or (event.time == moment.as_of and not inclusive):
            continue
        if event.time < moment.as_of - feature.over.length:
            continue
        asked = feature.where is not None and feature.op is not Op.SHARE
        if not asked or value_of(_required(feature.where), event.cells) is True:
            inside.append(event)
    return inside


def _summary(feature: Aggregate, events: list[Event], as_of: int) -> Value:
    if feature.op is Op.COUNT:
        return float(len(events))
    if feature.op in {Op.SINCE_LAST, Op.SINCE_FIRST}:
        return _recency(feature.op, events, as_of)
    if feature.op is Op.SHARE:
        asked = [value_of(_required(feature.where), event.cells) for event in events]
        known = [truth for truth in asked if truth is not None]
        return float(known.count(True)) / float(len(known)) if known else None
    value = _required(feature.value)
    cells = [value_of(value, event.cells) for event in events]
    if feature.op is Op.ATTRIBUTE:
        return _shown(value, cells[0], as_of) if cells else None
    known_cells = [cell for cell in cells if cell is not None]
    if feature.op is Op.LAST:
        return _shown(value, known_cells[0], as_of) if known_cells else None
    if feature.op is Op.DISTINCT:
        return float(len(set(known_cells)))
    if value.type is Type.FLOAT:
        return _of_floats(feature.op, [whole(cell, 0) for cell in known_cells])
    return _of_integers(feature.op, [_integer(cell) for cell in known_cells], 10.0**value.scale)


def _recency(op: Op, events: list[Event], as_of: int) -> Value:
    if not events:
        return None
    return age(events[0 if op is Op.SINCE_LAST else -1].time, as_of)


def _shown(value: Expression, cell: Cell, as_of: int) -> Value:
    """Return a cell as a feature shows it: days for a time, whole units for money, 1 for yes."""
    if cell is None or isinstance(cell, str):
        return cell
    return age(cell, as_of) if value.type is Type.TIME else whole(cell, value.scale)


def _of_integers(op: Op, values: list[int], divisor: float) -> Value:
    """Exact: Python's integers all the way, one rounding to float64, then the declared formula."""
    n = len(values)
    if op is Op.SUM:
        return float(sum(values)) / divisor
    if n == 0 or (op is Op.STD and n == 1):
        return None
    if op is Op.MEAN:
        return float(sum(values)) / float(n) / divisor
    if op is Op.STD:
        numerator = n * sum(x * x for x in values) - sum(values) ** 2
        return math.sqrt(float(numerator) / (float(n) * (float(n) - 1.0))) / divisor
    return float(min(values) if op is Op.MIN else max(values)) / divisor


def _of_floats(op: Op, values: list[float]) -> Value:
    """Rounded at every step, newest first, by the declared recurrence."""
    n, total, average, spread = 0.0, 0.0, 0.0, 0.0
    for x in values:
        n += 1.0
        total += x
        gap = x - average
        average += gap / n
        spread += gap * (x - average)
    if op is Op.SUM:
        return _finite(total)
    if n == 0 or (op is Op.STD and n == 1):
        return None
    if op is Op.MEAN:
        return _finite(total / n)
    if op is Op.STD:
        return _finite(math.sqrt(spread / (n - 1.0)))
    return min(values) if op is Op.MIN else max(values)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _integer(cell: Cell) -> int:
    if isinstance(cell, int):
        return int(cell)
    raise TypeError(f"{type(cell).__name__} is no whole number")


def _required(expression: Expression | None) -> Expression:
    if expression is None:
        raise TypeError("this feature lacks its expression")
    return expression
