"""Leases: who works on a row of the database, and until when that counts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_

from solvent.domain import JobState

MOST_ATTEMPTS: Final = 3


def lost(table: Table) -> ColumnElement[bool]:
    """Return the condition that a row's worker was lost, as of `:now`.

    Args:
        table: Has `state` and `lease_until`.
    """
    running = table.c.state == str(JobState.RUNNING)
    return and_(running, table.c.lease_until <= bindparam("now"))


def claimable(table: Table) -> ColumnElement[bool]:
    """Return the condition that a row may be taken, as of `:now`: it waits or was lost."""
    return or_(table.c.state == str(JobState.WAITING), lost(table))


def taken(table: Table, now: int, lease_us: int, worker: str) -> dict[str, object]:
    """Return the columns of a row that a worker takes.

    Args:
        table: Has `attempt`.
        now: Int UTC microseconds.
        lease_us: For how long it is taken, microseconds.
        worker: A name no other worker has.
    """
    return {
        "state": str(JobState.RUNNING), "attempt": table.c.attempt + 1, "worker": worker,
        "lease_until": now + lease_us,
    }  # fmt: skip
