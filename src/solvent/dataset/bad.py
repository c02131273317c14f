"""What "bad" means for a loan, and from when on its outcome can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from solvent.errors import DataError, DeclarationError
from solvent.features import NULL, ColumnType, Values, Window, category, instant
from solvent.features.rows import known_from
from solvent.features.windows import DAY

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
GIVEN = "given"
_SHOWN = 4
_NOTHING = frozenset({"na", "n/a", "nan", "null", "none", "nil", "?", "-", "unknown", "k.a."})


class Standing(StrEnum):
    """What is known of an application's outcome at `observed_until`."""

    GOOD = "good"
    BAD = "bad"
    IMMATURE = "immature"
    UNKNOWN = "unknown"


STANDINGS = tuple(Standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equals:
    """Bad where an outcome column has a certain value; made by `equals()`.

    Args:
        column: Outcome column of the application table.
        value: The value that means bad, as text ("1", "Bad").
        performance: Time after `as_of` needed to know; None with matured="given".
        matured: "given" where every flag in the data is final.
        missing: Spellings that mean the outcome is not known, besides the empty one.
    """

    column: str
    value: str
    performance: Window | None = None
    matured: str | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.matured not in {None, GIVEN}:
            raise DeclarationError(
                f"matured={self.matured!r} is not possible",
                hint='write matured="given" or a performance window', field="bad",
            )  # fmt: skip
        if (self.performance is None) == (self.matured is None):
            raise DeclarationError(
                "say when the outcome can be trusted",
                hint='matured="given" where every flag is final, '
                "else performance=days(90): younger loans are set aside",
                field="bad",
            )

    @property
    def columns(self) -> dict[str, ColumnType]:
        """Outcome columns to read, with their types."""
        return {self.column: category(missing=self.missing)}

    @property
    def words(self) -> str:
        """The definition as a person says it."""
        when = (
            "as given" if self.performance is None else f"seen {_days(self.performance.length)} on"
        )
        return f"{self.column} is {self.value}, {when}"

    @property
    def window(self) -> int:
        """Time after `as_of` before which nothing is known, microseconds; 0 where none is named."""
        return 0 if self.performance is None else self.performance.length

    def require_clear(self, outcomes: Mapping[str, Values]) -> None:
        """Refuse spellings of nothing that would count as good.

        Raises:
            DataError: If a value such as "NA" stands among the outcomes, undeclared.
        """
        found = [
            level
            for level in outcomes[self.column].levels
            if level.strip().lower() in _NOTHING and not _same(level, self.value)
        ]
        if found:
            raise DataError(
                f"holds {', '.join(map(repr, found))}, which would count as good",
                hint=f"equals(..., missing=({found[0]!r},)) sets those applications aside",
                field=self.column,
            )

    def told(self, outcomes: Mapping[str, Values]) -> str:
        """Return which values were taken as bad and as good, most frequent first, with counts.

        Args:
            outcomes: The outcome columns, each of shape (n,).
        """
        given = outcomes[self.column]
        counts = np.bincount(given.array[given.array != NULL], minlength=len(given.levels))
        order = sorted(range(len(counts)), key=lambda code: -int(counts[code]))
        words: dict[bool, list[str]] = {True: [], False: []}
        for code in order:
            level = given.levels[code]
            words[_same(level, self.value)].append(f"{level!r} ({int(counts[code]):,})")
        good = words[False]
        more = f" and {len(good) - _SHOWN} more values" if len(good) > _SHOWN else ""
        return f"bad: {', '.join(words[True]) or 'none'}; good: {', '.join(good[:_SHOWN])}{more}"

    def standings(
        self, as_of: IntArray, outcomes: dict[str, Values], observed_until: int
    ) -> NDArray[np.int8]:
        """Return the standing of each application as an index into `STANDINGS`.

        Args:
            as_of: Decision instants, int64 microseconds, shape (n,).
            outcomes: The outcome columns, each of shape (n,).
            observed_until: Instant up to which outcomes are known.
        """
        given = outcomes[self.column]
        mature = np.ones(len(as_of), np.bool_)
        if self.performance is not None:
            mature = self.matured_at(as_of, outcomes) <= observed_until
        table = np.array([_same(level, self.value) for level in given.levels] + [False])
        null = given.array == NULL
        bad = table[np.where(null, len(given.levels), given.array)]
        return _standings(bad, unknown=null, mature=mature)

    def matured_at(self, as_of: IntArray, outcomes: Mapping[str, Values]) -> IntArray:
        """Return from when on each outcome could be trusted, int64 microseconds, shape (n,).

        Where flags are given as final nobody knows since when: it is taken to be the application.

        Args:
            as_of: Decision instants, int64 microseconds, shape (n,).
            outcomes: The outcome columns, each of shape (n,).
        """
        del outcomes
        return as_of if self.performance is None else as_of + self.performance.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaid:
    """Bad where a loan was not paid some days after it was due; made by `unpaid()`.

    Args:
        paid: Column with the time of full repayment; null while unpaid.
        due: Column with the due time; None counts from `as_of`.
        after: Days after due (or after `as_of`) at which an unpaid loan is bad.
        format: strptime pattern of both columns where they are text; None reads ISO 8601.
    """

    paid: str
    due: str | None
    after: float
    format: str | None = None

    def __post_init__(self) -> None:
        if self.after < 0 or (self.due is None and self.after == 0):
            raise DeclarationError(
                f"after={self.after} days leaves no time to pay",
                hint="unpaid(..., after=30)", field="bad",
            )  # fmt: skip

    @property
    def columns(self) -> dict[str, ColumnType]:
        """Outcome columns to read, with their types."""
        read = {self.paid: instant(format=self.format)}
        if self.due is not None:
            # a bare due day lasts until its end
            read[self.due] = instant(format=self.format, known_at=self.due)
        return read

    @property
    def words(self) -> str:
        """The definition as a person says it."""
        start = "the application" if self.due is None else self.due
        return f"not paid ({self.paid}) {self.after:g} days after {start}"

    @property
    def window(self) -> int:
        """Time after `as_of` before which nothing is known, microseconds.

        0 where it counts from a due time, which the application does not tell.
        """
        return round(self.after * DAY) if self.due is None else 0

    def standings(
        self, as_of: IntArray, outcomes: dict[str, Values], observed_until: int
    ) -> NDArray[np.int8]:
        """Return the standing of each application as an index into `STANDINGS`.

        Args:
            as_of: Decision instants, int64 microseconds, shape (n,).
            outcomes: The outcome columns, each of shape (n,).
            observed_until: Instant up to which outcomes are known.
        """
        unknown = self._start(as_of, outcomes) == NULL
        limit = self.matured_at(as_of, outcomes)
        paid = outcomes[self.paid].array
        bad = (paid == NULL) | (paid > limit)
        return _standings(bad, unknown=unknown, mature=limit <= observed_until)

    def matured_at(self, as_of: IntArray, outcomes: Mapping[str, Values]) -> IntArray:
        """Return from when on each outcome could be trusted, int64 microseconds, shape (n,).

        Args:
            as_of: Decision instants, int64 microseconds, shape (n,).
            outcomes: The outcome columns, each of shape (n,).
        """
        start = self._start(as_of, outcomes)
        return np.where(start == NULL, 0, start) + round(self.after * DAY)

    def _start(self, as_of: IntArray, outcomes: Mapping[str, Values]) -> IntArray:
        return as_of if self.due is None else known_from(outcomes, self.due)


Bad = Equals | Unpaid


def equals(
    column: str,
    value: object,
    *,
    performance: Window | None = None,
    matured: str | None = None,
    missing: tuple[str, ...] = (),
) -> Equals:
    """Call a loan bad where `column` has `value`.

    Args:
        column: Outcome column of the application table.
        value: The value that means bad.
        performance: Time needed after `as_of` before a flag can be trusted, e.g. days(90).
        matured: "given" where every flag in the data is final.
        missing: Spellings that mean the outcome is not known ("NA"); such loans are set aside.
    """
    return Equals(
        column=column, value=str(value), performance=performance, matured=matured, missing=missing
    )


def unpaid(paid: str, *, after: float, due: str | None = None, format: str | None = None) -> Unpaid:
    """Call a loan bad where it was not paid `after` days past `due` (or past `as_of`).

    Args:
        paid: Column with the time of full repayment; null while unpaid.
        after: Days.
        due: Column with the due time; None counts from `as_of`. A bare day lasts until its end.
        format: strptime pattern of both columns where they are text; None reads ISO 8601.
    """
    return Unpaid(paid=paid, due=due, after=after, format=format)


def _standings(bad: BoolArray, *, unknown: BoolArray, mature: BoolArray) -> NDArray[np.int8]:
    codes = np.where(bad, STANDINGS.index(Standing.BAD), STANDINGS.index(Standing.GOOD))
    codes = np.where(mature, codes, STANDINGS.index(Standing.IMMATURE))
    return np.where(unknown, STANDINGS.index(Standing.UNKNOWN), codes).astype(np.int8)


def _same(level: str, value: str) -> bool:
    if level == value:
        return True
    try:
        return float(level) == float(value)
    except ValueError:
        return False


def _days(length: int) -> str:
    return f"{length / DAY:g} days"
