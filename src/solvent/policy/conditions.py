"""Conditions of a policy: questions about an application's values, data and not code.

A value that is not known makes a comparison neither true nor false; `all`, `any` and `not` carry
that through as in Kleene's logic, and whoever asks says what an unanswered question means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

Value = float | str | None
Values = Mapping[str, Value]


class Comparison(StrEnum):
    """How a value is compared."""

    BELOW = "below"
    AT_MOST = "at_most"
    ABOVE = "above"
    AT_LEAST = "at_least"
    EQUALS = "equals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Compares one feature with a constant.

    Args:
        feature: Name of the feature or application column.
        comparison: How.
        value: A number, or a label where `comparison` is equals.
    """

    feature: str
    comparison: Comparison
    value: float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """True where a feature has one of some values."""

    feature: str
    values: tuple[float | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IsMissing:
    """True where a feature is not known; always answered."""

    feature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """True where every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """True where a part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """True where its part is not."""

    part: Condition


Condition = Compare | OneOf | IsMissing | AllOf | AnyOf | Not


def holds(condition: Condition, values: Values) -> bool | None:
    """Return whether a condition holds; None where an unknown value leaves it open.

    Args:
        condition: The question.
        values: Every named feature; a number, a label, or None where it is not known.

    >>> young = Compare(feature="age", comparison=Comparison.BELOW, value=18)
    >>> holds(young, {"age": 17.0}), holds(young, {"age": 18.0}), holds(young, {"age": None})
    (True, False, None)
    """
    if isinstance(condition, IsMissing):
        return values[condition.feature] is None
    if isinstance(condition, Not):
        inner = holds(condition.part, values)
        return None if inner is None else not inner
    if isinstance(condition, AllOf | AnyOf):
        found = [holds(part, values) for part in condition.parts]
        settles = isinstance(condition, AnyOf)
        if settles in found:
            return settles
        return None if None in found else not settles
    value = values[condition.feature]
    if value is None:
        return None
    if isinstance(condition, OneOf):
        return value in condition.values
    return _compare(value, condition)


def _compare(value: float | str, condition: Compare) -> bool | None:
    limit = condition.value
    if condition.comparison is Comparison.EQUALS:
        return value == limit
    if isinstance(value, str) or isinstance(limit, str):
        return None
    if condition.comparison is Comparison.BELOW:
        return value < limit
    if condition.comparison is Comparison.AT_MOST:
        return value <= limit
    if condition.comparison is Comparison.ABOVE:
        return value > limit
    return value >= limit


def leaves(condition: Condition) -> Iterator[Compare | OneOf | IsMissing]:
    """Yield every plain question a condition is made of."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from leaves(part)
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    else:
        yield condition


def names_in(condition: Condition) -> Iterator[str]:
    """Yield every feature a condition reads."""
    yield from (leaf.feature for leaf in leaves(condition))
