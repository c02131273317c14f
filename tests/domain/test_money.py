"""Money is exact: whole minor units, rounded once, half to even."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.domain import Money

SCALES = st.integers(0, 6)
MAJORS = st.floats(-1e12, 1e12) | st.integers(-(10**9), 10**9).map(lambda cents: cents / 100)
MINORS = st.integers(-(2**50), 2**50)


def _oracle(exact: Decimal, scale: int) -> int:
    with localcontext(prec=60):
        return int((exact * 10**scale).quantize(Decimal(1), ROUND_HALF_EVEN))


@given(MAJORS, SCALES)
def test_a_float_is_the_decimal_it_is_written_as_rounded_half_to_even(
    major: float, scale: int
) -> None:
    assert Money.of(major, "BRL", scale).minor == _oracle(Decimal(repr(major)), scale)


@given(st.decimals(-(10**9), 10**9, places=9), SCALES)
def test_a_decimal_is_taken_as_it_is(major: Decimal, scale: int) -> None:
    assert Money.of(major, scale=scale).minor == _oracle(major, scale)


@pytest.mark.parametrize(
    ("major", "scale", "minor"),
    [
        (0.125, 2, 12), (0.135, 2, 14), (2.675, 2, 268), (1.005, 2, 100), (1.015, 2, 102),
        (-0.125, 2, -12), (0.5, 0, 0), (1.5, 0, 2), (2.5, 0, 2), (1e-9, 6, 0), (0.1 + 0.2, 2, 30),
        (19.99, 2, 1999), (100, 2, 10_000),
    ],
)  # fmt: skip
def test_halves_go_to_the_even_unit_as_a_person_sees_the_number(
    major: float, scale: int, minor: int
) -> None:
    assert Money.of(major, scale=scale).minor == minor


@given(MINORS, SCALES)
def test_minor_units_survive_the_way_through_major_ones(minor: int, scale: int) -> None:
    money = Money(minor=minor, scale=scale)
    assert money.major == float(Decimal(minor).scaleb(-scale))
    assert Money.of(money.major, scale=scale) == money


@given(MINORS, SCALES)
def test_words_read_back_give_the_amount(minor: int, scale: int) -> None:
    money = Money(minor=minor, currency="EUR", scale=scale)
    amount, currency = money.words.split(" ")
    assert currency == "EUR"
    assert Decimal(amount.replace(",", "")) == Decimal(minor).scaleb(-scale)
    assert ("." in amount) == (minor % 10**scale != 0)


@pytest.mark.parametrize(
    ("minor", "currency", "scale", "words"),
    [
        (0, "BRL", 2, "0 BRL"), (5, "BRL", 2, "0.05 BRL"), (-150, "", 2, "-1.50"),
        (123_456_789, "JPY", 0, "123,456,789 JPY"), (1_500, "BHD", 3, "1.500 BHD"),
        (100_000_000, "RUB", 2, "1,000,000 RUB"),
    ],
)  # fmt: skip
def test_words_have_thousands_and_no_needless_decimals(
    minor: int, currency: str, scale: int, words: str
) -> None:
    assert Money(minor=minor, currency=currency, scale=scale).words == words


def test_amounts_of_one_currency_are_ordered_by_size() -> None:
    few, many = Money(minor=1, currency="BRL"), Money(minor=2, currency="BRL")
    assert few < many
    assert max(many, few) is many
