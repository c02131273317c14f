"""Clients: everybody a row or a decision is about, each once, listed without counting rows."""

from __future__ import annotations

import dataclasses
from itertools import count

from solvent.store import Clients, Database, Decisions, LiveRow, Rows, StoredDecision
from solvent.store.clients import PAGE
from tests.store.typed import T

NUMBERS = count()
ROW = LiveRow(
    source="top_ups", key="ada", event_id="1", event_time=1, available_time=1, body={}, known={}
)
DECISION = StoredDecision(
    id="0" * 32, product="shop", key="ada", application="", as_of=1, decided_at=1,
    verdict="approve", pd=0.1, score=600, document=b"{}",
)  # fmt: skip


def know(database: Database, *keys: str) -> None:
    rows = [dataclasses.replace(ROW, key=key, event_id=str(n)) for n, key in enumerate(keys)]
    Rows(database).add("shop", rows, arrived_at=1, batch="a", typing=T)


def decide(database: Database, *keys: str) -> None:
    for key in keys:
        made = dataclasses.replace(DECISION, id=f"{next(NUMBERS):032x}", key=key)
        Decisions(database).add(
            made, answer=b"", owner="me", idempotency_key=None, request_digest="1" * 64
        )


def test_a_client_is_counted_once_however_many_rows_and_decisions_there_are(
    database: Database,
) -> None:
    know(database, "ada", "bob", "ada")
    know(database, "bob")
    decide(database, "ada", "ada", "eve")
    assert Clients(database).count("shop") == 3
    assert list(Clients(database).all("shop")) == ["ada", "bob", "eve"]
    assert Clients(database).count("car") == 0
    assert list(Clients(database).all("car")) == []


def test_clients_decided_last_come_first_and_those_never_decided_after_them(
    database: Database,
) -> None:
    know(database, "zoe", "bob", "ada")
    decide(database, "bob", "eve")
    decide(database, "bob")
    clients = Clients(database)
    assert clients.page("shop", limit=9) == ("bob", "eve", "ada", "zoe")
    assert clients.page("shop", limit=2, offset=1) == ("eve", "ada")
    know(database, "bob")
    assert clients.page("shop", limit=1) == ("bob",), "new rows do not make a client undecided"


def test_clients_are_found_by_what_their_key_begins_with(database: Database) -> None:
    keys = ["b", "B", "a_1", "ab1", "é", "a%1"]
    know(database, *keys)
    clients = Clients(database)
    assert set(clients.page("shop", limit=9)) == set(keys)
    assert clients.page("shop", search="a_", limit=9) == ("a_1",)
    assert clients.page("shop", search="b", limit=9) == ("b",)
    assert clients.count("shop", search="a") == 3


def test_more_clients_than_a_page_are_walked_in_order(database: Database) -> None:
    keys = [f"k{n:05d}" for n in range(PAGE + 7)]
    know(database, *reversed(keys))
    assert list(Clients(database).all("shop")) == keys
