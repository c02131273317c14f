"""Offers: what was asked for and every cap bound the amounts; money is exact."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.domain import Money
from solvent.errors import DeclarationError
from solvent.policy import Band, Cap, Compare, Comparison, OfferRule, Policy, Variant, holds
from tests.policy.policies import PLAIN, VALUES, policies

LOAN = Variant(name="loan", title="Loan")
LIMA = Compare(feature="town", comparison=Comparison.EQUALS, value="Lima")
ASKED = st.none() | st.sampled_from([0.0, 5.0, 7.5, 20.0, 100.0])


@given(policies(), VALUES, ASKED)
def test_what_was_asked_for_and_every_cap_bound_every_amount(
    policy: Policy, values: Mapping[str, Any], asked: float | None
) -> None:
    rule = policy.offer
    limits = [cap.most(values) for cap in rule.caps] + ([] if asked is None else [asked])
    found = rule.candidates(values, asked)
    assert list(found) == sorted(found, key=lambda one: -(one or 0.0))
    for amount in found:
        assert amount is None or (amount > 0 and all(amount <= limit for limit in limits))
    if rule.amounts:
        assert set(found) <= set(rule.amounts)
        assert all(
            one in found or any(one > limit for limit in limits) for one in rule.amounts
        )  # fmt: skip
    else:
        assert found == (
            (min(limits),) if limits and min(limits) > 0 else () if limits else (None,)
        )


@pytest.mark.parametrize(
    ("known", "most"),
    [(None, 5.0), ("text", 5.0), (20.0, 40.0), (0.5, 3.0), (-9.0, 3.0), (0.0, 3.0)],
)
def test_a_cap_is_a_multiple_of_what_is_known_and_never_falls_below_its_least(
    known: float | str | None, most: float
) -> None:
    assert Cap(feature="repaid", times=2.0, otherwise=5.0, at_least=3.0).most(
        {"repaid": known}
    ) == most  # fmt: skip


@pytest.mark.parametrize("asked", [0.0, -5.0])
def test_no_offer_is_made_of_nothing(asked: float) -> None:
    assert PLAIN.candidates({}, asked) == ()
    nothing = OfferRule(variants=(LOAN,), caps=(Cap(feature="repaid", times=2.0, otherwise=0.0),))
    assert nothing.candidates({"repaid": None}, 10.0) == ()


@given(
    st.sampled_from([5.0, 7.35, 12.5, 1999.99]),
    st.floats(0.0, 1.0).map(lambda price: round(price, 4)),
    st.integers(0, 3),
)
def test_the_fee_is_the_price_of_the_amount_to_the_nearest_minor_unit(
    amount: float, price: float, scale: int
) -> None:
    rule = OfferRule(variants=(LOAN,), price=price, currency="BRL", scale=scale, term_days=30)
    offer = rule.offer({}, amount, None)
    exact = Decimal(repr(amount * price)).scaleb(scale)
    assert offer.fee == Money(
        minor=int(exact.quantize(Decimal(1), ROUND_HALF_EVEN)), currency="BRL", scale=scale
    )
    assert (offer.name, offer.title, offer.term_days) == ("loan", "Loan", 30)


@pytest.mark.parametrize(
    ("band", "price"),
    [
        (None, 0.18),
        (Band(name="A", score_from=600), 0.18),
        (Band(name="A", score_from=600, price=0.1), 0.1),
        (Band(name="A", score_from=600, price=0.0), 0.0),
    ],
)
def test_a_bands_own_price_goes_before_the_offers(band: Band | None, price: float) -> None:
    offer = OfferRule(variants=(LOAN,), price=0.18).offer({}, 10.0, band)
    assert offer.price == price
    assert offer.fee == Money.of(10.0 * price)


def test_without_an_amount_or_a_price_there_is_no_fee() -> None:
    assert OfferRule(variants=(LOAN,), price=0.18).offer({}, None, None).fee is None
    assert PLAIN.offer({}, 10.0, None).fee is None


@given(VALUES)
def test_the_first_shape_whose_condition_holds_is_offered(values: Mapping[str, Any]) -> None:
    rule = OfferRule(variants=(Variant(name="local", title="Local", when=LIMA), LOAN))
    expected = "local" if holds(LIMA, values) else "loan"
    assert rule.offer(values, None, None).name == expected


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"variants": ()}, "offer.variants"),
        ({"variants": (LOAN, Variant(name="local", title="L", when=LIMA))}, "offer.variants"),
        ({"variants": (LOAN,), "amounts": (5.0, 0.0)}, "offer.amounts"),
        ({"variants": (LOAN,), "amounts": (-5.0,)}, "offer.amounts"),
    ],
)
def test_a_rule_that_may_have_nothing_to_offer_is_refused_by_name(
    settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        OfferRule(**settings)
    assert caught.value.field == field
    assert caught.value.hint
