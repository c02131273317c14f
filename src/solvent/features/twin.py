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
from dataclasses import dataclass, replace
from itertools import pairwise

from solvent.features.aggregates import ROW_OPS, Aggregate, Feature, Op, Own, with_parts
from solvent.features.columns import ColumnType
from solvent.features.combinations import Difference, Ratio, ZScore
from solvent.features.detail import Detail
from solvent.features.expressions import Expression, Type
from solvent.features.rows import NULL, ApplicationRows, EntityRows, Values, known_name
from solvent.features.tables import AS_OF, Applications, Attributes, Events
from solvent.features.twin_sequences import (
    commonest,
    entropy_of,
    gap_of,
    longest_run,
    longest_steps,
    quantile_of,
    slope,
)
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
        number: Its entity in the tables below.
    """

    time: int
    available: int
    id: Cell
    cells: dict[str, Cell]
    number: int = 0


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
    beside: Sequence[Feature] = (),
) -> list[dict[str, Value]]:
    """Compute every feature of every application the slow, obvious way.

    Args:
        applications_table: The application table.
        sources: The declared sources.
        features: The features.
        applications: The applications, n of them.
        rows: Rows of each source, by source name, in any order within an entity.
        beside: Further features computed together with them: what they read settles ties too.

    Returns:
        One dict per application: feature name -> number, level of a category, or None for null.
    """
    asked = Asked(sources=sources, features=features, rows=rows, beside=beside)
    answers = []
    for index, as_of in enumerate(applications.as_of.tolist()):
        moment = asked.moment(
            int(applications.entity[index]), as_of,
            own_cells(applications_table, applications, index, as_of),
        )  # fmt: skip
        answers.append({feature.name: _value(feature, sources, moment) for feature in features})
    return answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Features of entities of one kind: customers, or the rows of a table.

    Args:
        sources: All sources.
        features: What is asked of each entity.
        rows: Rows of each source.
        beside: Features computed along: what they read settles ties and corrections.
    """

    sources: Sequence[Events | Attributes]
    features: Sequence[Feature]
    rows: Mapping[str, EntityRows]
    beside: Sequence[Feature] = ()

    def moment(self, entity: int, as_of: int, own: dict[str, Cell]) -> Moment:
        """Return what an entity's sources look like at an instant."""
        events = {}
        for source in self.sources:
            names = columns_read(source, (*self.features, *self.beside))
            if names is not None and columns_read(source, self.features) is not None:
                known = known_events(source, self.rows[source.name], entity, names, as_of)
                events[source.name] = [self.told(source, event, as_of) for event in known]
        return Moment(as_of=as_of, own=own, events=events)

    def told(self, source: Events | Attributes, event: Event, as_of: int) -> Event:
        """Return an event with what the rows below it add up to, known at the same instant."""
        below = details_read(source.name, self.features)
        if not below:
            return event
        beside = [detail.feature for detail in details_read(source.name, self.beside)]
        asked = replace(self, features=[detail.feature for detail in below], beside=beside)
        moment = asked.moment(event.number, as_of, {})
        cells = {d.column: _value(d.feature, self.sources, moment) for d in below}
        return replace(event, cells=event.cells | cells)


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
        for part in aggregate.expressions:
            names |= {column.name for column in part.columns()}
    late = {source.columns[name].known_at for name in names & set(source.columns)}
    names |= {name for name in late if name is not None}
    names.discard(source.time_column or "")
    declared = [name for name in source.columns if name in names]
    return tuple(sorted(declared, key=lambda name: source.columns[name].known_at is not None))


def details_read(table: str, features: Sequence[Feature]) -> list[Detail]:
    """Return what features of a table read of the tables below it."""
    return [
        detail
        for aggregate in _aggregates(features)
        if aggregate.table == table
        for expression in aggregate.expressions
        for detail in expression.details()
    ]


def _aggregates(features: Sequence[Feature]) -> Iterator[Aggregate]:
    for feature in with_parts(features):
        if isinstance(feature, Aggregate):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one row at an instant.

    Args:
        place: Its place among the rows it came with.
        row: The row as it was read.
        seen: The row as known then; None where it was not available yet.
        version: The row that was the version of its event then, perhaps this one; None likewise.
        same: True where the row says the same as that version.
    """

    place: int
    row: Event
    seen: Event | None = None
    version: Event | None = None
    same: bool = False


def fates(
    source: Events | Attributes, rows: EntityRows, read: tuple[str, ...], as_of: int
) -> list[Fate]:
    """Return what became at `as_of` of every row of the one entity `rows` hold, oldest first.

    Args:
        source: The source.
        rows: Its rows of one entity.
        read: Columns that settle ties and make up an event's body, in that order.
        as_of: UTC microseconds.
    """
    events = [_event(source, rows, i) for i in range(len(rows))]
    places = {id(event): place for place, event in enumerate(events)}
    found = [Fate(place=places[id(e)], row=e) for e in events if e.available > as_of]
    for group in _by_id([event for event in events if event.available <= as_of]):
        for version in _newest(group, read):
            said = (version.time, _body(version, read))
            found += [
                Fate(
                    place=places[id(event)], row=event, seen=_hide(source.columns, event, as_of),
                    version=version, same=(event.time, _body(event, read)) == said,
                )
                for event in group
            ]  # fmt: skip
    return sorted(found, key=lambda fate: _place(fate.row, read))


def _event(source: Events | Attributes, rows: EntityRows, i: int) -> Event:
    time = int(rows.time[i])
    cells = read_cells(rows.columns, i)
    if source.time_column is not None:
        cells[source.time_column] = time
    identity = None if rows.id is None else _cell(rows.id, i)
    number = i if rows.number is None else int(rows.number[i])
    return Event(
        time=time, available=int(rows.available[i]), id=identity, cells=cells, number=number
    )


def read_cells(columns: Mapping[str, Values], i: int) -> dict[str, Cell]:
    """Return the cells of one row, as they were read."""
    return {name: _cell(values, i) for name, values in columns.items()}


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
    return replace(event, cells=_known_cells(columns, event.cells, as_of))


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


def own_cells(
    table: Applications, applications: ApplicationRows, index: int, as_of: int
) -> dict[str, Cell]:
    """Return the cells of one application as known at `as_of`, with the instant itself."""
    cells = read_cells(applications.columns, index)
    return {AS_OF: as_of, **_known_cells(table.columns, cells, as_of)}


# ------------------------------------------------------------------------------ what they add up to


def _value(feature: Feature, sources: Sequence[Events | Attributes], moment: Moment) -> Value:
    if isinstance(feature, Own):
        return _shown(feature.value, value_of(feature.value, moment.own), moment.as_of)
    if isinstance(feature, Aggregate):
        source = next(source for source in sources if source.name == feature.table)
        return _summary(feature, counted_events(feature, source, moment), moment.as_of)
    return _combined(feature, [_value(part, sources, moment) for part in feature.parts])


def _combined(feature: Feature, parts: list[Value]) -> Value:
    numbers = [part for part in parts if isinstance(part, float)]
    if len(numbers) < len(parts):
        return None
    if isinstance(feature, Ratio):
        return _divide(numbers[0], numbers[1])
    if isinstance(feature, Difference):
        return _finite(numbers[0] - numbers[1])
    if isinstance(feature, ZScore):
        return _divide(numbers[0] - numbers[1], numbers[2])
    raise TypeError(f"{type(feature).__name__} is no feature")


def _divide(top: float, bottom: float) -> Value:
    return None if bottom == 0 else _finite(top / bottom)


def counted_events(feature: Aggregate, source: Events | Attributes, moment: Moment) -> list[Event]:
    """Return the events inside the feature's window, newest first, that its condition lets in."""
    inclusive = isinstance(source, Attributes)
    inside = []
    for event in reversed(moment.events[source.name]):
        if event.time > moment.as_of or (event.time == moment.as_of and not inclusive):
            continue
        if event.time < moment.as_of - feature.over.length:
            continue
        if _meets(feature, event):
            inside.append(event)
    return inside[: feature.newest] if feature.newest else inside


def _meets(feature: Aggregate, event: Event) -> bool:
    """Tell whether an event meets the condition; of a share, whether the answer is known."""
    if feature.where is None:
        return True
    answer = value_of(feature.where, event.cells)
    return answer is not None if feature.op is Op.SHARE else answer is True


def _summary(feature: Aggregate, events: list[Event], as_of: int) -> Value:
    if feature.op is Op.COUNT:
        return float(len(events))
    if feature.op in ROW_OPS:
        return _of_times(feature, [event.time for event in events], as_of)
    if feature.op is Op.SHARE:
        asked = [value_of(_required(feature.where), event.cells) for event in events]
        return float(asked.count(True)) / float(len(asked)) if asked else None
    value = _required(feature.value)
    cells = [value_of(value, event.cells) for event in events]
    if feature.op is Op.ATTRIBUTE:
        return _shown(value, cells[0], as_of) if cells else None
    known = [(cell, event.time) for cell, event in zip(cells, events, strict=True)
             if cell is not None]  # fmt: skip
    if feature.op is Op.TREND:
        return slope([(age(time, as_of), whole(cell, value.scale)) for cell, time in known])
    return _of_cells(feature, [cell for cell, _ in known], as_of)


def _of_cells(feature: Aggregate, cells: list[str | int | float | bool], as_of: int) -> Value:
    """Return what known cells, newest first, add up to."""
    value, op = _required(feature.value), feature.op
    if op in {Op.FIRST, Op.LAST}:
        return _shown(value, cells[-1 if op is Op.FIRST else 0], as_of) if cells else None
    if op is Op.MOST_COMMON:
        return _shown(value, commonest(cells), as_of) if cells else None
    if op is Op.DISTINCT:
        return float(len(set(cells)))
    if op is Op.ENTROPY:
        return entropy_of(cells)
    if op is Op.STREAK:
        return longest_run(cells)
    if op is Op.ACTIVE_STREAK:
        return longest_steps([_integer(cell) for cell in cells])
    if value.type is Type.FLOAT:
        floats = [whole(cell, 0) for cell in cells]
        if op is Op.QUANTILE:
            return quantile_of(floats, feature.quantile, 1.0)
        return _of_floats(op, floats)
    integers, divisor = [_integer(cell) for cell in cells], 10.0**value.scale
    if op is Op.QUANTILE:
        return quantile_of([float(x) for x in integers], feature.quantile, divisor)
    return _of_integers(op, integers, divisor)


def _of_times(feature: Aggregate, times: list[int], as_of: int) -> Value:
    """Return what rows' times, newest first, add up to."""
    if feature.op is Op.SINCE_LAST:
        return age(times[0], as_of) if times else None
    if feature.op is Op.SINCE_FIRST:
        return age(times[-1], as_of) if times else None
    gaps = [later - earlier for later, earlier in pairwise(times)]
    if feature.op is Op.SESSIONS:
        return float(bool(times)) + float(sum(gap > feature.gap for gap in gaps))
    return gap_of(feature.op, gaps)


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
