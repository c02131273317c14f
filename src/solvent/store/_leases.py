"""Leases: who works on a row of the database, and until when that counts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, ColumnElement, Table, and_, bindparam, or_

from solvent.domain import LONGEST_LEASE, JobState

MOST_ATTEMPTS: Final = 3


def lost(table: Table) -> ColumnElement[bool]:
    """Return the condition that a row's worker was lost, as of `:now`.

    A lease that ends later than any that is taken now could was taken by a clock that was ahead;
    the row would wait until that clock's time comes.

    Args:
        table: Has `state` and `lease_until`.
    """
    running = table.c.state == str(JobState.RUNNING)
    now = bindparam("now", type_=BigInteger)
    ahead = table.c.lease_until > now + LONGEST_LEASE * 1_000_000
    return and_(running, or_(table.c.lease_until <= now, ahead))


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
