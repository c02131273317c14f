"""An explanation as sheets of words: for each aggregate the rows that counted, and the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solvent.app.explain import Explained
from solvent.features import Aggregate, Attributes, Column, Events, Expression, Op, Own
from solvent.features.explain import ExplainedRow, Explanation, Why
from solvent.features.expressions import Literal
from solvent.features.tables import AS_OF
from solvent.features.twin import Value
from solvent.features.written import (
    NOTHING,
    write_cell,
    write_computed,
    write_moment,
    write_value,
)

_SINCE = {
    Why.LATE: "it could be read from {}", Why.REPLACED: "of {}", Why.HIDDEN: "it was from {}",
    Why.UNSURE: "it was from {}",
}  # fmt: skip
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The rows of one source behind one aggregate.

    Args:
        part: The aggregate, explained.
        headings: Of the columns that tell a row.
        figures: Of the columns that add up, beside counted rows.
        counted: Rows that counted, newest first: a cell for each heading and figure.
        others: Rows that did not: a cell for each heading, then the reason.
        reasons: How many rows each reason holds back, most first.
    """

    part: Explanation
    headings: Words
    figures: Words
    counted: tuple[Words, ...]
    others: tuple[Words, ...]
    reasons: tuple[tuple[str, int], ...]


def sheets(explained: Explained) -> tuple[Sheet, ...]:
    """Return a sheet for each aggregate a value is made of."""
    return tuple(_sheet(part, explained) for part in leaves(explained.explanation))


def leaves(told: Explanation) -> tuple[Explanation, ...]:
    """Return the aggregates and own values an explanation ends in; one read twice comes once.

    What lies below the rows of one follows it.
    """
    if not told.parts:
        return (told, *(leaf for part in told.below for leaf in leaves(part)))
    every = (leaf for part in told.parts for leaf in leaves(part))
    return tuple({(leaf.feature.name, leaf.above): leaf for leaf in every}.values())


def facts(told: Explanation, explained: Explained) -> tuple[tuple[str, str], ...]:
    """Return what is to be known of one value before its rows: (word, fact).

    Args:
        told: The value, or a part of it.
        explained: What it is of.
    """
    found = [("value", written(told)), ("rule", told.feature.describe())]
    feature = told.feature
    if isinstance(feature, Aggregate):
        found += _window(told, feature, explained)
        if feature.where is not None:
            found.append(("condition", feature.where.words))
    if isinstance(feature, Own):
        found += _own(told, explained)
    if told.steps:
        found.append(
            ("adds up", f"{told.steps} = {written(told)}" if _is_open(told) else told.steps)
        )
    return tuple(found)


def instant_words(explained: Explained) -> str:
    """Return the application's instant on its own clock, and in UTC where that is another."""
    if not explained.has_times:
        return "none: these applications have no times"
    return _both(explained.as_of, explained.table.zone or "UTC")


def written(told: Explanation) -> str:
    """Return a value with its unit; a dash where it is not known.

    A dash stands for no value, never for 0.
    """
    unit = told.feature.unit
    return f"{write_value(told.value)} {unit}" if unit and told.value is not None else _bare(told)


def _bare(told: Explanation) -> str:
    value: Value = told.value
    return "not known" if value is None else write_value(value)


def _is_open(told: Explanation) -> bool:
    """Return True where the last step does not end in the value yet."""
    op = told.feature.op if isinstance(told.feature, Aggregate) else None
    return op in {None, Op.MEAN, Op.STD, Op.SHARE} and told.value is not None


def _both(time: int, zone: str) -> str:
    local, utc = write_moment(time, zone, away=False), write_moment(time, "UTC", away=False)
    return utc if zone == "UTC" else f"{local} ({zone}), {utc} (UTC)"


def _window(told: Explanation, feature: Aggregate, explained: Explained) -> list[tuple[str, str]]:
    source = explained.sources[feature.table]
    away, zone = explained.counts_from_application(source.name), explained.zone(source.name)
    until = "the application" if away else _both(explained.as_of, zone)
    if isinstance(source, Attributes):
        return [("until", f"valid from {until} or earlier: the newest such row")]
    opens = "at any time"
    if told.opens is not None:
        opens = write_moment(told.opens, zone, away=True) if away else _both(told.opens, zone)
        opens += " or later"
    return [("from", opens), ("until", f"before {until}, and known by then")]


def _own(told: Explanation, explained: Explained) -> list[tuple[str, str]]:
    zone, cells, late = explained.table.zone or "UTC", told.own or {}, told.waiting or {}
    away = not explained.has_times
    found = []
    for name in told.columns:
        declared = explained.table.columns[name]
        words = _cell(write_cell(cells[name], declared, zone, away=away), late, name, zone, away)
        found.append((f"column {name}", words))
    feature = told.feature
    if isinstance(feature, Own) and any(c.name == AS_OF for c in feature.value.columns()):
        found.append(("instant", instant_words(explained)))
    return found


def _cell(text: str, waiting: Mapping[str, int | None], name: str, zone: str, away: bool) -> str:
    if name not in waiting:
        return text
    since = waiting[name]
    if since is None:
        return f"{NOTHING} (never known)"
    return f"{NOTHING} (known from {_clock(since, zone, away)})"


def _clock(time: int, zone: str, away: bool) -> str:
    """Return a time without the offset that its column's heading tells."""
    text = write_moment(time, zone, away=away)
    return text.removesuffix("+00:00") if zone == "UTC" else text


# ---------------------------------------------------------------------------------------- one sheet


def _sheet(part: Explanation, explained: Explained) -> Sheet:
    feature = part.feature
    if not isinstance(feature, Aggregate):
        return Sheet(part=part, headings=(), figures=(), counted=(), others=(), reasons=())
    shape = _Shape(part, feature, explained)
    counted = [shape.cells(row) for row in part.counted]
    grown = [figure.cells for figure in part.figures]
    reasons = Counter(row.why.value for row in part.others if row.why is not None)
    return Sheet(
        part=part, headings=shape.headings, figures=tuple(f.title for f in part.figures),
        counted=tuple(
            (*cells, *(column[i] for column in grown)) for i, cells in enumerate(counted)
        ),
        others=tuple((*shape.cells(row), shape.reason(row)) for row in part.others),
        reasons=tuple(reasons.most_common()),
    )  # fmt: skip


class _Shape:
    """Which columns tell the rows of one sheet, and how their cells are written."""

    def __init__(self, part: Explanation, feature: Aggregate, explained: Explained) -> None:
        self._source = explained.sources[feature.table]
        self._feature, self._columns = feature, part.columns
        self._zone = explained.zone(feature.table)
        self._away = explained.counts_from_application(feature.table)
        self._late = any(row.available != row.time for row in part.rows)
        self._named = isinstance(self._source, Events) and self._source.id is not None
        self._value = _extra(feature.value)
        self._asks = feature.op is Op.SHARE

    @property
    def headings(self) -> Words:
        """The columns' headings."""
        clock = "from the application" if self._away else self._zone
        first = "valid from" if isinstance(self._source, Attributes) else "time"
        heads = [f"{first} ({clock})"]
        heads += ["could be read from"] if self._late else []
        heads += ["id"] if self._named else []
        heads += [self._title(name) for name in self._columns]
        heads += [self._value.words] if self._value is not None else []
        return (*heads, "answer") if self._asks else tuple(heads)

    def cells(self, row: ExplainedRow) -> Words:
        """One row's cells; blank where nothing of it was known."""
        found = [_clock(row.time, self._zone, self._away)]
        found += [_clock(row.available, self._zone, self._away)] if self._late else []
        found += [str(row.id) if row.id is not None else NOTHING] if self._named else []
        found += [self._cell(row, name) for name in self._columns]
        if self._value is not None:
            found.append(self._computed(row, self._value) if row.cells else "")
        if self._asks:
            answers = {True: "yes", False: "no", None: "not known"}
            found.append(answers[row.condition] if row.cells else "")
        return tuple(found)

    def reason(self, row: ExplainedRow) -> str:
        """Why a row does not count, with the instant that goes with it."""
        if row.why is None:
            return ""
        if row.since is None or row.why not in _SINCE:
            return row.why.value
        when = _SINCE[row.why].format(_clock(row.since, self._zone, self._away))
        return f"{row.why.value}: {when}"

    def _title(self, name: str) -> str:
        declared = self._source.columns[name]
        words = declared.title or name.replace("_", " ")
        return f"{words} ({declared.unit})" if declared.unit else words

    def _cell(self, row: ExplainedRow, name: str) -> str:
        if name not in row.cells:
            return ""
        declared = self._source.columns[name]
        text = write_cell(row.cells[name], declared, self._zone, away=self._away)
        if declared.kind.is_time and self._zone == "UTC":
            text = text.removesuffix("+00:00")
        return _cell(text, row.waiting, name, self._zone, self._away)

    def _computed(self, row: ExplainedRow, expression: Expression) -> str:
        return write_computed(row.value, expression, self._zone, away=self._away)


def _extra(value: Expression | None) -> Expression | None:
    """Return the row expression where its value is none of the columns shown already."""
    return None if value is None or isinstance(value, Column | Literal) else value


def shown(rows: Sequence[Words], most: int) -> tuple[Sequence[Words], int]:
    """Return at most so many rows, and how many more there are."""
    return rows[:most], max(0, len(rows) - most)
