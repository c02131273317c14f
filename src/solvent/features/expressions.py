"""Row expressions: what is computed from one row, before anything is aggregated.

Columns of a table are expressions; arithmetic, comparison and the calendar make new ones:

>>> from solvent.features import Events, instant
>>> loans = Events(name="loans", files="loans.csv", key="customer", at="start", zone="UTC",
...                columns={"due": instant(), "closed": instant(known_at="closed")})
>>> late = loans["closed"] > loans["due"]
>>> late.slug, late.type.value
('closed_above_due', 'truth')
>>> (loans["closed"] - loans["due"]).type.value
'float'
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from solvent.errors import ExpressionError
from solvent.features.columns import ColumnType, Kind
from solvent.features.rows import MAX_EXACT

if TYPE_CHECKING:
    from solvent.features.detail import Detail

Scalar = int | float | str | bool


class Type(StrEnum):
    """What an expression yields for a row; null is possible everywhere."""

    EXACT = "exact"
    """int64, with a decimal scale."""
    FLOAT = "float"
    TIME = "time"
    """int64 UTC microseconds."""
    CODE = "code"
    """a level of a category"""
    TRUTH = "truth"
    """yes, no or not known"""


class Expression(ABC):
    """Something computed from one row. Build it with operators, not by hand."""

    __slots__ = ()

    @property
    @abstractmethod
    def type(self) -> Type:
        """What a row yields."""

    @property
    def scale(self) -> int:
        """Decimals of an exact value: 2 for cents."""
        return 0

    @property
    def unit(self) -> str:
        """Unit a person reads, possibly empty."""
        return ""

    @property
    @abstractmethod
    def slug(self) -> str:
        """A short identifier made of column names and words."""

    @property
    def words(self) -> str:
        """The expression as a person says it."""
        from solvent.features.words import words_of

        return words_of(self)

    @property
    def children(self) -> tuple[Expression, ...]:
        """The expressions this one is computed from."""
        return ()

    def columns(self) -> Iterator[Column]:
        """Yield every column the expression reads."""
        for child in self.children:
            yield from child.columns()

    def details(self) -> Iterator[Detail]:
        """Yield what the expression takes from the rows below its row."""
        for child in self.children:
            yield from child.details()

    def __add__(self, other: Expression | Scalar) -> Expression:
        return Arithmetic(op="+", left=self, right=_lift(other))

    def __sub__(self, other: Expression | Scalar) -> Expression:
        return Arithmetic(op="-", left=self, right=_lift(other))

    def __mul__(self, other: Expression | Scalar) -> Expression:
        return Arithmetic(op="*", left=self, right=_lift(other))

    def __truediv__(self, other: Expression | Scalar) -> Expression:
        return Arithmetic(op="/", left=self, right=_lift(other))

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]  # builds a comparison
        return Comparison(op="==", left=self, right=_lift(other))

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]  # builds a comparison
        return Comparison(op="!=", left=self, right=_lift(other))

    def __lt__(self, other: Expression | Scalar) -> Expression:
        return Comparison(op="<", left=self, right=_lift(other))

    def __le__(self, other: Expression | Scalar) -> Expression:
        return Comparison(op="<=", left=self, right=_lift(other))

    def __gt__(self, other: Expression | Scalar) -> Expression:
        return Comparison(op=">", left=self, right=_lift(other))

    def __ge__(self, other: Expression | Scalar) -> Expression:
        return Comparison(op=">=", left=self, right=_lift(other))

    def __radd__(self, other: Scalar) -> Expression:
        return Arithmetic(op="+", left=_lift(other), right=self)

    def __rsub__(self, other: Scalar) -> Expression:
        return Arithmetic(op="-", left=_lift(other), right=self)

    def __rmul__(self, other: Scalar) -> Expression:
        return Arithmetic(op="*", left=_lift(other), right=self)

    def __rtruediv__(self, other: Scalar) -> Expression:
        return Arithmetic(op="/", left=_lift(other), right=self)

    def __and__(self, other: Expression) -> Expression:
        return Logic(op="and", left=self, right=_lift(other))

    def __or__(self, other: Expression) -> Expression:
        return Logic(op="or", left=self, right=_lift(other))

    def __invert__(self) -> Expression:
        return Not(inner=self)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise ExpressionError(
            "an expression has no truth of its own before it meets a row",
            hint="join conditions with & and |, negate with ~, and put each in parentheses",
            field=self.slug,
        )

    def is_missing(self) -> Expression:
        """Yes where the value is null (or not known yet)."""
        return IsMissing(inner=self)

    def is_in(self, *levels: str) -> Expression:
        """Yes where a category is one of `levels`."""
        return IsIn(inner=self, levels=levels)

    def hour(self, zone: str) -> Expression:
        """Hour of the day, 0 to 23, of a time in `zone`."""
        return _calendar(self, "hour", zone)

    def weekday(self, zone: str) -> Expression:
        """Day of the week of a time in `zone`: 0 is Monday, 6 Sunday."""
        return _calendar(self, "weekday", zone)

    def day_of_month(self, zone: str) -> Expression:
        """Day of the month, 1 to 31, of a time in `zone`."""
        return _calendar(self, "day_of_month", zone)

    def day(self, zone: str) -> Expression:
        """Calendar day of a time in `zone`, as days since 1970-01-01."""
        return _calendar(self, "day", zone)

    def month(self, zone: str) -> Expression:
        """Calendar month of a time in `zone`, as months since January 1970."""
        return _calendar(self, "month", zone)

    def is_weekend(self, zone: str) -> Expression:
        """Yes on a Saturday or Sunday in `zone`."""
        return self.weekday(zone) >= 5

    def is_night(self, zone: str, *, begins: int = 22, ends: int = 6) -> Expression:
        """Yes from `begins` to before `ends`, hours of the clock in `zone`."""
        hour = self.hour(zone)
        late, early = hour >= begins, hour < ends
        return late & early if begins < ends else late | early


def _calendar(inner: Expression, part: str, zone: str) -> Expression:
    from solvent.features.calendars import Calendar

    return Calendar(part=part, inner=inner, zone=zone)


class _Truth(Expression):
    """A question asked of one row."""

    __slots__ = ()

    @property
    def type(self) -> Type:
        """Always a truth."""
        return Type.TRUTH


def _lift(value: object) -> Expression:
    if isinstance(value, Expression):
        return value
    if isinstance(value, bool | int | float | str):
        return Literal(value=value)
    raise ExpressionError(
        f"a {type(value).__name__} cannot stand in an expression",
        hint="use a column, a number, a word or True; for null ask column.is_missing()",
        field="expression",
    )


_TYPE_OF_KIND = {
    Kind.MONEY: Type.EXACT,
    Kind.INTEGER: Type.EXACT,
    Kind.FLAG: Type.TRUTH,
    Kind.NUMBER: Type.FLOAT,
    Kind.CATEGORY: Type.CODE,
    Kind.INSTANT: Type.TIME,
    Kind.DATE: Type.TIME,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column(Expression):
    """A declared column of a table."""

    table: str
    name: str
    declared: ColumnType

    @property
    def type(self) -> Type:
        """What a row yields."""
        return _TYPE_OF_KIND[self.declared.kind]

    @property
    def scale(self) -> int:
        """Decimals of money."""
        return self.declared.scale

    @property
    def unit(self) -> str:
        """The declared unit."""
        return self.declared.unit

    @property
    def slug(self) -> str:
        """The column's name."""
        return self.name

    def columns(self) -> Iterator[Column]:
        """Yield this column."""
        yield self


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Literal(Expression):
    """A constant."""

    value: Scalar

    def __post_init__(self) -> None:
        if isinstance(self.value, str):
            return
        most = sys.float_info.max if isinstance(self.value, float) else MAX_EXACT
        if not abs(self.value) <= most:  # NaN is not below anything either
            raise ExpressionError(
                f"{self.value} is more than arithmetic carries exactly",
                hint="use a finite number, or a whole number between -2**40 and 2**40",
                field="literal",
            )

    @property
    def type(self) -> Type:
        """The type of the constant."""
        if isinstance(self.value, bool):
            return Type.TRUTH
        if isinstance(self.value, int):
            return Type.EXACT
        return Type.FLOAT if isinstance(self.value, float) else Type.CODE

    @property
    def slug(self) -> str:
        """The constant, made safe for a name."""
        text = str(self.value).lower()
        return "".join(c if c.isalnum() else "_" for c in text).strip("_")


_NUMERIC = {Type.EXACT, Type.FLOAT}
_ARITHMETIC_SLUG = {"+": "plus", "-": "minus", "*": "times", "/": "per"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arithmetic(Expression):
    """Two numbers, or two times subtracted (a float of days)."""

    op: str
    left: Expression
    right: Expression

    def __post_init__(self) -> None:
        pair = (self.left.type, self.right.type)
        if self.op == "-" and pair == (Type.TIME, Type.TIME):
            return
        if not set(pair) <= _NUMERIC:
            raise ExpressionError(
                f"{pair[0]} {self.op} {pair[1]} means nothing",
                hint="arithmetic takes numbers; times can be subtracted, giving days",
                field=self.left.slug,
            )

    @property
    def type(self) -> Type:
        """Exact stays exact under + and - of one scale; everything else is a float."""
        if self.op in {"+", "-"} and (self.left.type, self.right.type) == (Type.EXACT, Type.EXACT):
            return Type.EXACT if self.left.scale == self.right.scale else Type.FLOAT
        return Type.FLOAT

    @property
    def scale(self) -> int:
        """The scale both sides share."""
        return self.left.scale if self.type is Type.EXACT else 0

    @property
    def unit(self) -> str:
        """Days for a difference of times; the unit of money where both share it."""
        if self.left.type is Type.TIME:
            return "days"
        return self.left.unit if self.op in {"+", "-"} else ""

    @property
    def children(self) -> tuple[Expression, ...]:
        """Both sides."""
        return (self.left, self.right)

    @property
    def slug(self) -> str:
        """Both slugs with a word between."""
        return f"{self.left.slug}_{_ARITHMETIC_SLUG[self.op]}_{self.right.slug}"


_COMPARISON_SLUG = {
    "==": "is", "!=": "is_not", "<": "below", "<=": "at_most", ">": "above", ">=": "at_least",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison(_Truth):
    """A question about two values of one kind; not known where either is null."""

    op: str
    left: Expression
    right: Expression

    def __post_init__(self) -> None:
        pair = {self.left.type, self.right.type}
        if pair == {Type.CODE}:
            ordered, literal = self.op not in {"==", "!="}, isinstance(self.right, Literal)
            if ordered or not literal:
                raise ExpressionError(
                    "a category can only be compared with == or != to a level",
                    hint='write channel == "app", or is_in("app", "web")',
                    field=self.left.slug,
                )
        elif not (pair <= _NUMERIC or len(pair) == 1):
            raise ExpressionError(
                f"{self.left.type} {self.op} {self.right.type} compares two different things",
                hint="compare a number with a number, a time with a time, a category with a level",
                field=self.left.slug,
            )

    @property
    def children(self) -> tuple[Expression, ...]:
        """Both sides."""
        return (self.left, self.right)

    @property
    def slug(self) -> str:
        """Both slugs with a word between."""
        return f"{self.left.slug}_{_COMPARISON_SLUG[self.op]}_{self.right.slug}"


def _require_truth(part: Expression) -> None:
    if part.type is not Type.TRUTH:
        raise ExpressionError(
            f"{part.type} is not a yes or no",
            hint="compare it with something first, in parentheses: (amount > 10) & (kind == 'x')",
            field=part.slug,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Logic(_Truth):
    """Two truths joined by and / or, with Kleene's rules for what is not known."""

    op: str
    left: Expression
    right: Expression

    def __post_init__(self) -> None:
        _require_truth(self.left)
        _require_truth(self.right)

    @property
    def children(self) -> tuple[Expression, ...]:
        """Both sides."""
        return (self.left, self.right)

    @property
    def slug(self) -> str:
        """Both slugs with the word between."""
        return f"{self.left.slug}_{self.op}_{self.right.slug}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Not(_Truth):
    """The opposite of a truth."""

    inner: Expression

    def __post_init__(self) -> None:
        _require_truth(self.inner)

    @property
    def children(self) -> tuple[Expression, ...]:
        """The truth turned round."""
        return (self.inner,)

    @property
    def slug(self) -> str:
        """The inner slug after `not`."""
        return f"not_{self.inner.slug}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IsMissing(_Truth):
    """Yes where a value is null."""

    inner: Expression

    @property
    def children(self) -> tuple[Expression, ...]:
        """What is looked at."""
        return (self.inner,)

    @property
    def slug(self) -> str:
        """The inner slug with `missing`."""
        return f"{self.inner.slug}_missing"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IsIn(_Truth):
    """Yes where a category is one of some levels."""

    inner: Expression
    levels: tuple[str, ...]

    def __post_init__(self) -> None:
        words = bool(self.levels) and all(isinstance(level, str) for level in self.levels)
        if self.inner.type is not Type.CODE or not words:
            raise ExpressionError(
                "is_in() asks whether a category is one of at least one level, each a word",
                hint='write channel.is_in("app", "web")',
                field=self.inner.slug,
            )

    @property
    def children(self) -> tuple[Expression, ...]:
        """The category."""
        return (self.inner,)

    @property
    def slug(self) -> str:
        """The category and its levels."""
        return "_".join(
            [self.inner.slug, "in", *(Literal(value=level).slug for level in self.levels)]
        )
