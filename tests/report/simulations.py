"""Simulations to report on: a realistic one, drawn from a seed, and how to change one thing."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np

from solvent.domain import Verdict
from solvent.policy import CostMatrix, Cutoffs, Economics, Figure, Worth, worth
from solvent.report import AlternativeLine, RuleLine, SimulationRecord, economics_words
from solvent.simulate import Best, Decided, Resampling, most_profitable

DAY = 86_400_000_000
CARDS = Economics(
    amount=Figure(feature="limit", times=2.5, at_least=200.0, at_most=6000.0, fixed=800.0),
    revenue=Figure(fixed=45.0),
    rate=0.19,
    lgd=0.62,
    cost_per_loan=18.0,
    cost_per_application=3.5,
    currency="BRL",
)
USUAL = Cutoffs(approve_below=0.22, refer_below=0.26)
ONE_TO_TEN = CostMatrix(good_approved=1.0, bad_approved=-10.0, good_declined=-0.2)


def applicants(n: int, seed: int, noise: float = 0.8) -> tuple[Any, Any, Any]:
    """PDs of a decent model, what happened, and monthly incomes, some not known."""
    random = np.random.default_rng(seed)
    true = random.normal(-1.35, 1.05, n)
    bad = random.random(n) < 1.0 / (1.0 + np.exp(-true))
    seen = -1.35 + 0.7 * (true + 1.35 + random.normal(0.0, noise, n))
    income = random.lognormal(6.4, 0.55, n)
    income[random.random(n) < 0.04] = np.nan
    return 1.0 / (1.0 + np.exp(-seen)), bad, income


def _worth(economics: Economics | CostMatrix, income: Any) -> Worth:
    return worth(economics, {"limit": income}, income.size)


@functools.cache
def _best(economics: Economics | CostMatrix) -> Best:
    pd, bad, income = applicants(20_000, seed=11)
    return most_profitable(
        pd, bad, _worth(economics, income), resampling=Resampling(replicates=200)
    )


def _verdicts(pd: Any, cutoffs: Cutoffs, *, declined: Any, referred: Any) -> Any:
    """Verdicts by the cutoffs, then by two rules."""
    found = np.array([cutoffs.verdict(each).value for each in pd.tolist()], "U7")
    found[referred] = Verdict.REFER.value
    found[declined] = Verdict.DECLINE.value
    return found


def simulation(
    n: int = 20_000,
    *,
    seed: int = 12,
    economics: Economics | CostMatrix = CARDS,
    cutoffs: Cutoffs = USUAL,
    **changes: Any,
) -> SimulationRecord:
    """A card lender's test applications, decided by two rules and two cutoffs."""
    pd, bad, income = applicants(n, seed)
    random = np.random.default_rng(seed + 1)
    young = random.random(n) < 0.02
    thin = random.random(n) < 0.03
    verdict = _verdicts(pd, cutoffs, declined=young, referred=thin)
    made = SimulationRecord(
        product="card_portfolio",
        title="Card portfolio",
        technique="gradient boosting (LightGBM), 203 trees",
        model_version="4",
        policy_name="cards-2024-q2",
        policy_version="3",
        policy_digest="a3f1c2d4e5b6978812345678" * 2,
        created_at="2024-11-03 09:12 UTC",
        bad_words="60 days or more past due within a year of the first bill",
        split_words="the test of a split by time: the last 40 % of mature applications",
        unseen=True,
        decided=Decided(
            verdict=verdict,
            pd=pd,
            bad=bad,
            worth=_worth(economics, income),
            as_of=19_700 * DAY + np.sort(random.integers(0, 300 * DAY, n)),
        ),
        cutoffs=cutoffs,
        rules=(
            RuleLine(
                code="under_age", reason="Cards are issued from the age of 18.",
                verdict=Verdict.DECLINE, caught=young,
            ),
            RuleLine(
                code="thin_file", reason="There is too little about the applicant to decide by.",
                verdict=Verdict.REFER, caught=thin,
            ),
        ),
        alternatives=(
            AlternativeLine(title="Secured card", offered=n // 9, detail="a PD below 40 %"),
            AlternativeLine(title="Card with a limit of 200 BRL", offered=n // 14),
        ),
        best=_best(economics),
        best_words="20,000 training applications, each judged by a model that had not seen it",
        economics=economics_words(economics),
        sources=(
            ("applications", 50_000, "9f86d081884c7d65" * 4),
            ("outcomes", 50_000, "60303ae22b998861" * 4),
        ),
        versions={"solvent": "0.1.0", "lightgbm": "4.7.0", "numpy": "2.3.1", "python": "3.11.2"},
    )  # fmt: skip
    return replace(made, **changes)


def losing(n: int = 3_000) -> SimulationRecord:
    """A lender that approves almost everybody at too low a price."""
    dear = replace(CARDS, rate=0.04, revenue=None, currency="BRL")
    return simulation(n, economics=dear, cutoffs=Cutoffs(approve_below=0.6, refer_below=0.6))


def in_units(n: int = 3_000) -> SimulationRecord:
    """A lender that counts a default as ten good loans, without times."""
    made = simulation(n, economics=ONE_TO_TEN, cutoffs=Cutoffs(approve_below=0.1, refer_below=0.1))
    return replace(made, decided=replace(made.decided, as_of=None))
