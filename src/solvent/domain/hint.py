"""A hint: one change that would have turned a refusal into an approval."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """Which way a value may plausibly be changed."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One change of one value with which the same model and policy approve, all else the same.

    Args:
        feature: What would be another: an application column, or a feature.
        title: That in words.
        way: Which way it would be changed.
        value: The nearest value tried with which it is approved.
        value_text: That value as a person reads it.
        beyond: True where every value tried further that way is approved as well.
    """

    feature: str
    title: str
    way: Way
    value: float
    value_text: str
    beyond: bool

    @property
    def bound(self) -> str:
        """The value as a bound, where it is one.

        >>> Hint(feature="a", title="amount", way=Way.LOWER, value=3.0, value_text="3 EUR",
        ...      beyond=True).bound
        '3 EUR or less'
        """
        if not self.beyond:
            return self.value_text
        return f"{self.value_text} or {'less' if self.way is Way.LOWER else 'more'}"
