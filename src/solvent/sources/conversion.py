"""What turning one raw column into a typed one takes: SQL in layers, and what can go wrong.

Each layer reads names that the layer below made, so a value used twice is computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solvent.errors import DataError
from solvent.features import ColumnType
from solvent.sources.quoting import literal, literals

BLANKS = " \t\r\n"
WHOLE_DOUBLE = 2**53


class Physical(StrEnum):
    """How a file keeps a column."""

    TEXT = "text"
    INTEGER = "whole numbers"
    WIDE = "exact numbers"
    DOUBLE = "numbers"
    FLOAT = "short numbers"
    BOOLEAN = "yes or no"
    DATE = "days"
    NAIVE = "times without a zone"
    ZONED = "times"
    OTHER = "something else"

    @property
    def is_number(self) -> bool:
        """True for numbers of any width."""
        return self in {Physical.INTEGER, Physical.WIDE, Physical.DOUBLE, Physical.FLOAT}

    @property
    def is_float(self) -> bool:
        """True for binary floating point."""
        return self in {Physical.DOUBLE, Physical.FLOAT}


_BY_TYPE = {
    "VARCHAR": Physical.TEXT, "UUID": Physical.TEXT,
    "TINYINT": Physical.INTEGER, "SMALLINT": Physical.INTEGER, "INTEGER": Physical.INTEGER,
    "BIGINT": Physical.INTEGER, "UTINYINT": Physical.INTEGER, "USMALLINT": Physical.INTEGER,
    "UINTEGER": Physical.INTEGER,
    "UBIGINT": Physical.WIDE, "HUGEINT": Physical.WIDE, "UHUGEINT": Physical.WIDE,
    "DOUBLE": Physical.DOUBLE, "FLOAT": Physical.FLOAT, "BOOLEAN": Physical.BOOLEAN,
    "DATE": Physical.DATE, "TIMESTAMP": Physical.NAIVE, "TIMESTAMP_NS": Physical.NAIVE,
    "TIMESTAMP_MS": Physical.NAIVE, "TIMESTAMP_S": Physical.NAIVE,
    "TIMESTAMP WITH TIME ZONE": Physical.ZONED, "TIMESTAMPTZ_NS": Physical.ZONED,
}  # fmt: skip


def physical(duckdb_type: str) -> Physical:
    """Return how a column of DuckDB's type `duckdb_type` is kept.

    >>> physical("DECIMAL(18,2)").name, physical("TIMESTAMP_NS").name, physical("INTEGER[]").name
    ('WIDE', 'NAIVE', 'OTHER')
    """
    if duckdb_type.startswith("DECIMAL(") and duckdb_type.endswith(")"):
        return Physical.WIDE
    if duckdb_type.startswith("ENUM("):
        return Physical.TEXT
    return _BY_TYPE.get(duckdb_type, Physical.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawColumn:
    """One column as the file has it.

    Args:
        name: Its name, as declared.
        alias: Its name in the lowest SQL layer: a plain identifier.
        tag: Ends the names that its conversion makes; no other conversion has it.
        kept: How the file keeps it.
        declared: What it means.
        decimal: Decimal sign of numbers kept as text.
        field: `table.column`, for messages.
    """

    name: str
    alias: str
    tag: str
    kept: Physical
    declared: ColumnType
    decimal: str
    field: str

    def cannot_be(self, what: str) -> DataError:
        """Return the error for a column whose type cannot hold what is declared."""
        return DataError(
            f"the file keeps {self.kept.value} here, which cannot be read as {what}",
            hint="declare what it holds, or convert the file",
            field=self.field,
        )


Layer = tuple[tuple[str, str], ...]
"""Pairs of (new name, SQL that reads names of the layers below)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """SQL for one typed column.

    Args:
        layers: From the bottom up.
        value: Name of the typed value.
        present: Name of the cleaned raw value: null where the cell is missing.
        why: SQL of the reason where a present cell has no value; never holds the value.
        end: For times: name of the time from which it was known (the day's end for a bare day).
        local: True where some of its times need the table's zone.
    """

    layers: tuple[Layer, ...]
    value: str
    present: str
    why: str
    end: str = ""
    local: bool = False

    @property
    def fault(self) -> tuple[str, str]:
        """SQL of when the row is to be refused, and of the reason."""
        when = f"{self.present} IS NOT NULL AND {self.value} IS NULL"
        return when, f"CAST({self.why} AS VARCHAR)"


def as_text(column: RawColumn) -> str:
    """Return SQL of a raw value as text, null if blank; whole floats without a fraction."""
    raw = column.alias
    if column.kept is Physical.TEXT:
        return f"nullif(trim(CAST({raw} AS VARCHAR), {literal(BLANKS)}), '')"
    if column.kept.is_float:
        whole = f"isfinite({raw}) AND {raw} = trunc({raw}) AND abs({raw}) < {WHOLE_DOUBLE}"
        return (
            f"CASE WHEN isnan({raw}) THEN NULL WHEN {whole} "
            f"THEN CAST(TRY_CAST({raw} AS BIGINT) AS VARCHAR) ELSE CAST({raw} AS VARCHAR) END"
        )
    return f"CAST({raw} AS VARCHAR)"


def present(column: RawColumn, *, text: bool) -> str:
    """Return SQL of a raw value, null where it is blank, NaN or a declared missing spelling.

    Args:
        column: The raw column.
        text: True for the value as text; False keeps its own type.
    """
    spelt = as_text(column)
    own = f"CASE WHEN isnan({column.alias}) THEN NULL ELSE {column.alias} END"
    value = spelt if text else own if column.kept.is_float else column.alias
    if not column.declared.missing:
        return value
    missing = literals(column.declared.missing)
    return f"CASE WHEN {spelt} IN ({missing}) THEN NULL ELSE {value} END"


def as_it_stands(column: RawColumn) -> str:
    """Return SQL of text with the blanks around it, null where `present` is null.

    DuckDB asks each label of a Parquet dictionary once for its first character, but trims row by
    row, so only what begins with a blank is trimmed.
    """
    text = f"CAST({column.alias} AS VARCHAR)"
    if column.declared.missing:
        missing = f"{as_text(column)} IN ({literals(column.declared.missing)})"
        return f"CASE WHEN coalesce({missing}, true) THEN NULL ELSE {text} END"
    blank = f"trim({text}, {literal(BLANKS)}) = ''"
    return f"CASE WHEN unicode({text}) > {ord(' ')} THEN {text} WHEN NOT {blank} THEN {text} END"


def because(column: str, words: str) -> str:
    """Return SQL of a refusal reason.

    >>> because("amount", "not money")
    "'amount: not money'"
    """
    return literal(f"{column}: {words}")
