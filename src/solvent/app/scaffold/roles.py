"""Which columns play a part: the id, the customer, the time of the application."""

from __future__ import annotations

import difflib
import shlex
from dataclasses import dataclass

from solvent.app.scaffold.columns import day_first, faults, numbers
from solvent.app.scaffold.draft import PassedOver, Role
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
from solvent.sources.files import FileKind
from solvent.sources.guesses import most
from solvent.sources.quoting import literal

TIMES = (Looks.DATE, Looks.INSTANT)
_NAMES_SHOWN = 20
_ID = frozenset({"id", "uuid", "guid"})
_NEARLY = 0.995
_CLOSE = 0.75
_WORDS = {
    Looks.MONEY: "money", Looks.INTEGER: "whole numbers", Looks.NUMBER: "numbers",
    Looks.FLAG: "yes or no", Looks.CATEGORY: "labels", Looks.ID: "labels or ids",
    Looks.TEXT: "free text", Looks.EMPTY: "nothing at all",
}  # fmt: skip
_DUCKDB = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "latin-1": "latin-1", "utf-16": "utf-16",
           "utf-16-le": "utf-16"}  # fmt: skip
"""Encodings that DuckDB reads by itself."""


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
        f"{sniffed.path.name} has no column {name!r}",
        hint=_closest(name, names, is_text=sniffed.kind is FileKind.TEXT), field=option,
    )  # fmt: skip


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
        if not _nearly_unique(column):
            raise _not_an_id(column)
        return Role(column=given, why=_refused(column))
    ranked = [
        (_id_rank(column), place, column)
        for place, column in enumerate(sniffed.columns)
        if column.name.strip() and column.name != outcome
    ]
    good = [(rank, place, column) for rank, place, column in ranked if rank is not None]
    if not good:
        raise _no_id(sniffed)
    rank, _, found = min(good, key=lambda one: one[:2])
    if not found.unique:
        return Role(column=found.name, why=f"guessed: by its name; {_refused(found)}")
    by_name = " and its name says so" if rank < 3 else ""
    return Role(column=found.name, why=f"guessed: unique{by_name}")


def _refused(column: SniffedColumn) -> str:
    """Return which rows an id leaves without a name of their own; empty where it leaves none."""
    again = column.rows - column.nulls - column.distinct
    found = []
    if again:
        more = "rows repeats" if again == 1 else "rows repeat"
        found.append(
            f"{again:,} of {column.rows:,} {more} another's; rows that share one are refused"
        )
    if column.nulls:
        have = "rows has" if column.nulls == 1 else "rows have"
        found.append(f"{column.nulls:,} of {column.rows:,} {have} none and will be refused")
    return "; ".join(found)


def _nearly_unique(column: SniffedColumn) -> bool:
    return column.unique or column.distinct * 10 >= column.rows * 9


def _id_rank(column: SniffedColumn) -> int | None:
    """Return how much a column looks like an id (0 is best), None for not."""
    if column.looks in TIMES or column.decimals or says(column.name, PERSONAL):
        return None
    if not column.unique:
        # a customer who applies again is no fault: only an application's name may nearly be unique
        words = words_of(column.name)
        named = words and (words[-1] in IDENTIFIER or words[0] in _ID)
        is_other = says(column.name, CUSTOMER) and not says(column.name, APPLICATION)
        if not named or is_other or column.distinct < _NEARLY * column.rows:
            return None
        return 0 if says(column.name, APPLICATION) else 2
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
    one = _nearest_to_an_id(sniffed)
    encoding = sniffed.csv.encoding.lower()
    if sniffed.kind is FileKind.EXCEL:
        how = "a column of the sheet numbered 1, 2, 3 and kept so will do"
    elif encoding in _DUCKDB:
        how = f"in DuckDB: {_numbering(sniffed)}"
    else:
        how = f"DuckDB and others read UTF-8, so save it as that first (it is {encoding})"
    # a row number invented here would name another application whenever the file is sorted anew
    return DataError(
        f"no column of {name} is sure to name each row once, so no application has a name",
        hint=f"name one with {one}, or give each row a lasting id and use the new file; {how}",
        field="--id",
    )


def _numbering(sniffed: Sniffed) -> str:
    """Return a statement that writes the table anew with a number on each row.

    A text table becomes one in UTF-8 with the same separator, so that its decimal sign stays.
    """
    name, csv = sniffed.path.name, sniffed.csv
    stem = name.split(".")[0]
    rows = "SELECT row_number() OVER () AS application_id, *"
    if sniffed.kind is FileKind.PARQUET:
        return f"COPY ({rows} FROM {literal(name)}) TO {literal(stem + '_with_id.parquet')}"
    separator = "'\\t'" if csv.separator == "\t" else literal(csv.separator)
    options = (
        f"all_varchar = true, header = true, delim = {separator}, quote = {literal(csv.quote)}"
    )
    options += f", encoding = {literal(_DUCKDB[csv.encoding.lower()])}"
    if sniffed.ragged:
        options += ", ignore_errors = true"
    read = f"read_csv({literal(name)}, {options})"
    target = literal(f"{stem}_with_id.csv")
    return f"COPY ({rows} FROM {read}) TO {target} (HEADER, DELIMITER {separator})"


def _nearest_to_an_id(sniffed: Sniffed) -> str:
    for column in sniffed.columns:
        if column.unique and column.looks not in TIMES and column.name.strip():
            return f"--id {shlex.quote(column.name)} (if its values are no accident)"
    for column in sniffed.columns:
        if says(column.name, IDENTIFIER) and _nearly_unique(column):
            return f"--id {shlex.quote(column.name)} (a few of its values repeat)"
    return "--id COLUMN"


def find_key(
    sniffed: Sniffed, given: str | None, name: Role, outcome: str
) -> tuple[Role, tuple[PassedOver, ...]]:
    """Return the column that names the customer (one called so, else the id), and any passed over.

    Args:
        sniffed: The file.
        given: The lender's choice, if any.
        name: The column that names the application.
        outcome: The outcome column.

    Raises:
        MissingColumnError: The lender's choice is not there.
    """
    if given is not None:
        return Role(column=find_column(sniffed, given, option="--key").name, why=""), ()
    passed: list[PassedOver] = []
    for column in sniffed.columns:
        if column.name in {outcome, name.column} or not _names_a_customer(column):
            continue
        why = _too_empty(column)
        if why:
            passed.append(PassedOver(column=column.name, part="key", why=why))
            continue
        again = "" if column.unique or not _repeats(column) else "; some apply again"
        return Role(
            column=column.name, why=f"guessed: names the customer{again}{_blank(column)}"
        ), ()
    why = "guessed: no customer column, so each row is one customer"
    if passed:
        why = "guessed: nothing better, so each row is one customer"
    elif _names_a_customer(next(c for c in sniffed.columns if c.name == name.column)):
        why = "guessed: names the customer"
    return Role(column=name.column, why=why), tuple(passed)


def _repeats(column: SniffedColumn) -> bool:
    return column.distinct < column.rows - column.nulls


def _too_empty(column: SniffedColumn) -> str:
    """Return why a column with so many empty cells can have no part; empty where it can."""
    if most(column.rows - column.nulls, column.rows):
        return ""
    return f"{column.nulls:,} of {column.rows:,} rows have none: fill them in"


def _blank(column: SniffedColumn) -> str:
    if not column.nulls:
        return ""
    if column.nulls == 1:
        return f"; 1 of {column.rows:,} rows has none and will be refused"
    return f"; {column.nulls:,} of {column.rows:,} rows have none and will be refused"


def _names_a_customer(column: SniffedColumn) -> bool:
    words = words_of(column.name)
    if column.looks in TIMES or column.decimals or not says(column.name, CUSTOMER):
        return False
    return (len(words) == 1 and column.distinct > 1) or bool(set(words) & (_ID | IDENTIFIER))


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTime:
    """The time of the application, and what else may be it.

    Args:
        role: The column; None where there is none.
        times: Other columns that may be it.
        passed_over: Columns whose name says so, but whose values forbid it.
    """

    role: Role | None
    times: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()


def find_as_of(sniffed: Sniffed, given: str | None, outcome: str) -> FoundTime:
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
            raise _no_times(sniffed, column)
        return FoundTime(role=Role(column=given, why=_faulty(column).removeprefix("; ")))
    others = [c for c in sniffed.columns if c.name != outcome and not says(c.name, LATER)]
    likely = [column for column in others if column.looks in TIMES]
    passed: list[PassedOver] = []
    for vocabulary in APPLIED:
        for column in others:
            if not says(column.name, vocabulary):
                continue
            why = _no_as_of(column)
            if not why:
                role = Role(column=column.name, why=f"guessed: by its name{_faulty(column)}")
                return FoundTime(role=role, passed_over=_once(passed))
            if column.looks in TIMES or column.mixed or _says_when(column.name):
                passed.append(PassedOver(column=column.name, part="as_of", why=why))
    plain = [c for c in likely if set(words_of(c.name)) <= JUST_A_TIME and not _no_as_of(c)]
    if len(plain) == 1 and len(likely) == 1:
        role = Role(column=plain[0].name, why=f"guessed: the only time{_faulty(plain[0])}")
        return FoundTime(role=role, passed_over=_once(passed))
    times = tuple(column.name for column in likely)
    return FoundTime(role=None, times=times, passed_over=_once(passed))


def _once(passed: list[PassedOver]) -> tuple[PassedOver, ...]:
    return tuple({one.column: one for one in passed}.values())


def _says_when(name: str) -> bool:
    return says(name, JUST_A_TIME - {"data", "month"})


def _no_as_of(column: SniffedColumn) -> str:
    """Return why a column cannot be the time of the application; empty where it can."""
    if column.looks not in TIMES:
        return f"{column.mixed}: mend the others" if column.mixed else _unlike_times(column)
    good, cells = column.rows - column.nulls - column.odd, column.rows
    if most(good, cells):
        return ""
    if column.spelt:
        return f"{column.spelt:,} of {cells:,} cells say {', '.join(column.missing)}: fill them in"
    return _too_empty(column) or f"only {good:,} of {cells:,} rows have a date: mend the others"


def _unlike_times(column: SniffedColumn) -> str:
    return f"its values look like {_WORDS.get(column.looks, 'no dates')}, not dates"


def _faulty(column: SniffedColumn) -> str:
    """Return what to know of the times of a column, after a semicolon; empty where nothing."""
    notes = [faults(column), day_first(column)]
    blank = column.nulls - column.spelt
    if blank:
        have = "row has none and" if blank == 1 else "rows have none and"
        notes.append(f"{blank:,} {have} will be refused")
    return "".join(f"; {note}" for note in notes if note)


def _no_times(sniffed: Sniffed, column: SniffedColumn) -> DataError:
    times = [repr(one.name) for one in sniffed.columns if one.looks in TIMES][:_NAMES_SHOWN]
    here = f"columns of dates here: {', '.join(times)}" if times else "no column here holds dates"
    why = column.mixed or f"it looks like {_WORDS.get(column.looks, 'something else')}"
    return DataError(
        f"column {column.name!r} does not hold dates or times: {why}",
        hint=f"{here}; or leave --as-of out",
        field="--as-of",
    )


def _closest(name: str, have: list[str], *, is_text: bool) -> str:
    folded = {other.lower(): other for other in have}
    close = difflib.get_close_matches(name.lower(), folded, n=3, cutoff=_CLOSE)
    if close:
        return f"did you mean {' or '.join(repr(folded[word]) for word in close)}?"
    if is_text and len(have) == 1:
        return f"it has one column only, {have[0]!r}: is the separator right?"
    more = f" and {len(have) - _NAMES_SHOWN} more" if len(have) > _NAMES_SHOWN else ""
    return f"it has: {', '.join(map(repr, have[:_NAMES_SHOWN]))}{more}"
