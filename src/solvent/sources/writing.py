"""How a text table seems to be written: encoding, separator and quote, guessed from its bytes."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from solvent.features import Csv

SEPARATORS = (",", ";", "\t", "|")
QUOTES = ('"', "'")
_PIECE = 1 << 20
_HEAD = 1 << 18
_RECORDS = 200
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = frozenset(range(0x80, 0xA0))
_NOT_IN_CP1252 = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})


def guess_writing(file: Path) -> tuple[Csv, str]:
    """Guess how a text table is written; the decimal sign is left at ".".

    Args:
        file: A text table, compressed or not.

    Returns:
        The guess and why, in words.
    """
    encoding, why = guess_encoding(file)
    text = _head(file).decode(encoding, errors="ignore").lstrip("\ufeff")
    separator, quote, fields = _guess_cells(text)
    names = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar"}
    why = f"{why}; {names[separator]} gives {fields} columns in most lines"
    return Csv(separator=separator, encoding=encoding, quote=quote), why


def guess_encoding(file: Path) -> tuple[str, str]:
    """Guess a text file's encoding from its byte order mark, or from all of its bytes.

    Returns:
        A name Python knows, and why.
    """
    head = _head(file)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, f"{name}: it begins with that byte order mark"
    zeros = (head[0::2].count(0), head[1::2].count(0))
    if max(zeros) > len(head) // 8:
        name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        return name, f"{name}: every other byte is zero"
    seen: set[int] = set()
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    for piece in _pieces(file):
        if is_utf8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                is_utf8 = False
        seen |= set(piece)
    if is_utf8:
        return "utf-8", "utf-8: every byte of it reads so"
    if seen & _CONTROLS and not seen & _NOT_IN_CP1252:
        return "cp1252", "cp1252: it is not utf-8 and holds signs of Windows"
    return "latin-1", "latin-1: it is not utf-8"


def _head(file: Path) -> bytes:
    with pa.input_stream(str(file), compression="detect") as stream:
        return bytes(stream.read(_HEAD))


def _pieces(file: Path) -> Iterator[bytes]:
    with pa.input_stream(str(file), compression="detect") as stream:
        while piece := stream.read(_PIECE):
            yield bytes(piece)


def _guess_cells(text: str) -> tuple[str, str, int]:
    """Return separator, quote and columns under which most records are as long as the header."""
    best: tuple[float, int] = (0.0, 1)
    found = (",", '"')
    for separator in SEPARATORS:
        for quote in QUOTES if "'" in text else QUOTES[:1]:
            records = _records(text, separator, quote)
            width = len(records[0]) if records else 0
            agreement = sum(len(record) == width for record in records) / max(len(records), 1)
            if width > 1 and (round(agreement, 2), width) > best:
                best, found = (round(agreement, 2), width), (separator, quote)
    separator, quote = found
    cells = [cell for record in _records(text, separator, quote) for cell in record]
    wrapped = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    return separator, "'" if wrapped * 2 > len(cells) else quote, best[1]


def _records(text: str, separator: str, quote: str) -> list[list[str]]:
    lines = text.splitlines(keepends=True)
    if len(text) >= _HEAD // 4 and len(lines) > 1:
        lines = lines[:-1]
    records = []
    try:
        for record in csv.reader(lines, delimiter=separator, quotechar=quote):
            if record:
                records.append(record)
            if len(records) == _RECORDS:
                break
    except csv.Error:
        return records
    return records
