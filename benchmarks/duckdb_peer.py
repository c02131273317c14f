"""Peer: what must be done at the very least: DuckDB reads the columns and sorts the rows."""

from __future__ import annotations

from pathlib import Path

import duckdb

_SCAN = (
    "SELECT user_id, epoch_us(event_time) AS event_time, amount_cents, category, merchant_id"
    " FROM read_parquet(?) ORDER BY user_id, event_time"
)


def scan_and_sort(folder: Path, events_file: str) -> int:
    """Read and sort every row, hand them over as Arrow batches, and return their number."""
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        reader = connection.sql(_SCAN, params=[str(folder / events_file)]).to_arrow_reader(200_000)
        return sum(batch.num_rows for batch in reader)
