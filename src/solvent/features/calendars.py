"""Parts of the local calendar of a time: hour, weekday, day, month."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.errors import ExpressionError
from solvent.features.expressions import Expression, Type
from solvent.features.zones import check_zone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calendar(Expression):
    """A part of the local calendar of a time, in a named zone."""

    part: str
    inner: Expression
    zone: str

    def __post_init__(self) -> None:
        if self.inner.type is not Type.TIME:
            raise ExpressionError(
                f"{self.inner.type} has no {self.part}",
                hint="take it of a time",
                field=self.inner.slug,
            )
        check_zone(self.zone)

    @property
    def type(self) -> Type:
        """An exact whole number."""
        return Type.EXACT

    @property
    def children(self) -> tuple[Expression, ...]:
        """The time."""
        return (self.inner,)

    @property
    def slug(self) -> str:
        """The time with its part."""
        return f"{self.inner.slug}_{self.part}"
