"""What a batch of applications may be, in one place."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """Limits of a batch.

    Args:
        sent_bytes: Most bytes of a body.
        unpacked_bytes: Most bytes of all members of a zip together.
        zip_ratio: Most bytes a packed byte may become.
        members: Most members of a zip.
        rows: Most applications.
        event_rows: Most rows of a source.
        columns: Most columns of a table.
        cell_characters: Longest cell.
        waiting_rows: Applications that may wait in all batches together before none is accepted.
        chunk_rows: Rows a worker scores at a time.
        explained_rows: Rows a worker scores at a time where reasons are told.
        decided_rows: Rows a worker decides at a time: they are kept in one transaction.
        lease_seconds: A worker that has a chunk for so long is thought lost.
        sorting_bytes: Most memory for sorting events, in bytes; more goes to the disk.
    """

    sent_bytes: int = 2_048 * MEGABYTE
    unpacked_bytes: int = 4_096 * MEGABYTE
    zip_ratio: int = 100
    members: int = 100
    rows: int = 5_000_000
    event_rows: int = 50_000_000
    columns: int = 1_000
    cell_characters: int = 10_000
    waiting_rows: int = 10_000_000
    chunk_rows: int = 5_000
    explained_rows: int = 1_000
    decided_rows: int = 500
    lease_seconds: int = 120
    sorting_bytes: int = 256 * MEGABYTE


LIMITS = BatchLimits()
