"""Live rows: each counted once, and read as they stood at a sequence."""

from __future__ import annotations

import dataclasses
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.errors import DataError
from solvent.store import Added, Database, LiveRow, Rows
from solvent.store.live_row import row_digest
from tests.store.typed import T, typed

PRODUCTS = count()


def row(event_id: str | None = None, **changes: Any) -> LiveRow:
    made = LiveRow(
        source="top_ups", key="ada", event_id=event_id, event_time=10, available_time=11,
        body={"amount": 0.1}, known={},
    )  # fmt: skip
    return dataclasses.replace(made, **changes)


VALUES = st.one_of(
    st.none(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)
ROWS = st.builds(
    LiveRow,
    source=st.sampled_from(["top_ups", "calls"]),
    key=st.sampled_from(["ada", "bob"]),
    event_id=st.sampled_from(["e1", "e2", "e3"]),
    event_time=st.integers(0, 3),
    available_time=st.integers(0, 3),
    body=st.dictionaries(st.sampled_from("ab"), VALUES, max_size=2),
    known=st.dictionaries(st.sampled_from("ab"), st.none() | st.integers(0, 3), max_size=1),
)


def _bits(one: LiveRow) -> str:
    """Spell a row so that 1, 1.0, 0.0 and -0.0 are four things."""
    return repr(dataclasses.replace(one, body=dict(sorted(one.body.items()))))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(rows=st.lists(ROWS, max_size=8), data=st.data())
def test_a_row_with_an_id_counts_once_however_often_and_in_whatever_order_it_comes(
    database: Database, rows: list[LiveRow], data: st.DataObject
) -> None:
    store, product = Rows(database), f"p{next(PRODUCTS)}"
    different = {_bits(one) for one in rows}
    sent = data.draw(st.permutations(rows + rows))
    half = data.draw(st.integers(0, len(sent)))
    first = store.add(product, sent[:half], arrived_at=1, batch="a", typing=T)
    second = store.add(product, sent[half:], arrived_at=2, batch="b", typing=T)
    assert first.accepted + second.accepted == len(different) == store.count(product)
    assert first.repeated + second.repeated == len(sent) - len(different)
    read = [one for key in ("ada", "bob") for one in store.read(product, key)]
    assert {_bits(one) for one in read} == different
    assert len(read) == len(different)


def test_rows_without_an_id_are_the_same_only_at_the_same_place_of_the_same_batch(
    database: Database,
) -> None:
    store = Rows(database)
    twice = [row(), row()]
    added = [
        store.add("shop", twice, arrived_at=1, batch=batch, typing=T) for batch in ("a", "a", "b")
    ]
    assert [(one.accepted, one.repeated) for one in added] == [(2, 0), (0, 2), (2, 0)]
    assert store.read("shop", "ada") == (row(),) * 4


def test_rows_with_an_occurrence_are_the_same_whatever_their_batch_and_place(
    database: Database,
) -> None:
    """The second of two equal rows is itself again, and no other row of any other kind."""
    store = Rows(database)
    first, second = row(occurrence=0), row(occurrence=1)
    sent = (
        ("a", [first, second], 2), ("b", [second], 0), ("c", [row(), second, first], 1),
        ("c", [row()], 0), ("a", [row(body={}, occurrence=1)], 1), ("d", [row("e")], 1),
    )  # fmt: skip
    for batch, rows, accepted in sent:
        added = store.add("shop", rows, arrived_at=1, batch=batch, typing=T)
        assert (added.accepted, added.repeated) == (accepted, len(rows) - accepted)
    assert {one.occurrence for one in store.read("shop", "ada")} == {None}


def test_what_a_row_says_names_it_whatever_its_occurrence() -> None:
    said = {row_digest(row(occurrence=n)) for n in (None, 0, 1)}
    assert len(said) == 1
    assert all(len(one) == 16 for one in said)
    others = (row(key="bob"), row(body={"amount": 0.2}), row(event_time=11), row(known={"a": None}))
    assert len(said | {row_digest(one) for one in others}) == 5


def test_rows_typed_otherwise_than_those_kept_are_refused(database: Database) -> None:
    """Every source of every product keeps the typing of its first batch."""
    store = Rows(database)
    for source, typing in (("top_ups", "t"), ("calls", "u")):
        store.add("shop", [row("1", source=source)], arrived_at=1, batch="a", typing=typed(typing))
    store.add("car", [row("1")], arrived_at=1, batch="a", typing=typed("u"))
    store.add("shop", [], arrived_at=1, batch="a", typing=typed("v"))
    with pytest.raises(DataError, match="kept under another declaration") as found:
        store.add("shop", [row("2"), row("3", source="calls")], arrived_at=1, batch="b", typing=T)
    assert found.value.field == "calls"
    assert found.value.hint
    assert (store.count("shop"), store.count("car")) == (2, 1)
    assert store.typings("shop") == {"top_ups": "t", "calls": "u"}
    assert store.typings("boat") == {}
    later = row("2", source="calls", available_time=99)
    assert store.add("shop", [later], arrived_at=1, batch="b", typing=typed("u")).accepted == 1
    assert store.typings("shop") == {"top_ups": "t", "calls": "u"}


def test_of_two_typings_at_once_one_is_kept(database: Database) -> None:
    store, gate = Rows(database), threading.Barrier(8)

    def add(n: int) -> str:
        gate.wait()
        try:
            store.add("shop", [row(str(n))], arrived_at=1, batch="a", typing=typed(f"t{n % 2}"))
        except DataError:
            return ""
        return f"t{n % 2}"

    with ThreadPoolExecutor(8) as threads:
        kept = set(threads.map(add, range(8))) - {""}
    assert kept == set(store.typings("shop").values())
    assert store.count("shop") == 4


def test_a_correction_is_another_row(database: Database) -> None:
    store = Rows(database)
    wrong, right = row("e"), row("e", body={"amount": 0.2}, available_time=12)
    store.add("shop", [wrong, right], arrived_at=1, batch="a", typing=T)
    assert store.read("shop", "ada") == (wrong, right)


def test_products_do_not_see_each_other_s_rows(database: Database) -> None:
    store = Rows(database)
    for product in ("shop", "car"):
        assert store.add(product, [row("e")], arrived_at=1, batch="a", typing=T).accepted == 1
    assert (store.count("shop"), store.count("boat")) == (1, 0)
    assert store.read("shop", "ada") == (row("e"),)


def test_rows_come_by_event_time_and_then_as_they_were_kept(database: Database) -> None:
    store = Rows(database)
    sent = [row(str(n), event_time=time, source=f"s{n}") for n, time in enumerate([3, 1, 3, 2, 1])]
    store.add("shop", sent, arrived_at=1, batch="a", typing=T)
    assert store.read("shop", "ada") == tuple(sent[n] for n in (1, 4, 3, 0, 2))


def test_reading_up_to_a_sequence_sees_what_was_there_then(database: Database) -> None:
    store = Rows(database)
    store.add("shop", [row("1")], arrived_at=1, batch="a", typing=T)
    mark = store.high_water("shop")
    store.add("shop", [row("0", event_time=1)], arrived_at=2, batch="b", typing=T)
    assert store.read("shop", "ada", until_sequence=mark) == (row("1"),)
    assert store.read("shop", "ada", until_sequence=0) == ()
    assert len(store.read("shop", "ada")) == 2


def test_the_high_water_mark_grows_with_every_commit(database: Database) -> None:
    store = Rows(database)
    marks = [store.high_water("shop")]
    for n in range(3):
        added = store.add("shop", [row(str(n))], arrived_at=1, batch="a", typing=T)
        assert added.last_sequence == store.high_water("shop")
        marks.append(added.last_sequence)
    assert marks[0] == 0
    assert marks == sorted(set(marks))
    nothing_new = store.add("shop", [row("0")], arrived_at=1, batch="a", typing=T)
    assert nothing_new == Added(accepted=0, repeated=1, last_sequence=marks[-1])
    assert store.add("shop", [], arrived_at=1, batch="a", typing=T).last_sequence == marks[-1]


def test_what_is_below_a_mark_never_changes_while_others_write(database: Database) -> None:
    """A reader that takes a mark and reads up to it finds the same rows ever after."""
    store, over = Rows(database), threading.Event()

    def write(thread: int) -> None:
        for n in range(25):
            rows = [row(f"{thread}-{n}-{m}") for m in range(4)]
            store.add("shop", rows, arrived_at=n, batch=f"{thread}-{n}", typing=T)

    def read() -> list[tuple[int, int]]:
        seen = []
        while not over.is_set():
            mark = store.high_water("shop")
            seen.append((mark, len(store.read("shop", "ada", until_sequence=mark))))
        return seen

    with ThreadPoolExecutor(6) as threads:
        readers = [threads.submit(read) for _ in range(2)]
        for done in [threads.submit(write, thread) for thread in range(4)]:
            done.result()
        over.set()
        seen = [one for reader in readers for one in reader.result()]
    assert store.count("shop") == 400
    assert seen
    for mark, found in seen:
        assert len(store.read("shop", "ada", until_sequence=mark)) == found


def test_a_batch_waits_for_the_one_before_it(database: Database) -> None:
    """A sequence that was given out and not yet committed may not be passed by a later one."""
    store = Rows(database)
    with ThreadPoolExecutor(1) as threads:
        with database.transaction(alone="live_rows shop"):
            later = threads.submit(store.add, "shop", [row("1")], arrived_at=1, batch="a", typing=T)
            with pytest.raises(TimeoutError):
                later.result(timeout=0.3)
        assert later.result(timeout=5).accepted == 1


def test_a_batch_larger_than_a_chunk_is_kept_whole_and_counted(database: Database) -> None:
    store = Rows(database)
    many = [row(str(n), key=f"k{n % 3000:05d}") for n in range(12_000)]
    added = store.add("shop", many, arrived_at=1, batch="a", typing=T)
    assert (added.accepted, added.repeated) == (12_000, 0)
    again = store.add("shop", [*many, row("new")], arrived_at=1, batch="b", typing=T)
    assert (again.accepted, again.repeated) == (1, 12_000)
    assert len(store.read("shop", "k00007")) == 4


def test_how_far_the_rows_of_a_product_reach_is_known_in_whatever_order_they_come(
    database: Database,
) -> None:
    store = Rows(database)
    assert store.newest_available("shop") is None
    for number, available in enumerate([7, 30, 12]):
        store.add(
            "shop",
            [row(str(number), available_time=available)],
            arrived_at=1,
            batch=f"b{number}",
            typing=T,
        )
    store.add(
        "shop", [row("x", source="calls", available_time=20)], arrived_at=1, batch="c", typing=T
    )
    assert store.newest_available("shop") == 30
    assert store.newest_available("car") is None


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (row(body={"amount": math.nan}), "top_ups.amount"),
        (row(body={"amount": math.inf}), "top_ups.amount"),
        (row(body={"amount": "\ud800"}), "top_ups.amount"),
        (row(body={"amount": b"4711"}), "top_ups.amount"),
        (row(known={"amount": math.nan}), "top_ups"),
        (row(event_time=2**63), "top_ups"),
        (row(available_time=-(2**70)), "top_ups"),
        (row(key=""), "top_ups"),
        (row(key="a\0b"), "top_ups"),
        (row(key="4711\ud800"), "top_ups"),
        (row("4711\0"), "top_ups"),
        (row(source="s\0"), "source"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name_and_nothing_of_its_batch_is_kept(
    database: Database, odd: LiveRow, told: str
) -> None:
    store = Rows(database)
    with pytest.raises(DataError) as found:
        store.add("shop", [row("fine"), odd], arrived_at=1, batch="a", typing=T)
    assert found.value.field == told
    assert "4711" not in str(found.value)
    assert store.count("shop") == 0
