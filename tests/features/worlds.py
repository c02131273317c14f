"""Small worlds for the laws: a lender's tables with everything that goes wrong in real logs.

A world is plain Python (rows are dicts, text is text, null is None). `encode` turns it into the
arrays a feeder would hand over, under any numbering of labels and any order of rows within an
entity, so that a law can ask whether either matters.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from solvent.features import (
    DAY,
    HOUR,
    NULL,
    ApplicationRows,
    Applications,
    Attributes,
    CategoryColumn,
    EntityRows,
    Events,
    Feature,
    FeatureFrame,
    Kind,
    Table,
    Values,
    category,
    date,
    flag,
    instant,
    integer,
    money,
    number,
)
from solvent.features.evaluate import evaluate
from solvent.features.program import compile_features
from solvent.features.rows import MAX_EXACT
from solvent.features.twin import evaluate_slowly

Cell = int | float | str | bool | None
Answers = list[dict[str, bytes | str | None]]

LEVELS = ("app", "web", "Ångström", "", "shop")
LOG = Events(
    name="log", files="log.csv", key="customer", at="at", available="seen", id="event",
    columns={
        "amount": money("BRL"), "fee": money("BRL", scale=3), "units": integer(known_at="settled"),
        "score": number(), "rate": number(known_at="closed"),
        "channel": category(levels=LEVELS[:2]), "reason": category(known_at="closed"),
        "ok": flag(), "good": flag(known_at="paid"), "due": date(), "closed": instant(),
        "settled": instant(known_at="settled"), "paid": instant(known_at="paid"),
    },
)  # fmt: skip
FACTS = Attributes(
    name="facts", files="facts.csv", key="customer", valid_from="since", available="seen",
    columns={
        "income": money("BRL"), "height": number(), "city": category(), "member": flag(),
        "born": date(), "left": instant(known_at="left"), "cause": category(known_at="left"),
    },
)  # fmt: skip
APPLICATIONS = Applications(
    name="applications", files="applications.csv", key="customer", id="application", as_of="asked",
    columns={
        "amount": money("BRL"), "age": integer(), "ratio": number(), "channel": category(),
        "new": flag(), "birth": date(), "answered": instant(),
        "answer": category(known_at="answered"), "points": integer(known_at="answered"),
    },
)  # fmt: skip
STEPS = Events(
    name="steps", files="steps.csv", key="event", at="at", available="seen", parent="log",
    columns={
        "effort": integer(), "pace": number(known_at="done"), "kind": category(levels=LEVELS[:2]),
        "done": instant(known_at="done"),
    },
)  # fmt: skip
SOURCES = (LOG, FACTS, STEPS)

# Near changes of clock in the zones of ZONES, before 1970 and on a plain day.
BASES = (
    1_711_846_800_000_000,  # Europe/Madrid, 2024-03-31 01:00 UTC
    1_712_415_600_000_000,  # Australia/Lord_Howe, 2024-04-06 15:00 UTC, half an hour
    1_541_300_400_000_000,  # America/Sao_Paulo, 2018-11-04 03:00 UTC, midnight does not exist
    1_710_036_000_000_000,  # Africa/Casablanca, 2024-03-10 02:00 UTC, Ramadan
    -86_400_000_000 * 400,
    1_600_000_000_000_000,
)
ZONES = (
    "UTC", "Europe/Madrid", "Africa/Casablanca", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Asia/Kathmandu",
)  # fmt: skip
AGOS = (-8 * DAY, -7 * DAY, -DAY, -6 * HOUR, -HOUR, -1, 0, 1, HOUR, 30 * HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a source: an event, or a fact valid from `time`."""

    time: int
    available: int
    id: int | str | None = None
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One application: of which entity, when, with which cells."""

    entity: int
    as_of: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Rows of each source by entity, and the applications."""

    applications: tuple[Asked, ...]
    log: tuple[tuple[Row, ...], ...]
    facts: tuple[tuple[Row, ...], ...]
    steps: tuple[Mapping[Cell, tuple[Row, ...]], ...] = ()
    """What lies below the log: per entity, rows by the id of the event they belong to."""
    has_ids: bool = True
    """False where the log names no event, so that every row counts."""


# ----------------------------------------------------------------------------------------- drawing

_BIG = st.sampled_from((MAX_EXACT, -MAX_EXACT, MAX_EXACT - 1))
_FLOATS = st.sampled_from((0.0, -0.0, 0.1, 1 / 3, -2.5, 1e16, 1e-9)) | st.floats(
    -1e6, 1e6, allow_nan=False
)


def _mostly(cells: st.SearchStrategy[Cell]) -> st.SearchStrategy[Cell]:
    """A cell, and null one time in six."""
    return st.integers(0, 5).flatmap(lambda die: cells if die else st.none())


def _cells(columns: Mapping[str, object], base: int) -> st.SearchStrategy[dict[str, Cell]]:
    times = st.sampled_from(AGOS).map(lambda step: base + step)
    of_kind: dict[Kind, st.SearchStrategy[Cell]] = {
        Kind.MONEY: st.integers(-300, 300) | _BIG,
        Kind.INTEGER: st.integers(-3, 3) | _BIG,
        Kind.NUMBER: _FLOATS,
        Kind.CATEGORY: st.sampled_from(LEVELS),
        Kind.FLAG: st.booleans(),
        Kind.INSTANT: times,
        Kind.DATE: times,
    }
    return st.fixed_dictionaries(
        {name: _mostly(of_kind[column.kind]) for name, column in columns.items()}  # type: ignore[attr-defined]
    )


@st.composite
def _rows(draw: st.DrawFn, table: Table, base: int, ids: Sequence[Cell], most: int) -> list[Row]:
    """Rows of one entity, in any order, with late ones, repeated ones and corrections."""
    rows: list[Row] = []
    gaps = st.sampled_from((0, 0, 0, 0, HOUR, 7 * HOUR, -HOUR))
    for _ in range(draw(st.sampled_from((most, most, most // 2, 1, 0)))):
        copied = draw(st.integers(0, 5)) if rows else 9
        if copied <= 1:  # the same event again, perhaps read later
            again = draw(st.sampled_from(rows))
            rows.append(replace(again, available=again.available + draw(gaps)))
            continue
        time = base + draw(st.sampled_from(AGOS))
        cells = draw(_cells(table.columns, base))
        if copied == 2:  # a tie on the columns most features read
            cells |= {name: rows[-1].cells[name] for name in list(cells)[:4]}
            time = rows[-1].time
        identity = draw(st.sampled_from(ids))
        rows.append(Row(time=time, available=time + draw(gaps), id=identity, cells=cells))
    return rows


@st.composite
def worlds(draw: st.DrawFn, *, entities: int = 3, most: int = 8, applications: int = 4) -> World:
    """A world with `entities` customers, at most `most` rows each, and some applications."""
    base = draw(st.sampled_from(BASES))
    ids = draw(st.sampled_from(((1, 2, 3, 2**62, None), ("a", "b", "B", "ä", None), range(99))))
    steps = st.sampled_from((*AGOS[-4:], *AGOS[-4:], *AGOS))
    asked = [
        Asked(
            entity=draw(st.integers(0, entities - 1)),
            as_of=base + draw(steps),
            cells=draw(_cells(APPLICATIONS.columns, base)),
        )
        for _ in range(applications)
    ]
    log = tuple(tuple(draw(_rows(LOG, base, tuple(ids), most))) for _ in range(entities))
    return World(
        applications=tuple(asked),
        log=log,
        steps=tuple(
            {each: tuple(draw(_rows(STEPS, base, (None,), 3))) for each in _names(rows)}
            for rows in log
        ),
        facts=tuple(tuple(draw(_rows(FACTS, base, (None,), 4))) for _ in range(entities)),
        has_ids=draw(st.booleans()),
    )


def dense_world(seed: int, *, entities: int = 3, rows: int = 25, applications: int = 6) -> World:
    """A world from a seed, fuller than drawn ones: few nulls, and most rows before T."""
    chance = random.Random(seed)  # noqa: S311  # a draw, not a secret
    base = chance.choice(BASES)
    log = tuple(tuple(_dense_rows(LOG, base, rows, chance)) for _ in range(entities))
    return World(
        applications=tuple(
            Asked(
                entity=chance.randrange(entities), as_of=base + chance.choice(AGOS[-5:]),
                cells=_dense_cells(APPLICATIONS, base, chance),
            )
            for _ in range(applications)
        ),
        log=log,
        steps=tuple(
            {each: tuple(_dense_rows(STEPS, base, 6, chance)) for each in _names(some)}
            for some in log
        ),
        facts=tuple(tuple(_dense_rows(FACTS, base, 5, chance)) for _ in range(entities)),
        has_ids=seed % 2 == 0,
    )  # fmt: skip


def _names(rows: Sequence[Row]) -> list[Cell]:
    """The ids of some rows, each once, in their order."""
    return [each for each in dict.fromkeys(row.id for row in rows) if each is not None]


def _dense_rows(table: Table, base: int, most: int, chance: random.Random) -> list[Row]:
    rows: list[Row] = []
    for _ in range(chance.randint(most // 2, most)):
        time = base - chance.randint(-20, 200) * HOUR + chance.choice((0, 0, 1, -1))
        available = time + chance.choice((0, 0, 0, HOUR, DAY))
        identity = chance.randrange(2 * most)
        cells = _dense_cells(table, base, chance)
        if rows and chance.random() < 0.2:  # again, a tie or a correction of one cell
            again, name = chance.choice(rows), chance.choice(list(table.columns))
            cells = {**again.cells, name: chance.choice((cells[name], again.cells[name]))}
            time, identity = again.time, chance.choice((identity, again.id))
        rows.append(Row(time=time, available=available, id=identity, cells=cells))
    return rows


def _dense_cells(table: Table, base: int, chance: random.Random) -> dict[str, Cell]:
    def cell(kind: Kind) -> Cell:
        if chance.random() < 0.1:
            return None
        if kind is Kind.NUMBER:
            return chance.choice((0.0, -0.0, 0.1, chance.uniform(-9, 9), chance.gauss(0, 1e6)))
        if kind is Kind.CATEGORY:
            return chance.choice(LEVELS)
        if kind is Kind.FLAG:
            return chance.random() < 0.5
        if kind.is_time:
            return base + chance.choice(AGOS) - chance.randrange(DAY)
        return chance.choice((chance.randint(-300, 300), chance.randint(-MAX_EXACT, MAX_EXACT)))

    return {name: cell(column.kind) for name, column in table.columns.items()}


# ---------------------------------------------------------------------------------------- encoding


def values_of(cells: Sequence[Cell], levels: Sequence[str] | None, *, is_float: bool) -> Values:
    """One column as a feeder hands it over."""
    if is_float:
        return Values(array=np.array([np.nan if c is None else c for c in cells], np.float64))
    if levels is None:
        return Values(array=np.array([NULL if c is None else int(c) for c in cells], np.int64))
    codes = [NULL if c is None else levels.index(str(c)) for c in cells]
    return Values(array=np.array(codes, np.int64), levels=tuple(levels))


def _column(name: str, table: Table, cells: Sequence[Cell], chance: random.Random) -> Values:
    kind = table.columns[name].kind
    levels = [*LEVELS, "never seen"]
    chance.shuffle(levels)
    return values_of(cells, levels if kind is Kind.CATEGORY else None, is_float=kind is Kind.NUMBER)


def encode_rows(
    table: Table,
    groups: Sequence[Sequence[Row]],
    *,
    has_ids: bool = True,
    seed: int = 0,
    numbers: Mapping[tuple[int, Cell], int] | None = None,
) -> EntityRows:
    """Rows as a feeder hands them over; `seed` shuffles labels' numbers and rows."""
    chance = random.Random(seed)  # noqa: S311  # a shuffle, not a secret
    shuffled = [chance.sample(group, len(group)) for group in groups]
    rows = [row for group in shuffled for row in group]
    number = [
        (numbers or {}).get((entity, row.id), len(numbers or {}))
        for entity, group in enumerate(shuffled)
        for row in group
    ]
    identity = None
    if has_ids and isinstance(table, Events) and table.id is not None:
        ids = [row.id for row in rows]
        names = sorted({each for each in ids if isinstance(each, str)})
        chance.shuffle(names)
        identity = values_of(ids, names or None, is_float=False)
    return EntityRows(
        starts=np.cumsum([0, *map(len, groups)]).astype(np.int64),
        time=np.array([row.time for row in rows], np.int64),
        available=np.array([row.available for row in rows], np.int64),
        id=identity,
        columns={
            name: _column(name, table, [row.cells[name] for row in rows], chance)
            for name in table.columns
        },
        number=None if numbers is None else np.array(number, np.int64),
    )


def encode_applications(
    asked: Sequence[Asked], *, seed: int = 0, table: Applications = APPLICATIONS
) -> ApplicationRows:
    """Applications as a feeder hands them over."""
    chance = random.Random(seed)  # noqa: S311  # a shuffle, not a secret
    return ApplicationRows(
        as_of=np.array([each.as_of for each in asked], np.int64),
        entity=np.array([each.entity for each in asked], np.int64),
        columns={
            name: _column(name, table, [each.cells[name] for each in asked], chance)
            for name in table.columns
        },
    )


def encode(world: World, *, seed: int = 0) -> tuple[ApplicationRows, dict[str, EntityRows]]:
    """The whole world as a feeder hands it over."""
    below = {
        (entity, event): rows
        for entity, steps in enumerate(world.steps if world.has_ids else ())
        for event, rows in steps.items()
    }  # a row without a name has nothing below it
    numbers = {name: number for number, name in enumerate(below)}
    rows = {
        "log": encode_rows(LOG, world.log, has_ids=world.has_ids, seed=seed, numbers=numbers),
        "steps": encode_rows(STEPS, (*below.values(), ()), seed=seed),
        "facts": encode_rows(FACTS, world.facts, seed=seed),
    }
    return encode_applications(world.applications, seed=seed), rows


# --------------------------------------------------------------------------------------- answering


def bits(value: float | str | None) -> bytes | str | None:
    """A value to the last bit; labels and null as they are."""
    return struct.pack("<d", value) if isinstance(value, float) else value


def answers(frame: FeatureFrame) -> Answers:
    """A frame as one dict per application, numbers as their eight bytes."""
    columns = {}
    for column in frame:
        if isinstance(column, CategoryColumn):
            values = [None if c < 0 else column.levels[c] for c in column.codes.tolist()]
        else:
            values = [None if np.isnan(x) else bits(x) for x in column.values.tolist()]
        columns[column.name] = values
    return [{name: columns[name][i] for name in columns} for i in range(len(frame))]


def fast(world: World, features: Sequence[Feature], *, seed: int = 0, threads: int = 1) -> Answers:
    """What the evaluator answers."""
    program = compile_features(APPLICATIONS, SOURCES, features)
    return answers(evaluate(program, *encode(world, seed=seed), threads=threads))


def slow(world: World, features: Sequence[Feature], *, seed: int = 0) -> Answers:
    """What the twin answers."""
    told = evaluate_slowly(APPLICATIONS, SOURCES, features, *encode(world, seed=seed))
    return [{name: bits(value) for name, value in each.items()} for each in told]
