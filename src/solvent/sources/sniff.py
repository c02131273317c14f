# ruff: noqa: S608 - every name and text from outside goes through `quoting`
"""A first look at an unknown file: how it is written and what each column looks like.

Everything is a guess with its reason, for a person to confirm in a product file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import duckdb

from solvent.errors import MissingFileError, UnreadableFileError
from solvent.features import (
    ColumnType,
    Csv,
    Excel,
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
from solvent.sources.excel import sheet_to_parquet
from solvent.sources.files import FileKind, kind_of
from solvent.sources.guesses import (
    MISSING_WORDS,
    MOST_LEVELS,
    YES_WORDS,
    Figures,
    Looks,
    guess,
    most,
    odd_values,
)
from solvent.sources.quoting import identifier, literal, literals, parquet_rows
from solvent.sources.staging import READER, parquet_columns, streamed
from solvent.sources.writing import guess_writing

FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d%b%Y", "%d-%b-%Y",
    "%Y%m%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
)  # fmt: skip
"""Spellings of times tried where text is not ISO 8601; day before month where both fit."""
_SAMPLE = 5
_SOME = 20
_SHAPES = 6
_DATED = r"'[0-9]{1,4}[-./]?([0-9]{1,2}|[A-Za-z]{3})[-./]?[0-9]{2,4}([ ][0-9]{1,2}:.*)?'"
_EIGHT = r"'(19|20)[0-9]{6}'"
_POINT = r"'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?'"
_SIGNED = r"( ?(%|[€$£]|R\$|EUR|USD|GBP|CHF))?'"
_COMMA = r"'[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+" + _SIGNED
_WHOLE = r"'[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)" + _SIGNED
_MARKED = (
    r"'(([€$£]|R\$|EUR|USD|GBP|CHF) ?)?[+-]?([0-9]+|[0-9]{1,3}([.,'' ][0-9]{3})+)([.,][0-9]+)?"
    + _SIGNED
)
_THOUSANDS = r"'[0-9][.,'' ][0-9]{3}([.,]|[^0-9]|$)'"
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
        numeric: True where its values are numbers, but for a few.
        odd: Values that are not what it looks like: sources refuse their rows.
        spelt: Cells with a spelt-out missing value.
        ambiguous: True where `format` puts the day first and the month first would fit as well.
        marks: Signs among the digits of its numbers: "thousands", "per cent", "currency".
        mixed: Why it looks like nothing though many values are dates or numbers; mostly empty.
        padded: True where levels differ only by blanks around them.
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
    numeric: bool
    odd: int
    spelt: int
    ambiguous: bool
    marks: tuple[str, ...]
    mixed: str
    padded: bool

    @property
    def declaration(self) -> ColumnType | None:
        """A declaration to begin with; None for ids, free text and empty columns."""
        missing = self.missing
        if self.looks is Looks.MONEY:
            return money(scale=max(2, self.decimals), missing=missing)
        if self.looks is Looks.FLAG:
            yes = {one.strip().lower(): one for one in reversed(self.levels)}
            known = tuple(one for word, one in yes.items() if word in YES_WORDS)
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
        kind: Parquet, text or a spreadsheet.
        csv: How a text table seems to be written; else the default.
        why: Reason of that guess; empty for what is no text.
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
        path: A CSV (or relative), a Parquet file or a spreadsheet (its first sheet).

    Returns:
        What it looks like, with a reason for each guess.

    Raises:
        MissingFileError: It is not there.
        UnreadableFileError: It is empty, cut or not a table.
        MissingExtraError: It is a spreadsheet and nothing installed can read one.
    """
    if not path.is_file():
        raise MissingFileError(f"there is no file {path.name!r}", hint="check its name")
    kind = kind_of(path)
    connection = connect()
    try:
        with tempfile.TemporaryDirectory(prefix="solvent-") as folder:
            if kind is FileKind.PARQUET:
                return _sniff_parquet(connection, path)
            if kind is FileKind.EXCEL:
                sheet = Path(folder) / "sheet.parquet"
                _require_unlike(path, sheet_to_parquet(path, Excel(), sheet, name=path.name))
                return replace(_sniff_parquet(connection, sheet), path=path, kind=kind)
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
    source = parquet_rows(path)
    columns = tuple(_look(connection, source, one, ".") for one in raw)
    rows = _one(connection, f"SELECT count(*) FROM {source}")[0]
    return Sniffed(
        path=path, kind=FileKind.PARQUET, csv=Csv(), why="", rows=int(str(rows)), ragged=0,
        columns=columns,
    )  # fmt: skip


def _sniff_text(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> Sniffed:
    written, why = guess_writing(path)
    names = header(path, written)
    _require_unlike(path, names)
    ragged = RaggedRows(quote=written.quote)
    target = folder / "text.parquet"
    with streamed(connection, batches(path, written, names, ragged), len(names)):
        connection.execute(f"COPY (FROM {READER}) TO {literal(str(target))} (FORMAT parquet)")
    source = parquet_rows(target)
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


def _require_unlike(path: Path, names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise UnreadableFileError(
            f"{path.name} has columns with the same name",
            hint="rename them in its header",
            field=path.name,
        )


def _raw(name: str, alias: str, kept: Physical) -> RawColumn:
    return RawColumn(
        name=name, alias=alias, tag="x", kept=kept, declared=category(), decimal=".", field=name
    )


def _has_decimal_comma(
    connection: duckdb.DuckDBPyConnection, source: str, raw: list[RawColumn]
) -> bool:
    """Tell whether more columns write a comma before the decimals than write a point."""
    with_comma = with_point = 0
    for column in raw:
        found = _one(
            connection,
            f"SELECT count(t) AS n, count(*) FILTER (regexp_full_match(t, {_COMMA})) AS commas, "
            f"count(*) FILTER (regexp_full_match(t, {_WHOLE})) AS whole, "
            f"count(*) FILTER (regexp_full_match(t, {_POINT})) AS points "
            f"FROM (SELECT {as_text(column)} AS t FROM {source}) "
            f"WHERE lower(t) NOT IN ({literals(MISSING_WORDS)})",
        )
        values, commas, whole, points = (int(str(one)) for one in found)
        with_comma += bool(commas) and most(commas + whole, values)
        with_point += whole < points and most(points, values)
    return with_comma > with_point


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
    spelt: int
    dated: int
    eights: int
    marked: int
    thousands: int
    percent: int
    currency: int


def _look(
    connection: duckdb.DuckDBPyConnection, source: str, raw: RawColumn, decimal: str
) -> SniffedColumn:
    spelt = f"SELECT {as_text(raw)} AS t FROM {source}"
    turned = "translate(t, ',.', '.,')" if decimal == "," else "t"
    values = (
        f"SELECT t, lower(t) IN ({literals(MISSING_WORDS)}) AS gone, {turned} AS d FROM ({spelt})"
    )
    counts = _count(connection, values, raw.kept)
    text = f"SELECT t FROM ({values}) WHERE NOT gone"
    few = counts.distinct <= MOST_LEVELS * 2
    levels = _levels(connection, text) if few else ()
    distinct = len(levels) if levels else counts.distinct
    if not levels and counts.distinct * 10 > counts.rows * 8:
        distinct = int(str(_one(connection, f"SELECT count(DISTINCT t) FROM ({text})")[0]))
    pattern = _pattern(connection, text, raw, counts)
    days, times = _days_and_times(raw, counts, pattern)
    figures = Figures(
        name=raw.name, kept=raw.kept, rows=counts.rows, values=counts.values, distinct=distinct,
        unique=distinct == counts.rows, levels=levels, whole=counts.whole, numeric=counts.numeric,
        decimals=counts.decimals or 0, days=days, times=times, format=pattern.format,
        spaced=counts.spaced,
    )  # fmt: skip
    looks, why = guess(figures)
    numeric = most(counts.numeric, counts.values)
    least, greatest = _ends(counts, numeric=numeric)
    return SniffedColumn(
        name=raw.name, kept=raw.kept, looks=looks, why=why, rows=counts.rows,
        nulls=counts.rows - counts.values, distinct=distinct, unique=figures.unique,
        minimum=least, maximum=greatest, sample=levels[:_SAMPLE] or _sample(connection, text),
        levels=levels, missing=tuple(sorted(counts.missing or ())), decimals=counts.decimals or 0,
        format=pattern.format, zoned=raw.kept is Physical.ZONED or 0 < counts.zoned == times,
        numeric=numeric, odd=odd_values(figures, looks), spelt=counts.spelt,
        ambiguous=pattern.ambiguous, marks=_marks(counts), mixed=_mixed(figures, looks, pattern),
        padded=looks is Looks.CATEGORY and bool(levels) and _is_padded(connection, source, raw),
    )  # fmt: skip


def _days_and_times(raw: RawColumn, counts: _Counts, pattern: _Pattern) -> tuple[int, int]:
    # times which all show midnight were days before somebody's tool wrote them
    is_day = counts.midnights == counts.times and most(
        counts.midnights + counts.days, counts.values
    )
    if raw.kept is Physical.DATE:
        return counts.values, 0
    if pattern.format is not None:
        clock = "%H" in pattern.format
        return (0, pattern.fitting) if clock else (pattern.fitting, 0)
    return (counts.days + counts.midnights, 0) if is_day else (counts.days, counts.times)


def _marks(counts: _Counts) -> tuple[str, ...]:
    """Return the signs among the digits where the values are numbers only with them."""
    if most(counts.numeric, counts.values) or not most(counts.marked, counts.values):
        return ()
    seen = (counts.thousands, "thousands"), (counts.percent, "per cent")
    return tuple(word for count, word in (*seen, (counts.currency, "currency")) if count)


def _mixed(figures: Figures, looks: Looks, pattern: _Pattern) -> str:
    """Return why a column is neither dates nor numbers though most of its values are."""
    if looks not in {Looks.CATEGORY, Looks.TEXT, Looks.ID} or figures.values < _SOME:
        return ""
    for fitting, word in ((max(figures.days + figures.times, pattern.fitting), "dates"),
                          (figures.numeric, "numbers")):  # fmt: skip
        many = figures.distinct > _SOME or word == "dates"
        if fitting * 2 > figures.values and many and not most(fitting, figures.values):
            return f"only {fitting:,} of {figures.values:,} values are {word}"
    return ""


def _is_padded(connection: duckdb.DuckDBPyConnection, source: str, raw: RawColumn) -> bool:
    if raw.kept is not Physical.TEXT:
        return False
    spelt = f"SELECT {raw.alias} AS r, {as_text(raw)} AS t FROM {source}"
    found = _one(
        connection,
        f"SELECT count(DISTINCT r), count(DISTINCT t) FROM ({spelt}) WHERE t IS NOT NULL",
    )
    return found[0] != found[1]


def _shapes(kept: Physical) -> str:
    """Return SQL that counts shapes of text; zeros where the file keeps no text, to save time."""
    dated = (_DATED, _EIGHT) if kept in {Physical.TEXT, Physical.INTEGER} else ()
    counts = [f"count(*) FILTER (regexp_full_match(t, {one}))" for one in dated]
    if kept is Physical.TEXT:
        counts.append(f"count(*) FILTER (regexp_full_match(t, {_MARKED}))")
        within = (_THOUSANDS, "'%'", "'[€$£]|[A-Z]{3}'")
        counts += [f"count(*) FILTER (regexp_matches(t, {one}))" for one in within]
    return ", ".join(counts + ["0"] * (_SHAPES - len(counts)))


def _count(connection: duckdb.DuckDBPyConnection, values: str, kept: Physical) -> _Counts:
    is_number = f"regexp_full_match(d, {_POINT})"
    is_day = "TRY_CAST(left(t, 10) AS DATE) IS NOT NULL"
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
        f"count(*) FILTER (regexp_full_match(t, {_DAY}) AND {is_day}), "
        f"count(*) FILTER (regexp_full_match(t, {_TIME}) AND {is_day}), "
        f"count(*) FILTER (regexp_full_match(t, {_MIDNIGHT})), "
        f"count(*) FILTER (regexp_matches(substr(t, 12), {_ZONE})), "
        f"count(*) FILTER (contains(t, ' ')), count(gone), {_shapes(kept)} FROM ({cells})",
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


class _Pattern(NamedTuple):
    """A pattern of times, None where none fits; and how many values the best one fits."""

    format: str | None = None
    fitting: int = 0
    ambiguous: bool = False


def _pattern(
    connection: duckdb.DuckDBPyConnection, text: str, raw: RawColumn, counts: _Counts
) -> _Pattern:
    """Return the pattern under which most values are times, if they are not ISO."""
    textual = raw.kept in {Physical.TEXT, Physical.INTEGER}
    if not textual or counts.dated * 2 <= counts.values:
        return _Pattern()
    if most(counts.days + counts.times, counts.values):
        return _Pattern()
    is_number = counts.numeric * 2 > counts.values
    if is_number and not most(counts.eights, counts.values):
        return _Pattern()
    formats = ("%Y%m%d",) if is_number else FORMATS
    sums = ", ".join(
        f"count(*) FILTER (year(try_strptime(t, {literal(one)})) BETWEEN 1000 AND 9999)"
        for one in formats
    )
    counted = [int(str(n)) for n in _one(connection, f"SELECT {sums} FROM ({text})")]
    found = dict(zip(formats, counted, strict=True))
    best = max(formats, key=lambda one: found[one])  # the first of equals: day before month
    if not most(found[best], counts.values):
        return _Pattern(fitting=found[best])
    swapped = best.replace("%d", "%-").replace("%m", "%d").replace("%-", "%m")
    return _Pattern(best, found[best], ambiguous=found.get(swapped) == found[best])


def _ends(counts: _Counts, *, numeric: bool) -> tuple[str, str]:
    if numeric and counts.least is not None and counts.most is not None:
        return f"{counts.least:.15g}", f"{counts.most:.15g}"
    return counts.first or "", counts.last or ""


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    return tuple(connection.execute(sql).fetchall()[0])
