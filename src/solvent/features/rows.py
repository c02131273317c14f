"""Raw rows as arrays: what every feeder hands to the evaluator.

Integers, money, flags, times are int64 with `NULL` for null; numbers are float64 with NaN; a
category is int64 codes into its levels, `NULL` for null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.features.frame import IntArray

NULL = -(2**63)
"""Stands for null in an int64 array."""
ALWAYS = -(2**62)
"""Valid from, and available from, where an attribute table declares no times."""
MAX_EXACT = 2**40
"""Largest absolute exact value: with it, and MAX_ROWS, no sum of squares leaves 128 bits."""
MAX_ROWS = 2**23 - 1
"""Most rows one entity may have in one source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """One column of raw rows.

    Args:
        array: int64 or float64, shape (n,), in the form told in this module's docstring.
        levels: Labels of a category; empty otherwise.
    """

    array: NDArray[np.int64] | NDArray[np.float64]
    levels: tuple[str, ...] = ()

    def take(self, places: IntArray) -> Values:
        """Return the rows at `places`, shape (m,)."""
        return Values(array=self.array[places], levels=self.levels)


def known_name(column: str) -> str:
    """Return the name under which rows tell from when a time column was known.

    Rows carry such a column where that differs from the time itself: a bare day is known from
    its end.

    >>> known_name("closed_on")
    'closed_on known'
    """
    return f"{column} known"


def known_from(columns: Mapping[str, Values], column: str) -> IntArray:
    """Return the instants from which a time column was known, `NULL` where it never was."""
    times = columns.get(known_name(column), columns[column]).array
    return times.astype(np.int64, copy=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRows:
    """Rows of one source for some entities, grouped by entity, in any order within one.

    Args:
        starts: int64, shape (entities + 1,): rows of entity e are starts[e] : starts[e + 1].
        time: Event time (or valid from), int64 UTC microseconds, shape (n,).
        available: Time from which the row could be read, int64, shape (n,).
        id: Names the event within its entity (int64, with levels for text); None: no identity.
        columns: Declared columns by name.
        number: The entity each row is in the tables below this one, shape (n,); None: its place.
    """

    starts: IntArray
    time: IntArray
    available: IntArray
    id: Values | None
    columns: Mapping[str, Values]
    number: IntArray | None = None

    def take(self, places: IntArray, starts: IntArray) -> EntityRows:
        """Return the rows at `places`, grouped by entity as `starts` says."""
        return EntityRows(
            starts=starts, time=self.time[places], available=self.available[places],
            id=None if self.id is None else self.id.take(places),
            columns={name: values.take(places) for name, values in self.columns.items()},
            number=None if self.number is None else self.number[places],
        )  # fmt: skip

    def of_entities(self, entity: IntArray) -> EntityRows:
        """Return the rows of some entities, shape (n,), each as often as it is named."""
        sizes = np.diff(self.starts)[entity]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        places = np.arange(starts[-1]) - np.repeat(starts[:-1] - self.starts[:-1][entity], sizes)
        return self.take(places, starts)

    def numbers(self) -> IntArray:
        """Return the entity each row is in the tables below: told, or its place; shape (rows,)."""
        return np.arange(len(self)) if self.number is None else self.number

    def __len__(self) -> int:
        return len(self.time)


def joined(pieces: Sequence[EntityRows]) -> EntityRows:
    """Return the rows of several pieces as one, entities in the order given; at least one piece."""
    if len(pieces) == 1:
        return pieces[0]
    ends = np.cumsum([0, *(len(piece) for piece in pieces)])
    starts = [piece.starts[:-1] + end for piece, end in zip(pieces, ends[:-1], strict=True)]
    return EntityRows(
        starts=np.concatenate([*starts, ends[-1:]]).astype(np.int64),
        time=np.concatenate([piece.time for piece in pieces]),
        available=np.concatenate([piece.available for piece in pieces]),
        id=None if pieces[0].id is None
        else joined_values([p.id for p in pieces if p.id is not None]),
        columns={
            name: joined_values([piece.columns[name] for piece in pieces])
            for name in pieces[0].columns
        },
    )  # fmt: skip


def ids_of(rows: EntityRows) -> tuple[IntArray, tuple[str, ...]]:
    """Return the place of each row's id among the distinct ones, and those as text.

    A row without an id gets the place after the last.
    """
    if rows.id is None:
        return np.zeros(len(rows), np.int64), ()
    found, place = np.unique(rows.id.array, return_inverse=True)
    named = found != NULL  # null is the least, so at most the first is none
    whole = not rows.id.levels
    names = [str(one) if whole else rows.id.levels[one] for one in found[named].tolist()]
    shifted = place.reshape(-1).astype(np.int64) - int(len(found) - named.sum())
    return np.where(shifted < 0, len(names), shifted), tuple(names)


def joined_values(parts: Sequence[Values]) -> Values:
    """Return columns as one, labels numbered anew where they have any."""
    if not any(part.levels for part in parts):
        return Values(array=np.concatenate([part.array for part in parts]))
    book: dict[str, int] = {}
    codes = []
    for part in parts:
        numbers = [book.setdefault(level, len(book)) for level in part.levels]
        known = part.array != NULL
        code = np.full(len(part.array), NULL)
        code[known] = np.array(numbers, np.int64)[part.array[known].astype(np.int64)]
        codes.append(code)
    return Values(array=np.concatenate(codes), levels=tuple(book))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRows:
    """Applications to compute features for.

    Args:
        as_of: int64 UTC microseconds, shape (n,).
        entity: Index of each application's entity in the sources' `starts`, int64, shape (n,).
        columns: Declared columns of the application table by name.
    """

    as_of: IntArray
    entity: IntArray
    columns: Mapping[str, Values]

    def __len__(self) -> int:
        return len(self.as_of)
