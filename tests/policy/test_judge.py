"""The verdict: by the letter of the policy, and never better for whoever is riskier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.domain import Money, Verdict
from solvent.policy import (
    Alternative,
    Band,
    Cap,
    Compare,
    Comparison,
    Cutoffs,
    KnockOut,
    OfferRule,
    Policy,
    Variant,
    judge,
)
from solvent.scoring import score
from tests.policy.policies import MONEY, PLAIN, VALUES, policies, slow_judge

ORDER = list(Verdict)
ASKED = st.none() | st.sampled_from([0.0, 2.0, 5.0, 12.5, 20.0])
RISKS = st.tuples(st.floats(-4.0, 2.0), st.sampled_from([-0.02, 0.0, 0.02, 0.05]))


class Risk:
    """Log-odds that change with the amount; remembers the amounts it was asked about."""

    def __init__(self, base: float, slope: float) -> None:
        self.base, self.slope = base, slope
        self.scored: list[float | None] = []

    def __call__(self, amount: float | None) -> tuple[float, int]:
        self.scored.append(amount)
        odds = self.base + self.slope * (15.0 if amount is None else amount)
        pd = round(1.0 / (1.0 + np.exp(-odds)), 2)  # rounded, so that cutoffs are met exactly
        pd = min(max(float(pd), 0.01), 0.99)
        return pd, int(score(np.array([pd]))[0])


def _policy(**more: Any) -> Policy:
    given = {
        "product": "p", "name": "n", "offer": PLAIN, "economics": MONEY,
        "cutoffs": Cutoffs(approve_below=0.2, refer_below=0.3),
    }  # fmt: skip
    return Policy(**(given | more))


def _rule(verdict: Verdict) -> KnockOut:
    young = Compare(feature="age", comparison=Comparison.BELOW, value=18.0)
    return KnockOut(code=verdict.value, when=young, reason="Too young", verdict=verdict)


def _ladder(**more: Any) -> OfferRule:
    return OfferRule(
        variants=(Variant(name="loan", title="Loan"),), amounts=(10.0, 40.0, 20.0), **more
    )


@settings(max_examples=500)
@given(policies(), VALUES, RISKS, ASKED)
def test_a_judgement_is_that_of_a_slow_twin(
    policy: Policy, values: Mapping[str, Any], risk: tuple[float, float], asked: float | None
) -> None:
    found = judge(policy, values, Risk(*risk), asked=asked)
    slow = slow_judge(policy, values, Risk(*risk), asked)
    assert found.verdict == slow.verdict
    assert found.amount == slow.amount
    assert (found.pd, found.score) == Risk(*risk)(found.amount)
    assert tuple(rule.code for rule in found.rules) == slow.rules
    assert tuple(
        (one.name, None if one.amount is None else one.amount.major) for one in found.alternatives
    ) == slow.alternatives  # fmt: skip
    if slow.offer is None:
        assert found.offer is None
        return
    assert found.offer is not None
    name, amount, price = slow.offer
    assert (found.offer.name, found.offer.price) == (name, price)
    assert found.offer.amount == (None if amount is None else Money.of(amount, "BRL"))


@settings(max_examples=300)
@given(policies(falling=True), VALUES, RISKS, ASKED, st.floats(0.0, 3.0))
def test_a_higher_pd_never_gives_a_better_verdict_or_a_larger_offer(
    policy: Policy, values: Mapping[str, Any], risk: tuple[float, float], asked: float | None,
    more: float,
) -> None:  # fmt: skip
    base, slope = risk
    safer = judge(policy, values, Risk(base, slope), asked=asked)
    riskier = judge(policy, values, Risk(base + more, slope), asked=asked)
    assert ORDER.index(safer.verdict) <= ORDER.index(riskier.verdict)
    if riskier.offer is not None and riskier.offer.amount is not None:
        assert safer.offer is not None
        assert safer.offer.amount is not None
        assert riskier.offer.amount <= safer.offer.amount


@given(policies(), VALUES, RISKS, ASKED)
def test_only_the_approved_get_an_offer_and_only_the_others_alternatives(
    policy: Policy, values: Mapping[str, Any], risk: tuple[float, float], asked: float | None
) -> None:
    found = judge(policy, values, Risk(*risk), asked=asked)
    approved = found.verdict is Verdict.APPROVE
    assert (found.offer is not None) == approved
    assert not (approved and (found.alternatives or found.rules))
    if approved:
        assert found.pd < policy.cutoffs.approve_below


def test_the_largest_approved_amount_is_offered_at_the_pd_it_would_have() -> None:
    risk = Risk(-2.2, 0.03)  # PD of 40: 0.27, of 20: 0.17, of 10: 0.13
    found = judge(_policy(offer=_ladder()), {}, risk)
    assert found.offer is not None
    assert found.offer.amount == Money.of(20.0)
    assert (found.amount, found.pd) == (20.0, 0.17)
    assert risk.scored == [40.0, 20.0]


def test_where_no_amount_is_approved_the_pd_as_asked_gives_the_verdict() -> None:
    policy = _policy(offer=_ladder())
    for asked, amount, verdict in (
        (40.0, 40.0, "decline"),
        (25.0, 25.0, "refer"),
        (None, 10.0, "refer"),
    ):
        found = judge(policy, {}, Risk(-1.6, 0.025), asked=asked)
        assert (found.verdict, found.amount) == (verdict, amount)


@pytest.mark.parametrize(
    ("pd", "verdict"), [(0.01, Verdict.REFER), (0.25, Verdict.REFER), (0.9, Verdict.DECLINE)]
)
def test_a_good_pd_with_no_amount_left_to_lend_goes_to_a_person(
    pd: float, verdict: Verdict
) -> None:
    policy = _policy(offer=_ladder(), bands=(Band(name="A", score_from=700, amount=5.0),))
    found = judge(policy, {}, lambda _: (pd, 600), asked=50.0)
    assert (found.verdict, found.offer, found.band) == (verdict, None, None)


def test_a_score_below_every_band_is_lent_no_more_than_the_lowest() -> None:
    bands = (
        Band(name="A", score_from=700, amount=40.0),
        Band(name="B", score_from=600, amount=10.0),
    )
    policy = _policy(offer=_ladder(), bands=bands)
    for points, amount in ((700, 40.0), (699, 10.0), (600, 10.0), (599, 10.0)):
        found = judge(policy, {}, lambda _, points=points: (0.1, points))  # type: ignore[misc]
        assert found.amount == amount


@pytest.mark.parametrize("pd", [0.01, 0.25, 0.9])
def test_a_rule_decides_whatever_the_pd_says_and_declining_goes_first(pd: float) -> None:
    refers, declines = _rule(Verdict.REFER), _rule(Verdict.DECLINE)
    for rules, verdict in (((refers,), "refer"), ((refers, declines), "decline")):
        found = judge(_policy(knock_outs=rules), {"age": 17.0}, lambda _: (pd, 600))
        assert found.verdict == verdict
        assert found.pd == pd
        assert set(found.rules) == set(rules)
        assert found.rules[0].verdict == verdict
    assert not judge(_policy(knock_outs=(declines,)), {"age": 18.0}, lambda _: (pd, 600)).rules


def test_alternatives_are_tried_in_order_each_at_its_own_amount_and_cutoff() -> None:
    old = Compare(feature="age", comparison=Comparison.ABOVE, value=60.0)
    offered = (
        Alternative(name="tight", title="T", approve_below=0.2, amount=2.0),
        Alternative(name="small", title="S", approve_below=0.4, amount=2.0, price=0.1),
        Alternative(name="large", title="L", approve_below=0.4, amount=40.0),
        Alternative(name="for_the_old", title="O", approve_below=1.0, when=old),
        Alternative(name="anybody", title="A", approve_below=1.0, detail="Free"),
    )
    risk = Risk(-1.0, 0.02)  # PD as asked: 0.33, of 2: 0.28, of 40: 0.45
    found = judge(_policy(alternatives=offered), {"age": None}, risk)
    assert found.verdict is Verdict.DECLINE
    assert [one.name for one in found.alternatives] == ["small", "anybody"]
    small, anybody = found.alternatives
    assert (small.amount, small.fee) == (Money.of(2.0), Money.of(0.2))
    assert (anybody.amount, anybody.fee, anybody.detail) == (None, None, "Free")


def test_a_rule_that_declines_leaves_no_alternative_and_one_that_refers_does() -> None:
    one = Alternative(name="anybody", title="A", approve_below=1.0)
    for verdict in (Verdict.DECLINE, Verdict.REFER):
        policy = _policy(alternatives=(one,), knock_outs=(_rule(verdict),))
        found = judge(policy, {"age": 17.0}, lambda _: (0.9, 400))
        assert bool(found.alternatives) == (verdict is Verdict.REFER)


def test_an_approved_applicant_is_scored_no_oftener_than_there_are_amounts() -> None:
    risk = Risk(-5.0, 0.0)
    judge(_policy(offer=_ladder()), {}, risk, asked=15.0)
    assert risk.scored == [10.0]


def test_a_band_prices_the_offer_that_its_score_gets() -> None:
    bands = (Band(name="A", score_from=600, price=0.1), Band(name="B", score_from=500, price=0.3))
    policy = _policy(offer=replace(_ladder(price=0.2)), bands=bands)
    for points, name, price in ((600, "A", 0.1), (599, "B", 0.3)):
        found = judge(policy, {}, lambda _, points=points: (0.1, points))  # type: ignore[misc]
        assert found.band is not None
        assert found.offer is not None
        assert (found.band.name, found.offer.price) == (name, price)
        assert found.offer.fee == Money.of(40.0 * price)


def test_no_alternative_lends_more_than_a_cap_allows() -> None:
    policy = _policy(
        offer=_ladder(caps=(Cap(feature="income", times=1.0, otherwise=5.0),)),
        alternatives=(
            Alternative(name="big", title="Big", approve_below=1.0, amount=10.0),
            Alternative(name="small", title="Small", approve_below=1.0, amount=5.0),
        ),
    )
    found = judge(policy, {"income": None}, lambda _: (0.9, 400), asked=40.0)
    assert [one.name for one in found.alternatives] == ["small"]
