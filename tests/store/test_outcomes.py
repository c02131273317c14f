"""Outcomes: told once or often, in any order, the same is known; nothing told is ever lost."""

from __future__ import annotations

import dataclasses
from itertools import count, permutations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.domain import Money, Outcome, OutcomeWord, Verdict
from solvent.errors import StoreError
from solvent.store import Database, Decisions, KnownLoan, Outcomes, Recorded, StoredDecision

NUMBERS = count()
BRL = Money(minor=1_250, currency="BRL")
PRODUCTS = count()


def decided(database: Database, product: str, **changes: object) -> StoredDecision:
    """Keep a decision and return it."""
    made = StoredDecision(
        id=f"{next(NUMBERS):032x}", product=product, key="ada", application="", as_of=100,
        decided_at=100, verdict=Verdict.APPROVE.value, pd=0.25, score=600, document=b"{}",
    )  # fmt: skip
    made = dataclasses.replace(made, **changes)  # type: ignore[arg-type]  # any of its fields
    Decisions(database).add(
        made, answer=b"", owner="me", idempotency_key=None, request_digest="1" * 64
    )
    return made


def outcome(decision: str, word: str = "bad", at: int = 200, known: int = 200) -> Outcome:
    return Outcome(decision=decision, word=OutcomeWord(word), observed_at=at, known_from=known)


def known(outcomes: Outcomes, product: str, at: int = 10**6) -> dict[str, KnownLoan]:
    return {one.id: one for one in outcomes.known(product, at=at)}


def test_an_outcome_comes_back_as_it_was_told(database: Database) -> None:
    one = decided(database, "shop", key="ádá")
    outcomes = Outcomes(database)
    told = dataclasses.replace(
        outcome(one.id), paid=BRL, lost=Money(minor=-(2**62), currency="BRL")
    )
    assert outcomes.add([told], arrived_at=9) == Recorded(accepted=1, repeated=0, corrected=0)
    assert outcomes.history(one.id) == (told,)
    assert known(outcomes, "shop")[one.id] == KnownLoan(
        id=one.id, key="ádá", as_of=100, decided_at=100, verdict="approve", pd=0.25, score=600,
        word=OutcomeWord.BAD, observed_at=200, known_from=200, paid=BRL, lost=told.lost,
    )  # fmt: skip


def test_what_was_told_before_is_repeated_and_a_correction_stands_beside_the_first(
    database: Database,
) -> None:
    one = decided(database, "shop")
    outcomes = Outcomes(database)
    first, later = outcome(one.id, "bad"), outcome(one.id, "good", known=300)
    assert outcomes.add([first, first], arrived_at=1) == Recorded(
        accepted=1, repeated=1, corrected=0
    )
    assert outcomes.add([first, later], arrived_at=2) == Recorded(
        accepted=1, repeated=1, corrected=1
    )
    assert outcomes.history(one.id) == (first, later)
    assert known(outcomes, "shop")[one.id].word is OutcomeWord.GOOD
    assert known(outcomes, "shop", at=299)[one.id].word is OutcomeWord.BAD
    assert known(outcomes, "shop", at=199)[one.id].word is None


def test_only_the_product_and_what_was_decided_by_then_is_told(database: Database) -> None:
    mine, late = decided(database, "shop"), decided(database, "shop", as_of=500, decided_at=500)
    decided(database, "other")
    outcomes = Outcomes(database)
    assert set(known(outcomes, "shop", at=499)) == {mine.id}
    assert set(known(outcomes, "shop", at=500)) == {mine.id, late.id}


def test_pages_end_nowhere_but_at_the_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every decision comes once, whatever its number of outcomes and wherever a page ends."""
    ids = [decided(database, "shop").id for _ in range(5)]
    outcomes = Outcomes(database)
    outcomes.add([outcome(ids[1], known=k) for k in (300, 400)], arrived_at=1)
    monkeypatch.setattr("solvent.store.outcomes.PAGE", 2)
    monkeypatch.setattr("solvent.store.outcomes._KNOWN", _small_page())
    assert [one.id for one in outcomes.known("shop", at=10**6)] == ids


def _small_page() -> object:
    from solvent.store import outcomes

    return outcomes._newest_known()


def test_decisions_are_found_by_either_name(database: Database) -> None:
    first = decided(database, "shop", application="L1")
    again = decided(database, "shop", application="L1", as_of=50, verdict="decline")
    decided(database, "other", application="L1")
    nameless = decided(database, "shop")
    outcomes = Outcomes(database)
    found = outcomes.by_application("shop", ["L1", "L2", ""])
    assert {name: [one.id for one in some] for name, some in found.items()} == {
        "L1": [again.id, first.id]
    }
    assert set(outcomes.by_id("shop", [nameless.id, "0" * 31])) == {nameless.id}
    assert outcomes.by_id("other", [nameless.id]) == {}


def test_an_outcome_of_no_decision_is_not_kept(database: Database) -> None:
    """The database itself refuses; what came with it is not kept either."""
    one = decided(database, "shop")
    outcomes = Outcomes(database)
    with pytest.raises(StoreError):
        outcomes.add([outcome(one.id), outcome("f" * 32)], arrived_at=1)
    assert outcomes.history(one.id) == ()


@pytest.mark.parametrize("statement", ["UPDATE outcomes SET word = 'good'", "DELETE FROM outcomes"])
def test_nothing_told_is_changed_or_removed(database: Database, statement: str) -> None:
    one = decided(database, "shop")
    outcomes = Outcomes(database)
    outcomes.add([outcome(one.id)], arrived_at=1)
    with pytest.raises(StoreError), database.transaction() as connection:
        connection.execute(sa.text(statement))
    assert outcomes.history(one.id) == (outcome(one.id),)


WORDS = st.sampled_from([word.value for word in OutcomeWord])
TOLD = st.lists(
    st.tuples(st.integers(0, 2), WORDS, st.integers(150, 153), st.integers(0, 3)),
    min_size=1, max_size=8,
)  # fmt: skip


def _twin(told: list[Outcome], at: int) -> Outcome | None:
    """What counts, written as one would say it."""
    then = [one for one in told if one.known_from <= at]
    order = [
        (one.known_from, one.observed_at, one.word is OutcomeWord.BAD, one.digest) for one in then
    ]
    return then[order.index(max(order))] if then else None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(told=TOLD, data=st.data())
def test_any_order_of_arrival_and_any_repetition_gives_the_same_knowledge(
    database: Database, told: list[tuple[int, str, int, int]], data: st.DataObject
) -> None:
    """At every instant what is known is what a plain reading of all that was told gives."""
    outcomes = Outcomes(database)
    states = []
    for _ in range(2):
        product = f"shop{next(PRODUCTS)}"
        ids = [f"{next(NUMBERS):031x}a" for _ in range(3)]
        for name in ids:
            decided(database, product, id=name)
        made = [outcome(ids[n], word, at, at + delay) for n, word, at, delay in told]
        order = data.draw(st.permutations(made))
        again = data.draw(st.lists(st.sampled_from(made), max_size=3))
        cut = data.draw(st.integers(0, len(order)))
        distinct = {one.digest for one in made}
        counts = [
            outcomes.add(part, arrived_at=1) for part in (order[:cut], [*again, *order[cut:]])
        ]
        assert sum(one.accepted for one in counts) == len(distinct)
        assert sum(one.repeated for one in counts) == len(order) + len(again) - len(distinct)
        assert sum(one.corrected for one in counts) == len(distinct) - len(
            {one.decision for one in made}
        )
        for at in (149, 150, 151, 152, 153, 154, 155, 156, 999):
            state = known(outcomes, product, at=at)
            for name in ids:
                expected = _twin([one for one in made if one.decision == name], at)
                found = state.get(name)
                assert found is not None
                assert found.word == (None if expected is None else expected.word)
                assert found.observed_at == (None if expected is None else expected.observed_at)
        states.append(product)
    assert len(set(states)) == 2


def test_two_tellings_of_one_instant_are_settled_by_what_they_say(database: Database) -> None:
    outcomes = Outcomes(database)
    for order in permutations(("good", "bad", "open")):
        one = decided(database, "shop")
        for word in order:
            outcomes.add([outcome(one.id, word)], arrived_at=1)
        assert known(outcomes, "shop")[one.id].word is OutcomeWord.BAD
