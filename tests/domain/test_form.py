"""A question asks something and allows an answer; values of a decision cannot be changed."""

from __future__ import annotations

import dataclasses

import pytest

from solvent import domain
from solvent.domain import Decision, Effect, Money, Offer, Question, Reason, Source, Verdict
from solvent.errors import DeclarationError


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_question_without_words_is_refused_by_its_column(text: str) -> None:
    with pytest.raises(DeclarationError, match="asks nothing") as caught:
        Question(column="income", text=text)
    assert caught.value.field == "form.income"
    assert caught.value.hint


def test_a_question_that_allows_no_number_is_refused_by_its_column() -> None:
    with pytest.raises(DeclarationError, match="nothing between 5 and 4") as caught:
        Question(column="age", text="Age?", at_least=5, at_most=4)
    assert caught.value.field == "form.age"


@pytest.mark.parametrize(
    ("low", "high"), [(None, None), (1, None), (None, 1), (0, 0), (-2.5, 2.5)]
)  # fmt: skip
def test_limits_may_be_equal_or_left_out(low: float | None, high: float | None) -> None:
    question = Question(column="age", text="Age?", at_least=low, at_most=high)
    assert (question.at_least, question.at_most) == (low, high)


def test_a_question_is_required_and_without_choices_unless_it_says_so() -> None:
    question = Question(column="age", text="Age?")
    assert question.required
    assert not question.choices
    assert question.choices is not Question(column="b", text="B?").choices


def test_an_offer_names_no_amount_fee_or_price_unless_it_has_one() -> None:
    offer = Offer(name="card", title="Card")
    assert (offer.amount, offer.fee, offer.price, offer.term_days) == (None, None, None, None)
    priced = dataclasses.replace(offer, amount=Money(minor=500), fee=Money(minor=90), price=0.18)
    assert priced != offer
    assert priced.amount == Money.of(5)


@pytest.mark.parametrize(
    "value",
    [
        Money(minor=1), Offer(name="a", title="A"), Question(column="a", text="A?"),
        Reason(text="Age", source=Source.RULE), Effect(text="Age", effect=0.5, features=("age",)),
    ],
)  # fmt: skip
def test_values_of_a_decision_cannot_be_changed(value: Money | Offer | Question) -> None:
    name = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, "other")


def test_verdicts_and_sources_are_the_words_that_are_kept() -> None:
    assert [each.value for each in Verdict] == ["approve", "refer", "decline"]
    assert [each.value for each in Source] == ["model", "rule"]


def test_every_noun_is_frozen_and_takes_its_parts_by_name() -> None:
    nouns = [getattr(domain, name) for name in domain.__all__]
    for noun in filter(dataclasses.is_dataclass, nouns):
        assert noun.__dataclass_params__.frozen, noun
        assert all(part.kw_only for part in dataclasses.fields(noun)), noun
    assert Decision in nouns
