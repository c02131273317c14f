"""Deciding one application: the PD decides, and what is told of it adds up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solvent.app.decide import Decided, decide_application, prepare_applicant
from solvent.app.events import add_rows, load_files
from solvent.app.intake import RawApplication, read_application
from solvent.domain import Source, Verdict
from solvent.errors import DataError
from tests.serve.lender import (
    NEW,
    NOW,
    RISKY,
    SAFE,
    Lender,
    as_json,
    loan_rows,
    open_lender,
    source_rows,
)

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
    reference = live.references[0].mean.sum()
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


def test_a_good_pd_with_no_amount_to_lend_says_so(lender: Lender) -> None:
    decision = decided(lender, "shop", **{**SAFE, "amount": 100}).decision
    assert decision.pd < decision.approve_below
    assert decision.verdict is Verdict.REFER
    assert [(one.code, one.source) for one in decision.reasons] == [("no_amount", Source.RULE)]
    assert "amount" in decision.reasons[0].text


def test_how_much_was_known_is_told(lender: Lender) -> None:
    assert decided(lender, "shop", **SAFE).decision.rows_read == 0
    live = lender.service.product("shop")
    load_files(lender.service, live, lender.folder / "data")
    everything = [row for rows in source_rows(loan_rows()).values() for row in rows]
    raw = RawApplication(user_id="C0001", attributes=SAFE)
    found = decide_application(
        live, read_application(live, raw, now=NOW), lender.service.rows, decision_id="0" * 32,
        now=NOW,
    )  # fmt: skip
    assert found.decision.rows_read == sum(row["customer"] == "C0001" for row in everything) > 0


@pytest.mark.parametrize("first", ["kept", "sent"])
def test_a_row_sent_along_corrects_nothing(lender: Lender, first: str) -> None:
    """An event that is known stands; the same row again is no harm."""
    live = lender.service.product("shop")
    row = {
        "customer": "C1", "paid_at": "2025-05-01T10:00:00Z", "booked_at": "2025-05-01T10:00:00Z",
        "payment_id": 7, "amount": 10, "note": "cash",
    }  # fmt: skip
    before = []
    if first == "kept":
        add_rows(lender.service, live, "payments", [row], batch="a batch")
    else:
        before = [row]

    def sent(other: dict[str, Any]) -> Decided:
        raw = RawApplication(user_id="C1", attributes=SAFE, events={"payments": [*before, other]})
        typed = read_application(live, raw, now=NOW)
        return decide_application(live, typed, lender.service.rows, decision_id="0" * 32, now=NOW)

    again, other = sent(row), sent({**row, "payment_id": 8})
    assert again.decision.pd != other.decision.pd
    with pytest.raises(DataError, match="known with another content") as found:
        sent({**row, "amount": 9_999})
    assert found.value.field == "events.payments"
    assert "9999" not in str(found.value)
