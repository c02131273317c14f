# ruff: noqa: S608 - every name and text from outside goes through `quoting`
"""A draft held against its data: rows refused, bads counted, columns that know the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from solvent.app.scaffold.draft import Draft, Fate, Guess
from solvent.dataset import Bad, Unpaid
from solvent.dataset.gate import TELLING_AUC
from solvent.dataset.telling import telling_auc
from solvent.features import DAY, CategoryColumn, Kind, NumberColumn
from solvent.progress import Progress
from solvent.sources import OpenTable, Refusals, connect, open_table, refusals
from solvent.sources.quoting import literal

SAMPLE = 20_000
"""Most rows that columns are judged on."""
_FEW = 30
"""Below so many bads or goods a high AUC can be luck."""
_JUDGED = "solvent_new_sample"

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A draft after its data were read as training will read them.

    Args:
        draft: The draft, without columns that seem to know the outcome.
        refusals: Rows read, accepted and refused.
        bads: Accepted rows that are bad.
        unknown: Accepted rows whose outcome is empty, or not to be known yet.
    """

    draft: Draft
    refusals: Refusals
    bads: int
    unknown: int

    @property
    def bad_rate(self) -> float:
        """Share of bads among accepted rows with an outcome; 0 where there are none."""
        known = self.refusals.accepted - self.unknown
        return self.bads / known if known else 0.0


def look_back(draft: Draft, data: Path, *, progress: Progress) -> Seen:
    """Read the data by the draft and set aside what seems to be known only afterwards.

    Args:
        draft: What was guessed so far.
        data: The folder of the file.
        progress: Told how far it is.

    Raises:
        DataError: The data cannot be read as drafted.
    """
    connection = connect()
    try:
        with open_table(
            connection, draft.applications(everything=True), data,
            extra=dict(draft.roles.bad.bad.columns), progress=progress,
        ) as table:  # fmt: skip
            draft = _as_spelt(table, draft)
            counted = _count_bads(table, draft.roles.bad.bad)
            judged = tuple(_judge(table, draft))
            found = refusals(table)
    finally:
        connection.close()
    return Seen(
        draft=replace(draft, guesses=judged), refusals=found, bads=counted[0], unknown=counted[1]
    )


def _as_spelt(table: OpenTable, draft: Draft) -> Draft:
    """Return the draft with the bad value as the file spells it, blanks around it included."""
    guess = draft.roles.bad
    if isinstance(guess.bad, Unpaid):
        return draft
    column, value = table.column(guess.bad.column), guess.bad.value
    spelt = table.connection.execute(
        f"SELECT DISTINCT {column} FROM ({table.sql}) WHERE trim({column}) = trim({literal(value)})"
    ).fetchall()
    if len(spelt) != 1 or spelt[0][0] == value:
        return draft
    exact = replace(guess, bad=replace(guess.bad, value=spelt[0][0]))
    return replace(draft, roles=replace(draft.roles, bad=exact))


def _count_bads(table: OpenTable, bad: Bad) -> tuple[int, int]:
    """Draw the sample that columns are judged on; return how many are bad and how many unknown."""
    rows = f"SELECT *, {_is_bad(table, bad)} AS {_JUDGED}_bad FROM ({table.sql})"
    cursor = table.connection
    bads, unknown = cursor.execute(
        f"SELECT count(*) FILTER ({_JUDGED}_bad), count(*) FILTER ({_JUDGED}_bad IS NULL) "
        f"FROM ({rows})"
    ).fetchall()[0]
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE {_JUDGED} AS SELECT * FROM ({rows}) "
        f"WHERE {_JUDGED}_bad IS NOT NULL ORDER BY hash(id), id LIMIT {SAMPLE}"
    )
    return int(bads), int(unknown)


def _is_bad(table: OpenTable, bad: Bad) -> str:
    if isinstance(bad, Unpaid):
        paid, limit = table.column(bad.paid), f"as_of + {round(bad.after * DAY)}"
        until = f"(SELECT greatest(max(as_of), max({paid})) FROM ({table.sql}))"
        return f"CASE WHEN {limit} <= {until} THEN {paid} IS NULL OR {paid} > {limit} END"
    column, value = table.column(bad.column), literal(bad.value)
    same = f"TRY_CAST({column} AS DOUBLE) = TRY_CAST({value} AS DOUBLE)"
    return (
        f"({column} = {value} OR CASE WHEN {column} IS NOT NULL THEN coalesce({same}, false) END)"
    )


def _judge(table: OpenTable, draft: Draft) -> Iterator[Guess]:
    bad = _bools(table.connection, f"SELECT {_JUDGED}_bad AS bad FROM {_JUDGED}")
    for guess in draft.guesses:
        if guess.fate is not Fate.USED or guess.declared is None:
            yield guess
            continue
        why = _later(table, draft, guess) or _telling(table, guess, bad)
        yield replace(guess, why=why, fate=Fate.AFTERWARDS) if why else guess


def _later(table: OpenTable, draft: Draft, guess: Guess) -> str:
    as_of = draft.roles.as_of
    if as_of is None or guess.declared is None or not guess.declared.kind.is_time:
        return ""
    sql = f"SELECT count(*) FROM ({table.sql}) WHERE {table.column(guess.name)} > as_of"
    count = int(table.connection.execute(sql).fetchall()[0][0])
    return f"later than the application on {count:,} rows" if count else ""


def _telling(table: OpenTable, guess: Guess, bad: BoolArray) -> str:
    """Return why a column seems to know the outcome, judged as the leakage gate will judge it."""
    if min(int(bad.sum()), int((~bad).sum())) < _FEW:
        return ""
    column = table.column(guess.name)
    missing = _bools(table.connection, f"SELECT {column} IS NULL AS gone FROM {_JUDGED}")
    found = telling_auc(NumberColumn(name=guess.name, values=missing.astype(np.float64)), bad)
    if found >= TELLING_AUC:
        return f"whether it is empty tells the outcome (AUC {found:.2f})"
    found = telling_auc(_values(table, guess), bad)
    return f"tells the outcome almost by itself (AUC {found:.2f})" if found >= TELLING_AUC else ""


def _values(table: OpenTable, guess: Guess) -> NumberColumn | CategoryColumn:
    column = table.column(guess.name)
    if guess.declared is None or guess.declared.kind is not Kind.CATEGORY:
        sql = f"SELECT CAST({column} AS DOUBLE) AS v FROM {_JUDGED}"
        return NumberColumn(name=guess.name, values=_column(table.connection, sql))
    sql = (
        f"SELECT CASE WHEN {column} IS NOT NULL "
        f"THEN dense_rank() OVER (ORDER BY {column}) END AS v "
        f"FROM {_JUDGED}"
    )
    codes = np.nan_to_num(_column(table.connection, sql), nan=0.0).astype(np.int32)
    levels = tuple(map(str, range(int(codes.max(initial=0)) + 1)))
    return CategoryColumn(name=guess.name, codes=np.where(codes > 0, codes, -1), levels=levels)


def _bools(connection: duckdb.DuckDBPyConnection, sql: str) -> BoolArray:
    return _column(connection, sql).astype(np.bool_)


def _column(connection: duckdb.DuckDBPyConnection, sql: str) -> NDArray[np.float64]:
    """Return one column of the sample in its own order, as float64 with NaN for null."""
    found = connection.execute(f"{sql} ORDER BY hash(id), id").fetchnumpy()
    return np.ma.filled(np.ma.asarray(next(iter(found.values())), np.float64), np.nan)
