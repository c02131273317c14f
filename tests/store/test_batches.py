"""Batches: every row has one result, whoever dies over it, and an old fence writes nothing."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.errors import BusyError, IdempotencyError, NotServedError, StoreError
from solvent.store import Batch, Batches, BatchMode, BatchState, Chunk, Database
from solvent.store import batches as batches_module
from solvent.store.batches import SPLIT, FencedError, given_up
from solvent.store.decisions import StoredDecision, wanted_of

LEASE = 50


def batch(rows: int = 25, chunk_rows: int = 10, **changes: object) -> Batch:
    made = Batch(
        id=uuid.uuid4().hex, name="today", product="shop", owner="key", idempotency_key=None,
        request_digest="d", mode=BatchMode.SCORE, reasons=False, model=1, policy=2, high_water=3,
        rows=rows, chunk_rows=chunk_rows, created_at=1,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own changes


def claimed(batches: Batches, now: int = 100, worker: str = "w") -> Chunk:
    chunk = batches.claim(now, LEASE, worker)
    assert chunk is not None
    return chunk


def decision(name: str) -> StoredDecision:
    return StoredDecision(
        id=uuid.uuid4().hex, product="shop", key=name, application="", as_of=1, decided_at=1,
        verdict="approve", pd=0.1, score=500, document=b"{}",
    )  # fmt: skip


def test_a_batch_is_taken_chunk_by_chunk_and_done(database: Database) -> None:
    batches = Batches(database)
    kept = batches.add(batch())
    assert (kept.state, kept.begun_at, batches.waiting_rows()) == (BatchState.WAITING, None, 25)
    taken = [claimed(batches) for _ in range(3)]
    assert [(one.first_row, one.rows, one.attempt) for one in taken] == [
        (0, 10, 1), (10, 10, 1), (20, 5, 1),
    ]  # fmt: skip
    assert batches.claim(100, LEASE, "other") is None
    for one in reversed(taken):
        batches.finish(one, f"{one.first_row}".encode(), set_aside=1, now=200)
    done = batches.get(kept.id)
    assert (done.state, done.begun_at, done.ended_at) == (BatchState.DONE, 100, 200)
    assert list(batches.results(kept.number)) == [(0, 10, b"0"), (10, 10, b"10"), (20, 5, b"20")]
    counts = batches.counts(kept.number)
    assert (counts.done, counts.set_aside, counts.chunks, counts.chunks_done) == (25, 3, 3, 3)
    assert batches.waiting_rows() == 0


def test_a_lease_of_a_clock_that_was_ahead_holds_nobody_up(database: Database) -> None:
    batches, day = Batches(database), 86_400_000_000
    batches.add(batch())
    ahead = [claimed(batches, now=day + 100) for _ in range(3)]
    again = batches.claim(100, LEASE, "other")
    assert again is not None
    assert again.first_row == ahead[0].first_row
    with pytest.raises(FencedError):
        batches.finish(ahead[0], b"", set_aside=0, now=day + 200)


def test_those_who_send_at_once_do_not_pass_the_limit(database: Database) -> None:
    batches = Batches(database)

    def send(_: int) -> bool:
        try:
            batches.add(batch(rows=10), most_waiting=25)
        except BusyError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(send, range(16))) == 2
    assert batches.waiting_rows() == 20


def test_a_batch_whose_last_chunks_end_at_once_is_done(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One chunk with decisions, one without: neither sees the other as unfinished."""
    batches = Batches(database)
    kept = batches.add(batch(rows=20))
    first, second = claimed(batches), claimed(batches)
    both, end = threading.Barrier(2), batches_module._end

    def slowly(connection: Any, number: int, now: int) -> None:
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=0.7)
        end(connection, number, now)

    monkeypatch.setattr(batches_module, "_end", slowly)
    wanted = [wanted_of(decision("one"), owner="me")]
    with ThreadPoolExecutor(2) as threads:
        ends = [
            threads.submit(batches.finish, first, b"", set_aside=0, now=5, decisions=wanted),
            threads.submit(batches.finish, second, b"", set_aside=0, now=6),
        ]
        for one in ends:
            one.result()
    assert batches.get(kept.id).state is BatchState.DONE


def test_an_old_fence_writes_nothing(database: Database) -> None:
    batches = Batches(database)
    kept = batches.add(batch(1))
    old = claimed(batches, now=100)
    new = claimed(batches, now=100 + LEASE, worker="w")  # of the same name: a name is no fence
    assert (old.fence, new.fence, new.attempt) == (1, 2, 2)
    with pytest.raises(FencedError):
        batches.finish(old, b"old", set_aside=0, now=200)
    assert not batches.give_back(old, blame=True)
    batches.finish(new, b"new", set_aside=0, now=200)
    with pytest.raises(FencedError):
        batches.finish(new, b"twice", set_aside=0, now=200)
    assert list(batches.results(kept.number)) == [(0, 1, b"new")]


def test_decisions_are_kept_with_the_result_or_neither(database: Database) -> None:
    from solvent.store import Audit, Decisions

    batches = Batches(database)
    batches.add(batch(2, mode=BatchMode.DECIDE))
    old, before = claimed(batches, now=100), Audit(database).checkpoint().number
    new = claimed(batches, now=100 + LEASE)
    made = [wanted_of(decision("Ada"), owner="batch")]
    with pytest.raises(FencedError):
        batches.finish(old, b"", set_aside=0, now=200, decisions=made)
    assert (Decisions(database).count("shop"), Audit(database).checkpoint().number) == (0, before)
    batches.finish(new, b"", set_aside=0, now=200, decisions=made)
    assert (Decisions(database).count("shop"), Audit(database).checkpoint().number) == (
        1, before + 1,
    )  # fmt: skip
    again = claimed(batches, now=300)  # the other row: the chunk was split when it was lost
    twice = [made[0], wanted_of(decision("Bob"), owner="batch")]
    with pytest.raises(StoreError):
        batches.finish(again, b"", set_aside=0, now=300, decisions=twice)
    assert Decisions(database).count("shop") == 1
    assert batches.give_back(again, blame=False)


def test_a_row_that_takes_its_workers_with_it_stands_alone_and_is_given_up(
    database: Database,
) -> None:
    batches, poison, now, deaths = Batches(database), 137, 100, 0
    kept = batches.add(batch(1_000, 1_000))
    while (chunk := batches.claim(now, LEASE, "w")) is not None:
        if chunk.first_row <= poison < chunk.first_row + chunk.rows and not given_up(chunk):
            deaths += 1
            now += LEASE
            continue
        batches.finish(chunk, b"", set_aside=int(given_up(chunk)), now=now)
    assert batches.get(kept.id).state is BatchState.DONE
    counts = batches.counts(kept.number)
    assert (counts.done, counts.set_aside) == (1_000, 1)
    assert deaths == 3 + 3  # a thousand, a hundred, ten; then three times alone
    rows = [(first, rows) for first, rows, _ in batches.results(kept.number)]
    assert [first for first, _ in rows] == [sum(n for _, n in rows[:at]) for at in range(len(rows))]


def test_what_is_given_back_without_blame_is_whole_and_unspent(database: Database) -> None:
    batches = Batches(database)
    batches.add(batch(10))
    for _ in range(5):
        chunk = claimed(batches)
        assert (chunk.rows, chunk.attempt) == (10, 1)
        assert batches.give_back(chunk, blame=False)
    assert batches.give_back(claimed(batches), blame=True)
    assert claimed(batches).rows == 10 // SPLIT


def test_cancelling_fences_who_works(database: Database) -> None:
    batches = Batches(database)
    kept = batches.add(batch())
    done, working = claimed(batches), claimed(batches)
    batches.finish(done, b"", set_aside=0, now=100)
    assert batches.cancel(kept.number, 300)
    assert not batches.cancel(kept.number, 400)
    with pytest.raises(FencedError):
        batches.finish(working, b"", set_aside=0, now=300)
    assert batches.claim(10**9, LEASE, "w") is None
    assert (batches.get(kept.id).state, batches.get(kept.id).ended_at) == ("cancelled", 300)
    assert batches.counts(kept.number).done == 10
    batches.remove(kept.number)
    with pytest.raises(NotServedError):
        batches.get(kept.id)
    assert batches.ids() == set()


def test_one_key_is_one_batch(database: Database) -> None:
    batches = Batches(database)
    first = batches.add(batch(idempotency_key="key-of-today"))
    assert batches.add(batch(idempotency_key="key-of-today")) == first
    assert batches.replay("key", "key-of-today", "d") == first
    assert batches.replay("other", "key-of-today", "d") is None
    with pytest.raises(IdempotencyError):
        batches.add(batch(idempotency_key="key-of-today", request_digest="other"))
    assert [one.id for one in batches.newest("key")] == [first.id]
    assert batches.newest("other") == ()


STEPS = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["work", "die", "late", "back"])),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, rows=st.integers(1, 30))
def test_two_workers_that_die_at_random_leave_every_row_with_one_result(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]], rows: int
) -> None:
    home: Path = tmp_path_factory.mktemp("home")
    database = Database.open(home)
    try:
        batches, now = Batches(database), 100
        kept = batches.add(batch(rows, 7))
        lost: list[Chunk] = []
        for worker, what in steps:
            now += 1
            if what == "late":  # who was thought dead comes back
                now += LEASE
                if lost and (taken := batches.claim(now, LEASE, worker)) is not None:
                    before = len(list(batches.results(kept.number)))
                    for old in lost:
                        if old.fence < taken.fence and old.first_row == taken.first_row:
                            with pytest.raises(FencedError):
                                batches.finish(old, b"old", set_aside=0, now=now)
                    assert len(list(batches.results(kept.number))) == before
                    lost.append(taken)
                continue
            chunk = batches.claim(now, LEASE, worker)
            if chunk is None:
                continue
            if what == "work":
                batches.finish(chunk, b"", set_aside=0, now=now)
            elif what == "back":
                batches.give_back(chunk, blame=False)
            else:
                lost.append(chunk)
        now += LEASE
        while (chunk := batches.claim(now, LEASE, "C")) is not None:
            batches.finish(chunk, b"", set_aside=0, now=now)
        seen = [
            row for first, n, _ in batches.results(kept.number) for row in range(first, first + n)
        ]
        assert seen == list(range(rows))
        assert batches.get(kept.id).state is BatchState.DONE
    finally:
        database.close()
