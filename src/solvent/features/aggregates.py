"""Features: what a person declares, each with a name, a unit and a sentence.

An `Aggregate` summarises rows of a source before `as_of`; `Own` is computed from the application
row itself; `Ratio` divides one feature by another.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from enum import StrEnum

from solvent.errors import DeclarationError
from solvent.features.expressions import Expression, Type
from solvent.features.tables import Applications, Attributes, Events
from solvent.features.windows import EVER, Window
from solvent.features.words import row_words
from solvent.features.zones import check_zone


class Op(StrEnum):
    """How rows become one value."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    STD = "std"
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"
    LAST = "last"
    SHARE = "share"
    SINCE_LAST = "since_last"
    SINCE_FIRST = "since_first"
    ATTRIBUTE = "attribute"


NUMERIC_OPS = {Op.SUM, Op.MEAN, Op.STD, Op.MIN, Op.MAX}
ROW_OPS = {Op.COUNT, Op.SINCE_LAST, Op.SINCE_FIRST}


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

    @abstractmethod
    def describe(self) -> str:
        """Return one plain sentence that says what the value is."""


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
    """

    table: str
    op: Op
    value: Expression | None = None
    where: Expression | None = None
    over: Window = EVER
    rows: str = ""

    @property
    def is_category(self) -> bool:
        """True for the last or current level of a category."""
        picks = self.op in {Op.LAST, Op.ATTRIBUTE}
        return picks and self.value is not None and self.value.type is Type.CODE

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

    def describe(self) -> str:
        """Return one plain sentence that says what the value is."""
        from solvent.features.describe import describe_own

        return describe_own(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Feature):
    """One feature divided by another; null where the second is 0 or either is null."""

    top: Feature
    bottom: Feature

    def describe(self) -> str:
        """Return one plain sentence that says what the value is."""
        from solvent.features.describe import describe_ratio

        return describe_ratio(self.top, self.bottom)


def ratio(top: Feature, bottom: Feature) -> Ratio:
    """Divide one feature by another.

    Raises:
        DeclarationError: If either is a category or already a ratio.
    """
    for part in (top, bottom):
        if part.is_category or isinstance(part, Ratio):
            raise DeclarationError(
                f"{part.name!r} cannot stand in a ratio", hint="divide two plain numbers",
                field="ratio",
            )  # fmt: skip
    from solvent.features.describe import title_ratio

    title = title_ratio(top, bottom)
    return Ratio(name=f"{top.name}_per_{bottom.name}", title=title, top=top, bottom=bottom)


def _aggregate(
    source: Events,
    op: Op,
    value: Expression | None = None,
    *,
    where: Expression | None = None,
    over: Window = EVER,
) -> Aggregate:
    from solvent.features.describe import name_aggregate, title_aggregate

    _check_parts(source, op, value, where, over)
    bare = Aggregate(
        name="x", title="", table=source.name, op=op, value=value, where=where, over=over,
        rows=row_words(source.name, source.title), unit=_unit(op, value),
    )  # fmt: skip
    return replace(bare, name=name_aggregate(bare), title=title_aggregate(bare))


def _check_parts(
    source: Events, op: Op, value: Expression | None, where: Expression | None, over: Window
) -> None:
    """Refuse what a typed caller cannot pass and an untyped one does."""
    if not isinstance(source, Events):
        raise DeclarationError(
            f"the {op} of a table without events",
            hint="pass an Events table; facts about a customer are read by attribute()",
            field="source",
        )
    if not isinstance(over, Window):
        raise DeclarationError(
            f"over={over!r} is no window", hint="write over=days(30)", field=f"{source.name}.{op}"
        )
    if (value is None and op not in {*ROW_OPS, Op.SHARE}) or (where is None and op is Op.SHARE):
        raise DeclarationError(
            f"the {op} of nothing", hint='write source["amount"]', field=f"{source.name}.{op}"
        )
    for part in (value, where):
        if part is not None:
            _require_own(source.name, part)
    if where is not None and where.type is not Type.TRUTH:
        raise DeclarationError(
            "a condition must be a yes or no", hint='write where=source["amount"] > 10',
            field=f"{source.name}.{op}",
        )  # fmt: skip


def _unit(op: Op, value: Expression | None) -> str:
    if op in {Op.SINCE_LAST, Op.SINCE_FIRST}:
        return "days"
    if value is None or op in {Op.DISTINCT, Op.SHARE, Op.COUNT}:
        return ""
    return "days" if value.type is Type.TIME else value.unit


def _require_own(table: str, part: Expression) -> None:
    if not isinstance(part, Expression):
        raise DeclarationError(f"{part!r} is no column", hint='write source["amount"]', field=table)
    for column in part.columns():
        if column.table != table:
            raise DeclarationError(
                f"column {column.name!r} belongs to {column.table!r}",
                hint=f"use columns of {table!r} only",
                field=table,
            )


def _numeric(
    source: Events, op: Op, value: Expression, where: Expression | None, over: Window
) -> Aggregate:
    if isinstance(value, Expression) and value.type not in {Type.EXACT, Type.FLOAT, Type.TRUTH}:
        raise DeclarationError(
            f"the {op} of {value.slug!r} means nothing: it is a {value.type}",
            hint="take it of a number; for categories use distinct() or last()",
            field=source.name,
        )
    return _aggregate(source, op, value, where=where, over=over)


def count(source: Events, *, where: Expression | None = None, over: Window = EVER) -> Aggregate:
    """Number of rows, 0 when there are none."""
    return _aggregate(source, Op.COUNT, where=where, over=over)


def total(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Sum of a number, 0 when there are no rows."""
    return _numeric(source, Op.SUM, value, where, over)


def mean(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Mean of a number over rows where it is known."""
    return _numeric(source, Op.MEAN, value, where, over)


def std(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Sample standard deviation (n - 1) of a number; null below two known rows."""
    return _numeric(source, Op.STD, value, where, over)


def minimum(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Smallest known value of a number."""
    return _numeric(source, Op.MIN, value, where, over)


def maximum(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Largest known value of a number."""
    return _numeric(source, Op.MAX, value, where, over)


def distinct(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Number of different known values, 0 when there are none."""
    return _aggregate(source, Op.DISTINCT, value, where=where, over=over)


def last(
    source: Events, value: Expression, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Newest known value (a time becomes days before the application)."""
    return _aggregate(source, Op.LAST, value, where=where, over=over)


def share(source: Events, where: Expression, *, over: Window = EVER) -> Aggregate:
    """Share of rows where a condition holds, of those where it is known; in [0, 1]."""
    return _aggregate(source, Op.SHARE, where=where, over=over)


def since_last(
    source: Events, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Days from the newest row to the application."""
    return _aggregate(source, Op.SINCE_LAST, where=where, over=over)


def since_first(
    source: Events, *, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Days from the oldest row in the window to the application."""
    return _aggregate(source, Op.SINCE_FIRST, where=where, over=over)


def active_days(
    source: Events, *, zone: str, where: Expression | None = None, over: Window = EVER
) -> Aggregate:
    """Number of calendar days (in `zone`) with at least one row."""
    check_zone(zone)
    return _aggregate(source, Op.DISTINCT, source.time.day(zone), where=where, over=over)


def attribute(source: Attributes, value: Expression) -> Aggregate:
    """Value in the newest row valid and known at the application (a time becomes days before).

    Raises:
        DeclarationError: If `source` is no attribute table, or `value` reads another one.
    """
    from solvent.features.describe import title_aggregate

    if not isinstance(source, Attributes):
        raise DeclarationError(
            "attribute() reads a table of facts", hint="pass an Attributes table", field="source"
        )
    _require_own(source.name, value)
    bare = Aggregate(
        name=f"{source.name}_{value.slug}", title="", unit=_unit(Op.ATTRIBUTE, value),
        table=source.name, op=Op.ATTRIBUTE, value=value, rows=source.words,
    )  # fmt: skip
    return replace(bare, title=title_aggregate(bare))


def own(source: Applications, value: Expression) -> Own:
    """Value of the application row itself (a time becomes days before the application).

    Raises:
        DeclarationError: If `value` reads another table.
    """
    from solvent.features.describe import title_own

    _require_own(source.name, value)
    unit = "days" if value.type is Type.TIME else value.unit
    return Own(name=value.slug, title=title_own(value), unit=unit, value=value)
