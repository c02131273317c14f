"""Rows packed into records and unpacked again are, to the bit, the rows as they were."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import DataError
from solvent.features import (
    Applications,
    Attributes,
    EntityRows,
    Events,
    Values,
    behaviour,
    category,
    date,
    flag,
    instant,
    integer,
    money,
    number,
)
from solvent.features.live import TypedRow, entity_rows
from solvent.features.packed import (
    CELLS_IN_PART,
    ID_PART,
    NO_RECORDS,
    Ids,
    Layout,
    PackedRows,
    Typing,
    dense,
    label_texts,
    pack,
    typing_for,
    unpack,
)
from solvent.features.program import SourceProgram, compile_features
from solvent.features.rows import NULL

COLUMNS = {
    "spent": money(), "units": integer(), "score": number(known_at="settled"),
    "channel": category(), "state": category(known_at="settled"), "ok": flag(),
    "settled": instant(known_at="settled"), "due": date(known_at="due"),
}  # fmt: skip
LOG = Events(name="log", files="l", key="who", at="at", id="event", zone="UTC", columns=COLUMNS)
DAYS = Events(name="days", files="d", key="who", at="at", zone="UTC", columns=COLUMNS)
FACTS = Attributes(name="facts", files="f", key="who", valid_from="at", columns=COLUMNS, zone="UTC")
LOANS = Applications(name="loans", files="a", id="loan", key="who", as_of="at", zone="UTC")
WHOLE, TIMES = st.integers(-(2**40), 2**40), st.integers(-(2**62), 2**62)
TEXT = st.sampled_from(["app", "web", " padded ", "", "Ångström", "a\0b", "10"])
CELLS = {
    "spent": WHOLE, "units": WHOLE, "score": st.floats(allow_nan=False, allow_infinity=False),
    "channel": TEXT, "state": TEXT, "ok": st.integers(0, 1), "settled": TIMES, "due": TIMES,
}  # fmt: skip


def program(table: Any) -> SourceProgram:
    """A program that reads every column."""
    return compile_features(LOANS, [table], behaviour(table, over=(7, 30))).sources[0]


def typed_rows(ids: st.SearchStrategy[str] | st.SearchStrategy[None]) -> Any:
    """Rows with any cell missing, null, or as it comes."""
    body = st.fixed_dictionaries({}, optional={n: st.none() | it for n, it in CELLS.items()})
    known = st.fixed_dictionaries({}, optional=dict.fromkeys(("settled", "due"), TIMES))
    row = st.builds(
        TypedRow, key=st.just("ada"), event_id=ids, event_time=TIMES, available_time=TIMES,
        body=body, known=known,
    )  # fmt: skip
    return st.lists(row, max_size=12)


def through(typing: Typing, rows: Sequence[TypedRow], source: SourceProgram) -> EntityRows:
    """Pack rows, number their labels at random places, and unpack them."""
    texts = sorted(label_texts(typing.layout, rows))
    numbers = {text: 3 * place + len(texts) % 2 * 1000 for place, text in enumerate(texts)}
    named = {number: text for text, number in numbers.items()}
    parts = pack(typing.layout, rows, numbers, source="log")
    assert {len(records) for records in parts.values()} == {len(rows)}
    packed = PackedRows(
        typing=typing.name, parts={part: b"".join(one) for part, one in parts.items()},
        texts=lambda wanted: [named[one] for one in wanted],
    )  # fmt: skip
    return unpack(typing, source, packed)


def told(values: Values | None) -> object:
    """Bits of numbers, words of labels."""
    if values is None:
        return None
    if not values.levels:
        return (values.array.dtype, values.array.tobytes())
    codes = values.array.tolist()
    return [None if code == NULL else values.levels[int(code)] for code in codes]


def require_same(one: EntityRows, other: EntityRows) -> None:
    """Hold that two say the same in every bit, and that kernels may have both."""
    assert set(one.columns) == set(other.columns)
    for name, column in one.columns.items():
        mine, theirs = told(column), told(other.columns[name])
        if not column.levels and column.array.dtype == np.int64 and (column.array == NULL).all():
            continue  # labels of which none is known have no levels
        assert mine == theirs, name
    for name in ("starts", "time", "available"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert told(one.id) == told(other.id)
    arrays = [other.time, other.available, *(column.array for column in other.columns.values())]
    assert all(array.flags.writeable and array.flags.c_contiguous for array in arrays)


@pytest.mark.parametrize("table", [DAYS, FACTS], ids=lambda table: table.name)
@given(data=st.data())
def test_rows_without_ids_come_back_as_they_were(table: Any, data: st.DataObject) -> None:
    rows, source = data.draw(typed_rows(st.none())), program(table)
    typing = typing_for(table, False)
    assert typing.layout.ids is Ids.NONE
    require_same(entity_rows(source, rows, whole_ids=False), through(typing, rows, source))


@given(rows=typed_rows(st.sampled_from(["7", "-70", "007", "é" * 200, "a", ""])))
def test_ids_that_are_text_come_back_with_their_rows(rows: list[TypedRow]) -> None:
    source = program(LOG)
    there = through(typing_for(LOG, False), rows, source)
    require_same(entity_rows(source, rows, whole_ids=False), there)


@given(rows=typed_rows(st.integers(-(2**63) + 1, 2**63 - 1).map(str)))
def test_ids_that_are_numbers_come_back_as_numbers(rows: list[TypedRow]) -> None:
    source = program(LOG)
    there = through(typing_for(LOG, True), rows, source)
    require_same(entity_rows(source, rows, whole_ids=True), there)
    assert there.id is not None
    assert there.id.array.tolist() == [int(row.event_id or "") for row in rows]


@pytest.mark.parametrize("count", [CELLS_IN_PART - 2, CELLS_IN_PART - 1, 3 * CELLS_IN_PART + 7])
def test_a_source_of_many_columns_is_kept_in_parts(count: int) -> None:
    """An index takes 2,700 bytes a row; a record may hold more."""
    wide = dataclasses.replace(LOG, columns={f"c{n:04}": integer() for n in range(count)})
    rows = [
        TypedRow(
            key="ada", event_id=f"e{n}", event_time=n, available_time=n,
            body={f"c{m:04}": n * m for m in range(count) if (n + m) % 5}, known={},
        )
        for n in range(9)
    ]  # fmt: skip
    source, typing = program(wide), typing_for(wide, False)
    require_same(entity_rows(source, rows, whole_ids=False), through(typing, rows, source))
    parts = pack(typing.layout, rows, {}, source="log")
    assert max(len(one) for records in parts.values() for one in records) <= 1_600
    assert (ID_PART in parts, len(parts) > 2) == (True, count > CELLS_IN_PART - 2)


def test_of_nobody_there_are_no_rows() -> None:
    source = program(LOG)
    require_same(
        entity_rows(source, [], whole_ids=False),
        unpack(typing_for(LOG, False), source, NO_RECORDS),
    )


def test_records_of_another_typing_are_refused() -> None:
    typing = typing_for(LOG, True)
    kept = PackedRows(typing="another", parts={0: bytes(8 * typing.layout.width)})
    with pytest.raises(DataError, match="another declaration") as found:
        unpack(typing, program(LOG), kept)
    assert (found.value.field, bool(found.value.hint)) == ("log", True)


@pytest.mark.parametrize(
    ("body", "event_id", "field"),
    [
        ({"spent": "Ada-4711"}, "1", "log.spent"), ({"units": 2**63}, "1", "log.units"),
        ({"score": "Ada-4711"}, "1", "log.score"), ({"settled": "Ada"}, "1", "log.settled"),
        ({}, "Ada-4711", "log"), ({}, "9" * 30, "log"),
    ],
)  # fmt: skip
def test_what_is_not_typed_as_declared_is_refused_without_being_told(
    body: Mapping[str, Any], event_id: str, field: str
) -> None:
    row = TypedRow(key="a", event_id=event_id, event_time=1, available_time=1, body=body, known={})
    with pytest.raises(DataError) as found:
        pack(typing_for(LOG, True).layout, [row], {}, source="log")
    assert found.value.field == field
    assert "4711" not in str(found.value)


def test_equal_typings_have_equal_layouts_in_whatever_order_columns_stand() -> None:
    turned = dataclasses.replace(LOG, columns=dict(reversed(COLUMNS.items())))
    assert typing_for(turned, True) == typing_for(LOG, True)
    assert typing_for(LOG, True) != typing_for(LOG, False)
    assert typing_for(LOG, True).layout.width == 3 + len(COLUMNS) + 2
    assert Layout().width == 2


@given(st.lists(st.just(NULL) | st.integers(0, 5_000_000), max_size=30))
def test_labels_that_occur_are_numbered_without_gaps(numbers: list[int]) -> None:
    codes, used = dense(np.array(numbers, np.int64))
    assert used == sorted({one for one in numbers if one != NULL})
    assert [NULL if code == NULL else used[code] for code in codes.tolist()] == numbers
