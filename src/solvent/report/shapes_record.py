"""What a model of shape functions tells its report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedLevel:
    """A level of a category.

    Attributes:
        label: What it is called on the page; of levels few applications have, what they are.
        added: To the log-odds of bad.
        rows: Training applications that have it.
    """

    label: str
    added: float
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedFeature:
    """What a feature adds by itself.

    Attributes:
        title: What a person calls it.
        unit: Of its values; may be empty.
        edges: Of a number, from the least value drawn to the greatest, one more than `values`;
            empty of a category.
        values: What each stretch between edges adds to the log-odds of bad.
        missing: What no value adds; None where every training application has one.
        levels: Of a category, in the order they are drawn; empty of a number.
    """

    title: str
    unit: str = ""
    edges: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    missing: float | None = None
    levels: tuple[AddedLevel, ...] = ()

    @property
    def added(self) -> tuple[float, ...]:
        """Everything that is drawn of it."""
        missing = () if self.missing is None else (self.missing,)
        return (*self.values, *missing, *(one.added for one in self.levels))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedPair:
    """What two features add only together.

    Attributes:
        titles: Of the two.
        spread: Standard deviation of what they add, over training applications, log-odds.
        least, most: That they add to any of these.
    """

    titles: tuple[str, str]
    spread: float
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapesRecord:
    """The shape functions of a model.

    Attributes:
        features: The most important first, as many as are drawn.
        others: How many more features the model reads.
        pairs: The widest spread first.
        rare: Applications a level needs at least to be named.
    """

    features: tuple[AddedFeature, ...]
    others: int
    pairs: tuple[AddedPair, ...]
    rare: int
