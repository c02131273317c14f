# ruff: noqa: S608 - every name and text from outside goes through `quoting`
"""A first look at an unknown file: how it is written and what each column looks like.

Everything is a guess with its reason, for a person to confirm in a product file.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import duckdb

from solvent.errors import MissingFileError, UnreadableFileError
from solvent.features import (
    ColumnType,
    Csv,
    category,
    date,
    flag,
    instant,
    integer,
    money,
    number,
)
from solvent.sources.connection import connect
from solvent.sources.conversion import Physical, RawColumn, as_text
from solvent.sources.delimited import RaggedRows, batches, header
from solvent.sources.files import FileKind, kind_of
from solvent.sources.guesses import MISSING_WORDS, MOST_LEVELS, YES_WORDS, Figures, Looks, guess
from solvent.sources.quoting import identifier, literal, literals, path_literal
from solvent.sources.staging import READER, parquet_columns, streamed
from solvent.sources.writing import guess_writing

FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%d%b%Y", "%d-%b-%Y", "%Y%m%d",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
)  # fmt: skip
"""Spellings of times tried where text is not ISO 8601; day before month where both fit."""
_SAMPLE = 5
_POINT = r"'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?'"
_COMMA = r"'[+-]?[0-9]+,[0-9]+'"
_DAY = r"'[0-9]{4}-[0-9]{2}-[0-9]{2}'"
_TIME = r"'[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*'"
_MIDNIGHT = r"'[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]00:00:00(\.0+)?'"
_ZONE = r"'(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$'"


@dataclass(frozen=True, slots=True, kw_only=True)
class SniffedColumn:
    """What one column looks like.

    Args:
        name: Its name in the file.
        kept: How the file keeps it.
        looks: The guess.
        why: The guess's reason, in words.
        rows: Rows of the file.
        nulls: Cells without a value, spelt-out missing values included.
        distinct: Different values; approximate above 200 unless `unique`.
        unique: True where every row has a value of its own.
        minimum: Smallest value, as text; empty where there is none.
        maximum: Largest value, as text.
        sample: Up to five different values, as text: a person's data, not for messages or logs.
        levels: Values from frequent to rare where there are few.
        missing: Spellings found that seem to mean "no value".
        decimals: Most decimals of its numbers.
        format: Pattern of its times where they are not ISO 8601.
        zoned: True where its times carry a zone.
    """

    name: str
    kept: Physical
    looks: Looks
    why: str
    rows: int
    nulls: int
    distinct: int
    unique: bool
    minimum: str
    maximum: str
    sample: tuple[str, ...]
    levels: tuple[str, ...]
    missing: tuple[str, ...]
    decimals: int
    format: str | None
    zoned: bool

    @property
    def declaration(self) -> ColumnType | None:
        """A declaration to begin with; None for ids, free text and empty columns."""
        missing = self.missing
        if self.looks is Looks.MONEY:
            return money(scale=max(2, self.decimals), missing=missing)
        if self.looks is Looks.FLAG:
            known = tuple(one for one in self.levels if one.strip().lower() in YES_WORDS)
            return flag(true=known, missing=missing) if known else flag(missing=missing)
        made = {
            Looks.INSTANT: instant(format=self.format),
            Looks.DATE: date(format=self.format),
            Looks.INTEGER: integer(missing=missing),
            Looks.NUMBER: number(missing=missing),
            Looks.CATEGORY: category(missing=missing),
        }
        return made.get(self.looks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sniffed:
    """What a file looks like.

    Args:
        path: The file.
        kind: Parquet or text.
        csv: How a text table seems to be written; the default for Parquet.
        why: Reason of that guess; empty for Parquet.
        rows: Rows read.
        ragged: Records left out for their number of cells.
        columns: Its columns, in order.
    """

    path: Path
    kind: FileKind
    csv: Csv
    why: str
    rows: int
    ragged: int
    columns: tuple[SniffedColumn, ...]


def sniff(path: Path) -> Sniffed:
    """Read a file once and guess what it holds.

    Args:
        path: A CSV (or relative) or a Parquet file.

    Returns:
        What it looks like, with a reason for each guess.

    Raises:
        MissingFileError: It is not there.
        UnreadableFileError: It is empty, cut or not a table.
    """
    if not path.is_file():
        raise MissingFileError(f"there is no file {path.name!r}", hint="check its name")
    kind = kind_of(path)
    connection = connect()
    try:
        with tempfile.TemporaryDirectory(prefix="solvent-") as folder:
            if kind is FileKind.PARQUET:
                return _sniff_parquet(connection, path)
            return _sniff_text(connection, path, Path(folder))
    finally:
        connection.close()


def _sniff_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Sniffed:
    kept = {
        name: one
        for name, one in parquet_columns(connection, path).items()
        if one is not Physical.OTHER
    }
    raw = [_raw(name, identifier(name), one) for name, one in kept.items()]
    source = f"read_parquet({path_literal(str(path))})"
    columns = tuple(_look(connection, source, one, ".") for one in raw)
    rows = _one(connection, f"SELECT count(*) FROM {source}")[0]
    return Sniffed(
        path=path, kind=FileKind.PARQUET, csv=Csv(), why="", rows=int(str(rows)), ragged=0,
        columns=columns,
    )  # fmt: skip


def _sniff_text(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> Sniffed:
    written, why = guess_writing(path)
    names = header(path, written)
    if len(set(names)) < len(names):
        raise UnreadableFileError(
            f"{path.name} has columns with the same name",
            hint="rename them in its header",
            field=path.name,
        )
    ragged = RaggedRows(quote=written.quote)
    target = folder / "text.parquet"
    with streamed(connection, batches(path, written, names, ragged), len(names)):
        connection.execute(f"COPY (FROM {READER}) TO {literal(str(target))} (FORMAT parquet)")
    source = f"read_parquet({path_literal(str(target))})"
    raw = [_raw(name, f"c{index}", Physical.TEXT) for index, name in enumerate(names)]
    if written.separator != "," and _has_decimal_comma(connection, source, raw):
        written = replace(written, decimal=",")
        why += "; numbers have a decimal comma"
    columns = tuple(_look(connection, source, one, written.decimal) for one in raw)
    rows = _one(connection, f"SELECT count(*) FROM {source}")[0]
    return Sniffed(
        path=path, kind=FileKind.TEXT, csv=written, why=why, rows=int(str(rows)),
        ragged=len(ragged.numbers), columns=columns,
    )  # fmt: skip


def _raw(name: str, alias: str, kept: Physical) -> RawColumn:
    return RawColumn(
        name=name, alias=alias, tag="x", kept=kept, declared=category(), decimal=".", field=name
    )


def _has_decimal_comma(
    connection: duckdb.DuckDBPyConnection, source: str, raw: list[RawColumn]
) -> bool:
    """Tell whether some column holds only numbers, some of them with a comma and none a point."""
    for column in raw:
        text = as_text(column)
        found = _one(
            connection,
            f"SELECT count(t) AS n, count(*) FILTER (regexp_full_match(t, {_COMMA})) AS commas, "
            f"count(*) FILTER (regexp_full_match(t, '[+-]?[0-9]+')) AS whole "
            f"FROM (SELECT {text} AS t FROM {source}) "
            f"WHERE lower(t) NOT IN ({literals(MISSING_WORDS)})",
        )
        values, commas, whole = (int(str(one)) for one in found)
        if commas and commas + whole == values:
            return True
    return False


class _Counts(NamedTuple):
    rows: int
    values: int
    distinct: int
    missing: list[str] | None
    numeric: int
    whole: int
    decimals: int | None
    least: float | None
    most: float | None
    first: str | None
    last: str | None
    days: int
    times: int
    midnights: int
    zoned: int
    spaced: int


def _look(
    connection: duckdb.DuckDBPyConnection, source: str, raw: RawColumn, decimal: str
) -> SniffedColumn:
    spelt = f"SELECT {as_text(raw)} AS t FROM {source}"
    turned = "translate(t, ',.', '.,')" if decimal == "," else "t"
    values = (
        f"SELECT t, lower(t) IN ({literals(MISSING_WORDS)}) AS gone, {turned} AS d FROM ({spelt})"
    )
    counts = _count(connection, values)
    text = f"SELECT t FROM ({values}) WHERE NOT gone"
    few = counts.distinct <= MOST_LEVELS * 2
    levels = _levels(connection, text) if few else ()
    unique = counts.values == counts.rows and counts.distinct * 10 > counts.rows * 8
    if unique:
        distinct = int(str(_one(connection, f"SELECT count(DISTINCT t) FROM ({text})")[0]))
        unique = distinct == counts.rows
    else:
        distinct = len(levels) if levels else counts.distinct
    pattern = _pattern(connection, text, raw, counts)
    # times which all show midnight were days before somebody's tool wrote them
    is_day = raw.kept is Physical.DATE or 0 < counts.midnights == counts.values
    days = counts.values if is_day else counts.days
    times = 0 if is_day else counts.times
    if pattern is not None:
        days, times = (0, counts.values) if "%H" in pattern else (counts.values, 0)
    figures = Figures(
        name=raw.name, kept=raw.kept, rows=counts.rows, values=counts.values, distinct=distinct,
        unique=unique, levels=levels, whole=counts.whole, numeric=counts.numeric,
        decimals=counts.decimals or 0, days=days, times=times, format=pattern,
        spaced=counts.spaced,
    )  # fmt: skip
    looks, why = guess(figures)
    least, most = _ends(counts)
    return SniffedColumn(
        name=raw.name, kept=raw.kept, looks=looks, why=why, rows=counts.rows,
        nulls=counts.rows - counts.values, distinct=distinct, unique=unique, minimum=least,
        maximum=most, sample=levels[:_SAMPLE] or _sample(connection, text), levels=levels,
        missing=tuple(sorted(counts.missing or ())), decimals=counts.decimals or 0,
        format=pattern, zoned=raw.kept is Physical.ZONED or 0 < counts.zoned == counts.values,
    )  # fmt: skip


def _count(connection: duckdb.DuckDBPyConnection, values: str) -> _Counts:
    is_number = f"regexp_full_match(d, {_POINT})"
    fraction = "length(rtrim(split_part(d, '.', 2), '0'))"
    cells = (
        f"SELECT CASE WHEN NOT gone THEN t END AS t, CASE WHEN gone THEN t END AS gone, "
        f"CASE WHEN NOT gone AND {is_number} THEN d END AS d FROM ({values})"
    )
    found = _one(
        connection,
        f"SELECT count(*), count(t), approx_count_distinct(t), list(DISTINCT gone), count(d), "
        f"count(*) FILTER ({fraction} = 0 AND NOT contains(lower(d), 'e')), max({fraction}), "
        f"min(TRY_CAST(d AS DOUBLE)), max(TRY_CAST(d AS DOUBLE)), min(t), max(t), "
        f"count(*) FILTER (regexp_full_match(t, {_DAY})), "
        f"count(*) FILTER (regexp_full_match(t, {_TIME})), "
        f"count(*) FILTER (regexp_full_match(t, {_MIDNIGHT})), "
        f"count(*) FILTER (regexp_matches(substr(t, 12), {_ZONE})), "
        f"count(*) FILTER (contains(t, ' ')) FROM ({cells})",
    )
    counts = _Counts(*found)  # type: ignore[arg-type]  # the query gives these types
    missing = [word for word in counts.missing or () if word is not None]
    return counts._replace(missing=missing)


def _levels(connection: duckdb.DuckDBPyConnection, text: str) -> tuple[str, ...]:
    found = connection.execute(
        f"SELECT t FROM ({text}) WHERE t IS NOT NULL GROUP BY t ORDER BY count(*) DESC, t "
        f"LIMIT {MOST_LEVELS + 1}"
    ).fetchall()
    return tuple(row[0] for row in found) if len(found) <= MOST_LEVELS else ()


def _sample(connection: duckdb.DuckDBPyConnection, text: str) -> tuple[str, ...]:
    found = connection.execute(
        f"SELECT DISTINCT t FROM (SELECT t FROM ({text}) WHERE t IS NOT NULL LIMIT 200) "
        f"ORDER BY t LIMIT {_SAMPLE}"
    ).fetchall()
    return tuple(row[0] for row in found)


def _pattern(
    connection: duckdb.DuckDBPyConnection, text: str, raw: RawColumn, counts: _Counts
) -> str | None:
    """Return the first pattern under which every value is a time, if they are not ISO."""
    textual = raw.kept in {Physical.TEXT, Physical.INTEGER}
    if not textual or counts.values == 0 or counts.days + counts.times:
        return None
    formats = FORMATS if counts.numeric == 0 else ("%Y%m%d",)
    if counts.numeric and not ((counts.least or 0) >= 19000101 and (counts.most or 0) <= 21001231):
        return None
    sums = ", ".join(f"count(try_strptime(t, {literal(one)}))" for one in formats)
    found = _one(connection, f"SELECT {sums} FROM ({text})")
    return next((one for one, n in zip(formats, found, strict=True) if n == counts.values), None)


def _ends(counts: _Counts) -> tuple[str, str]:
    if counts.numeric == counts.values and counts.least is not None and counts.most is not None:
        return f"{counts.least:.15g}", f"{counts.most:.15g}"
    return counts.first or "", counts.last or ""


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    return tuple(connection.execute(sql).fetchall()[0])
