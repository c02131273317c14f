"""A row that arrives alone is typed as files are, and gives bitwise the features files give."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent.dataset import OpenData, Plan, open_data
from solvent.dataset.build import keyed, read_applications
from solvent.errors import DataError, ZoneError
from solvent.features import (
    DAY,
    ApplicationRows,
    Applications,
    Attributes,
    CategoryColumn,
    ColumnType,
    Events,
    FeatureFrame,
    behaviour,
    category,
    date,
    flag,
    from_json,
    instant,
    integer,
    money,
    number,
    to_json,
)
from solvent.features.evaluate import aggregate, assemble
from solvent.features.live import (
    TypedRow,
    application_columns,
    entity_rows,
    type_columns,
    type_row,
    typing_of,
)
from solvent.features.packed import PackedRows, label_texts, pack, typing_for, unpack
from solvent.features.program import SourceProgram
from solvent.features.rows import ALWAYS, EntityRows, known_name
from solvent.sources import connect, open_table

ZONE = "America/Sao_Paulo"
Raw = dict[str, Any]
LOANS = Applications(
    name="loans", files="loans.csv", id="loan", key="who", as_of="asked_at", zone=ZONE,
    columns={
        "amount": money("BRL"), "town": category(), "born": date(), "closed": date(),
        "rating": number(known_at="closed"), "grade": category(known_at="closed"),
    },
)  # fmt: skip
LOG = Events(
    name="log", files="log.csv", id="event", key="who", at="at", available="seen", zone=ZONE,
    columns={
        "spent": money("BRL"), "units": integer(), "score": number(known_at="settled"),
        "channel": category(levels=("app", "web")), "state": category(known_at="settled"),
        "ok": flag(), "settled": instant(known_at="settled"), "due": date(),
    },
)  # fmt: skip
DAYBOOK = Events(
    name="daybook", files="daybook.csv", key="who", at="day", zone=ZONE,
    columns={"day": date(), "paid": money("BRL"), "note": category()},
)  # fmt: skip
FACTS = Attributes(
    name="facts", files="facts.csv", key="who", valid_from="since", available="told", zone=ZONE,
    columns={"plan": category(), "limit": money("BRL")},
)  # fmt: skip
HOME = Attributes(name="home", files="home.csv", key="who", columns={"rooms": integer()})
SOURCES = (LOG, DAYBOOK, FACTS, HOME)
WHO = ("ana", "7", "João")


# ---- a lender's files, cell by cell as text


def _stamp(draw: random.Random, *, missing: float = 0.0) -> str:
    """An instant around the first half of 2024: few of them, so that ties and windows matter."""
    if draw.random() < missing:
        return ""
    day, hour = draw.choice([1, 2, 3, 28]), draw.choice([0, 9, 23])
    text = f"2024-0{draw.choice([1, 2, 3])}-{day:02}"
    return text + draw.choice(
        ["", f"T{hour:02}:30:00", f" {hour:02}:30:00.25", f"T{hour:02}:30:00Z"]
    )


def _cell(declared: ColumnType, draw: random.Random) -> str:
    if draw.random() < 0.15:
        return draw.choice(["", " "])
    if declared.kind == "money":
        return draw.choice(
            ["12.30", " 5 ", "-7", "0", f"{draw.randrange(100)}.{draw.randrange(10)}"]
        )
    if declared.kind == "integer":
        return str(draw.randrange(-3, 9))
    if declared.kind == "number":
        return draw.choice(["1e3", "0.1", "-0.0", "2.5", repr(draw.random())])
    if declared.kind == "flag":
        return draw.choice(["yes", "no", "1", "TRUE"])
    if declared.kind == "date":
        return _stamp(draw)[:10]
    if declared.kind == "instant":
        return _stamp(draw)
    return draw.choice(["app", "web", "Ångström", " padded ", "10", "9"])


def _row(table: Any, draw: random.Random, **fixed: str) -> Raw:
    row = {name: _cell(declared, draw) for name, declared in table.columns.items()}
    row |= {"who": draw.choice(WHO)} | fixed
    for role in ("at", "valid_from", "available"):
        name = getattr(table, role, None)
        if name is not None:
            row[name] = _stamp(draw)[:10] if name == "day" else _stamp(draw)
    return row


def _events(draw: random.Random, count: int) -> list[Raw]:
    """Events with duplicates and corrections: an id may stand again, as it was or changed."""
    rows = [_row(LOG, draw, event=str(n)) for n in range(7, 7 + count)]
    for row in draw.sample(rows, count // 2):
        changed = {"spent": "99", "state": "corrected", "seen": _stamp(draw)}
        again = row | draw.choice([{}, changed, {"units": "1"}, {"at": _stamp(draw)}])
        rows.append(dict(again))
    tied = draw.choice(
        rows
    )  # one instant, two ids whose order as text is not their order as numbers
    rows += [tied | {"event": "100", "channel": "web"}, tied | {"event": "99", "channel": "app"}]
    return rows


def _world(seed: int) -> dict[str, list[Raw]]:
    draw = random.Random(seed)  # noqa: S311 - figures, not secrets
    loans = [_row(LOANS, draw, loan=f"L{n}", asked_at=_stamp(draw)) for n in range(8)]
    return {
        "loans": loans, "log": _events(draw, 14),
        "daybook": [_row(DAYBOOK, draw) for _ in range(10)],
        "facts": [_row(FACTS, draw) for _ in range(8)],
        "home": [_row(HOME, draw) for _ in range(3)],
    }  # fmt: skip


def _write(folder: Path, table: Any, rows: Sequence[Raw], *, whole: str | None = None) -> None:
    if whole is not None:
        columns = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
        columns[whole] = pa.array([int(row[whole]) for row in rows])
        pq.write_table(pa.table(columns), folder / table.paths[0])
        return
    with (folder / table.paths[0]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


# ---- typed as files are


def _typed_by_files(folder: Path, table: Any, rows: Sequence[Raw]) -> list[tuple[Any, ...]]:
    _write(folder, table, rows)
    late = sorted({c.known_at for c in table.columns.values() if c.known_at is not None})
    names = ["key", "event_time", "available_time"]
    names += ["event_id"] if getattr(table, "id", None) else []
    connection = connect(memory_limit="500MB", threads=1)
    try:
        with open_table(connection, table, folder) as opened:
            parts = [*names, *(opened.column(name) for name in table.columns)]
            parts += [opened.known(name) for name in late]
            sql = f"SELECT {', '.join(parts)} FROM ({opened.sql})"  # noqa: S608 - quoted names
            found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    finally:
        connection.close()
    return found


def _typed_alone(table: Any, row: Raw) -> tuple[Any, ...]:
    typed = type_row(table, row)
    late = sorted({c.known_at for c in table.columns.values() if c.known_at is not None})
    known = [typed.known.get(name, typed.body[name]) for name in late]
    names = [typed.event_id] if getattr(table, "id", None) else []
    times = [typed.event_time, typed.available_time]
    return (typed.key, *times, *names, *(typed.body[name] for name in table.columns), *known)


def _plain(rows: Sequence[tuple[Any, ...]]) -> list[list[str]]:
    return sorted(
        [repr(str(cell) if isinstance(cell, str) else cell) for cell in row] for row in rows
    )


@pytest.mark.parametrize("table", [LOG, DAYBOOK, FACTS, HOME], ids=lambda table: table.name)
def test_rows_typed_one_by_one_are_those_that_files_give(table: Any, tmp_path: Path) -> None:
    rows = [row for seed in range(6) for row in _world(seed)[table.name]]
    files = _typed_by_files(tmp_path, table, rows)
    assert len(files) == len(rows)
    assert _plain([_typed_alone(table, row) for row in rows]) == _plain(files)


@pytest.mark.parametrize(("relative", "unit"), [("days", 1.0), ("months", 30.4375)])
def test_relative_times_are_those_that_files_give(
    relative: str, unit: float, tmp_path: Path
) -> None:
    visits = Events(
        name="visits", files="v.csv", key="who", at="at", relative=relative,
        columns={"paid": money()},
    )  # fmt: skip
    away = ["0", "-1", "-0.5", "-30", "2.25", "-0.000000000006", "1e-11", "-12"]
    rows = [{"who": "a", "at": text, "paid": "1.00"} for text in away]
    files = _typed_by_files(tmp_path, visits, rows)
    alone = [_typed_alone(visits, row) for row in rows]
    assert _plain(alone) == _plain(files)
    assert alone[3][1:3] == (round(-30 * unit * DAY),) * 2
    with pytest.raises(DataError, match="out of range"):
        type_row(visits, {"who": "a", "at": "1e12"})


# ---- what a row says and leaves out


def _log(**more: object) -> TypedRow:
    return type_row(LOG, {"who": "ana", "event": "e1", "at": "2024-01-01T12:00:00Z",
                          "seen": "2024-01-05T12:00:00Z"} | more)  # fmt: skip


NOON = 1_704_110_400_000_000


def test_a_declared_time_of_arrival_says_from_when_a_row_counts() -> None:
    row = _log()
    assert (row.event_time, row.available_time) == (NOON, NOON + 4 * DAY)
    assert (row.key, row.event_id, dict(row.body), dict(row.known)) == ("ana", "e1", {}, {})


def test_a_bare_day_counts_from_its_end_on_the_clock_of_its_zone() -> None:
    midnight = NOON - DAY // 2 + 3 * DAY // 24  # of São Paulo
    row = type_row(DAYBOOK, {"who": "ana", "day": "2024-01-01"})
    assert (row.event_time, row.available_time) == (midnight, midnight + DAY)
    assert _log(seen="2024-01-01").available_time == midnight + DAY
    assert _log(at="2024-01-01").event_time == midnight


def test_from_when_a_value_was_known_is_kept_where_it_is_not_the_time_itself() -> None:
    day, clock = _log(settled="2024-01-02"), _log(settled="2024-01-02T00:00:00")
    assert day.body["settled"] == clock.body["settled"]
    assert dict(day.known) == {"settled": clock.body["settled"] + DAY}  # type: ignore[operator]
    assert dict(clock.known) == {}
    assert dict(_log(settled=None).known) == {}
    assert dict(_log(due="2024-01-02").known) == {}  # nothing waits for it


def test_attributes_without_times_have_always_been_so() -> None:
    row = type_row(HOME, {"who": 7, "rooms": 3})
    assert (row.key, row.event_id, row.event_time, row.available_time) == (
        "7",
        None,
        ALWAYS,
        ALWAYS,
    )
    assert row.body == {"rooms": 3}


@pytest.mark.parametrize(
    ("raw", "field", "words"),
    [
        ({"spend": "Ada-4711"}, "log", "not declared"),
        ({"Ada-4711": 1}, "log", "not declared"),
        ({"who": None}, "log.who", "missing"),
        ({"who": " "}, "log.who", "missing"),
        ({"at": None}, "log.at", "missing"),
        ({"at": ""}, "log.at", "missing"),
        ({"at": "Ada-4711"}, "log.at", "not a time"),
        ({"seen": "Ada-4711"}, "log.seen", "not a time"),
        ({"event": None}, "log.event", "missing"),
        ({"event": ["Ada-4711"]}, "log.event", "not a single value"),
        ({"event": 1.5}, "log.event", "not a whole number"),
        ({"spent": "Ada-4711"}, "log.spent", "not money"),
        ({"units": "Ada-4711"}, "log.units", "not a whole number"),
        ({"score": "Ada-4711"}, "log.score", "not a number"),
        ({"settled": "Ada-4711"}, "log.settled", "not a time"),
        ({"channel": {"name": "Ada-4711"}}, "log.channel", "not a single value"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_column_and_never_by_its_value(
    raw: Raw, field: str, words: str
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        _log(**raw)
    assert caught.value.field == field
    assert caught.value.hint
    assert "Ada" not in str(caught.value)


def test_an_unknown_column_is_told_with_the_one_it_was_meant_to_be() -> None:
    with pytest.raises(DataError) as caught:
        _log(spend="5")
    assert caught.value.hint == "did you mean 'spent'?"
    with pytest.raises(DataError) as caught:
        _log(zzz="5")
    assert "known: at, channel, due, event" in caught.value.hint


@pytest.mark.parametrize("missing", ["who", "event", "at", "seen"])
def test_a_row_without_what_names_or_dates_it_is_refused(missing: str) -> None:
    raw = {"who": "a", "event": "e", "at": "2024-01-01", "seen": "2024-01-01"}
    with pytest.raises(DataError, match="missing") as caught:
        type_row(LOG, {name: value for name, value in raw.items() if name != missing})
    assert caught.value.field == f"log.{missing}"


def test_a_time_without_a_zone_needs_one_declared() -> None:
    with pytest.raises(ZoneError):
        type_row(replace(DAYBOOK, zone=None), {"who": "ana", "day": "2024-01-01"})


def test_an_id_that_is_no_number_among_numbers_is_refused_without_being_told(
    tmp_path: Path,
) -> None:
    with _open(tmp_path, _world(0)) as data:
        source = next(one for one in data.program.sources if one.table.name == "log")
        for event in ("Ada-4711", "9" * 30):
            with pytest.raises(DataError, match="no whole number") as caught:
                entity_rows(source, [_log(event=event)], whole_ids=True)
            assert event not in str(caught.value)
        assert len(entity_rows(source, [_log(event="Ada-4711")], whole_ids=False)) == 1
        assert len(entity_rows(source, [], whole_ids=True)) == 0


# ---- the main law


def _open(folder: Path, world: Mapping[str, list[Raw]], *, whole: bool = False) -> Any:
    log = replace(LOG, files="log.parquet") if whole else LOG
    tables = (LOANS, log, DAYBOOK, FACTS, HOME)
    for table in tables:
        _write(folder, table, world[table.name], whole="event" if whole and table is log else None)
    groups = (behaviour(table, over=(7, 30), rich=True) for table in tables)
    plan = Plan(
        product="p", applications=LOANS, sources=(log, DAYBOOK, FACTS, HOME),
        features=tuple(feature for group in groups for feature in group),
    )  # fmt: skip
    return open_data(plan, folder)


def _bits(frame: FeatureFrame, place: int) -> dict[str, object]:
    found: dict[str, object] = {}
    for column in frame:
        if isinstance(column, CategoryColumn):
            code = int(column.codes[place])
            found[column.name] = None if code < 0 else column.levels[code]
        else:
            found[column.name] = column.values[place].tobytes()
    return found


def _live(
    data: OpenData, loan: Raw, as_of: int, rows: Mapping[str, list[Raw]], *, packed: bool
) -> FeatureFrame:
    arrays = {}
    for source in data.program.sources:
        table = source.table
        mine = [type_row(table, raw) for raw in rows[table.name] if raw["who"] == loan["who"]]
        whole = "event_id" in data.sources[table.name].whole_names
        there = _through_records if packed else entity_rows
        arrays[table.name] = there(source, mine, whole_ids=whole)
    own = {name: loan[name] for name in LOANS.columns}
    at = ApplicationRows(
        as_of=np.array([as_of]), entity=np.zeros(1, np.int64),
        columns=application_columns(LOANS, *type_columns(LOANS, own)),
    )  # fmt: skip
    return assemble(data.program, at, aggregate(data.program, at, arrays))


def _through_records(source: SourceProgram, rows: list[TypedRow], *, whole_ids: bool) -> EntityRows:
    """Rows as a store gives them back that keeps records."""
    typing = typing_for(source.table, whole_ids)
    texts = sorted(label_texts(typing.layout, rows), reverse=True)
    numbers = {text: place for place, text in enumerate(texts)}
    parts = pack(typing.layout, rows, numbers, source=source.table.name)
    packed = PackedRows(
        typing=typing.name, parts={part: b"".join(records) for part, records in parts.items()},
        texts=lambda wanted: [texts[one] for one in wanted],
    )  # fmt: skip
    return unpack(typing, source, packed)


@pytest.mark.parametrize("whole", [False, True], ids=["text ids", "whole ids"])
@pytest.mark.parametrize("seed", range(8))
def test_live_rows_in_any_order_give_bitwise_the_features_files_give(
    seed: int, whole: bool, tmp_path: Path
) -> None:
    world, draw = _world(seed), random.Random(seed)  # noqa: S311 - an order, not a secret
    with _open(tmp_path, world, whole=whole) as data:
        assert ("event_id" in data.sources["log"].whole_names) == whole
        table = read_applications(data, outcomes=False)
        applications = keyed(data, table)
        fed = data.feed().features(applications)
        ids = table["id"].to_pylist()
        assert sorted(ids) == sorted(raw["loan"] for raw in world["loans"])
        for loan in world["loans"]:
            shuffled = {name: draw.sample(rows, len(rows)) for name, rows in world.items()}
            place = ids.index(loan["loan"])
            for packed in (False, True):
                at = int(applications.as_of[place])
                live = _live(data, loan, at, shuffled, packed=packed)
                assert _bits(live, 0) == _bits(fed, place)


def test_worlds_hold_what_the_law_is_about(tmp_path: Path) -> None:
    """Ties, corrections, hidden late values and labels: else the main law would say nothing."""
    with _open(tmp_path, _world(3)) as data:
        fed = data.feed().features(keyed(data, read_applications(data, outcomes=False)))
    known = {
        column.name: int((column.codes >= 0).sum())
        if isinstance(column, CategoryColumn)
        else int((~np.isnan(column.values)).sum())
        for column in fed
    }
    assert len(known) > 100
    assert sum(1 for count in known.values() if count > 0) > 0.8 * len(known)
    assert 0 < known["grade"] < len(fed)


def test_application_columns_carry_from_when_a_late_value_was_known() -> None:
    own = {"closed": "2024-01-01", "rating": 0.5, "town": " padded ", "amount": None}
    columns = application_columns(LOANS, *type_columns(LOANS, own))
    assert set(columns) == {*LOANS.columns, known_name("closed")}
    assert columns[known_name("closed")].array[0] == columns["closed"].array[0] + DAY
    assert columns["town"].levels == (" padded ",)
    assert np.isnan(columns["rating"].array[0]) == np.False_
    assert columns["grade"].array[0] == columns["amount"].array[0] == -(2**63)


PAYMENTS = Events(
    name="payments", files="payments.csv", key="customer", at="paid_at", available="booked_at",
    id="payment_id", zone="UTC",
    columns={"amount": money("EUR"), "tier": category(levels=("a",)), "due": date(known_at="due")},
)  # fmt: skip
MEMBERS = Attributes(name="members", files="members.csv", key="customer", valid_from="since")


def test_what_types_rows_names_their_typing() -> None:
    """Each change that would give a raw row other typed values gives another name."""
    columns = PAYMENTS.columns
    changed = [
        replace(PAYMENTS, columns={**columns, "amount": declared})
        for declared in (
            money("EUR", scale=3), money("BRL"), integer("EUR"), money("EUR", known_at="due"),
            money("EUR", missing=("NA",)),
        )
    ]  # fmt: skip
    changed += [
        replace(PAYMENTS, columns={"amount": money("EUR")}), replace(PAYMENTS, zone=ZONE),
        replace(PAYMENTS, relative="days"), replace(PAYMENTS, relative="months"),
        replace(PAYMENTS, relative="months", month_days=30.0), replace(PAYMENTS, at="booked_at"),
        replace(PAYMENTS, available=None), replace(PAYMENTS, id=None),
        replace(PAYMENTS, key="payer"), replace(PAYMENTS, zone=None),
    ]  # fmt: skip
    found = [typing_of(table, False) for table in (PAYMENTS, *changed)]
    found += [typing_of(PAYMENTS, True), typing_of(MEMBERS, False)]
    found += [typing_of(replace(MEMBERS, valid_from="from"), False)]
    assert len(set(found)) == len(found)
    assert all(len(one) == 64 for one in found)


def test_words_files_and_the_order_of_columns_are_no_part_of_a_typing() -> None:
    columns = dict(reversed(PAYMENTS.columns.items()))
    columns["amount"] = replace(columns["amount"], title="paid")
    columns["tier"] = category(levels=("b", "c"))
    other = replace(
        PAYMENTS, columns=columns, title="payment", files=("a.csv", "b.csv"), optional=True
    )
    assert typing_of(other, False) == typing_of(PAYMENTS, False)
    assert typing_of(from_json(to_json(PAYMENTS)), True) == typing_of(PAYMENTS, True)
