"""Background jobs: the row in the database is the job, and a lease says who works on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, select, update

from solvent.domain import JobState
from solvent.errors import StoreError
from solvent.models.documents import Json, to_bytes
from solvent.store._leases import MOST_ATTEMPTS, claimable, lost, taken
from solvent.store.database import Database
from solvent.store.tables import JOBS

LOST: Final = f"its worker was lost {MOST_ATTEMPTS} times"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job.

    Args:
        id: Its number; a newer job has a higher one.
        kind: What is to be done.
        product: Name of the product it is done for.
        payload: What it was told, as JSON.
        state: Where it is.
        attempt: How often a worker began it.
        worker: Who began it last; empty before anybody did.
        lease_until: When its worker counts as lost, int UTC microseconds.
        done: How much of `total` is done.
        total: How much there is to do; 0 before that is known.
        result: What it found, as JSON; None unless it is done.
        message: Why it failed last; empty where it did not.
        created_at: Int UTC microseconds.
    """

    id: int
    kind: str
    product: str
    payload: Mapping[str, Json]
    state: JobState
    attempt: int
    worker: str
    lease_until: int
    done: int
    total: int
    result: Mapping[str, Json] | None
    message: str
    created_at: int


_BY_ID: Final = select(JOBS).where(JOBS.c.id == bindparam("id"))
_WAITING: Final = select(JOBS).where(
    JOBS.c.kind == bindparam("kind"),
    JOBS.c.product == bindparam("product"),
    JOBS.c.state == str(JobState.WAITING),
)
_CLAIMABLE: Final = select(JOBS.c.id).where(claimable(JOBS)).order_by(JOBS.c.id).limit(1)
_HELD: Final = and_(
    JOBS.c.id == bindparam("held_id"),
    JOBS.c.worker == bindparam("held_by"),
    JOBS.c.state == str(JobState.RUNNING),
)


_BACKLOG: Final = (
    select(JOBS.c.state, func.count().label("number"), func.min(JOBS.c.created_at).label("oldest"))
    .where(JOBS.c.state.in_([str(JobState.WAITING), str(JobState.RUNNING)]))
    .group_by(JOBS.c.state)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is still to be done.

    Args:
        waiting: Jobs that wait.
        running: Jobs a worker holds.
        oldest: When the one that waits longest was asked for, UTC microseconds; None for none.
    """

    waiting: int
    running: int
    oldest: int | None


class Jobs:
    """The jobs of an installation; every worker reads the same ones.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, kind: str, product: str, payload: Mapping[str, Json], created_at: int) -> Job:
        """Ask for a job; where one of this kind and product waits already, that one is returned.

        Args:
            kind: What is to be done.
            product: Name of the product it is done for.
            payload: What the worker must know, as JSON.
            created_at: Int UTC microseconds.
        """
        statement = self._database.insert_missing(JOBS).values(
            kind=kind, product=product, payload=to_bytes(payload).decode(),
            state=str(JobState.WAITING), attempt=0, worker="", lease_until=0, done=0, total=0,
            message="", created_at=created_at,
        )  # fmt: skip
        with self._database.transaction(alone=JOBS.name) as connection:
            connection.execute(statement)
            values = {"kind": kind, "product": product}
            return _job(connection.execute(_WAITING, values).mappings().one())

    def claim(self, now: int, lease_us: int, worker: str) -> Job | None:
        """Take the oldest job that waits, or whose worker was lost; None where there is none.

        Args:
            now: Int UTC microseconds.
            lease_us: For how long it is taken, microseconds; `progress` makes it longer.
            worker: A name no other worker has.
        """
        with self._database.transaction(alone=JOBS.name) as connection:
            _give_up(connection, now)
            chosen = connection.execute(_CLAIMABLE, {"now": now}).scalar()
            if chosen is None:
                return None
            connection.execute(
                update(JOBS)
                .where(JOBS.c.id == chosen)
                .values(**taken(JOBS, now, lease_us, worker), done=0, total=0)
            )
            return _one(connection, chosen)

    def progress(
        self, job_id: int, worker: str, *, done: int, total: int, lease_until: int
    ) -> bool:
        """Tell how far a job is, and keep it; False where the lease was lost: then stop.

        Args:
            job_id: The job.
            worker: Who works on it.
            done: How much of `total` is done.
            total: How much there is to do.
            lease_until: When the worker counts as lost, int UTC microseconds.
        """
        return self._change(job_id, worker, done=done, total=total, lease_until=lease_until)

    def finish(self, job_id: int, worker: str, result: Mapping[str, Json]) -> bool:
        """Mark a job as done; False where the lease was lost, and the result does not count.

        Args:
            job_id: The job.
            worker: Who worked on it.
            result: What it found, as JSON.
        """
        told = to_bytes(result).decode()
        return self._change(job_id, worker, state=str(JobState.DONE), result=told, message="")

    def fail(self, job_id: int, worker: str, message: str) -> bool:
        """Give a job back: it waits again, or has failed after the third attempt.

        It has failed as well where another of its kind and product waits by now, which will do
        the same work.

        Args:
            job_id: The job.
            worker: Who worked on it.
            message: Why; never a person's data.

        Returns:
            False where the lease was lost; nothing changes then.
        """
        with self._database.transaction(alone=JOBS.name) as connection:
            job = _one(connection, job_id)
            if job is None:
                return False
            values = {"kind": job.kind, "product": job.product}
            waits = connection.execute(_WAITING, values).first() is not None
            over = waits or job.attempt >= MOST_ATTEMPTS
            state = JobState.FAILED if over else JobState.WAITING
            return _change_held(connection, job_id, worker, state=str(state), message=message)

    def get(self, job_id: int) -> Job | None:
        """Return one job, None where there is none of that number."""
        with self._database.reading() as connection:
            return _one(connection, job_id)

    def backlog(self) -> Backlog:
        """Return what waits and what runs."""
        with self._database.reading() as connection:
            found = {row.state: row for row in connection.execute(_BACKLOG)}
        waiting, running = found.get(JobState.WAITING), found.get(JobState.RUNNING)
        return Backlog(
            waiting=0 if waiting is None else waiting.number,
            running=0 if running is None else running.number,
            oldest=None if waiting is None else waiting.oldest,
        )

    def newest(self, kind: str, product: str, state: JobState | None = None) -> Job | None:
        """Return the newest job of a kind and product, None where there is none.

        Args:
            kind: What was to be done.
            product: Name of the product.
            state: Only jobs that are there; None for all.
        """
        statement = select(JOBS).where(JOBS.c.kind == kind, JOBS.c.product == product)
        if state is not None:
            statement = statement.where(JOBS.c.state == str(state))
        with self._database.reading() as connection:
            newest = statement.order_by(JOBS.c.id.desc()).limit(1)
            row = connection.execute(newest).mappings().first()
        return None if row is None else _job(row)

    def _change(self, job_id: int, worker: str, **values: str | int) -> bool:
        with self._database.transaction(alone=JOBS.name) as connection:
            return _change_held(connection, job_id, worker, **values)


def _give_up(connection: Connection, now: int) -> None:
    """Mark jobs as failed that took their workers with them too often."""
    connection.execute(
        update(JOBS)
        .where(lost(JOBS), JOBS.c.attempt >= MOST_ATTEMPTS)
        .values(state=str(JobState.FAILED), message=LOST),
        {"now": now},
    )


def _change_held(connection: Connection, job_id: int, worker: str, **values: str | int) -> bool:
    """Change a job if the worker still holds it; return whether it does."""
    statement = update(JOBS).where(_HELD).values(**values)
    return connection.execute(statement, {"held_id": job_id, "held_by": worker}).rowcount == 1


def _one(connection: Connection, job_id: int) -> Job | None:
    row = connection.execute(_BY_ID, {"id": job_id}).mappings().first()
    return None if row is None else _job(row)


def _job(row: RowMapping) -> Job:
    try:
        payload = json.loads(row["payload"])
        result = None if row["result"] is None else json.loads(row["result"])
        state = JobState(row["state"])
    except ValueError as error:
        raise StoreError(
            f"job {row['id']} cannot be read", hint="restore the database from a backup"
        ) from error
    return Job(**{**row, "payload": payload, "result": result, "state": state})
