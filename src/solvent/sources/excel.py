"""Spreadsheets (.xlsx, .xls, .ods): one sheet as a Parquet file of our own, read like any other.

A column whose cells are all of one kind keeps it: numbers, times, yes or no. Whole numbers stay
whole, so an id is `7` and never `7.0`. A column that mixes kinds becomes text, and each row is then
judged by its own cell. A cell that shows an error (`#DIV/0!`) is empty, as is a formula that no
spreadsheet program has ever computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from solvent.errors import (
    DeclarationError,
    MissingExtraError,
    UnreadableFileError,
)
from solvent.features import Excel
from solvent.sources.files import listed

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Cell = float | int | str | bool | object
ROWS_AT_ONCE: Final = 50_000
WHOLE: Final = 2**53
_NUMBERS: Final = {int, float}
_TIMES: Final = {date, datetime}


@dataclass(slots=True)
class _Kinds:
    """What kinds of cells a column holds."""

    types: set[type] = field(default_factory=set)
    whole: bool = True

    def add(self, cell: Cell) -> None:
        self.types.add(type(cell))
        if self.whole and isinstance(cell, float):
            self.whole = cell.is_integer() and abs(cell) <= WHOLE

    @property
    def arrow(self) -> pa.DataType:
        if self.types and self.types <= _NUMBERS:
            return pa.int64() if self.whole else pa.float64()
        if self.types == {bool}:
            return pa.bool_()
        if self.types == {date}:
            return pa.date32()
        if self.types and self.types <= _TIMES:
            return pa.timestamp("us")
        return pa.string()


def cell_text(cell: Cell) -> str:
    """Return a cell of a column that mixes kinds as a text table would write it.

    >>> cell_text(7.0), cell_text(True), cell_text(datetime(2024, 5, 1, 10, 30))
    ('7', 'true', '2024-05-01 10:30:00')
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= WHOLE:
        return str(int(cell))
    return str(cell)


def sheet_to_parquet(path: Path, excel: Excel, target: Path, *, name: str) -> tuple[str, ...]:
    """Write one sheet of a spreadsheet as Parquet: every column that has a name, every row.

    Rows without any cell do not count, as blank lines of a text table do not.

    Args:
        path: The spreadsheet.
        excel: Which sheet, and where its column names stand.
        target: Where the Parquet file goes.
        name: The spreadsheet's name, for messages.

    Returns:
        The names of its columns as they stand, repeated ones too; only the first of them is
        written.

    Raises:
        MissingExtraError: python-calamine is not installed.
        UnreadableFileError: It is no spreadsheet, is locked by a password, or has no such header.
        DeclarationError: It has no such sheet.
    """
    sheet = _sheet(path, excel, name)
    header = _header(sheet, excel, name)
    columns = {title: place for place, title in reversed(header)}
    ordered = [(title, columns[title]) for title in dict.fromkeys(title for _, title in header)]
    kinds = [_Kinds() for _ in ordered]
    for row in _rows(sheet, excel):
        for kind, (_, place) in zip(kinds, ordered, strict=True):
            if row[place] != "":
                kind.add(row[place])
    types = [kind.arrow for kind in kinds]
    schema = pa.schema([(title, it) for (title, _), it in zip(ordered, types, strict=True)])
    with pq.ParquetWriter(target, schema, compression="lz4") as writer:
        for rows in _batched(_rows(sheet, excel)):
            cells = [
                _array([row[place] for row in rows], it)
                for (_, place), it in zip(ordered, types, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(cells, schema=schema))
    return tuple(title for _, title in header)


def _sheet(path: Path, excel: Excel, name: str) -> CalamineSheet:
    try:
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{name} is a spreadsheet, and python-calamine is not installed",
            hint="install solvent with its excel extra: solvent[excel]", field=name,
        ) from error  # fmt: skip
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if excel.sheet and excel.sheet not in names:
            raise DeclarationError(
                f"{name} has no sheet {excel.sheet!r}", hint=f"it has: {listed(names)}",
                field="excel",
            )  # fmt: skip
        if not names:
            raise UnreadableFileError(f"{name} has no sheet", hint="save it again", field=name)
        return book.get_sheet_by_name(excel.sheet or names[0])
    except PasswordError as error:
        raise UnreadableFileError(
            f"{name} is locked by a password", hint="save it without one", field=name
        ) from error
    except (CalamineError, OSError) as error:
        raise UnreadableFileError(
            f"{name} cannot be read as a spreadsheet",
            hint="it was cut or damaged on its way, or is something else: open and save it again",
            field=name,
        ) from error


def _header(sheet: CalamineSheet, excel: Excel, name: str) -> list[tuple[int, str]]:
    """Return (place in a row, name) of each column that has a name."""
    first = next(islice(sheet.iter_rows(), excel.header - 1, None), [])
    header = [(place, cell_text(cell).strip()) for place, cell in enumerate(first)]
    found = [(place, title) for place, title in header if title]
    where = f"row {excel.header} of {name}"
    for top, bottom in sheet.merged_cell_ranges or ():
        if top[0] <= excel.header - 1 <= bottom[0] and top[1] < bottom[1]:
            raise UnreadableFileError(
                f"{where} holds merged cells, which name no column",
                hint="say which row names the columns: excel=Excel(header=2)", field=name,
            )  # fmt: skip
    if not found:
        raise UnreadableFileError(
            f"{where} names no column",
            hint="say which row does: excel=Excel(header=2), or which sheet: "
            'excel=Excel(sheet="...")', field=name,
        )  # fmt: skip
    return found


def _rows(sheet: CalamineSheet, excel: Excel) -> Iterator[list[Any]]:
    for row in islice(sheet.iter_rows(), excel.header, None):
        if any(cell != "" for cell in row):
            yield row


def _batched(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    left = iter(rows)
    while batch := list(islice(left, ROWS_AT_ONCE)):
        yield batch


def _array(cells: Sequence[Cell], kept: pa.DataType) -> pa.Array[Any]:
    values: list[Any] = [None if cell == "" else cell for cell in cells]
    if pa.types.is_string(kept):
        values = [None if cell is None else cell_text(cell) for cell in values]
    elif pa.types.is_integer(kept):
        values = [None if cell is None else int(cell) for cell in values]
    elif pa.types.is_timestamp(kept):
        # a time at midnight comes as a day
        values = [datetime.combine(cell, time()) if type(cell) is date else cell for cell in values]
    made: pa.Array[Any] = pa.array(values, kept)
    return made
