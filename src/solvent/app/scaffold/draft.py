"""What a scaffolded product will say: every guess with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solvent.dataset import Bad
from solvent.features import Applications, ColumnType, Csv


class Fate(StrEnum):
    """What becomes of a column."""

    USED = "used"
    AFTERWARDS = "known afterwards?"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What one column seems to be.

    Args:
        name: The column.
        declared: Its type; None where it cannot or need not be declared.
        why: The reason, in a few words that hold no line break.
        fate: What becomes of it.
    """

    name: str
    declared: ColumnType | None
    why: str
    fate: Fate = Fate.USED


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A column with a part to play: id, key, as_of.

    Args:
        column: The column.
        why: The reason; empty where the lender named it.
    """

    column: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadGuess:
    """The definition of bad, and how it was come by.

    Args:
        bad: The definition.
        why: The reason; empty where the lender gave column and value.
        notes: What the lender should know, a line each.
    """

    bad: Bad
    why: str
    notes: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """The outcome column."""
        return next(iter(self.bad.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A column whose name says that it has a part, but whose values forbid it.

    Args:
        column: The column.
        part: The part: key or as_of.
        why: What forbids it, and how to mend it.
    """

    column: str
    part: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which columns play a part.

    Args:
        id: Names the application.
        key: Names the customer.
        as_of: Time of the application; None where there is none.
        bad: The definition of bad.
        times: Names of other columns with times that may be the application's.
        passed_over: Columns whose name says customer or application, and why they are neither.
    """

    id: Role
    key: Role
    as_of: Role | None
    bad: BadGuess
    times: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """Every column with a part, which is no feature."""
        parts = {self.id.column, self.key.column, *self.bad.bad.columns}
        return frozenset(parts | ({self.as_of.column} if self.as_of else set()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A product before it is written.

    Args:
        name: Identifier of the product.
        title: Words a person reads; empty where the folder's name is no word.
        data: Folder of the file, relative to the product's.
        file: The file's name.
        csv: How a text table is written, where it is not plain; None otherwise.
        csv_why: Why.
        zone: Zone of times that carry none; None where it is not needed.
        roles: Columns with a part.
        guesses: Every other column.
    """

    name: str
    title: str
    data: str
    file: str
    csv: Csv | None
    csv_why: str
    zone: str | None
    roles: Roles
    guesses: tuple[Guess, ...]

    @property
    def used(self) -> tuple[Guess, ...]:
        """Columns that become features."""
        return tuple(guess for guess in self.guesses if guess.fate is Fate.USED)

    def applications(self, *, everything: bool = False) -> Applications:
        """Return the application table as declared.

        Args:
            everything: True to declare columns that may be known only afterwards too.
        """
        declared = {
            guess.name: guess.declared
            for guess in self.guesses
            if guess.declared is not None
            and (guess.fate is Fate.USED or (everything and guess.fate is Fate.AFTERWARDS))
        }
        return Applications(
            name="applications", files=self.file, id=self.roles.id.column,
            key=self.roles.key.column, zone=self.zone, csv=self.csv or Csv(), columns=declared,
            as_of=self.roles.as_of.column if self.roles.as_of else None,
        )  # fmt: skip
