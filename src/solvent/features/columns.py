"""What a column of a raw table means: its kind, its unit and when its value became known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solvent.errors import DeclarationError

MAX_SCALE = 6


class Kind(StrEnum):
    """What a column holds."""

    MONEY = "money"
    INTEGER = "integer"
    NUMBER = "number"
    CATEGORY = "category"
    FLAG = "flag"
    INSTANT = "instant"
    DATE = "date"

    @property
    def is_time(self) -> bool:
        """True for an instant or a date: int64 UTC microseconds inside."""
        return self in {Kind.INSTANT, Kind.DATE}

    @property
    def is_exact(self) -> bool:
        """True where values are integers inside, so that sums are exact."""
        return self in {Kind.MONEY, Kind.INTEGER, Kind.FLAG}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnType:
    """The declared type of one column; made by `money()`, `number()` and their siblings.

    Args:
        kind: What the column holds.
        scale: Decimals kept of money, 0 to 6; 0 for every other kind.
        unit: Currency or unit a person reads ("BRL", "days"); may be empty.
        known_at: Time column of the same table before which the value is not known (null).
        title: Words a person reads instead of the column's name.
        missing: Spellings that mean "no value" besides the empty one.
        true: Spellings of a flag that mean yes; every other non-missing one means no.
        levels: Levels of a category worth a feature each; others stay possible.
        format: strptime pattern of a time kept as text; None reads ISO 8601.
    """

    kind: Kind
    scale: int = 0
    unit: str = ""
    known_at: str | None = None
    title: str = ""
    missing: tuple[str, ...] = ()
    true: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    format: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.scale <= MAX_SCALE:
            raise DeclarationError(
                f"a scale of {self.scale} decimals is not possible",
                hint=f"give 0 to {MAX_SCALE}; money(scale=2) keeps cents",
                field="scale",
            )


def money(
    unit: str = "", *, scale: int = 2, known_at: str | None = None, title: str = "",
    missing: tuple[str, ...] = (),
) -> ColumnType:  # fmt: skip
    """Declare an amount of money, kept as exact int64 minor units of `scale` decimals."""
    return ColumnType(
        kind=Kind.MONEY, unit=unit, scale=scale, known_at=known_at, title=title, missing=missing
    )


def integer(
    unit: str = "", *, known_at: str | None = None, title: str = "", missing: tuple[str, ...] = ()
) -> ColumnType:
    """Declare a whole number (a count, an age in years), summed exactly."""
    return ColumnType(kind=Kind.INTEGER, unit=unit, known_at=known_at, title=title, missing=missing)


def number(
    unit: str = "", *, known_at: str | None = None, title: str = "", missing: tuple[str, ...] = ()
) -> ColumnType:
    """Declare a measured number (a float64)."""
    return ColumnType(kind=Kind.NUMBER, unit=unit, known_at=known_at, title=title, missing=missing)


def category(
    *,
    levels: tuple[str, ...] = (),
    known_at: str | None = None,
    title: str = "",
    missing: tuple[str, ...] = (),
) -> ColumnType:
    """Declare a label without order; a level never seen before is a level of its own."""
    return ColumnType(
        kind=Kind.CATEGORY, levels=levels, known_at=known_at, title=title, missing=missing
    )


def flag(
    *,
    true: tuple[str, ...] = ("1", "true", "t", "yes", "y"),
    known_at: str | None = None,
    title: str = "",
    missing: tuple[str, ...] = (),
) -> ColumnType:
    """Declare a yes or no; `true` lists the spellings that mean yes (case does not matter)."""
    return ColumnType(kind=Kind.FLAG, true=true, known_at=known_at, title=title, missing=missing)


def instant(
    *, format: str | None = None, known_at: str | None = None, title: str = ""
) -> ColumnType:
    """Declare a point in time; a time without a zone takes its table's zone."""
    return ColumnType(kind=Kind.INSTANT, format=format, known_at=known_at, title=title)


def date(*, format: str | None = None, known_at: str | None = None, title: str = "") -> ColumnType:
    """Declare a day without a time, in its table's zone."""
    return ColumnType(kind=Kind.DATE, format=format, known_at=known_at, title=title)
