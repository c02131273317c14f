# ruff: noqa: S608 - the only SQL here is a hint for a person to read
"""Which columns play a part: the id, the customer, the time of the application."""

from __future__ import annotations

import difflib
import shlex

from solvent.app.scaffold.columns import numbers
from solvent.app.scaffold.draft import Role
from solvent.app.scaffold.names import (
    APPLICATION,
    APPLIED,
    CUSTOMER,
    IDENTIFIER,
    JUST_A_TIME,
    LATER,
    PERSONAL,
    says,
    words_of,
)
from solvent.errors import DataError, DuplicateIdError, MissingColumnError
from solvent.sources import Looks, Sniffed, SniffedColumn

TIMES = (Looks.DATE, Looks.INSTANT)
_NAMES_SHOWN = 20
_ID = frozenset({"id", "uuid", "guid"})


def find_column(sniffed: Sniffed, name: str, *, option: str) -> SniffedColumn:
    """Return the column of that very name.

    Args:
        sniffed: The file.
        name: As the lender wrote it.
        option: The option it was given to, for the message.

    Raises:
        MissingColumnError: There is none; the hint names the closest.
    """
    for column in sniffed.columns:
        if column.name == name:
            return column
    names = [column.name for column in sniffed.columns]
    raise MissingColumnError(
        f"{sniffed.path.name} has no column {name!r}", hint=_closest(name, names), field=option
    )


def find_id(sniffed: Sniffed, given: str | None, outcome: str) -> Role:
    """Return the column that names the application.

    Args:
        sniffed: The file.
        given: The lender's choice, if any.
        outcome: The outcome column, which is no id.

    Raises:
        MissingColumnError: The lender's choice is not there.
        DuplicateIdError: The lender's choice names an application twice.
        DataError: No column has a value of its own on each row.
    """
    if given is not None:
        column = find_column(sniffed, given, option="--id")
        if column.nulls or not _nearly_unique(column):
            raise _not_an_id(column)
        why = "" if column.unique else "some rows share one; they are refused"
        return Role(column=given, why=why)
    ranked = [
        (_id_rank(column), place, column)
        for place, column in enumerate(sniffed.columns)
        if column.unique and column.name.strip() and column.name != outcome
    ]
    good = sorted((rank, place, column.name) for rank, place, column in ranked if rank is not None)
    if not good:
        raise _no_id(sniffed)
    rank, _, name = good[0]
    by_name = " and its name says so" if rank < 3 else ""
    return Role(column=name, why=f"guessed: unique{by_name}")


def _nearly_unique(column: SniffedColumn) -> bool:
    return column.unique or column.distinct * 10 >= column.rows * 9


def _id_rank(column: SniffedColumn) -> int | None:
    """Return how much a column with unique values looks like an id (0 is best), None for not."""
    if column.looks in TIMES or column.decimals or says(column.name, PERSONAL):
        return None
    if says(column.name, IDENTIFIER | CUSTOMER):
        return 0 if says(column.name, APPLICATION) else 2 if says(column.name, CUSTOMER) else 1
    if column.looks is Looks.ID and not numbers(column):
        return 3
    return None


def _not_an_id(column: SniffedColumn) -> DuplicateIdError:
    empty = f"{column.nulls:,} rows have none, and " if column.nulls else ""
    return DuplicateIdError(
        f"{empty}{column.rows:,} rows share {column.distinct:,} different values",
        hint="an id names one application: name a column without repeats, or mend the file",
        field="--id",
    )


def _no_id(sniffed: Sniffed) -> DataError:
    name = sniffed.path.name
    stem = name.split(".")[0]
    read = f"'{name}'" if sniffed.kind == "parquet" else f"read_csv('{name}', all_varchar = true)"
    number = "row_number() OVER () AS application_id"
    one = _nearest_to_an_id(sniffed)
    # a row number invented here would name another application whenever the file is sorted anew
    return DataError(
        f"no column of {name} is sure to name each row once, so no application has a name",
        hint=f"name one with {one}, or give each row a lasting id and use the new file; in "
        f"DuckDB: COPY (SELECT {number}, * FROM {read}) TO '{stem}_with_id.parquet'",
        field="--id",
    )


def _nearest_to_an_id(sniffed: Sniffed) -> str:
    for column in sniffed.columns:
        if column.unique and column.looks not in TIMES and column.name.strip():
            return f"--id {shlex.quote(column.name)} (if its values are no accident)"
    for column in sniffed.columns:
        if says(column.name, IDENTIFIER) and _nearly_unique(column):
            return f"--id {shlex.quote(column.name)} (a few of its values repeat)"
    return "--id COLUMN"


def find_key(sniffed: Sniffed, given: str | None, name: Role, outcome: str) -> Role:
    """Return the column that names the customer: one called so, else the id.

    Args:
        sniffed: The file.
        given: The lender's choice, if any.
        name: The column that names the application.
        outcome: The outcome column.

    Raises:
        MissingColumnError: The lender's choice is not there.
    """
    if given is not None:
        return Role(column=find_column(sniffed, given, option="--key").name, why="")
    for column in sniffed.columns:
        if column.name != outcome and not column.nulls and _names_a_customer(column):
            again = "" if column.unique else "; some apply again"
            return Role(column=column.name, why=f"guessed: names the customer{again}")
    return Role(column=name.column, why="guessed: no customer column, so each row is one customer")


def _names_a_customer(column: SniffedColumn) -> bool:
    words = words_of(column.name)
    if column.looks in TIMES or column.decimals or not says(column.name, CUSTOMER):
        return False
    return (len(words) == 1 and column.distinct > 1) or bool(set(words) & (_ID | IDENTIFIER))


def find_as_of(
    sniffed: Sniffed, given: str | None, outcome: str
) -> tuple[Role | None, tuple[str, ...]]:
    """Return the time of the application, and other columns that may be it.

    Args:
        sniffed: The file.
        given: The lender's choice, if any.
        outcome: The outcome column.

    Raises:
        MissingColumnError: The lender's choice is not there.
        DataError: The lender's choice holds no times.
    """
    if given is not None:
        column = find_column(sniffed, given, option="--as-of")
        if column.looks not in TIMES:
            raise DataError(
                f"column {given!r} does not hold times: {column.why}",
                hint="name a column of dates or times, or leave --as-of out",
                field="--as-of",
            )
        return Role(column=given, why=""), ()
    times = [c for c in sniffed.columns if c.looks in TIMES and c.name != outcome]
    likely = [column for column in times if not says(column.name, LATER)]
    for vocabulary in APPLIED:
        for column in likely:
            if says(column.name, vocabulary) and not column.nulls:
                return Role(column=column.name, why="guessed: by its name"), ()
    plain = [c for c in likely if set(words_of(c.name)) <= JUST_A_TIME and not c.nulls]
    if len(plain) == 1 and len(likely) == 1:
        return Role(column=plain[0].name, why="guessed: the only time"), ()
    return None, tuple(column.name for column in likely)


def _closest(name: str, have: list[str]) -> str:
    folded = {other.lower(): other for other in have}
    close = difflib.get_close_matches(name.lower(), folded, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(repr(folded[word]) for word in close)}?"
    more = f" and {len(have) - _NAMES_SHOWN} more" if len(have) > _NAMES_SHOWN else ""
    return f"it has: {', '.join(map(repr, have[:_NAMES_SHOWN]))}{more}"
