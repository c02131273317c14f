"""Conditions: Kleene's three truths, and every name a condition reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from solvent.policy import (
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    Condition,
    IsMissing,
    Not,
    OneOf,
    holds,
    names_in,
)
from tests.policy.policies import CONDITIONS, NAMES, VALUES, answer

LESS = {None: 0, False: -1, True: 1}
UNKNOWN = Compare(feature="x", comparison=Comparison.BELOW, value=1.0)
TRUTHS = {
    True: IsMissing(feature="x"),
    False: Not(part=IsMissing(feature="x")),
    None: UNKNOWN,
}


@given(CONDITIONS, VALUES)
def test_a_condition_is_what_every_way_to_fill_in_the_unknown_agrees_on(
    condition: Condition, values: Mapping[str, Any]
) -> None:
    assert holds(condition, values) is answer(condition, values)


@pytest.mark.parametrize("left", [False, None, True])
@pytest.mark.parametrize("right", [False, None, True])
def test_all_is_the_least_and_any_the_greatest_of_its_parts(
    left: bool | None, right: bool | None
) -> None:
    parts = (TRUTHS[left], TRUTHS[right])
    inside = sorted((left, right), key=lambda truth: LESS[truth])
    assert holds(AllOf(parts=parts), {"x": None}) is inside[0]
    assert holds(AnyOf(parts=parts), {"x": None}) is inside[1]


@given(CONDITIONS, VALUES)
def test_not_twice_is_the_same_and_not_turns_all_into_any(
    condition: Condition, values: Mapping[str, Any]
) -> None:
    assert holds(Not(part=Not(part=condition)), values) is holds(condition, values)
    other = IsMissing(feature="age")
    together = Not(part=AllOf(parts=(condition, other)))
    apart = AnyOf(parts=(Not(part=condition), Not(part=other)))
    assert holds(together, values) is holds(apart, values)


@given(CONDITIONS, VALUES)
def test_a_condition_reads_the_names_it_says_and_no_other(
    condition: Condition, values: Mapping[str, Any]
) -> None:
    told = set(names_in(condition))
    assert told <= set(NAMES)
    needed = {name: value for name, value in values.items() if name in told}
    assert holds(condition, needed) is holds(condition, values)
    for name in told:
        with pytest.raises(KeyError, match=name):
            holds(condition, {one: value for one, value in needed.items() if one != name})


@pytest.mark.parametrize(
    ("comparison", "truths"),
    [
        ("below", (True, False, False)), ("at_most", (True, True, False)),
        ("above", (False, False, True)), ("at_least", (False, True, True)),
        ("equals", (False, True, False)),
    ],
)  # fmt: skip
def test_a_comparison_is_exact_at_its_limit(
    comparison: str, truths: tuple[bool, bool, bool]
) -> None:
    asked = Compare(feature="age", comparison=Comparison(comparison), value=18.0)
    assert tuple(holds(asked, {"age": age}) for age in (17.999, 18.0, 18.001)) == truths


@pytest.mark.parametrize("comparison", ["below", "at_most", "above", "at_least"])
@pytest.mark.parametrize(("value", "limit"), [("Lima", 1.0), (1.0, "Lima"), ("Lima", "Rome")])
def test_text_is_neither_above_nor_below_anything(
    comparison: str, value: float | str, limit: float | str
) -> None:
    asked = Compare(feature="x", comparison=Comparison(comparison), value=limit)
    assert holds(asked, {"x": value}) is None


def test_a_label_is_one_of_some_or_not_and_unknown_where_it_is_missing() -> None:
    asked = OneOf(feature="town", values=("Lima", 7.0))
    assert [holds(asked, {"town": town}) for town in ("Lima", 7.0, "7", None)] == [
        True, True, False, None,
    ]  # fmt: skip


def test_whether_a_value_is_missing_is_always_answered() -> None:
    assert [holds(IsMissing(feature="x"), {"x": x}) for x in (None, 0.0, "")] == [
        True, False, False,
    ]  # fmt: skip
