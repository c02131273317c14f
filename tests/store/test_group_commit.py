"""Decisions kept at once share a commit, and none is answered before it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from solvent.errors import IdempotencyError, SolventError, StoreError
from solvent.store import Answer, Database, Decisions
from solvent.store.audit import CHAIN
from tests.store.tampering import decision, forging

CLIENTS = 16
KEYS, MANY_KEYS = 150, 20_000


def add(decisions: Decisions, number: int, key: str | None = None, **changes: Any) -> Answer:
    return decisions.add(
        decision(number, **changes), answer=b"answer %d" % number, owner="me", idempotency_key=key,
        request_digest="0" * 64,
    )  # fmt: skip


@contextmanager
def commits_counted(database: Database) -> Iterator[list[int]]:
    found: list[int] = []

    def count(_: object) -> None:
        found.append(1)

    event.listen(database._engine, "commit", count)
    yield found
    event.remove(database._engine, "commit", count)


@contextmanager
def held_up(database: Database) -> Iterator[None]:
    """Let nobody write meanwhile."""
    with database.transaction(alone=CHAIN):
        yield


def gathered(decisions: Decisions, numbers: range, threads: ThreadPoolExecutor) -> list[Any]:
    """Let threads come to keep decisions; return their futures once all of them wait."""
    found = [threads.submit(add, decisions, number) for number in numbers]
    while len(decisions._group._queue) < len(numbers) - 1:
        assert not any(one.done() for one in found)
        threading.Event().wait(0.002)
    return found


def test_sixteen_clients_need_few_commits(database: Database) -> None:
    """Free to come and go: at most a commit for every four decisions."""
    decisions, gate = Decisions(database), threading.Barrier(CLIENTS)

    def send(client: int) -> None:
        gate.wait()
        for number in range(25):
            add(decisions, client * 25 + number)

    with commits_counted(database) as commits, ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(send, range(CLIENTS)))
    kept = decisions.count("shop") + decisions.count("car")
    assert kept == CLIENTS * 25
    assert len(commits) <= kept / 4


def test_those_who_come_while_one_is_kept_are_kept_together(database: Database) -> None:
    decisions = Decisions(database)
    with commits_counted(database) as commits, ThreadPoolExecutor(CLIENTS) as threads:
        with held_up(database):
            waiting = gathered(decisions, range(CLIENTS), threads)
        assert all(one.result().replayed is False for one in waiting)
    assert len(commits) == 3  # the one that held all up, the first to come, and all the others


@contextmanager
def at_commit(database: Database, act: Callable[[], None]) -> Iterator[None]:
    """Let something happen just before a client's commit, not before that of who holds all up."""

    def happen(_: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            act()

    event.listen(database._engine, "commit", happen)
    yield
    event.remove(database._engine, "commit", happen)


def test_no_answer_goes_out_before_its_commit(database: Database, url: str) -> None:
    """Sixteen wait for a commit that does not come; nobody is answered, nobody else sees it."""
    decisions, go, reached = Decisions(database), threading.Event(), threading.Event()
    other = Database(url)

    def wait() -> None:
        reached.set()
        assert go.wait(60)

    with ThreadPoolExecutor(CLIENTS) as threads, at_commit(database, wait):
        with held_up(database):
            waiting: list[Future[Answer]] = gathered(decisions, range(CLIENTS), threads)
        assert reached.wait(60)
        threading.Event().wait(0.1)
        assert not any(one.done() for one in waiting)
        assert Decisions(other).count("shop") == 0
        go.set()
        for number, one in enumerate(waiting):
            assert one.result().body == b"answer %d" % number
    assert Decisions(other).count("shop") + Decisions(other).count("car") == CLIENTS
    other.close()


def test_one_that_cannot_be_kept_takes_nobody_with_it(database: Database) -> None:
    """A taken id, and text that is no text: the other fourteen are kept, in the chain."""
    decisions = Decisions(database)
    add(decisions, 3)
    with ThreadPoolExecutor(CLIENTS) as threads, held_up(database):
        waiting = gathered(decisions, range(CLIENTS - 1), threads)
        waiting.append(threads.submit(add, decisions, 50, key="k", application="\ud800"))
        while len(decisions._group._queue) < CLIENTS - 1:
            threading.Event().wait(0.002)
    faults = [type(one.exception()) for one in waiting]
    assert [n for n, fault in enumerate(faults) if fault is not type(None)] == [3, 15]
    assert {faults[3], faults[15]} == {StoreError}
    assert decisions.get(decision(50).id) is None
    assert decisions.replay("me", "k", "0" * 64) is None
    with forging(database, "") as (_, check):
        found = check()
    assert (found.findings, found.decisions) == ([], CLIENTS - 1)


def test_where_the_commit_fails_all_who_share_it_are_told(database: Database) -> None:
    decisions = Decisions(database)

    def fail() -> None:
        raise StoreError("the disk is full")

    with ThreadPoolExecutor(CLIENTS) as threads, at_commit(database, fail):
        with held_up(database):
            waiting = gathered(decisions, range(CLIENTS), threads)
        faults = [one.exception() for one in waiting]
    assert {type(fault) for fault in faults} == {StoreError}
    assert len({id(fault) for fault in faults}) == CLIENTS
    assert decisions.count("shop") == 0
    assert add(decisions, 1).body == b"answer 1"


def test_a_bug_leaves_nobody_waiting(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    decisions = Decisions(database)

    def break_down(_: object) -> list[Answer | SolventError]:
        raise ZeroDivisionError

    with ThreadPoolExecutor(CLIENTS) as threads:
        with held_up(database):
            waiting = gathered(decisions, range(CLIENTS), threads)
            monkeypatch.setattr(decisions._group, "_write", break_down)
        faults = [one.exception(timeout=20) for one in waiting]
    assert faults[0] is None  # it was being kept already
    assert {type(one) for one in faults[1:]} == {ZeroDivisionError, StoreError}
    monkeypatch.undo()
    assert add(decisions, 100).body == b"answer 100"


def send_duplicates(database: Database, url: str, keys: int) -> None:
    """Send each key 2 to 10 times at once, by two openers as two processes would; look what came.

    Some of those who send have another body: they are refused, or they came first.
    """
    other = Database(url)
    both, draw = (Decisions(database), Decisions(other)), random.Random(keys)  # noqa: S311
    sent = [(key, draw.random() < 0.2) for key in range(keys) for _ in range(draw.randrange(2, 11))]
    draw.shuffle(sent)
    sent.sort(key=lambda one: one[0] // 8)

    def send(place: int) -> tuple[int, bool, Answer | None]:
        key, differs = sent[place]
        try:
            answer = both[place % 2].add(
                decision(place), answer=b"answer %d" % place, owner="me",
                idempotency_key=f"key-{key}", request_digest=("1" if differs else "0") * 64,
            )  # fmt: skip
        except IdempotencyError:
            return key, differs, None
        return key, differs, answer

    with ThreadPoolExecutor(CLIENTS) as threads:
        found = list(threads.map(send, range(len(sent))))
    other.close()
    assert both[0].count("shop") + both[0].count("car") == keys
    by_key: dict[int, list[tuple[bool, Answer | None]]] = {}
    for key, differs, answer in found:
        by_key.setdefault(key, []).append((differs, answer))
    assert len(by_key) == keys
    for mine in by_key.values():
        told = [(differs, answer) for differs, answer in mine if answer is not None]
        assert len({differs for differs, _ in told}) == 1  # one body, whichever came first
        assert len({answer.body for _, answer in told}) == 1
        assert sum(not answer.replayed for _, answer in told) == 1
        assert len(told) == sum(differs == told[0][0] for differs, _ in mine)
    with forging(database, "") as (_, check):
        checked = check()
    assert (checked.findings, checked.decisions) == ([], keys)


def test_of_duplicates_at_once_one_is_decided(database: Database, url: str) -> None:
    send_duplicates(database, url, KEYS)


@pytest.mark.long
def test_of_twenty_thousand_keys_sent_at_once_each_is_decided_once(
    database: Database, url: str
) -> None:
    send_duplicates(database, url, MANY_KEYS)
