"""Features: what a person declares, each with a name, a unit and a sentence.

An `Aggregate` summarises rows of a source before `as_of`; `Own` is computed from the application
row itself; what is computed of other features stands in `combinations`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from solvent.errors import DeclarationError
from solvent.features.expressions import Expression, Type
from solvent.features.windows import EVER, Window


class Op(StrEnum):
    """How rows become one value."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    STD = "std"
    MIN = "min"
    MAX = "max"
    QUANTILE = "quantile"
    TREND = "trend"
    DISTINCT = "distinct"
    ENTROPY = "entropy"
    MOST_COMMON = "most_common"
    FIRST = "first"
    LAST = "last"
    SHARE = "share"
    STREAK = "streak"
    ACTIVE_STREAK = "active_streak"
    SINCE_LAST = "since_last"
    SINCE_FIRST = "since_first"
    SESSIONS = "sessions"
    MEAN_GAP = "mean_gap"
    STD_GAP = "std_gap"
    SHORTEST_GAP = "shortest_gap"
    LONGEST_GAP = "longest_gap"
    ATTRIBUTE = "attribute"


GAP_OPS = {Op.MEAN_GAP, Op.STD_GAP, Op.SHORTEST_GAP, Op.LONGEST_GAP}
ROW_OPS = {Op.COUNT, Op.SINCE_LAST, Op.SINCE_FIRST, Op.SESSIONS, *GAP_OPS}
"""What reads no value of a row, only its time."""
PICKING_OPS = {Op.FIRST, Op.LAST, Op.MOST_COMMON, Op.ATTRIBUTE}
"""What shows one of the values as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(ABC):
    """A named value computed for an application as things were known at `as_of`.

    Args:
        name: Identifier, unique within a product.
        title: Words a person reads.
        unit: Unit of the value, possibly empty.
    """

    name: str
    title: str
    unit: str = ""

    @property
    def is_category(self) -> bool:
        """True where the value is a label, not a number."""
        return False

    def called(self, name: str, *, title: str = "") -> Feature:
        """Return the same feature under another name."""
        if not name.isidentifier():
            raise DeclarationError(
                f"{name!r} cannot name a feature", hint="use letters, digits and underscores",
                field="name",
            )  # fmt: skip
        return replace(self, name=name, title=title or self.title)

    @property
    def parts(self) -> tuple[Feature, ...]:
        """The features this one is computed from; none where it reads rows itself."""
        return ()

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """What it computes of each row itself."""
        return ()

    @abstractmethod
    def describe(self) -> str:
        """Return one plain sentence that says what the value is."""


def with_parts(features: Iterable[Feature]) -> Iterator[Feature]:
    """Yield features, and after each one those it is computed from."""
    for feature in features:
        yield feature
        yield from with_parts(feature.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Feature):
    """Rows of one source before `as_of`, summarised.

    Args:
        table: Name of the source.
        op: How rows become one value.
        value: What is taken of each row; None where rows are only counted or timed.
        where: Rows that count; None for all. For `share`, the question asked of each row.
        over: How far back rows count.
        rows: One row of the source as a person says it.
        newest: Only so many rows count, the newest that meet the condition; 0 for all.
        quantile: Which one, in [0, 1], where `op` is quantile.
        gap: Longest pause inside a session, microseconds, where `op` is sessions.
    """

    table: str
    op: Op
    value: Expression | None = None
    where: Expression | None = None
    over: Window = EVER
    rows: str = ""
    newest: int = 0
    quantile: float = 0.0
    gap: int = 0

    @property
    def is_category(self) -> bool:
        """True for one of the levels of a category."""
        picks = self.op in PICKING_OPS
        return picks and self.value is not None and self.value.type is Type.CODE

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The value and the condition, where there are any."""
        return tuple(part for part in (self.value, self.where) if part is not None)

    def describe(self) -> str:
        """Return one plain sentence that says what the value is."""
        from solvent.features.describe import describe_aggregate

        return describe_aggregate(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Own(Feature):
    """A value of the application row itself."""

    value: Expression

    @property
    def is_category(self) -> bool:
        """True for a category column."""
        return self.value.type is Type.CODE

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The value."""
        return (self.value,)

    def describe(self) -> str:
        """Return one plain sentence that says what the value is."""
        from solvent.features.describe import describe_own

        return describe_own(self.value)


def tables_of(feature: Feature) -> set[str]:
    """Return the names of the sources a feature reads, those below others included."""
    found: set[str] = set()
    for part in with_parts((feature,)):
        found |= {part.table} if isinstance(part, Aggregate) else set()
        for expression in part.expressions:
            for detail in expression.details():
                found |= tables_of(detail.feature)
    return found
