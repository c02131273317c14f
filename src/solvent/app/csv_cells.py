"""Cells of every CSV we write: no spreadsheet takes one for a formula, and numbers stay numbers.

A text that begins like a formula gets an apostrophe before it (OWASP ASVS 5.0, 1.2.10). Where a
column may hold numbers written as text, a plain number is left as it is: it starts nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width signs start formulas too
_NUMBER: Final = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"
_IS_NUMBER: Final = re.compile(_NUMBER)
_STARTS: Final = r"^[=+\-@\t\r\n\x00＝＋－＠]"  # noqa: RUF001 - the same signs, as Arrow takes them


class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...


class CsvWriter:
    """Writes rows; whatever a cell holds, it starts no formula.

    Args:
        out: Where they go; a file opened with `newline=""`.
        line: What ends a line.
    """

    def __init__(self, out: _Writable, *, line: str = "\r\n") -> None:
        self._writer = csv.writer(out, lineterminator=line)

    def write(self, cells: Iterable[object]) -> None:
        """Write a row; numbers stay numbers, None is empty."""
        self.cells([safe_cell(one) if isinstance(one, str) else one for one in cells])

    def named(self, columns: Iterable[str], row: Mapping[str, object]) -> None:
        """Write a row by the names of its cells; those it does not have are empty."""
        self.write([row.get(name, "") for name in columns])

    def cells(self, cells: Iterable[object]) -> None:
        """Write a row of cells that were made safe."""
        self._writer.writerow(cells)


def safe_cell(text: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula.

    >>> safe_cell("=1+1"), safe_cell("Ana")
    ("'=1+1", 'Ana')
    """
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def safe_or_number(text: str) -> str:
    """Return a cell of a column that holds texts and numbers written as text.

    >>> safe_or_number("-5"), safe_or_number("-5+cmd")
    ('-5', "'-5+cmd")
    """
    return text if _IS_NUMBER.fullmatch(text) else safe_cell(text)


def safe_table(table: pa.Table) -> pa.Table:
    """Return a table whose texts are cells as `safe_or_number` makes them."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(place, field, _safe_column(table.column(place)))
    return table


def _safe_column(column: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    starts = pc.match_substring_regex(column, _STARTS)
    if not pc.any(starts).as_py():
        return column
    texts = [None if text is None else safe_or_number(text) for text in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])
