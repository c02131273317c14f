"""The policy as a whole: what contradicts itself is refused by name, what it reads is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import DeclarationError
from solvent.policy import (
    Alternative,
    Band,
    Cap,
    Compare,
    Comparison,
    Cutoffs,
    Economics,
    Figure,
    IsMissing,
    KnockOut,
    Not,
    OfferRule,
    Policy,
    ReferenceGroup,
    Variant,
    judge,
)
from tests.policy.policies import MONEY, PLAIN, VALUES, policies

LAST = Variant(name="last", title="Last")


def _asks(feature: str) -> Compare:
    return Compare(feature=feature, comparison=Comparison.ABOVE, value=1.0)


def _policy(**more: Any) -> Policy:
    given = {
        "product": "p", "name": "n", "offer": PLAIN, "economics": MONEY,
        "cutoffs": Cutoffs(approve_below=0.2, refer_below=0.3),
    }  # fmt: skip
    return Policy(**(given | more))


def _rule(code: str, feature: str = "x") -> KnockOut:
    return KnockOut(code=code, when=_asks(feature), reason="Because")


def test_every_part_that_reads_a_feature_tells_it_each_once_in_order() -> None:
    offer = OfferRule(
        variants=(Variant(name="v", title="V", when=Not(part=IsMissing(feature="c"))), LAST),
        caps=(Cap(feature="e", times=1.0, otherwise=1.0), Cap(feature="a", times=1, otherwise=1)),
    )
    policy = _policy(
        knock_outs=(_rule("r", "a"), _rule("s", "b"), _rule("t", "a")), offer=offer,
        alternatives=(Alternative(name="o", title="O", approve_below=0.5, when=_asks("d")),),
        economics=Economics(amount=Figure(feature="f"), revenue=Figure(feature="g")),
    )  # fmt: skip
    assert policy.features == ("a", "b", "c", "d", "e", "f", "g")


@given(policies(), VALUES, st.none() | st.just(10.0))
def test_a_judgement_reads_no_feature_the_policy_does_not_name(
    policy: Policy, values: Mapping[str, Any], asked: float | None
) -> None:
    named = {name: values[name] for name in policy.features}
    for pd in (0.01, 0.25, 0.9):
        full = judge(policy, values, lambda _, pd=pd: (pd, 560), asked=asked)  # type: ignore[misc]
        assert judge(policy, named, lambda _, pd=pd: (pd, 560), asked=asked) == full  # type: ignore[misc]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"knock_outs": (_rule("a"), _rule("b"), _rule("a"))}, "knock_outs"),
        ({"bands": (Band(name="A", score_from=1), Band(name="A", score_from=2))}, "bands"),
        (
            {"bands": (Band(name="A", score_from=1), Band(name="B", score_from=1))},
            "bands.score_from",
        ),
        (
            {"alternatives": (Alternative(name="o", title="O", approve_below=0.5),) * 2},
            "alternatives",
        ),
        (
            {"alternatives": (Alternative(name="o", title="O", approve_below=0.1),)},
            "alternatives.o.approve_below",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_by_name(more: dict[str, Any], field: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        _policy(**more)
    assert caught.value.field == field
    assert caught.value.hint


@pytest.mark.parametrize("approve_below", [0.0, -0.5, 1.5, float("nan")])
def test_an_alternative_approves_below_a_pd(approve_below: float) -> None:
    with pytest.raises(DeclarationError) as caught:
        Alternative(name="o", title="O", approve_below=approve_below)
    assert caught.value.field == "alternatives.o.approve_below"


def test_an_alternative_may_be_as_strict_as_the_product() -> None:
    one = Alternative(name="o", title="O", approve_below=0.2)
    assert _policy(alternatives=(one,)).alternatives == (one,)


def test_reasons_compare_with_those_just_approved_unless_the_policy_says_so() -> None:
    assert _policy().compare_with is ReferenceGroup.JUST_APPROVED
