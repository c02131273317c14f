"""Features of features: a ratio, a difference, a value against its own history."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.errors import DeclarationError
from solvent.features.aggregates import Aggregate, Feature, Op


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Feature):
    """One feature divided by another; null where the second is 0 or either is null."""

    top: Feature
    bottom: Feature

    @property
    def parts(self) -> tuple[Feature, ...]:
        """Both."""
        return (self.top, self.bottom)

    def describe(self) -> str:
        """Return one plain sentence that says what the value is."""
        from solvent.features.describe import describe_ratio

        return describe_ratio(self.top, self.bottom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Feature):
    """One feature minus another; null where either is null."""

    left: Feature
    right: Feature

    @property
    def parts(self) -> tuple[Feature, ...]:
        """Both."""
        return (self.left, self.right)

    def describe(self) -> str:
        """Return one plain sentence that says what the value is."""
        return f"{self.title}; unknown when either is unknown."


@dataclass(frozen=True, slots=True, kw_only=True)
class ZScore(Feature):
    """How many standard deviations a value lies from the usual one of the same customer.

    (value - average) / spread; null where the spread is 0 or one of the three is null.
    """

    value: Feature
    average: Feature
    spread: Feature

    @property
    def parts(self) -> tuple[Feature, ...]:
        """The value, the average, the spread."""
        return (self.value, self.average, self.spread)

    def describe(self) -> str:
        """Return one plain sentence that says what the value is."""
        from solvent.features.describe import small

        return (
            f"{self.value.title} minus {small(self.average.title)}, divided by "
            f"{small(self.spread.title)}; unknown when one is unknown or the spread is 0."
        )


def ratio(top: Feature, bottom: Feature) -> Ratio:
    """Divide one feature by another.

    Raises:
        DeclarationError: If either is a category or itself computed from features.
    """
    _require_plain("ratio", top, bottom)
    from solvent.features.describe import title_ratio

    title = title_ratio(top, bottom)
    return Ratio(name=f"{top.name}_per_{bottom.name}", title=title, top=top, bottom=bottom)


def difference(left: Feature, right: Feature) -> Difference:
    """Subtract one feature from another.

    Raises:
        DeclarationError: If either is a category or itself computed from features, or their units
            differ.
    """
    _require_plain("difference", left, right)
    if left.unit != right.unit:
        raise DeclarationError(
            f"{left.unit or 'a number'} minus {right.unit or 'a number'} means nothing",
            hint="subtract two values of one unit, or take their ratio", field="difference",
        )  # fmt: skip
    from solvent.features.describe import small

    return Difference(
        name=f"{left.name}_minus_{right.name}", title=f"{left.title} minus {small(right.title)}",
        unit=left.unit, left=left, right=right,
    )  # fmt: skip


def zscore(value: Feature, average: Feature, spread: Feature) -> ZScore:
    """Say how unusual a value is for this customer: (value - average) / spread.

    Args:
        value: What is looked at: the mean of the last 7 days, the latest amount.
        average: The usual value: the mean of all history.
        spread: Its standard deviation.

    Raises:
        DeclarationError: If one is a category or itself computed from features.
    """
    _require_plain("zscore", value, average, spread)
    if isinstance(spread, Aggregate) and spread.op not in {Op.STD, Op.STD_GAP}:
        raise DeclarationError(
            f"{spread.name!r} is no spread", hint="divide by std(...) of the same value",
            field="zscore",
        )  # fmt: skip
    from solvent.features.describe import title_zscore

    return ZScore(
        name=f"{value.name}_against_{average.name}", title=title_zscore(value, average),
        value=value, average=average, spread=spread,
    )  # fmt: skip


def _require_plain(word: str, *parts: Feature) -> None:
    for part in parts:
        if not isinstance(part, Feature) or part.is_category or part.parts:
            name = part.name if isinstance(part, Feature) else part
            raise DeclarationError(
                f"{name!r} cannot stand in a {word}", hint="use plain numbers", field=word
            )
