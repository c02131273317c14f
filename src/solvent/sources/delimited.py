"""Text tables (CSV and its relatives) as a stream of batches of raw text.

Cells stay text: what they mean is declared, never guessed. Records with another number of cells
than the header are left out and their numbers kept. Records are counted from 1 under the header;
blank lines do not count. A cell is quoted only if it begins with the quote.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from solvent.errors import DeclarationError, UnreadableFileError
from solvent.features import Csv
from solvent.sources.layout import ROW

BLOCK = 8 << 20
"""Bytes read at once; one record must fit."""
_PACKED_FAULTS = ("compressed stream", "inflate", "decompress")


@dataclass(slots=True, kw_only=True)
class RaggedRows:
    """Records that were left out for their number of cells.

    Args:
        quote: The character around cells.
        numbers: Their numbers, ascending.
        unclosed: Number of a record that swallowed others by a quote it never closes; 0: none.
    """

    quote: str = '"'
    numbers: list[int] = field(default_factory=list)
    unclosed: int = 0

    def skip(self, row: pacsv.InvalidRow) -> Literal["skip"]:
        """Note one such record; the answer tells Arrow to go on."""
        # one thread reads, so Arrow does number the record, and counts the header as the first
        number = (row.number or 0) - 1
        self.numbers.append(number)
        if "\n" in row.text.strip() and row.text.count(self.quote) % 2:
            self.unclosed = self.unclosed or number
        return "skip"


def header(file: Path, written: Csv) -> tuple[str, ...]:
    """Return the names of a text table's columns.

    Raises:
        UnreadableFileError: The file is empty or not in its declared encoding.
        DeclarationError: Python knows no such encoding.
    """
    try:
        with _open(file, written, RaggedRows(), None) as reader:
            return tuple(reader.schema.names)
    except pa.ArrowInvalid as error:
        if "mpty CSV" not in str(error):
            raise unreadable(file, written, error) from error
        return _lone_line(file, written)
    except (UnicodeError, OSError) as error:
        raise unreadable(file, written, error) from error


def _lone_line(file: Path, written: Csv) -> tuple[str, ...]:
    """Return the header of a file that holds nothing else, not even a newline."""
    with pa.input_stream(str(file), compression="detect") as stream:
        text = stream.read(BLOCK).decode(written.encoding).lstrip("\ufeff").strip("\r\n")
    if not text.strip():
        raise UnreadableFileError(
            f"{file.name} is empty", hint="it should begin with a header", field=file.name
        )
    return tuple(next(csv.reader([text], delimiter=written.separator, quotechar=written.quote)))


def batches(
    file: Path, written: Csv, names: Sequence[str], ragged: RaggedRows
) -> Iterator[pa.RecordBatch]:
    """Read some columns of a text table in pieces.

    Args:
        file: A text table.
        written: How it is written.
        names: Columns to read, each once in the header; more may be there.
        ragged: Is told of records with another number of cells.

    Yields:
        Batches with columns c0, c1, … in the order of `names` (text, blank cells as "") and ROW.

    Raises:
        UnreadableFileError: The bytes are not in the declared encoding, or a quote stays open.
    """
    read, last = 0, ""
    every = header(file, written)
    # the last column is read along: a quote left open there makes one long cell of the rest
    watched = [every[-1]] if every.count(every[-1]) == 1 else []
    asked = list(dict.fromkeys([*names, *watched]))
    try:
        with _open(file, written, ragged, asked) as reader:
            for batch in reader:
                rows = _numbers(read, len(batch), ragged.numbers)
                read += len(batch)
                if watched and len(batch):
                    last = batch.column(asked.index(every[-1]))[-1].as_py()
                cells = batch.columns[: len(names)]
                yield pa.RecordBatch.from_arrays([*cells, rows], schema=schema(len(names)))
    except pa.ArrowInvalid as error:
        if "mpty CSV" not in str(error):
            raise unreadable(file, written, error) from error
    except (UnicodeError, OSError) as error:
        raise unreadable(file, written, error) from error
    if "\n" in last and not _ends_with_quote(file, written):
        ragged.unclosed = ragged.unclosed or read + len(ragged.numbers)
    if ragged.unclosed:
        raise UnreadableFileError(
            f"{file.name} opens a quote in record {ragged.unclosed} that is never closed",
            hint="mend that record, or declare csv=Csv(quote=...)",
            field=file.name,
        )


def _ends_with_quote(file: Path, written: Csv) -> bool:
    tail = b""
    with pa.input_stream(str(file), compression="detect") as stream:
        while piece := stream.read(BLOCK):
            tail = (tail + bytes(piece))[-64:]
    return tail.decode(written.encoding, errors="ignore").rstrip("\r\n ").endswith(written.quote)


def schema(count: int) -> pa.Schema:
    """Return the schema of batches of `count` columns."""
    cells: list[tuple[str, pa.DataType]] = [(f"c{index}", pa.string()) for index in range(count)]
    return pa.schema([*cells, (ROW, pa.int64())])


def _open(
    file: Path, written: Csv, ragged: RaggedRows, names: Sequence[str] | None
) -> pacsv.CSVStreamingReader:
    try:
        encoding = codecs.lookup(written.encoding).name
    except LookupError as error:
        raise DeclarationError(
            f"no encoding {written.encoding!r} is known",
            hint='write "utf-8", "latin-1" or "utf-16"',
            field="encoding",
        ) from error
    return pacsv.open_csv(
        str(file),
        # only one thread numbers the records it refuses
        read_options=pacsv.ReadOptions(
            use_threads=False,
            block_size=BLOCK,
            encoding="utf8" if encoding in {"utf-8", "utf-8-sig", "ascii"} else encoding,
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=written.separator,
            quote_char=written.quote,
            newlines_in_values=True,
            invalid_row_handler=ragged.skip,
        ),
        convert_options=pacsv.ConvertOptions(
            include_columns=list(names or ()),
            column_types=dict.fromkeys(names or (), pa.string()),
            strings_can_be_null=False,
        ),
    )


def _numbers(start: int, count: int, left_out: Sequence[int]) -> pa.Int64Array:
    """Return record numbers of `count` kept records after `start` others."""
    kept = np.arange(start + 1, start + count + 1, dtype=np.int64)
    if left_out:
        gaps = np.asarray(left_out, np.int64) - np.arange(len(left_out))
        kept += np.searchsorted(gaps, kept, side="right")
    return pa.array(kept, pa.int64())


def unreadable(file: Path, written: Csv, error: Exception) -> UnreadableFileError:
    """Return the error for a text table that cannot be read; the cause's words stay out of it."""
    if isinstance(error, UnicodeError) or "UTF8" in str(error):
        message = f"{file.name} is not written in {written.encoding}"
        hint = 'declare csv=Csv(encoding="latin-1"), "utf-16" or what it is'
    elif any(sign in str(error) for sign in _PACKED_FAULTS):
        message = f"{file.name} is cut or damaged within its compression"
        hint = "it was cut or damaged on its way, or is not compressed as its name says"
    elif "straddl" in str(error):
        message = f"{file.name} has a record of more than {BLOCK >> 20} MiB"
        hint = "most likely a quote is never closed; look for it, or declare csv=Csv(quote=...)"
    else:
        message = f"{file.name} cannot be read as a text table"
        hint = "check csv=Csv(separator=..., quote=..., encoding=...)"
    return UnreadableFileError(message, hint=hint, field=file.name)
