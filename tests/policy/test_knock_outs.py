"""Knock-outs decide whatever the PD says; a question left open passes unless it is to catch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.domain import Verdict
from solvent.errors import DeclarationError
from solvent.policy import Compare, Comparison, Condition, KnockOut, hit, holds
from tests.policy.policies import CONDITIONS, VALUES

YOUNG = Compare(feature="age", comparison=Comparison.BELOW, value=18.0)


def _rule(code: str, verdict: Verdict = Verdict.DECLINE, **more: Any) -> KnockOut:
    return KnockOut(code=code, when=YOUNG, reason="Too young", verdict=verdict, **more)


@given(CONDITIONS, VALUES, st.booleans())
def test_a_rule_catches_where_its_condition_holds_and_the_unknown_only_where_it_says(
    condition: Condition, values: Mapping[str, Any], unknown: bool
) -> None:
    rule = KnockOut(code="a", when=condition, reason="A", catches_unknown=unknown)
    found = holds(condition, values)
    assert rule.catches(values) is (unknown if found is None else found)


def test_an_unknown_value_passes_unless_the_rule_catches_it() -> None:
    lenient, strict = _rule("a"), _rule("b", catches_unknown=True)
    assert hit((lenient, strict), {"age": None}) == (strict,)


@given(st.lists(st.sampled_from([Verdict.DECLINE, Verdict.REFER]), max_size=6))
def test_rules_that_decline_come_first_and_each_kind_keeps_its_order(
    verdicts: list[Verdict],
) -> None:
    rules = [_rule(f"r{place}", verdict) for place, verdict in enumerate(verdicts)]
    caught = hit(rules, {"age": 17.0})
    assert list(caught) == [
        *(r for r in rules if r.verdict is Verdict.DECLINE),
        *(r for r in rules if r.verdict is Verdict.REFER),
    ]
    assert hit(rules, {"age": 18.0}) == ()


def test_a_rule_cannot_approve() -> None:
    with pytest.raises(DeclarationError, match="cannot approve") as caught:
        _rule("open_door", Verdict.APPROVE)
    assert caught.value.field == "knock_outs.open_door"
    assert caught.value.hint
