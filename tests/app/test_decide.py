"""Deciding one application: the PD decides, and what is told of it adds up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solvent.app.decide import Decided, decide_application, prepare_applicant
from solvent.app.intake import RawApplication, read_application
from solvent.domain import Source, Verdict
from tests.serve.lender import NEW, NOW, RISKY, SAFE, Lender, as_json, loan_rows, open_lender

PRODUCTS = ("shop", "trees")


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    opened = open_lender(tmp_path)
    yield opened
    opened.service.close()


def decided(lender: Lender, product: str, **attributes: Any) -> Decided:
    live = lender.service.product(product)
    raw = RawApplication(user_id="C1", attributes=attributes)
    application = read_application(live, raw, now=NOW)
    return decide_application(live, application, lender.service.rows, decision_id="0" * 32, now=NOW)


def some_applicants() -> list[dict[str, Any]]:
    rows = [as_json(row) for row in loan_rows()[::25]]
    wanted = ("amount", "income", "months", "ratio", "city", "owner", "born")
    return [{name: row[name] for name in wanted} for row in rows]


@pytest.mark.parametrize("product", PRODUCTS)
def test_effects_sum_to_the_difference_of_margins(lender: Lender, product: str) -> None:
    """What all features added is the applicant's log-odds less the reference group's mean."""
    live = lender.service.product(product)
    reference = live.reference.sum()
    for attributes in some_applicants():
        found = decided(lender, product, **attributes)
        pd = found.decision.pd
        gap = np.log(pd / (1 - pd)) - reference
        assert sum(one.effect for one in found.decision.effects) == pytest.approx(gap, abs=1e-6)
        assert sum(found.weights.values()) == pytest.approx(gap, abs=1e-6)


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_feature_stands_in_one_effect(lender: Lender, product: str) -> None:
    found = decided(lender, product, **RISKY)
    live = lender.service.product(product)
    named = [name for one in found.decision.effects for name in one.features]
    assert sorted(named) == sorted(live.model.features)
    for one in found.decision.effects:
        assert one.effect == pytest.approx(sum(found.weights[name] for name in one.features))
    told = [one.effect for one in found.decision.effects]
    assert told == sorted(told, reverse=True)


@pytest.mark.parametrize("product", PRODUCTS)
def test_reasons_are_the_strongest_effects_against(lender: Lender, product: str) -> None:
    for attributes in some_applicants():
        decision = decided(lender, product, **attributes).decision
        if decision.verdict is Verdict.APPROVE:
            assert decision.reasons == ()
            continue
        if any(one.source is Source.RULE for one in decision.reasons):
            assert all(one.source is Source.RULE for one in decision.reasons)
            continue
        against = [one for one in decision.effects if one.effect > 0][:4]
        assert [(one.text, one.effect) for one in decision.reasons] == [
            (one.text, one.effect) for one in against
        ]


def test_a_rule_decides_whatever_the_pd_says(lender: Lender) -> None:
    safe, new = decided(lender, "shop", **SAFE), decided(lender, "shop", **NEW)
    assert safe.decision.verdict is Verdict.APPROVE
    assert new.decision.pd < new.decision.approve_below
    assert new.decision.verdict is Verdict.DECLINE
    assert [one.code for one in new.decision.reasons] == ["too_new"]
    assert new.decision.alternatives == ()


def test_an_offer_is_judged_at_its_own_amount(lender: Lender) -> None:
    """The PD of a decision is the PD as if the amount offered had been asked for."""
    live, some = lender.service.product("shop"), 0
    for attributes in some_applicants():
        asked = {**attributes, "amount": 2_000}
        decision = decided(lender, "shop", **asked).decision
        if decision.offer is None or decision.offer.amount is None:
            continue
        raw = RawApplication(
            user_id="C1", attributes={**asked, "amount": decision.offer.amount.major}
        )
        typed = read_application(live, raw, now=NOW)
        alone = prepare_applicant(live, typed, lender.service.rows, until=None).scored(None)
        assert decision.pd == alone[0][0]
        assert decision.pd < decision.approve_below
        some += decision.offer.amount.major < 2_000
    assert some


def test_nothing_known_is_decided_all_the_same(lender: Lender) -> None:
    for product in PRODUCTS:
        found = decided(lender, product)
        assert 0 < found.decision.pd < 1
        assert found.values["income"] is None
