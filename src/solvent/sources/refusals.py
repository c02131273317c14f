# ruff: noqa: S608 - every name and text from outside goes through `quoting`
"""How many rows were refused and why, and which ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from solvent.sources.layout import FILE, REFUSAL, ROW
from solvent.sources.opened import OpenTable
from solvent.sources.staging import RAGGED

_AT_ONCE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """How many rows of a table were refused; each row has one reason.

    Args:
        read: Rows the files hold.
        accepted: Rows that stay; `accepted` and the counts of `reasons` add up to `read`.
        reasons: (reason, rows), most frequent first.
    """

    read: int
    accepted: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def refused(self) -> int:
        """Rows that do not stay."""
        return self.read - self.accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One refused row, without any of its values but its id.

    Args:
        file: Its file, relative to the data folder.
        row: Its number in that file: 1 is the first row (the first record under the header).
        id: Its application id or event id; None where it has none.
        reason: Why it was refused.
    """

    file: str
    row: int
    id: str | None
    reason: str


def refusals(table: OpenTable) -> Refusals:
    """Count the refused rows of an open table by reason, in one streaming query."""
    if not table.counted:
        found = table.connection.cursor().execute(
            f"SELECT {REFUSAL}, count(*) FROM ({table.rows_sql}) GROUP BY {REFUSAL}"
        )
        table.counted.update(found.fetchall())
    counts = dict(table.counted)
    accepted = counts.pop(None, 0)
    ragged = sum(len(one.ragged) for one in table.staged)
    if ragged:
        counts[RAGGED] = ragged
    reasons = [(reason, count) for reason, count in counts.items() if reason is not None]
    reasons.sort(key=lambda pair: (-pair[1], pair[0]))
    return Refusals(read=table.rows_read, accepted=accepted, reasons=tuple(reasons))


def refused_rows(table: OpenTable) -> Iterator[RefusedRow]:
    """Stream the refused rows of an open table, by file and row; ragged ones first."""
    names = [one.source.name for one in table.staged]
    for one in table.staged:
        for number in one.ragged:
            yield RefusedRow(file=one.source.name, row=number, id=None, reason=RAGGED)
    cursor = table.connection.cursor().execute(
        f"SELECT {FILE}, {ROW}, {_id_of(table)}, {REFUSAL} FROM ({table.rows_sql}) "
        f"WHERE {REFUSAL} IS NOT NULL ORDER BY {FILE}, {ROW}"
    )
    while rows := cursor.fetchmany(_AT_ONCE):
        for file, row, name, reason in rows:
            yield RefusedRow(file=names[file], row=row, id=name, reason=reason)


def _id_of(table: OpenTable) -> str:
    known = {"id", "event_id"} & table.layout.names.keys()
    return f"CAST({known.pop()} AS VARCHAR)" if known else "CAST(NULL AS VARCHAR)"
