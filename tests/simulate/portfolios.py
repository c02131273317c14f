"""Portfolios to simulate on, and the slow twins every figure is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from solvent.domain import Verdict
from solvent.policy import CostMatrix, Worth, worth
from solvent.simulate import Decided

VERDICTS = tuple(each.value for each in Verdict)
DAY = 86_400_000_000


def portfolio(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.bool_], Worth]:
    """Loans of different amounts whose PD is the true one, with many ties."""
    random = np.random.default_rng(seed)
    pd = np.round(1.0 / (1.0 + np.exp(-random.normal(-1.8, 1.2, n))), 2)
    amount = random.lognormal(7.0, 0.7, n)
    seen = np.full(n, -2.5)
    made = Worth(
        good_approved=seen + 0.22 * amount - 7.0,
        bad_approved=seen - 0.6 * amount - 7.0,
        good_declined=seen,
        bad_declined=seen,
        amount=amount,
        currency="BRL",
    )
    return pd, random.random(n) < pd, made


def equal_loans(n: int, good: float = 1.0, bad: float = -4.0) -> Worth:
    """Loans that all earn and cost the same."""
    return worth(CostMatrix(good_approved=good, bad_approved=bad), {}, n)


def verdicts(n: int, seed: int) -> NDArray[np.str_]:
    """Verdicts at random."""
    return np.random.default_rng(seed).choice(np.array(VERDICTS), n)


def decided(n: int, seed: int, **changes: Any) -> Decided:
    """Applications over about five months, in no order, with verdicts at random."""
    pd, bad, made = portfolio(n, seed)
    random = np.random.default_rng(seed + 1)
    values: dict[str, Any] = {
        "verdict": verdicts(n, seed + 2),
        "pd": pd,
        "bad": bad,
        "worth": made,
        "as_of": 19_700 * DAY + random.integers(0, 150 * DAY, n),
        "asked": np.where(random.random(n) < 0.1, np.nan, made.amount * 1.5),
    }
    return Decided(**(values | changes))


def money_of(made: Worth, row: int, bad: bool, approved: bool) -> float:
    """What one application brings; the only formula the twins need."""
    if approved:
        return float(made.bad_approved[row] if bad else made.good_approved[row])
    return float(made.bad_declined[row] if bad else made.good_declined[row])


def slow_profit(made: Worth, bad: Any, approved: Any) -> float:
    """Profit by a loop over the applications."""
    return sum(money_of(made, row, bool(bad[row]), bool(approved[row])) for row in range(len(bad)))


def every_cutoff(pd: Any) -> Iterator[float]:
    """Every cutoff that can decide differently."""
    yield 0.0
    yield from sorted({float(each) for each in pd})
    yield float(np.nextafter(1.0, 2.0))


@st.composite
def small_cases(draw: st.DrawFn) -> tuple[Any, Any, Worth, Any]:
    """A few applications with ties, any money, any of them barred."""
    n = draw(st.integers(1, 9))
    pds = st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 1.0]) | st.floats(0.0, 1.0)
    sums = st.integers(-40, 40).map(float) | st.floats(-1e6, 1e6)

    def money() -> NDArray[np.float64]:
        return np.array(draw(st.lists(sums, min_size=n, max_size=n)))

    flags = st.lists(st.booleans(), min_size=n, max_size=n)
    made = Worth(
        good_approved=money(),
        bad_approved=money(),
        good_declined=money(),
        bad_declined=money(),
        amount=np.ones(n),
        currency="units",
    )
    pd = np.array(draw(st.lists(pds, min_size=n, max_size=n)))
    return pd, np.array(draw(flags)), made, np.array(draw(flags))
