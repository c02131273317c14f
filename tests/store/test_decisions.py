"""Decisions: one per request, kept bit by bit, for ever."""

from __future__ import annotations

import dataclasses
import math
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.domain import Verdict
from solvent.errors import IdempotencyError, StoreError
from solvent.store import Answer, Clients, Database, Decisions, StoredDecision

NUMBERS = count()
ONE, OTHER = "1" * 64, "2" * 64


def decision(key: str = "ada", **changes: object) -> StoredDecision:
    made = StoredDecision(
        id=f"{next(NUMBERS):032x}",
        product="shop",
        key=key,
        application="",
        as_of=1_700_000_000_000_000,
        decided_at=1_700_000_000_000_001,
        verdict=Verdict.APPROVE,
        pd=0.1,
        score=600,
        document='{"word":"ä\\u0000"}'.encode(),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]  # any of its fields


def keep(decisions: Decisions, *made: StoredDecision) -> None:
    for one in made:
        decisions.add(one, answer=b"", owner="me", idempotency_key=None, request_digest=ONE)


def test_a_decision_comes_back_as_it_was_kept(database: Database) -> None:
    decisions = Decisions(database)
    made = decision(key="ádá 𝄞", application="A-1", as_of=-(2**63), decided_at=2**63 - 1)
    keep(decisions, made)
    found = decisions.get(made.id)
    assert found is not None
    assert found.sequence >= 1
    assert dataclasses.replace(found, sequence=0) == made
    assert decisions.get("0" * 31) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.floats(min_value=0.0, max_value=1.0).map(abs))
def test_a_pd_comes_back_bit_by_bit(database: Database, pd: float) -> None:
    decisions = Decisions(database)
    made = decision(pd=pd)
    keep(decisions, made)
    found = decisions.get(made.id)
    assert found is not None
    assert struct.pack("<d", found.pd) == struct.pack("<d", pd)


def test_a_key_s_second_request_gets_the_first_answer(database: Database) -> None:
    decisions = Decisions(database)
    assert decisions.replay("me", "k", ONE) is None
    first = decisions.add(
        decision(), answer=b"\x00first", owner="me", idempotency_key="k", request_digest=ONE
    )
    again = decisions.add(
        decision(), answer=b"second", owner="me", idempotency_key="k", request_digest=ONE
    )
    assert first == Answer(body=b"\x00first", replayed=False)
    assert again == Answer(body=b"\x00first", replayed=True)
    assert decisions.replay("me", "k", ONE) == b"\x00first"
    assert decisions.count("shop") == 1


def test_a_key_is_refused_for_another_request(database: Database) -> None:
    decisions = Decisions(database)
    decisions.add(decision(), answer=b"a", owner="me", idempotency_key="k", request_digest=ONE)
    with pytest.raises(IdempotencyError, match="used for another request"):
        decisions.add(
            decision(), answer=b"b", owner="me", idempotency_key="k", request_digest=OTHER
        )
    with pytest.raises(IdempotencyError):
        decisions.replay("me", "k", OTHER)
    assert decisions.count("shop") == 1


def test_keys_of_two_owners_have_nothing_to_do_with_each_other(database: Database) -> None:
    decisions = Decisions(database)
    for owner, digest in (("me", ONE), ("you", OTHER)):
        answer = decisions.add(
            decision(), answer=owner.encode(), owner=owner, idempotency_key="k",
            request_digest=digest,
        )  # fmt: skip
        assert answer == Answer(body=owner.encode(), replayed=False)
    assert decisions.count("shop") == 2


def test_without_a_key_every_request_is_decided(database: Database) -> None:
    decisions = Decisions(database)
    keep(decisions, decision(), decision())
    assert decisions.count("shop") == 2


def test_of_requests_at_once_one_decides_and_all_get_its_answer(database: Database) -> None:
    """20 keys, each sent by 8 threads together: 20 decisions, and one answer per key."""
    decisions, gate = Decisions(database), threading.Barrier(8)

    def send(thread: int) -> list[Answer]:
        answers = []
        for key in range(20):
            gate.wait()
            answers.append(
                decisions.add(
                    decision(), answer=f"{key} by {thread}".encode(), owner="me",
                    idempotency_key=str(key), request_digest=ONE,
                )
            )  # fmt: skip
        return answers

    with ThreadPoolExecutor(8) as threads:
        by_thread = list(threads.map(send, range(8)))
    assert decisions.count("shop") == 20
    for answers in zip(*by_thread, strict=True):
        assert len({answer.body for answer in answers}) == 1
        assert sum(not answer.replayed for answer in answers) == 1


def test_nothing_is_kept_of_a_decision_that_cannot_be(database: Database) -> None:
    """The id is taken: neither the decision nor an answer for its key is there."""
    decisions = Decisions(database)
    made = decision(key="secret-client")
    keep(decisions, made)
    with pytest.raises(StoreError) as found:
        decisions.add(made, answer=b"a", owner="me", idempotency_key="k", request_digest=ONE)
    assert "secret-client" not in str(found.value)
    assert decisions.replay("me", "k", ONE) is None
    with pytest.raises(StoreError, match="UTF-8"):
        keep(decisions, decision(document=b"\xff"))
    for odd in (math.nan, math.inf, -0.1, 1.1):
        with pytest.raises(StoreError, match="probability"):
            keep(decisions, decision(pd=odd))
    assert decisions.count("shop") == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET pd = 0.5",
        "UPDATE decisions SET sequence = 99",
        "DELETE FROM decisions",
        {
            "sqlite": "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
            "postgresql": "TRUNCATE decisions CASCADE",
        },
    ],
)
def test_a_decision_is_never_changed_or_removed(
    database: Database, statement: str | dict[str, str]
) -> None:
    """The database refuses, whoever asks; each has a way of its own."""
    if isinstance(statement, dict):
        statement = statement[database.dialect]
    decisions = Decisions(database)
    made = decision()
    keep(decisions, made)
    before = decisions.get(made.id)
    with pytest.raises(StoreError), database.transaction() as connection:
        connection.execute(sa.text(statement))
    assert decisions.get(made.id) == before


def test_the_decisions_about_a_customer_come_newest_first(database: Database) -> None:
    decisions = Decisions(database)
    made = [decision(), decision(key="bob"), decision(), decision(product="car"), decision()]
    keep(decisions, *made)
    found = decisions.by_key("shop", "ada", 2)
    assert [one.id for one in found] == [made[4].id, made[2].id]
    assert decisions.by_key("shop", "nobody", 2) == ()


def test_sequences_grow_in_the_order_of_commits(database: Database) -> None:
    decisions = Decisions(database)
    made = [decision() for _ in range(5)]
    keep(decisions, *made)
    found = [decisions.get(one.id) for one in made]
    sequences = [one.sequence for one in found if one is not None]
    assert sequences == sorted(set(sequences))
    assert len(sequences) == 5


KEYS = ["ada", "adam", "Ada", "a%a", "a_a", "bob", "ad\U0010ffff", "\ud7ffx", "é"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    keys=st.lists(st.sampled_from(KEYS), max_size=12),
    search=st.sampled_from(["", "a", "ad", "ada", "A", "a%", "a_", "%", "ad\U0010ffff", "\ud7ff"]),
    limit=st.integers(0, 5),
    offset=st.integers(0, 5),
)
def test_clients_decided_last_are_found_first_by_what_their_key_begins_with(
    database: Database, keys: list[str], search: str, limit: int, offset: int
) -> None:
    """Compared with a plain search through a list."""
    product = f"p{next(NUMBERS)}"
    keep(
        Decisions(database), *(decision(key=key, product=product) for key in keys),
        decision(product="other"),
    )  # fmt: skip
    newest_first = list(dict.fromkeys(reversed(keys)))
    wanted = [key for key in newest_first if key.startswith(search)]
    found = Clients(database).page(product, search=search, limit=limit, offset=offset)
    assert list(found) == wanted[offset : offset + limit]
    assert Clients(database).count(product, search=search) == len(wanted)
