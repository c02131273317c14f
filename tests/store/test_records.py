"""Records: what is read for a decision is what was told, found by one index, in one question."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.errors import DataError, StoreError
from solvent.features import Applications, Events, behaviour, category, integer, money, number
from solvent.features.live import entity_rows
from solvent.features.packed import NO_RECORDS, Typing, typing_for, unpack
from solvent.features.program import compile_features
from solvent.features.rows import NULL
from solvent.store import Database, LiveRow, Rows, _batch
from solvent.store import rows as statements
from solvent.store._numbers import LabelTexts
from tests.store.typed import T

PRODUCTS = count()
COLUMNS = {"paid": money(), "shop": category(), "rate": number()}
SALES = Events(name="sales", files="s", key="who", at="at", id="event", zone="UTC", columns=COLUMNS)
WIDE = Events(
    name="wide", files="w", key="who", at="at", zone="UTC",
    columns={f"c{n:04}": integer() for n in range(450)},
)  # fmt: skip
LOANS = Applications(name="loans", files="a", id="loan", key="who", as_of="at", zone="UTC")
SOURCE = compile_features(LOANS, [SALES], behaviour(SALES, over=(7,))).sources[0]
TYPING = typing_for(SALES, False)


def sale(event_id: str | None, **changes: Any) -> LiveRow:
    told = {
        "source": "sales", "key": "ada", "event_id": event_id, "event_time": 10,
        "available_time": 11, "body": {"paid": 5, "shop": "corner", "rate": 0.5}, "known": {},
    }  # fmt: skip
    return LiveRow(**{**told, **changes})


def said(rows: Any, table: Any = None) -> list[tuple[object, ...]]:
    """Everything arrays say of every row, as plain values, in a settled order."""
    columns = [rows.time.tolist(), rows.available.tolist()]
    for values in (rows.id, *(rows.columns[name] for name in sorted(rows.columns))):
        cells = values.array.tolist()
        columns.append(
            [None if cell == NULL else values.levels[cell] for cell in cells]
            if values.levels
            else [None if cell == NULL else repr(cell) for cell in cells]
        )
    return sorted(zip(*columns, strict=True), key=repr)


def read(store: Rows, product: str, key: str, until: int | None = None) -> Any:
    kept = store.packed(product, key, until_sequence=until)
    assert set(kept) <= {"sales"}
    return unpack(TYPING, SOURCE, kept.get("sales", NO_RECORDS))


SALES_ROWS = st.builds(
    sale,
    st.sampled_from(["e1", "e2", "é"]),
    key=st.sampled_from(["ada", "bob"]),
    event_time=st.integers(0, 3), available_time=st.integers(0, 3),
    body=st.fixed_dictionaries(
        {},
        optional={
            "paid": st.none() | st.integers(-9, 9), "rate": st.floats(-1, 1),
            "shop": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
        },
    ),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(batches=st.lists(st.lists(SALES_ROWS, max_size=6), max_size=3))
def test_records_say_what_the_rows_told_up_to_every_sequence(
    database: Database, batches: list[list[LiveRow]]
) -> None:
    store, product, marks = Rows(database), f"p{next(PRODUCTS)}", [0]
    for number_, rows in enumerate(batches):
        added = store.add(product, rows, arrived_at=1, batch=str(number_), typing=TYPING)
        marks.append(added.last_sequence)
    for mark in (*marks, None):
        for key in ("ada", "bob"):
            told = store.read(product, key, until_sequence=mark)
            arrays = entity_rows(SOURCE, told, whole_ids=False)
            assert said(read(store, product, key, mark)) == said(arrays)


def test_records_stand_in_the_order_of_time(database: Database) -> None:
    """So that nobody sorts them."""
    store = Rows(database)
    rows = [sale(str(n), event_time=at) for n, at in enumerate([3, 1, 2, 1])]
    store.add("shop", rows, arrived_at=1, batch="a", typing=TYPING)
    assert read(store, "shop", "ada").time.tolist() == [1, 1, 2, 3]


def test_a_source_of_450_columns_is_kept_and_read(database: Database) -> None:
    store, source = Rows(database), compile_features(
        LOANS, [WIDE], behaviour(WIDE, over=(7,))
    ).sources[0]  # fmt: skip
    typing = typing_for(WIDE, False)
    rows = [
        sale(None, source="wide", event_time=n % 4, body={f"c{n:04}": n, "c0449": -n})
        for n in range(40)
    ]
    store.add("shop", rows, arrived_at=1, batch="a", typing=typing)
    arrays = unpack(typing, source, store.packed("shop", "ada")["wide"])
    for n in range(40):
        place = arrays.columns["c0449"].array.tolist().index(-n)
        assert arrays.columns[f"c{n:04}"].array[place] == (n if n != 449 else -n)
        assert arrays.time[place] == n % 4
    assert store.read("shop", "ada") == tuple(sorted(rows, key=lambda row: row.event_time))


def test_many_labels_are_found_whatever_was_seen_before(database: Database) -> None:
    """Labels are asked for in pieces, remembered, and forgotten when there are too many."""
    store, words = Rows(database), [f"word {n}" for n in range(1_300)] + ["", "x" * 9_000, "a\0b"]
    rows = [sale(str(n), body={"shop": word}) for n, word in enumerate(words)]
    store.add("shop", rows, arrived_at=1, batch="a", typing=TYPING)
    store._texts = LabelTexts(database, most=700)
    for _ in range(2):
        found = read(store, "shop", "ada").columns["shop"]
        assert sorted(found.levels) == sorted(words)
    store.add("shop", [sale("new", body={"shop": "new"})], arrived_at=1, batch="b", typing=TYPING)
    assert "new" in read(store, "shop", "ada").columns["shop"].levels


def test_a_label_of_a_batch_that_failed_is_none(database: Database) -> None:
    """The number it had goes to another one; nobody remembers the first."""
    store = Rows(database)
    store.add("shop", [sale("1")], arrived_at=1, batch="a", typing=TYPING)
    bad = [sale("2", body={"shop": "lost"}), sale("3", body={"paid": "five"})]
    with pytest.raises(DataError, match="what is no money") as found:
        store.add("shop", bad, arrived_at=1, batch="b", typing=TYPING)
    assert found.value.field == "sales.paid"
    store.add("shop", [sale("4", body={"shop": "kept"})], arrived_at=1, batch="c", typing=TYPING)
    assert set(read(store, "shop", "ada").columns["shop"].levels) == {"corner", "kept"}
    assert store.count("shop") == 2


def test_nothing_is_known_of_who_is_not_there(database: Database) -> None:
    store = Rows(database)
    store.add("shop", [sale("1")], arrived_at=1, batch="a", typing=TYPING)
    assert (store.any("shop", "ada"), store.any("shop", "bob")) == (True, False)
    assert (store.packed("shop", "bob"), store.packed("car", "ada")) == ({}, {})
    assert (store.high_water("car"), store.count("car")) == (0, 0)


def other_session(database: Database) -> psycopg.Connection[Any]:
    """A session with the server that knows nothing of solvent."""
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


# ---- the order of commits


def test_a_mark_belongs_to_its_product(database: Database) -> None:
    """What another product is told moves nobody's mark, and nobody waits for it."""
    store = Rows(database)
    first = store.add("shop", [sale("1")], arrived_at=1, batch="a", typing=TYPING).last_sequence
    other = store.add("car", [sale("1")], arrived_at=1, batch="a", typing=TYPING).last_sequence
    assert store.high_water("shop") == first < other == store.high_water("car")
    assert store.add("shop", [], arrived_at=1, batch="b", typing=TYPING).last_sequence == first


def held_back(monkeypatch: pytest.MonkeyPatch, batch: str) -> tuple[threading.Event, ...]:
    """Let the writer of one batch stop when its rows have sequences, before it commits."""
    reached, released = threading.Event(), threading.Event()
    pack, number_ = _batch.BatchWriter._pack, _batch.batch_number
    here = threading.local()

    def named(database: Any, connection: Any, name: str, arrived_at: int) -> int:
        here.name = name
        return number_(database, connection, name, arrived_at)

    def slow(self: Any, *arguments: Any) -> None:
        pack(self, *arguments)
        if here.name == batch:
            reached.set()
            assert released.wait(20)

    monkeypatch.setattr(_batch, "batch_number", named)
    monkeypatch.setattr(_batch.BatchWriter, "_pack", slow)
    return reached, released


def test_no_row_appears_below_a_mark_that_was_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that has sequences and has not committed holds back the next one, not a reader."""
    store = Rows(database)
    store.add("shop", [sale("0")], arrived_at=1, batch="0", typing=TYPING)
    before = store.high_water("shop")
    reached, released = held_back(monkeypatch, "slow")
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(
            store.add, "shop", [sale("1")], arrived_at=1, batch="slow", typing=TYPING
        )
        assert reached.wait(20)
        quick = threads.submit(
            store.add, "shop", [sale("2")], arrived_at=1, batch="quick", typing=TYPING
        )
        with pytest.raises(TimeoutError):
            quick.result(timeout=0.3)
        assert store.high_water("shop") == before
        below = said(read(store, "shop", "ada", before))
        released.set()
        marks = [slow.result(20).last_sequence, quick.result(20).last_sequence]
    assert before < marks[0] < marks[1] == store.high_water("shop")
    assert said(read(store, "shop", "ada", before)) == below
    assert [len(read(store, "shop", "ada", mark)) for mark in marks] == [2, 3]


def test_without_waiting_a_row_would_appear_below_a_mark(database: Database) -> None:
    """The law above can fail: on Postgres it does, where writers do not wait for each other."""
    if database.dialect == "sqlite":
        return  # it has one writer by itself: there is nothing to take away
    insert = (
        "INSERT INTO live_rows (client, feed, batch, event_time, available_time, body, known, "
        "digest) VALUES (1, 1, 1, 1, 1, '{}', '{}', %s) RETURNING sequence"
    )
    with other_session(database) as slow, other_session(database) as quick:
        slow.execute("BEGIN")
        quick.execute("BEGIN")
        late = slow.execute(insert, (b"slow",)).fetchone()
        mark = quick.execute(insert, (b"quick",)).fetchone()
        quick.execute("COMMIT")
        seen = "SELECT count(*) FROM live_rows WHERE sequence <= %s"
        first = quick.execute(seen, mark).fetchone()
        slow.execute("COMMIT")
        then = quick.execute(seen, mark).fetchone()
    assert late is not None
    assert mark is not None
    assert late[0] < mark[0]
    assert (first, then) == ((1,), (2,))


def test_two_writers_of_two_products_do_not_wait_for_each_other_on_a_server(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one writer; a server has one for each product."""
    store = Rows(database)
    reached, released = held_back(monkeypatch, "slow")
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(
            store.add, "shop", [sale("1")], arrived_at=1, batch="slow", typing=TYPING
        )
        assert reached.wait(20)
        quick = threads.submit(
            store.add, "car", [sale("1")], arrived_at=1, batch="quick", typing=TYPING
        )
        if database.dialect == "sqlite":
            with pytest.raises(TimeoutError):
                quick.result(timeout=0.2)
        else:
            quick.result(timeout=20)
            assert (store.high_water("shop"), len(read(store, "car", "ada"))) == (0, 1)
        released.set()
        assert slow.result(20).last_sequence > 0
        assert quick.result(20).last_sequence > 0


def test_what_is_below_a_mark_is_read_the_same_for_ever(database: Database) -> None:
    """Three writers and two readers; every mark a reader was told is read again at the end."""
    store, over = Rows(database), threading.Event()

    def write(thread: int) -> None:
        for n in range(12):
            rows = [sale(f"{thread}-{n}-{m}", event_time=n % 5) for m in range(3)]
            store.add("shop", rows, arrived_at=n, batch=f"{thread}-{n}", typing=TYPING)

    def look() -> list[tuple[int, int]]:
        seen = []
        while not over.is_set():
            mark = store.high_water("shop")
            seen.append((mark, len(read(store, "shop", "ada", mark))))
            time.sleep(0.001)
        return seen

    with ThreadPoolExecutor(5) as threads:
        readers = [threads.submit(look) for _ in range(2)]
        for done in [threads.submit(write, thread) for thread in range(3)]:
            done.result()
        over.set()
        seen = {one for reader in readers for one in reader.result()}
    assert store.count("shop") == len(read(store, "shop", "ada")) == 108
    assert len(seen) > 1
    for mark, found in seen:
        assert len(read(store, "shop", "ada", mark)) == found


# ---- one index


def plan_of(database: Database, statement: str, values: Sequence[object]) -> str:
    if database.dialect == "sqlite":
        rows = database.fetch(f"EXPLAIN QUERY PLAN {statement}", values)
        return "\n".join(row[-1] for row in rows)
    found = database.fetch(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}", values)
    return "\n".join(row[0] for row in found)


def test_reading_touches_one_index_and_sorts_nothing(database: Database) -> None:
    store = Rows(database)
    rows = [
        sale(str(n), key=f"k{n % 150}", event_time=int(at))
        for n, at in enumerate(np.random.default_rng(1).integers(0, 10**6, 6_000))
    ]
    store.add("shop", rows, arrived_at=1, batch="a", typing=TYPING)
    values = ("shop", "k7", 10**9)
    if database.dialect == "sqlite":
        plan = plan_of(database, statements._RECORDS, values)
        assert "SEARCH packed_rows USING PRIMARY KEY (client=?)" in plan
        assert "SEARCH clients USING COVERING INDEX" in plan
        assert not any(word in plan for word in ("SCAN", "TEMP B-TREE"))
        return
    with other_session(database) as session:  # the server does this by itself before long
        session.execute("VACUUM ANALYZE packed_rows, clients")
    plan = plan_of(database, statements._JOINED.replace("?", "%b"), values)
    assert "Index Only Scan using pk_packed_rows" in plan
    assert "Heap Fetches: 0" in plan
    assert not any(word in plan for word in ("Sort", "Seq Scan on packed_rows", "Bitmap"))
    assert len(read(store, "shop", "k7")) == 40


# ---- a server that goes away


def test_a_server_that_came_back_is_asked_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that were cut are not handed out twice."""
    if database.dialect == "sqlite":
        assert database.fetch("SELECT 1", ()) == [(1,)]
        return
    store = Rows(database)
    store.add("shop", [sale("1")], arrived_at=1, batch="a", typing=TYPING)
    cut = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )

    def terminate() -> None:
        with other_session(database) as other:
            assert other.execute(cut).fetchone() != (0,)

    terminate()
    assert len(read(store, "shop", "ada")) == 1
    monkeypatch.setattr("solvent.store.database.IDLE_SECONDS", 0.0)
    terminate()
    assert store.count("shop") == 1
    assert store.add("shop", [sale("2")], arrived_at=1, batch="b", typing=TYPING).accepted == 1


def test_faults_of_a_short_way_are_told_without_a_value(database: Database) -> None:
    mark = database.mark
    asked = (("SELECT * FROM nowhere WHERE a =", "ada-4711"), ("SELECT 'a' =", "ada\ud800 4711"))
    for statement, value in asked:
        with pytest.raises(StoreError) as found:
            database.fetch(f"{statement} {mark}", (value,))
        assert "4711" not in str(found.value)
        assert found.value.__cause__ is None


def test_rows_of_any_shape_have_records(database: Database) -> None:
    """A typing without columns keeps times alone."""
    store = Rows(database)
    store.add("shop", [sale("1", body={"b": "c"})], arrived_at=1, batch="a", typing=T)
    kept = store.packed("shop", "ada")["sales"]
    assert (kept.typing, {part: len(one) for part, one in kept.parts.items()}) == ("t", {0: 16})
    assert isinstance(TYPING, Typing)
