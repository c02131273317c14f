"""The raw tables of a product: applications, events about an entity, attributes of an entity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from solvent.errors import DeclarationError
from solvent.features.columns import ColumnType, instant
from solvent.features.database import Database
from solvent.features.expressions import Column
from solvent.features.windows import MONTH_DAYS
from solvent.features.words import row_words
from solvent.features.zones import check_zone

if TYPE_CHECKING:
    from solvent.features.aggregates import Feature
    from solvent.features.detail import Detail

AS_OF = "as_of"
RELATIVE_UNITS = ("days", "months")


@dataclass(frozen=True, slots=True, kw_only=True)
class Csv:
    """How a text file is written, where it is not plain UTF-8 with commas.

    Args:
        separator: One character between cells.
        decimal: The decimal sign of numbers and money: "." or ",".
        encoding: "utf-8", "latin-1", "utf-16" or another name Python knows.
        quote: The character around cells that hold separators or newlines.
    """

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    quote: str = '"'

    def __post_init__(self) -> None:
        for name, value in (("separator", self.separator), ("quote", self.quote)):
            if len(value) != 1:
                raise DeclarationError(
                    f"{value!r} is not one character", hint='write ";" or "\\t"', field=name
                )
        if self.decimal not in {".", ","}:
            raise DeclarationError(
                f"{self.decimal!r} is no decimal sign", hint='write "." or ","', field="decimal"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Excel:
    """Which sheet of a spreadsheet is read, where it is not the first from its first row on.

    Args:
        sheet: Its name; empty for the first one.
        header: Number of the row with the column names, from 1 as the spreadsheet shows it.
    """

    sheet: str = ""
    header: int = 1

    def __post_init__(self) -> None:
        if self.header < 1:
            raise DeclarationError(
                f"there is no row {self.header}", hint="the first row is 1", field="header"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What every raw table declares.

    Args:
        name: The word used for it in features and reports.
        files: File, folder or pattern relative to the data folder, or in object storage
            (`s3://BUCKET/...`); several are read as one. Folders named `key=value` give columns.
        key: Column that names the entity (the customer).
        columns: Column name -> type, for every column a feature may read.
        zone: IANA zone of times that carry none; None refuses such times.
        csv: How its text files are written.
        optional: True where a product still works without this table; its absence is said.
        title: Words a person reads for one of its rows ("top-up").
        excel: Which sheet of its spreadsheets is read.
        database: Where it lies in a database, instead of files.
    """

    name: str
    files: str | tuple[str, ...] = ()
    key: str
    columns: Mapping[str, ColumnType] = field(default_factory=dict)
    zone: str | None = None
    csv: Csv = field(default_factory=Csv)
    optional: bool = False
    title: str = ""
    excel: Excel = field(default_factory=Excel)
    database: Database | None = None

    def __post_init__(self) -> None:
        _require_identifier(self.name)
        if isinstance(self.files, str):
            object.__setattr__(self, "files", (self.files,))
        _require_place(self)
        _require_no_address(self)
        if self.zone is not None:
            check_zone(self.zone)
        for name, declared in self.columns.items():
            if not isinstance(declared, ColumnType):
                raise DeclarationError(
                    f"{declared!r} is no column type",
                    hint="write money(), number(), category() or one of their siblings",
                    field=f"{self.name}.{name}",
                )
            known_at = declared.known_at
            if known_at is not None and not self._is_time(known_at):
                raise DeclarationError(
                    f"known_at={known_at!r} is not a time column of this table",
                    hint=f"declare {known_at!r} as instant() or date() in columns",
                    field=f"{self.name}.{name}",
                )

    def _is_time(self, column: str) -> bool:
        declared = self.columns.get(column)
        return declared is not None and declared.kind.is_time

    @property
    def paths(self) -> tuple[str, ...]:
        """The files as a tuple."""
        return (self.files,) if isinstance(self.files, str) else self.files

    @property
    def words(self) -> str:
        """One row of the table as a person says it."""
        return self.title or self.name.replace("_", " ")

    def __getitem__(self, name: str) -> Column:
        """Return a declared column as an expression.

        Raises:
            DeclarationError: If the table declares no such column.
        """
        if name not in self.columns:
            known = ", ".join(self.columns) or "none"
            raise DeclarationError(
                f"no column {name!r} is declared",
                hint=f"declared columns: {known}",
                field=self.name,
            )
        return Column(table=self.name, name=name, declared=self.columns[name])

    def _time(self, name: str) -> Column:
        declared = self.columns.get(name, instant())
        title = declared.title or f"the {row_words(self.name, self.title)}"
        return Column(table=self.name, name=name, declared=replace(declared, title=title))


def _require_no_address(table: Table) -> None:
    """Refuse a database's address among the files; it may hold a password, so it is not shown."""
    for path in table.paths:
        scheme, is_address, _ = path.partition("://")
        if is_address and scheme.lower() != "s3":
            raise DeclarationError(
                f"files= names an address ({scheme}://...), not a file",
                hint='a table of a database is declared with database=Database(url_from="NAME", '
                'table="..."), where NAME is a variable of the environment',
                field=table.name,
            )


def _require_place(table: Table) -> None:
    """Refuse a table that lies nowhere, at two places, or whose place tells a secret."""
    if table.database is not None and (table.files or table.csv != Csv()):
        raise DeclarationError(
            "files and csv say nothing about a table of a database",
            hint="leave them out, or leave out database", field=table.name,
        )  # fmt: skip
    if not table.files and table.database is None:
        raise DeclarationError("no file is named", hint='files="x.csv"', field=table.name)
    for path in table.paths:
        bucket = path.removeprefix("s3://").partition("/")[0]
        if path.startswith("s3://") and (not bucket or set("@:*?[") & set(bucket)):
            # a key and a secret may stand before an @: they are not repeated
            raise DeclarationError(
                "files names no bucket, or more than a bucket and what lies in it",
                hint='write files="s3://bucket/folder/*.parquet"; credentials come from the '
                "environment alone", field=table.name,
            )  # fmt: skip


def _require_identifier(name: str) -> None:
    if not name.isidentifier() or name.startswith("_"):
        raise DeclarationError(
            f"{name!r} cannot name a table",
            hint="use letters, digits and underscores, starting with a letter",
            field="name",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Applications(Table):
    """The applications: one row each, with the instant at which it is decided.

    Args:
        id: Column that names the application, without duplicates.
        as_of: Column with the instant of the decision; None where the table has no times.
    """

    id: str
    as_of: str | None = None

    @property
    def time(self) -> Column:
        """The decision instant as an expression."""
        return Column(table=self.name, name=AS_OF, declared=instant(title="the application"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Events(Table):
    """A log about the entity: many rows, each with a time.

    Args:
        at: Column with the time of the event.
        available: Column with the time from which the row could be read; None: at once
            (for a date without a time: at the end of that day).
        id: Column that names the event: same id and body is a duplicate, another body later
            is a correction. None: every row counts.
        relative: "days" or "months" where `at` counts from the application (0, negative before).
        month_days: Length of a relative month in days.
        parent: Name of the table whose ids are this table's keys, where that is not the customer's:
            a loan's balances. Its rows are aggregated to the parent's first, with `parent.of()`.
    """

    at: str
    available: str | None = None
    id: str | None = None
    relative: str | None = None
    month_days: float = MONTH_DAYS
    parent: str = ""

    def __post_init__(self) -> None:
        # super() without arguments does not work in a slotted dataclass
        Table.__post_init__(self)
        if self.relative is not None and self.relative not in RELATIVE_UNITS:
            raise DeclarationError(
                f"relative={self.relative!r} is not possible",
                hint=f"use one of {', '.join(RELATIVE_UNITS)}",
                field=self.name,
            )

    def of(self, feature: Feature) -> Detail:
        """Return what the rows below each row add up to, as a value of that row.

        >>> from solvent.features import category, count, maximum
        >>> loans = Events(name="loans", files="l.csv", key="client", id="loan", at="day",
        ...                relative="days")
        >>> months = Events(name="months", files="m.csv", key="loan", at="month",
        ...                 relative="months", parent="loans", columns={"status": category()})
        >>> late = count(months, where=months["status"] != "0")
        >>> maximum(loans, loans.of(late)).name
        'loans_months_count_where_status_is_not_0_max'

        Args:
            feature: A feature of a table whose `parent` is this one.

        Raises:
            DeclarationError: If this table has no id, or the feature reads another table.
        """
        from solvent.features.detail import Detail

        _require_below(self, feature)
        return Detail(parent=self.name, feature=feature)

    @property
    def time_column(self) -> str | None:
        """The column that holds each row's time."""
        return self.at

    @property
    def time(self) -> Column:
        """The time of the event as an expression."""
        return self._time(self.at)


def _require_below(table: Events, feature: Feature) -> None:
    from solvent.features.aggregates import Aggregate, Feature, with_parts

    if table.id is None:
        raise DeclarationError(
            "its rows have no id, so nothing can lie below them",
            hint='declare id="..."', field=table.name,
        )  # fmt: skip
    if not isinstance(feature, Feature) or not any(
        isinstance(part, Aggregate) for part in with_parts((feature,))
    ):
        raise DeclarationError(
            "of() takes a feature of a table below this one",
            hint='count(balances) where balances declares parent="..."', field=table.name,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes(Table):
    """Facts about the entity, each row valid from a time until a newer one.

    Args:
        valid_from: Column from which the row holds; None: always (the leakage gate objects).
        available: Column with the time from which the row could be read; None: from `valid_from`.
    """

    valid_from: str | None = None
    available: str | None = None

    @property
    def time_column(self) -> str | None:
        """The column that holds each row's time."""
        return self.valid_from
