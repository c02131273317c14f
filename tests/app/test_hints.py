"""Hints: decided again with what they say, the same request is approved; nothing else is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from solvent.app.applicants import Applicants
from solvent.app.decide import Decided, decide_application, prepare_applicant
from solvent.app.hints import MOST_HINTS, hints_of
from solvent.app.intake import RawApplication, read_application
from solvent.app.live_product import LiveProduct
from solvent.domain import Hint, Verdict, Way
from solvent.features import NumberColumn
from solvent.policy import KnockOut
from solvent.policy.conditions import Compare, Comparison
from tests.serve.lender import NEW, NOW, RISKY, SAFE, Lender, as_json, loan_rows, open_lender

PRODUCTS = ("shop", "trees")
CHANGEABLE = {"amount", "income", "ratio", "visits_count_90d"}


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    opened = open_lender(tmp_path_factory.mktemp("hinted"))
    yield opened
    opened.service.close()


def decided(lender: Lender, live: LiveProduct, attributes: dict[str, Any]) -> Decided:
    raw = RawApplication(user_id="C1", attributes=attributes)
    application = read_application(live, raw, now=NOW)
    return decide_application(live, application, lender.service.rows, decision_id="0" * 32, now=NOW)


def applicants(lender: Lender, live: LiveProduct, attributes: dict[str, Any]) -> Applicants:
    raw = RawApplication(user_id="C1", attributes=attributes)
    application = read_application(live, raw, now=NOW)
    return prepare_applicant(live, application, lender.service.rows, until=None)


def some_applicants() -> list[dict[str, Any]]:
    wanted = ("amount", "income", "months", "ratio", "city", "owner", "born")
    return [{name: as_json(row)[name] for name in wanted} for row in loan_rows()[::10]]


def refused(lender: Lender, live: LiveProduct) -> Iterator[tuple[dict[str, Any], tuple[Hint, ...]]]:
    for attributes in some_applicants():
        decision = decided(lender, live, attributes).decision
        if decision.verdict is Verdict.APPROVE:
            assert decision.hints == ()
        else:
            yield attributes, decision.hints


@pytest.mark.parametrize("product", PRODUCTS)
def test_decided_again_with_what_a_hint_says_the_request_is_approved(
    lender: Lender, product: str
) -> None:
    """The application column is sent with the hint's value, and decided as any request."""
    live, told = lender.service.product(product), set()
    for attributes, hints in refused(lender, live):
        assert len(hints) <= MOST_HINTS
        assert len({hint.feature for hint in hints}) == len(hints)
        for hint in hints:
            assert hint.feature in CHANGEABLE
            own = attributes.get(hint.feature)
            if own is not None:
                assert (hint.value > own) == (hint.way is Way.HIGHER)
                again = decided(lender, live, {**attributes, hint.feature: hint.value}).decision
                assert again.verdict is Verdict.APPROVE
            else:
                alone = applicants(lender, live, attributes)
                varied = alone.varied(0, [(hint.feature, hint.value)])
                assert varied.judge(0).verdict is Verdict.APPROVE
            told.add(hint.feature)
    assert {"income", "ratio"} <= told


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_hint_is_the_nearest_and_a_bound_holds_all_the_way(lender: Lender, product: str) -> None:
    live, bounds = lender.service.product(product), 0
    grids = live.facts["changeable"]
    for attributes, hints in refused(lender, live):
        for hint in hints:
            own = attributes.get(hint.feature)
            if own is None:
                continue
            way = 1 if hint.way is Way.HIGHER else -1
            for value in grids[hint.feature]["grid"]:
                if way * value <= way * own:
                    continue
                again = decided(lender, live, {**attributes, hint.feature: value}).decision
                approved = again.verdict is Verdict.APPROVE
                if way * value < way * hint.value:
                    assert not approved
                elif hint.beyond:
                    assert approved
            bounds += hint.beyond
    assert bounds


def test_an_approved_request_and_one_that_a_rule_stops_get_no_hint(lender: Lender) -> None:
    live = lender.service.product("shop")
    assert decided(lender, live, SAFE).decision.hints == ()
    stopped = decided(lender, live, NEW).decision
    assert (stopped.verdict, stopped.hints) == (Verdict.DECLINE, ())


def test_a_rule_that_reads_a_changeable_value_leaves_a_hint_about_it_alone(lender: Lender) -> None:
    live = lender.service.product("shop")
    rule = KnockOut(
        code="too_poor", reason="The income is too small",
        when=Compare(feature="income", comparison=Comparison.BELOW, value=900.0),
    )  # fmt: skip
    policy = replace(live.policy, knock_outs=(rule,))
    strict = replace(live, versioned=replace(live.versioned, policy=policy))
    found = decided(lender, strict, {**SAFE, "income": 800}).decision
    assert [one.code for one in found.reasons] == ["too_poor"]
    assert {hint.feature for hint in found.hints} <= {"income"}
    for hint in found.hints:
        assert hint.value >= 900.0
    assert found.hints


def test_what_is_not_known_and_what_is_not_marked_is_never_hinted_at(lender: Lender) -> None:
    live = lender.service.product("shop")
    unknown = {name: value for name, value in RISKY.items() if name != "income"}
    assert "income" not in {h.feature for h in decided(lender, live, unknown).decision.hints}
    facts = {**live.facts, "changeable": {}}
    about = {**live.registered.about, "live": facts}
    bare = replace(live, registered=replace(live.registered, about=about))
    alone = applicants(lender, bare, RISKY)
    assert hints_of(bare, alone, 0, alone.judge(0)) == ()


def test_one_change_is_one_change(lender: Lender) -> None:
    """Varied applicants differ from their own in the value named alone."""
    live = lender.service.product("shop")
    alone = applicants(lender, live, RISKY)
    before = {c.name: c for c in alone.frame()}
    changes = [("income", 1234.5), ("visits_count_90d", 7.0)]
    varied = alone.varied(0, changes).frame()
    for column in varied:
        own = before[column.name]
        for row, (name, value) in enumerate(changes):
            if not isinstance(column, NumberColumn) or not isinstance(own, NumberColumn):
                continue
            wanted = value if column.name == name else own.values[0]
            assert repr(column.values[row]) == repr(np.float64(wanted))
    income = alone.frame()["income"]
    assert isinstance(income, NumberColumn)
    assert income.values.tolist() == [600.0]


def test_a_bound_is_told_in_words() -> None:
    hint = Hint(
        feature="income", title="income", way=Way.HIGHER, value=2.0, value_text="2 EUR", beyond=True
    )
    assert hint.bound == "2 EUR or more"
    assert replace(hint, beyond=False).bound == "2 EUR"
    assert replace(hint, way=Way.LOWER).bound == "2 EUR or less"
