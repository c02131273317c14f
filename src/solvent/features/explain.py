"""The rows behind one value: which of an entity's rows counted, why the others did not.

It stands on the slow twin's own steps, so that what it tells is what the twin computes: the rows
that counted, alone, give the value again; each row that did not count has exactly one reason.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from solvent.features.aggregates import Aggregate, Feature, Op, Own
from solvent.features.columns import ColumnType
from solvent.features.combinations import Difference, Ratio, ZScore
from solvent.features.expressions import Expression
from solvent.features.rows import NULL, ApplicationRows, EntityRows, known_name
from solvent.features.running import Figure, Sum, add_up
from solvent.features.tables import Applications, Attributes, Events
from solvent.features.twin import (
    Asked,
    Event,
    Fate,
    Moment,
    Value,
    columns_read,
    counted_events,
    details_read,
    evaluate_slowly,
    fates,
    own_cells,
    read_cells,
)
from solvent.features.twin_values import Cell, value_of
from solvent.features.windows import FOREVER
from solvent.features.written import write_value

Source = Events | Attributes
_OF_KNOWN = {
    Op.SUM, Op.MEAN, Op.STD, Op.MIN, Op.MAX, Op.QUANTILE, Op.TREND, Op.DISTINCT, Op.ENTROPY,
    Op.MOST_COMMON, Op.FIRST, Op.LAST, Op.STREAK, Op.ACTIVE_STREAK,
}  # fmt: skip
"""Ops that pass over rows without a value."""
_OF_NEWEST = {Op.LAST, Op.SINCE_LAST, Op.ATTRIBUTE}
_OF_OLDEST = {Op.FIRST, Op.SINCE_FIRST}


class Why(StrEnum):
    """Why a row does not count; the first that holds, in this order."""

    AFTER = "at or after the application"
    LATE = "not yet available"
    REPEATED = "repeated"
    REPLACED = "replaced by a correction"
    OUTSIDE = "outside the window"
    REFUSED = "condition not met"
    UNSURE = "condition not known"
    APART = "not taken by the rule"
    HIDDEN = "value not known yet"
    MISSING = "no value"
    PLACE = "no value, but one of the latest rows"
    SUPERSEDED = "a newer row counts"
    PRECEDED = "an older row counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One application with every row of its customer.

    Args:
        table: The application table.
        sources: The declared sources.
        features: Every feature computed together: what they read settles ties and corrections.
        application: The one application; its entity is 0.
        rows: Rows of the one customer, by source; a source that is absent is left out.
    """

    table: Applications
    sources: tuple[Source, ...]
    features: tuple[Feature, ...]
    application: ApplicationRows
    rows: Mapping[str, EntityRows]

    @property
    def as_of(self) -> int:
        """The application's instant, microseconds."""
        return int(self.application.as_of[0])

    def source(self, name: str) -> Source:
        """Return a source by name."""
        return next(source for source in self.sources if source.name == name)

    @property
    def present(self) -> tuple[Source, ...]:
        """The sources whose rows are there."""
        return tuple(source for source in self.sources if source.name in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRow:
    """One row and what became of it.

    Args:
        place: Its place among the customer's rows of the source, as they came.
        time: When it happened, or from when it holds, microseconds.
        available: From when it could be read, microseconds.
        id: Names the event; None where the source names none.
        why: Why it does not count; None where it counts.
        since: The instant that goes with the reason: when it became available, the correction
            came, the value became known; None where there is none.
        cells: The columns read, as known at the application; None where not known. Empty where
            the row could not be read yet: nothing of it was known.
        waiting: Columns whose value was not known yet, with the instant it became known; None:
            never.
        condition: What the feature's condition says; None where not known or not asked.
        value: What the row expression gave.
    """

    place: int
    time: int
    available: int
    id: Cell
    why: Why | None
    since: int | None = None
    cells: Mapping[str, Cell] = field(default_factory=dict)
    waiting: Mapping[str, int | None] = field(default_factory=dict)
    condition: bool | None = None
    value: Cell = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A value with what made it.

    Args:
        feature: The feature.
        value: As the twin computes it.
        parts: Of a feature made of others: theirs.
        columns: Columns read, of the source or of the application.
        rows: Every row of the customer in the source, newest first.
        figures: How the counted rows add up, a cell for each.
        steps: The last step in one line; may be empty.
        opens: Where the window opens, microseconds; None where it has no bound.
        own: Of the application's own values: the columns, as known at the application.
        waiting: Of those, columns not known yet, and from when they are; None: never.
        above: Id of the row that these rows lie below; empty where they are the customer's.
        below: What lies below the rows that counted, in their order.
    """

    feature: Feature
    value: Value
    parts: tuple[Explanation, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[ExplainedRow, ...] = ()
    figures: tuple[Figure, ...] = ()
    steps: str = ""
    opens: int | None = None
    own: Mapping[str, Cell] | None = None
    waiting: Mapping[str, int | None] | None = None
    above: str = ""
    below: tuple[Explanation, ...] = ()

    @property
    def counted(self) -> tuple[ExplainedRow, ...]:
        """The rows that counted, newest first."""
        return tuple(row for row in self.rows if row.why is None)

    @property
    def others(self) -> tuple[ExplainedRow, ...]:
        """The rows that did not count, newest first."""
        return tuple(row for row in self.rows if row.why is not None)


def explain(feature: Feature, case: Case) -> Explanation:
    """Explain one feature's value for one application.

    Args:
        feature: The feature: one of the case's, or a part of one.
        case: The application and its customer's rows.
    """
    value = _value(feature, case, case.rows)
    if isinstance(feature, Aggregate):
        return _explain_aggregate(feature, case, value)
    if isinstance(feature, Own):
        return _explain_own(feature, case, value)
    parts = tuple(explain(part, case) for part in feature.parts)
    steps = ""
    told = [write_value(part.value) for part in parts]
    if isinstance(feature, Ratio):
        steps = " / ".join(told)
    elif isinstance(feature, Difference):
        steps = " − ".join(told)
    elif isinstance(feature, ZScore):
        steps = f"({told[0]} − {told[1]}) / {told[2]}"
    return Explanation(feature=feature, value=value, parts=parts, steps=steps)


def holds_alone(explanation: Explanation, case: Case) -> bool:
    """Return True where the rows that counted, and nothing else, give the value again.

    Args:
        explanation: From `explain`; of a feature made of others each part must hold.
        case: What it was made of.
    """
    if explanation.parts:
        return all(holds_alone(part, case) for part in explanation.parts)
    feature, rows = explanation.feature, dict(case.rows)
    if isinstance(feature, Aggregate):
        counted = {row.place for row in explanation.counted}
        rows[feature.table] = pick(case.rows[feature.table], counted)
    return same(_value(feature, case, rows), explanation.value)


def pick(rows: EntityRows, places: set[int]) -> EntityRows:
    """Return one entity's rows at some places, in their order."""
    at = np.array(sorted(places), np.int64)
    return replace(rows, number=rows.numbers()).take(at, np.array([0, len(at)], np.int64))


def same(a: Value, b: Value) -> bool:
    """Return True where two values are one to the last bit.

    >>> same(0.1, 0.1), same(0.0, -0.0), same(None, None), same(None, 0.0)
    (True, False, True, False)
    """
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("<d", a) == struct.pack("<d", b)
    return type(a) is type(b) and a == b


def _value(feature: Feature, case: Case, rows: Mapping[str, EntityRows]) -> Value:
    present = tuple(source for source in case.sources if source.name in rows)
    (told,) = evaluate_slowly(
        case.table, present, (feature,), case.application, rows, beside=case.features
    )
    return told[feature.name]


# --------------------------------------------------------------------------------- the rows of one


def _explain_aggregate(feature: Aggregate, case: Case, value: Value) -> Explanation:
    source, as_of = case.source(feature.table), case.as_of
    read = columns_read(source, (feature, *case.features)) or ()
    asked = Asked(sources=case.present, features=(feature,), rows=case.rows, beside=case.features)
    found = [
        fate if fate.seen is None else replace(fate, seen=asked.told(source, fate.seen, as_of))
        for fate in fates(source, case.rows[feature.table], read, as_of)
    ]
    known = [fate.seen for fate in found if fate.version is fate.row and fate.seen is not None]
    moment = Moment(as_of=as_of, own={}, events={source.name: known})
    taken = {id(event) for event in counted_events(feature, source, moment)}
    judge = _Judge(feature, source, as_of, taken)
    rows = _pick(feature, [judge.row(fate) for fate in reversed(found)])
    sums = _add_up(feature, [row for row in rows if row.why is None], as_of)
    counted = [row.place for row in rows if row.why is None]
    return Explanation(
        feature=feature, value=value, columns=judge.columns, rows=tuple(rows),
        figures=sums.figures, steps=sums.steps,
        opens=None if feature.over.length == FOREVER else as_of - feature.over.length,
        below=tuple(_explain_below(feature, case, counted)),
    )  # fmt: skip


def _explain_below(feature: Aggregate, case: Case, counted: Sequence[int]) -> Iterator[Explanation]:
    """Yield what the rows below each counted row add up to, and those rows."""
    details = {detail.slug: detail for part in feature.expressions for detail in part.details()}
    held = case.rows[feature.table]
    beside = tuple(detail.feature for detail in details_read(feature.table, case.features))
    for place in counted if details else ():
        number = place if held.number is None else int(held.number[place])
        rows = {
            name: _of_entity(case.rows[name], number) if _is_below(case, name, feature.table)
            else case.rows[name]
            for name in case.rows
        }  # fmt: skip
        inner = replace(case, features=beside, rows=rows)
        for detail in details.values():
            yield _named(explain(detail.feature, inner), _id_of(held, place))


def _named(told: Explanation, above: str) -> Explanation:
    parts = tuple(_named(part, above) for part in told.parts)
    return replace(told, above=above, parts=parts)


def _id_of(rows: EntityRows, place: int) -> str:
    if rows.id is None or rows.id.array[place] == NULL:
        return ""
    code = int(rows.id.array[place])
    return rows.id.levels[code] if rows.id.levels else str(code)


def _is_below(case: Case, name: str, table: str) -> bool:
    source = case.source(name)
    return isinstance(source, Events) and source.parent == table


def _of_entity(rows: EntityRows, entity: int) -> EntityRows:
    """Return the rows of one entity, as if it were the only one."""
    return replace(rows, number=rows.numbers()).of_entities(np.array([entity]))


def _pick(feature: Aggregate, rows: list[ExplainedRow]) -> list[ExplainedRow]:
    """Leave one row counted where a feature takes the newest, or the oldest, alone."""
    counted = [row for row in rows if row.why is None]
    if not counted or feature.op not in _OF_NEWEST | _OF_OLDEST:
        return rows
    oldest = feature.op in _OF_OLDEST
    chosen = counted[-1 if oldest else 0]
    instead = Why.PRECEDED if oldest else Why.SUPERSEDED
    return [
        row if row.why is not None or row is chosen else replace(row, why=instead) for row in rows
    ]


def _add_up(feature: Aggregate, counted: Sequence[ExplainedRow], as_of: int) -> Sum:
    asked = feature.op is Op.SHARE
    cells = [row.condition if asked else row.value for row in counted]
    return add_up(feature, cells, [row.time for row in counted], as_of)


class _Judge:
    """Tells for each row of a source whether it counts, and if not, why.

    Args:
        feature: What is computed.
        source: Of which source.
        as_of: The application's instant.
        taken: Python ids of the events that the twin takes into account.
    """

    def __init__(self, feature: Aggregate, source: Source, as_of: int, taken: set[int]) -> None:
        self._feature, self._source, self._as_of, self._taken = feature, source, as_of, taken
        alone = columns_read(source, (feature,)) or ()
        self.columns = tuple(name for name in source.columns if name in alone)

    def row(self, fate: Fate) -> ExplainedRow:
        """Return one row with its reason."""
        row, seen = fate.row, fate.seen
        why, since = self._why(fate)
        told = ExplainedRow(
            place=fate.place, time=row.time, available=row.available, id=row.id, why=why,
            since=since,
        )  # fmt: skip
        if seen is None:
            return told
        return replace(
            told, cells={name: seen.cells[name] for name in self.columns},
            waiting=waiting(self._source.columns, row.cells, seen.cells, self.columns),
            condition=self._asked(seen), value=_of(self._feature.value, seen),
        )  # fmt: skip

    def _why(self, fate: Fate) -> tuple[Why | None, int | None]:
        row, seen, version = fate.row, fate.seen, fate.version
        after = self._is_after(row)
        if seen is None or version is None:
            return (Why.AFTER, None) if after else (Why.LATE, row.available)
        if version is not row:
            return (Why.REPEATED, None) if fate.same else (Why.REPLACED, version.available)
        if after:
            return Why.AFTER, None
        if row.time < self._as_of - self._feature.over.length:
            return Why.OUTSIDE, None
        return self._by_condition(row, seen)

    def _is_after(self, row: Event) -> bool:
        if isinstance(self._source, Attributes):
            return row.time > self._as_of
        return row.time >= self._as_of

    def _by_condition(self, row: Event, seen: Event) -> tuple[Why | None, int | None]:
        feature = self._feature
        if feature.where is not None:
            answer = self._asked(seen)
            if answer is None:
                return Why.UNSURE, self._since(feature.where, row, seen)
            if answer is False and feature.op is not Op.SHARE:
                return Why.REFUSED, None
        if id(seen) not in self._taken:
            return Why.APART, None
        if feature.op not in _OF_KNOWN or _of(feature.value, seen) is not None:
            return None, None
        since = self._since(feature.value, row, seen)
        if feature.newest:
            return Why.PLACE, since
        return (Why.MISSING if since is None else Why.HIDDEN), since

    def _asked(self, event: Event) -> bool | None:
        answer = _of(self._feature.where, event)
        return answer if isinstance(answer, bool) else None

    def _since(self, expression: Expression | None, row: Event, seen: Event) -> int | None:
        """Return when the last of the columns an expression waits for became known.

        None where it waits for none, or would have no value even then.
        """
        if expression is None or next(expression.details(), None) is not None:
            return None
        if _of(expression, row) is None:
            return None
        names = {column.name: None for column in expression.columns()}
        times = waiting(self._source.columns, row.cells, seen.cells, tuple(names)).values()
        known = [time for time in times if time is not None]
        return max(known) if len(known) == len(times) and known else None


def _of(expression: Expression | None, event: Event) -> Cell:
    return None if expression is None else value_of(expression, event.cells)


def waiting(
    declared: Mapping[str, ColumnType],
    cells: Mapping[str, Cell],
    seen: Mapping[str, Cell],
    names: Sequence[str],
) -> dict[str, int | None]:
    """Return the columns that hold a value nobody knew yet, and when it became known; None: never.

    Args:
        declared: The table's columns.
        cells: A row as it was read.
        seen: The same row as known at the application.
        names: Columns to look at.
    """
    found: dict[str, int | None] = {}
    for name in names:
        late = declared[name].known_at if name in declared else None
        if late is not None and cells[name] is not None and seen[name] is None:
            time = cells.get(known_name(late), cells[late])
            found[name] = time if isinstance(time, int) else None
    return found


# --------------------------------------------------------------------- the application's own values


def _explain_own(feature: Own, case: Case, value: Value) -> Explanation:
    declared = case.table.columns
    read = dict.fromkeys(column.name for column in feature.value.columns())
    names = tuple(name for name in read if name in declared)
    own = own_cells(case.table, case.application, 0, case.as_of)
    raw = read_cells(case.application.columns, 0)
    return Explanation(
        feature=feature, value=value, columns=names, own={name: own[name] for name in names},
        waiting=waiting(declared, raw, own, names),
    )  # fmt: skip
