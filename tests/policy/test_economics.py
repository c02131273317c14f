"""Economics: money by verdict and outcome, loan by loan, as a loop would count it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import DataError, DeclarationError
from solvent.policy import CostMatrix, Economics, Figure, Worth, worth
from solvent.policy.economics import names_read

NAN = float("nan")
SUMS = st.floats(-1e6, 1e6)
LIMITS = st.none() | st.floats(0.0, 100.0)
COLUMN = st.lists(st.just(NAN) | st.floats(0.0, 1e5), min_size=1, max_size=6)


@st.composite
def _figures(draw: st.DrawFn) -> Figure:
    low, high = draw(LIMITS), draw(LIMITS)
    if low is not None and high is not None:
        low, high = sorted((low, high))
    return Figure(
        fixed=draw(SUMS), feature=draw(st.sampled_from(["", "x"])),
        times=draw(st.floats(0.0, 3.0)), at_least=low, at_most=high,
    )  # fmt: skip


@st.composite
def _economics(draw: st.DrawFn) -> Economics:
    return Economics(
        amount=draw(_figures()), revenue=draw(st.none() | _figures()),
        rate=draw(st.floats(0.0, 1.0)), lgd=draw(st.floats(0.0, 1.0)),
        cost_per_loan=draw(st.floats(0.0, 50.0)), cost_per_application=draw(st.floats(0.0, 5.0)),
        currency="BRL",
    )  # fmt: skip


def _slow_figure(figure: Figure, value: float) -> float:
    if not figure.feature:
        return float(figure.fixed or 0.0)
    found = float(figure.fixed or 0.0) if math.isnan(value) else figure.times * value
    if figure.at_least is not None and found < figure.at_least:
        found = figure.at_least
    if figure.at_most is not None and found > figure.at_most:
        found = figure.at_most
    return found


def _row(found: Worth, place: int) -> list[float]:
    parts = ("good_approved", "bad_approved", "good_declined", "bad_declined", "amount")
    return [float(getattr(found, part)[place]) for part in parts]


@given(_economics(), COLUMN)
def test_worth_is_what_a_loop_over_the_loans_counts(told: Economics, cells: list[float]) -> None:
    found = worth(told, {"x": np.array(cells)}, len(cells))
    assert (len(found), found.currency) == (len(cells), "BRL")
    for place, value in enumerate(cells):
        amount = _slow_figure(told.amount, value)
        brings = told.rate * amount
        brings += 0.0 if told.revenue is None else _slow_figure(told.revenue, value)
        seen = -told.cost_per_application
        assert _row(found, place) == pytest.approx(
            [
                seen + brings - told.cost_per_loan,
                seen - told.lgd * amount - told.cost_per_loan, seen, seen, amount,
            ],
            rel=1e-12, abs=1e-9,
        )  # fmt: skip


def test_worth_by_hand() -> None:
    told = Economics(
        amount=Figure(feature="x", times=2.0, fixed=50.0, at_least=30.0, at_most=100.0), rate=0.2,
        lgd=0.5, cost_per_loan=3.0, cost_per_application=1.0,
    )  # fmt: skip
    found = worth(told, {"x": np.array([10.0, 20.0, 80.0, NAN])}, 4)
    assert found.amount.tolist() == [30.0, 40.0, 100.0, 50.0]
    assert found.good_approved.tolist() == [2.0, 4.0, 16.0, 6.0]
    assert found.bad_approved.tolist() == [-19.0, -24.0, -54.0, -29.0]
    assert found.good_declined.tolist() == found.bad_declined.tolist() == [-1.0] * 4


@pytest.mark.parametrize("part", ["amount", "revenue"])
def test_a_figure_nobody_knows_is_refused_with_how_many(part: str) -> None:
    figures = {"amount": Figure(fixed=1.0), part: Figure(feature="income")}
    with pytest.raises(DataError, match="not known of 2 of 1,500 applications") as caught:
        worth(Economics(**figures), {"income": np.array([NAN, NAN] + [1.0] * 1498)}, 1500)
    assert caught.value.field == "income"
    assert "otherwise" in caught.value.hint


def test_a_cost_matrix_is_the_same_for_every_loan() -> None:
    told = CostMatrix(
        good_approved=1.5, bad_approved=-4.0, good_declined=-0.5, bad_declined=2.0, currency="BRL"
    )
    found = worth(told, {}, 3)
    assert [_row(found, place) for place in range(3)] == [[1.5, -4.0, -0.5, 2.0, 1.0]] * 3
    assert found.currency == "BRL"


@given(_economics(), COLUMN, st.integers(0, 3))
def test_taking_some_loans_and_counting_them_come_to_the_same(
    told: Economics, cells: list[float], seed: int
) -> None:
    column = np.array(cells)
    places = np.random.default_rng(seed).integers(0, len(cells), 4)
    some = worth(told, {"x": column}, len(cells)).take(places)
    alone = worth(told, {"x": column[places]}, 4)
    assert [_row(some, n) for n in range(4)] == [_row(alone, n) for n in range(4)]


def test_the_features_the_figures_read_are_told() -> None:
    told = Economics(amount=Figure(feature="x"), revenue=Figure(feature="y"))
    assert names_read(told) == ("x", "y")
    assert names_read(Economics(amount=Figure(fixed=1.0))) == ()
    assert names_read(CostMatrix(good_approved=1.0, bad_approved=-1.0)) == ()


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Figure(), "economics"),  # noqa: PLW0108 - refused when it is made
        (lambda: Figure(feature="x", at_least=2.0, at_most=1.0), "economics"),
        (lambda: Economics(amount=Figure(fixed=1.0), lgd=1.1), "economics.lgd"),
        (lambda: Economics(amount=Figure(fixed=1.0), lgd=NAN), "economics.lgd"),
    ],
)
def test_figures_that_are_none_are_refused_by_name(make: Any, field: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        make()
    assert caught.value.field == field
    assert caught.value.hint
