"""What the rows below a row add up to: a grandchild table told for one row of its parent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solvent.features.expressions import Expression, Type

if TYPE_CHECKING:
    from solvent.features.aggregates import Feature


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detail(Expression):
    """A feature of the rows whose key is this row's id, as known at the application.

    Args:
        parent: Name of the table whose rows it is a value of.
        feature: What the rows below add up to.
    """

    parent: str
    feature: Feature

    @property
    def type(self) -> Type:
        """A number, or a level where the feature is one."""
        return Type.CODE if self.feature.is_category else Type.FLOAT

    @property
    def unit(self) -> str:
        """Unit of the feature."""
        return self.feature.unit

    @property
    def slug(self) -> str:
        """The feature's name."""
        return self.feature.name

    @property
    def column(self) -> str:
        """Where the evaluator keeps its values; no declared column can be called so."""
        return detail_column(self.feature.name)

    def details(self) -> Iterator[Detail]:
        """Yield this one; those inside its feature belong to the table below."""
        yield self


def detail_column(feature: str) -> str:
    """Return the name under which rows carry what the rows below them add up to.

    >>> detail_column("months_count")
    'months_count below'
    """
    return f"{feature} below"
