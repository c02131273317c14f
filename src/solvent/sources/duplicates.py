# ruff: noqa: S608 - every name and text from outside goes through `quoting`
"""One application id on several rows: equal rows count once, different ones are all refused."""

from __future__ import annotations

from pathlib import Path

import duckdb

from solvent.sources.layout import FILE, REFUSAL, ROW
from solvent.sources.quoting import literal, parquet_rows

DUPLICATE = "duplicate id"
CONFLICT = "id on several applications"


Counts = dict[str | None, int]


def find_duplicates(
    connection: duckdb.DuckDBPyConnection, rows_sql: str, folder: Path
) -> tuple[str, Counts]:
    """Return SQL of the same rows in which rows that share an id are judged.

    Of accepted rows with one id and equal values in every typed column, all but the first are
    refused as DUPLICATE; where values differ, all are refused as CONFLICT. Rows refused for a
    reason of their own do not take part.

    Args:
        connection: Does the work.
        rows_sql: All rows with `id`, REFUSAL, FILE and ROW.
        folder: Where the list of refused rows is kept.

    Returns:
        The SQL, and where no id is shared the rows by refusal (None: accepted); else nothing yet.
    """
    counted = connection.execute(
        f"SELECT {REFUSAL}, count(*), count(DISTINCT id) FROM ({rows_sql}) GROUP BY {REFUSAL}"
    ).fetchall()
    if all(rows == ids for refusal, rows, ids in counted if refusal is None):
        return rows_sql, {refusal: rows for refusal, rows, _ in counted}
    repeated = (
        f"SELECT id FROM ({rows_sql}) WHERE {REFUSAL} IS NULL GROUP BY id HAVING count(*) > 1"
    )
    target = folder / "duplicates.parquet"
    connection.execute(
        f"COPY ({_verdicts(rows_sql, repeated)}) TO {literal(str(target))} (FORMAT parquet)"
    )
    verdicts = parquet_rows(target)
    judged = (
        f"SELECT r.* REPLACE (coalesce(r.{REFUSAL}, d.verdict) AS {REFUSAL}) "
        f"FROM ({rows_sql}) r LEFT JOIN {verdicts} d ON r.{FILE} = d.file AND r.{ROW} = d.row "
        f"ORDER BY r.{FILE}, r.{ROW}"  # a join forgets the order of the file
    )
    return judged, {}


def _verdicts(rows_sql: str, repeated: str) -> str:
    """Return SQL of (file, row, verdict) of rows to refuse; exact, not by hash."""
    rows = (
        f"SELECT r.id, r.{FILE} AS file, r.{ROW} AS row, "
        f"row_number() OVER (PARTITION BY r.id ORDER BY r.{FILE}, r.{ROW}) AS nth, b.bodies "
        f"FROM ({rows_sql}) r JOIN ({_bodies(rows_sql, repeated)}) b ON r.id = b.id "
        f"WHERE r.{REFUSAL} IS NULL"
    )
    return (
        f"SELECT file, row, CASE WHEN bodies > 1 THEN {literal(CONFLICT)} "
        f"ELSE {literal(DUPLICATE)} END AS verdict FROM ({rows}) WHERE bodies > 1 OR nth > 1"
    )


def _bodies(rows_sql: str, repeated: str) -> str:
    distinct = (
        f"SELECT DISTINCT * EXCLUDE ({FILE}, {ROW}) FROM ({rows_sql}) "
        f"WHERE {REFUSAL} IS NULL AND id IN ({repeated})"
    )
    return f"SELECT id, count(*) AS bodies FROM ({distinct}) GROUP BY id"
