"""The Portfolio page's figures are those `solvent.simulate` computes, and plain sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from solvent.app.portfolio import portfolio
from solvent.errors import NotServedError, RangeError
from solvent.features import CategoryColumn, NumberColumn
from solvent.models import Population
from solvent.policy import worth
from solvent.simulate import most_profitable, sweep
from tests.serve.lender import Lender, open_lender

PRODUCTS = ("shop", "trees")
CUTOFFS = (0.0, 0.1, 0.25, 0.5, 1.0)


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    opened = open_lender(tmp_path_factory.mktemp("portfolio"))
    yield opened
    opened.service.close()


def amounts(population: Population) -> Any:
    column = population.frame["amount"]
    assert isinstance(column, NumberColumn)
    return column.values


def barred(population: Population) -> Any:
    """Return whom the policy's two rules stop, in plain Python."""
    months, city = population.frame["months"], population.frame["city"]
    assert isinstance(months, NumberColumn)
    assert isinstance(city, CategoryColumn)
    return np.array(
        [
            months.values[n] < 3 or (city.codes[n] >= 0 and city.levels[city.codes[n]] == "Lima")
            for n in range(len(population))
        ]
    )


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_page_says_what_simulate_computes(lender: Lender, product: str) -> None:
    live = lender.service.product(product)
    test = live.population
    train = lender.service.models.population(product, 1, "train")
    sides = []
    for side in (test, train):
        money = worth(live.policy.economics, {"amount": amounts(side)}, len(side))
        sides.append((side.pd, side.bad, money, barred(side)))
    pd, bad, money, stopped = sides[0]
    swept = sweep(pd, bad, money, barred=stopped)
    best = most_profitable(*sides[1][:3], barred=sides[1][3])
    told = portfolio(lender.service, product, None)
    assert told["cutoff"] == told["policy_cutoff"] == 0.25
    assert (told["best_cutoff"], told["best_low"], told["best_high"]) == (
        best.cutoff, best.low, best.high,
    )  # fmt: skip
    assert told["curve"] == sorted(
        (asdict(point) for point in swept.points), key=lambda point: point["cutoff"]
    )
    for cutoff in CUTOFFS:
        told = portfolio(lender.service, product, cutoff)
        assert told["at"] == asdict(swept.at(cutoff))
        assert told["at_best"] == asdict(swept.at(best.cutoff))


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_the_figures_are_plain_sums(lender: Lender, product: str, cutoff: float) -> None:
    population = lender.service.product(product).population
    told = portfolio(lender.service, product, cutoff)
    cells = {"good_approved": 0, "bad_approved": 0, "good_declined": 0, "bad_declined": 0}
    profit = everybody = oracle = 0.0
    for pd, bad, amount, stopped in zip(
        population.pd, population.bad, amounts(population), barred(population), strict=True
    ):
        approved = pd < cutoff and not stopped
        cells[f"{'bad' if bad else 'good'}_{'approved' if approved else 'declined'}"] += 1
        brought = (-0.6 if bad else 0.2) * amount - 2
        profit += brought * approved
        everybody += brought
        oracle += max(brought, 0.0) * (not bad)
    assert told["confusion"] == cells
    assert told["at"]["profit"] == pytest.approx(profit)
    assert sum(told["confusion_money"].values()) == pytest.approx(profit)
    assert told["approve_all"]["profit"] == pytest.approx(everybody)
    assert told["oracle"]["profit"] == pytest.approx(oracle)
    approved = cells["good_approved"] + cells["bad_approved"]
    assert told["applications"] == sum(cells.values()) == len(population)
    assert told["at"]["approved"] == approved
    assert told["at"]["approval_rate"] == approved / len(population)
    assert told["at"]["bad_rate"] == (cells["bad_approved"] / approved if approved else None)
    assert told["bad_rate_all"] == pytest.approx(population.bad.mean())


def test_what_is_no_cutoff_or_product_is_refused(lender: Lender) -> None:
    for cutoff in (-0.1, 1.1, float("nan")):
        with pytest.raises(RangeError):
            portfolio(lender.service, "shop", cutoff)
    with pytest.raises(NotServedError):
        portfolio(lender.service, "nothing", None)
