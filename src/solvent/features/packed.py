"""Typed rows in fixed-width records, and back into arrays without looking at a single cell.

A record holds int64 and float64 cells, eight bytes each, little end first: when it happened, from
when it could be read, its id where ids are whole numbers, the declared columns by name, then from
when each `known_at` column was known. A label is the number a store gave its text. What is null
stands as arrays have it: `NULL` or NaN. Ids that are text go by themselves, each closed by a zero
byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solvent.errors import DataError
from solvent.features.columns import Kind
from solvent.features.frame import FloatArray, IntArray
from solvent.features.live import Cell, EntityRow, late_names, typing_of, whole_ids
from solvent.features.program import SourceProgram
from solvent.features.rows import NULL, EntityRows, Values, known_name
from solvent.features.tables import Events, Table

CELLS_IN_PART = 200
"""More cells are kept in several parts: an index of a database takes 2,700 bytes a row."""
ID_PART = -1
"""Number of the part that holds ids which are text."""
CELL = 8
_TIMES = 2
_INT, _FLOAT = np.dtype("<i8"), np.dtype("<f8")
Texts = Callable[[Sequence[int]], Sequence[str]]
"""Returns the texts of label numbers."""


class Ids(StrEnum):
    """What names the events of a source."""

    NONE = "none"
    WHOLE = "whole"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a record of a source holds; equal typings have equal layouts.

    Args:
        columns: (name, kind) of each declared column, by name.
        late: Columns that others wait for, by name.
        ids: What names an event.
    """

    columns: tuple[tuple[str, Kind], ...] = ()
    late: tuple[str, ...] = ()
    ids: Ids = Ids.NONE

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the columns that hold labels."""
        return tuple(name for name, kind in self.columns if kind is Kind.CATEGORY)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Cell of each column, and of when late ones were known (as `known_name` calls it)."""
        names = [name for name, _ in self.columns] + [known_name(name) for name in self.late]
        first = _TIMES + (self.ids is Ids.WHOLE)
        return {name: first + place for place, name in enumerate(names)}

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Kind of each column."""
        return dict(self.columns)

    @cached_property
    def width(self) -> int:
        """Number of cells in a record."""
        return _TIMES + (self.ids is Ids.WHOLE) + len(self.columns) + len(self.late)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """How the rows of a source are typed.

    Args:
        name: Equal names give equal typed values, as `typing_of` has it.
        layout: What their records hold.
    """

    name: str
    layout: Layout


def _no_texts(numbers: Sequence[int]) -> Sequence[str]:
    return [""] * len(numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedRows:
    """Records of one entity in one source, as a store gives them back.

    Args:
        typing: Name of how the rows were typed.
        parts: Records one after the other by number of the part, all parts in one order.
        texts: Returns the texts of label numbers.
    """

    typing: str = ""
    parts: Mapping[int, bytes] = field(default_factory=dict)
    texts: Texts = _no_texts


NO_RECORDS = PackedRows()
"""What is kept of an entity nothing is known of."""


def typing_for(table: Table, whole: bool) -> Typing:
    """Return how a table's rows are typed, with its name.

    Args:
        table: The table.
        whole: True where its ids are whole numbers.
    """
    has_id = isinstance(table, Events) and table.id is not None
    named = Ids.WHOLE if whole else Ids.TEXT
    layout = Layout(
        columns=tuple(sorted((name, it.kind) for name, it in table.columns.items())),
        late=tuple(sorted(late_names(table.columns))), ids=named if has_id else Ids.NONE,
    )  # fmt: skip
    return Typing(name=typing_of(table, whole), layout=layout)


def label_texts(layout: Layout, rows: Sequence[EntityRow]) -> set[str]:
    """Return every text that needs a number before the rows can be packed."""
    cells = (row.body.get(name) for row in rows for name in layout.labels)
    return {str(cell) for cell in cells if cell is not None}


def pack(
    layout: Layout, rows: Sequence[EntityRow], numbers: Mapping[str, int], *, source: str
) -> dict[int, list[bytes]]:
    """Return the records of rows, by part; in every part one for each row, in order.

    Args:
        layout: What a record holds.
        rows: The typed rows.
        numbers: Text of a label -> its number, 0 or more.
        source: Name of the source, for errors.

    Raises:
        DataError: A row is not typed as the layout says; the message never holds a value.
    """
    cells = np.empty((len(rows), layout.width), _INT)
    cells[:, 0] = [row.event_time for row in rows]
    cells[:, 1] = [row.available_time for row in rows]
    if layout.ids is Ids.WHOLE:
        cells[:, _TIMES] = whole_ids([row.event_id or "" for row in rows], source)
    for name, kind in layout.columns:
        found = [row.body.get(name) for row in rows]
        cells[:, layout.places[name]] = _packed(kind, found, numbers, f"{source}.{name}")
    for name in layout.late:
        found = [row.known.get(name, row.body.get(name)) for row in rows]
        place = layout.places[known_name(name)]
        cells[:, place] = _packed(Kind.INSTANT, found, numbers, f"{source}.{name}")
    parts = {
        part: _records(cells[:, first : first + CELLS_IN_PART])
        for part, first in enumerate(range(0, layout.width, CELLS_IN_PART))
    }
    if layout.ids is Ids.TEXT:
        parts[ID_PART] = [f"{row.event_id or ''}\0".encode() for row in rows]
    return parts


def _records(cells: IntArray) -> list[bytes]:
    size, whole = cells.shape[1] * CELL, cells.tobytes()
    return [whole[at : at + size] for at in range(0, len(whole), size)]


def _packed(kind: Kind, cells: Sequence[Cell], numbers: Mapping[str, int], where: str) -> IntArray:
    """Return cells as eight bytes each."""
    try:
        if kind is Kind.CATEGORY:
            codes = [NULL if cell is None else numbers[str(cell)] for cell in cells]
            return np.array(codes, np.int64)
        if kind is Kind.NUMBER:
            floats = [np.nan if cell is None else float(cell) for cell in cells]
            return np.array(floats, _FLOAT).view(_INT)
        whole = [NULL if cell is None else int(cell) for cell in cells]
        return np.array(whole, np.int64)
    except (ValueError, OverflowError):
        raise DataError(
            f"a live row holds what is no {kind}", hint="type rows as the product declares them",
            field=where,
        ) from None  # fmt: skip


def unpack(typing: Typing, source: SourceProgram, packed: PackedRows) -> EntityRows:
    """Return one entity's records as arrays for the evaluator, bitwise as its rows would be.

    Args:
        typing: How the source's rows are typed.
        source: The source's program: it says which columns are read.
        packed: The records, in any order.

    Raises:
        DataError: The records are of rows that were typed otherwise.
    """
    layout = typing.layout
    if packed.parts and packed.typing != typing.name:
        raise DataError(
            "its rows are kept under another declaration",
            hint="keep the declaration, or load the rows anew", field=source.table.name,
        )  # fmt: skip
    cells = _Cells(layout, packed)
    columns = {name: cells.column(name) for name in source.columns}
    for name in source.late:
        columns[known_name(name)] = Values(array=cells.at(layout.places[known_name(name)]))
    time = cells.at(0)
    return EntityRows(
        starts=np.array([0, len(time)], np.int64), time=time, available=cells.at(1),
        id=cells.ids(), columns=columns,
    )  # fmt: skip


class _Cells:
    """The cells of records, by column."""

    def __init__(self, layout: Layout, packed: PackedRows) -> None:
        self._layout, self._packed = layout, packed
        self._parts = [
            np.frombuffer(packed.parts.get(part, b""), _INT).reshape(
                -1, min(CELLS_IN_PART, layout.width - first)
            )
            for part, first in enumerate(range(0, layout.width, CELLS_IN_PART))
        ]

    def at(self, place: int) -> IntArray:
        """Return a cell of every record, as arrays of its own: kernels know no others."""
        part, within = divmod(place, CELLS_IN_PART)
        return self._parts[part][:, within].astype(np.int64)

    def column(self, name: str) -> Values:
        cells, kind = self.at(self._layout.places[name]), self._layout.kinds[name]
        if kind is Kind.NUMBER:
            floats: FloatArray = cells.view(np.float64)
            return Values(array=floats)
        if kind is not Kind.CATEGORY:
            return Values(array=cells)
        codes, used = dense(cells)
        return Values(array=codes, levels=tuple(self._packed.texts(used)))

    def ids(self) -> Values | None:
        if self._layout.ids is Ids.NONE:
            return None
        if self._layout.ids is Ids.WHOLE:
            return Values(array=self.at(_TIMES))
        texts = self._packed.parts.get(ID_PART, b"").decode().split("\0")[:-1]
        places = dict.fromkeys(texts)
        if len(places) == len(texts):
            return Values(array=np.arange(len(texts), dtype=np.int64), levels=tuple(places))
        numbered = {text: place for place, text in enumerate(places)}
        return Values(
            array=np.array([numbered[text] for text in texts], np.int64), levels=tuple(places)
        )


def dense(numbers: NDArray[np.int64]) -> tuple[IntArray, list[int]]:
    """Return label numbers as places in the list of those that occur, `NULL` as it is.

    >>> dense(np.array([7, 3, NULL, 7]))[1]
    [3, 7]
    """
    largest = int(numbers.max(initial=-1))
    if largest > 8 * len(numbers) + 64:
        used = np.unique(numbers[numbers != NULL])
        codes = np.searchsorted(used, numbers)
        codes[numbers == NULL] = NULL
        return codes, used.tolist()
    spots = np.maximum(numbers, -1)  # null is reached as the last place
    seen = np.zeros(largest + 2, np.bool_)
    seen[spots] = True
    used = np.flatnonzero(seen[:-1])
    place = np.full(largest + 2, NULL)
    place[used] = np.arange(len(used))
    return place[spots], used.tolist()
