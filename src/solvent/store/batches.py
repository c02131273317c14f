"""Batches of applications: rows of the database are the work, a fence says who may write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from solvent.domain import JobState
from solvent.errors import BusyError, IdempotencyError, NotServedError
from solvent.store._keeping import Wanted, keep_all
from solvent.store._leases import MOST_ATTEMPTS, claimable, taken
from solvent.store.batch import Batch, BatchMode, BatchState, Chunk, Counts
from solvent.store.database import Database
from solvent.store.tables import QUEUED_BATCHES, QUEUED_CHUNKS, QUEUED_RESULTS

SPLIT: Final = 10
"""Pieces a chunk whose worker was lost is split into, until the row to blame stands alone."""
LISTED: Final = 100
"""Batches shown at most."""
_ADDED_AT_ONCE: Final = 1_000


class FencedError(Exception):
    """The chunk is another worker's by now, or its batch was cancelled: nothing was written."""


class Batches:
    """The batches of an installation; every worker takes chunks from the same ones.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, batch: Batch, *, most_waiting: int | None = None) -> Batch:
        """Keep a batch with its chunks; a request sent twice with one key is one batch.

        Args:
            batch: The batch.
            most_waiting: Rows that may wait in all batches together; one alone may have more.

        Returns:
            The batch as it is kept, which is an earlier one where the key was used before.

        Raises:
            IdempotencyError: The key was used for another request.
            BusyError: Too much waits already.
        """
        row = {
            name: getattr(batch, name) for name in Batch.__dataclass_fields__ if name != "number"
        } | {"reasons": int(batch.reasons)}
        with self._database.transaction(alone=QUEUED_BATCHES.name) as connection:
            kept = _replayed(connection, batch)
            if kept is not None:
                return kept
            if most_waiting is not None:
                require_room(_waiting_rows(connection), batch.rows, most_waiting)
            made = insert(QUEUED_BATCHES).returning(QUEUED_BATCHES.c.number)
            number = int(connection.execute(made, [row]).scalar_one())
            starts = range(0, batch.rows, batch.chunk_rows)
            chunks = [
                _waiting(number, first, min(batch.chunk_rows, batch.rows - first))
                for first in starts
            ]
            for at in range(0, len(chunks), _ADDED_AT_ONCE):
                connection.execute(insert(QUEUED_CHUNKS), chunks[at : at + _ADDED_AT_ONCE])
            return _one(connection, QUEUED_BATCHES.c.number == number)

    def replay(self, owner: str, idempotency_key: str, request_digest: str) -> Batch | None:
        """Return the batch an earlier request with the same key made, None where there was none.

        Raises:
            IdempotencyError: The key was used for another request.
        """
        with self._database.reading() as connection:
            return _kept_for(connection, owner, idempotency_key, request_digest)

    def get(self, batch_id: str) -> Batch:
        """Return one batch.

        Raises:
            NotServedError: There is none of that id.
        """
        with self._database.reading() as connection:
            there = and_(QUEUED_BATCHES.c.id == batch_id, _THERE)
            return _one(connection, there)

    def numbered(self, number: int) -> Batch:
        """Return one batch by its number.

        Raises:
            NotServedError: There is none.
        """
        with self._database.reading() as connection:
            return _one(connection, QUEUED_BATCHES.c.number == number)

    def newest(self, owner: str | None, limit: int = LISTED) -> tuple[Batch, ...]:
        """Return the newest batches, those of one owner or (None) of all."""
        asked = select(QUEUED_BATCHES).where(_THERE)
        asked = asked.order_by(QUEUED_BATCHES.c.number.desc()).limit(limit)
        if owner is not None:
            asked = asked.where(QUEUED_BATCHES.c.owner == owner)
        with self._database.reading() as connection:
            return tuple(map(_batch, connection.execute(asked).mappings().all()))

    def of_product(self, product: str) -> tuple[Batch, ...]:
        """Return every batch of a product."""
        asked = select(QUEUED_BATCHES).where(QUEUED_BATCHES.c.product == product, _THERE)
        with self._database.reading() as connection:
            return tuple(map(_batch, connection.execute(asked).mappings().all()))

    def ids(self) -> set[str]:
        """Return the ids of all batches."""
        with self._database.reading() as connection:
            return set(connection.execute(select(QUEUED_BATCHES.c.id).where(_THERE)).scalars())

    def counts(self, number: int) -> Counts:
        """Return how far a batch is."""
        results = select(
            func.count(), func.coalesce(func.sum(QUEUED_RESULTS.c.rows), 0),
            func.coalesce(func.sum(QUEUED_RESULTS.c.set_aside), 0),
        ).where(QUEUED_RESULTS.c.batch == number)  # fmt: skip
        chunks = select(func.count()).where(QUEUED_CHUNKS.c.batch == number)
        with self._database.reading() as connection:
            done, rows, aside = connection.execute(results).one()
            total = connection.execute(chunks).scalar_one()
        return Counts(done=int(rows), set_aside=int(aside), chunks=int(total), chunks_done=done)

    def waiting_rows(self) -> int:
        """Return how many rows have no result yet."""
        with self._database.reading() as connection:
            return _waiting_rows(connection)

    def knows(self, owner: str, idempotency_key: str) -> bool:
        """Return whether a key was used by its owner, for whatever."""
        asked = select(QUEUED_BATCHES.c.number).where(
            QUEUED_BATCHES.c.owner == owner, QUEUED_BATCHES.c.idempotency_key == idempotency_key
        )
        with self._database.reading() as connection:
            return connection.execute(asked).first() is not None

    def claim(self, now: int, lease_us: int, worker: str) -> Chunk | None:
        """Take the oldest chunk that waits, or whose worker was lost; None where there is none.

        Rows whose worker was lost are split, so that of several the one to blame is found.

        Args:
            now: Int UTC microseconds.
            lease_us: For how long it is taken, microseconds.
            worker: A name no other worker has.
        """
        order = (QUEUED_CHUNKS.c.batch, QUEUED_CHUNKS.c.first_row)
        asked = select(QUEUED_CHUNKS).where(claimable(QUEUED_CHUNKS)).order_by(*order).limit(1)
        with self._database.transaction(alone=QUEUED_CHUNKS.name) as connection:
            row = connection.execute(asked, {"now": now}).mappings().first()
            if row is None:
                return None
            _hold(connection, row["batch"])
            whole = int(row["rows"])
            splits = bool(row["attempt"]) and whole > 1
            rows = -(-whole // SPLIT) if splits else whole
            attempt = 1 if splits else int(row["attempt"]) + 1
            values = taken(QUEUED_CHUNKS, now, lease_us, worker)
            values |= {"attempt": attempt, "fence": row["fence"] + 1, "rows": rows}
            # it may have been finished or cancelled since it was read
            own = and_(
                _place(row["batch"], row["first_row"]), QUEUED_CHUNKS.c.fence == row["fence"],
                QUEUED_CHUNKS.c.state == row["state"],
            )  # fmt: skip
            if not connection.execute(update(QUEUED_CHUNKS).where(own).values(**values)).rowcount:
                return None
            if splits:
                _split(connection, row, rows)
            _begin(connection, row["batch"], now)
        return Chunk(
            batch=row["batch"], first_row=row["first_row"], rows=rows, attempt=attempt,
            fence=row["fence"] + 1,
        )  # fmt: skip

    def finish(
        self, chunk: Chunk, body: bytes, *, set_aside: int, now: int,
        decisions: Sequence[Wanted] = (),
    ) -> None:  # fmt: skip
        """Keep a chunk's result, and the decisions it made: all of it, or nothing.

        Args:
            chunk: As it was claimed.
            body: What became of its rows.
            set_aside: How many of them could not be done.
            now: Int UTC microseconds.
            decisions: Those to keep with it, audited as single ones are.

        Raises:
            FencedError: Somebody else has the chunk, or the batch was cancelled.
            StoreError: It cannot be kept; nothing was.
        """

        def write(connection: Connection) -> None:
            _hold(connection, chunk.batch)  # of two that end together, one sees the other
            if not _change_held(connection, chunk, state=str(JobState.DONE)):
                raise FencedError
            connection.execute(
                insert(QUEUED_RESULTS).values(
                    batch=chunk.batch, first_row=chunk.first_row, rows=chunk.rows,
                    set_aside=set_aside, body=body,
                )
            )  # fmt: skip
            _end(connection, chunk.batch, now)

        self._write(write, decisions)

    def give_back(self, chunk: Chunk, *, blame: bool) -> bool:
        """Let a chunk wait again; False where it is another worker's by now.

        Args:
            chunk: As it was claimed.
            blame: True where its rows may be why: they are split at the next claim. Without blame
                (the store is away, the worker is to stop) the attempt does not count.
        """
        attempt = chunk.attempt if blame else chunk.attempt - 1
        with self._database.transaction(alone=QUEUED_CHUNKS.name) as connection:
            return _change_held(
                connection, chunk, state=str(JobState.WAITING), attempt=attempt, lease_until=0
            )

    def cancel(self, number: int, now: int) -> bool:
        """End a batch where it is; what is done stays. False where it had ended already."""
        with self._database.transaction(alone=QUEUED_CHUNKS.name) as connection:
            _hold(connection, number)  # first, as whoever finishes a chunk does
            going = select(QUEUED_BATCHES.c.number).where(
                QUEUED_BATCHES.c.number == number, QUEUED_BATCHES.c.ended_at.is_(None)
            )
            connection.execute(
                update(QUEUED_CHUNKS)
                .where(
                    QUEUED_CHUNKS.c.batch.in_(going), QUEUED_CHUNKS.c.state != str(JobState.DONE)
                )
                .values(state=str(JobState.FAILED), fence=QUEUED_CHUNKS.c.fence + 1)
            )
            stopped = connection.execute(
                update(QUEUED_BATCHES)
                .where(QUEUED_BATCHES.c.number == number, QUEUED_BATCHES.c.ended_at.is_(None))
                .values(state=str(BatchState.CANCELLED), ended_at=now)
            ).rowcount
        return stopped == 1

    def remove(self, number: int) -> None:
        """Forget the results of a batch that has ended; decisions it made stay.

        That it was there stays as well: its idempotency key must not make another.
        """
        with self._database.transaction(alone=QUEUED_CHUNKS.name) as connection:
            for table in (QUEUED_RESULTS, QUEUED_CHUNKS):
                connection.execute(delete(table).where(table.c.batch == number))
            connection.execute(
                update(QUEUED_BATCHES)
                .where(QUEUED_BATCHES.c.number == number)
                .values(state=str(BatchState.REMOVED), name="")
            )

    def results(self, number: int) -> Iterator[tuple[int, int, bytes]]:
        """Yield first row, rows and result of each chunk that is done, in the order of rows."""
        after = -1
        while True:
            asked = (
                select(QUEUED_RESULTS)
                .where(QUEUED_RESULTS.c.batch == number, QUEUED_RESULTS.c.first_row > after)
                .order_by(QUEUED_RESULTS.c.first_row)
                .limit(1)
            )
            with self._database.reading() as connection:
                row = connection.execute(asked).first()
            if row is None:
                return
            after = int(row.first_row)
            yield after, int(row.rows), bytes(row.body)

    def _write(self, write: Callable[[Connection], None], decisions: Sequence[Wanted]) -> None:
        if decisions:
            keep_all(self._database, decisions, before=write)
            return
        with self._database.transaction(alone=QUEUED_CHUNKS.name) as connection:
            write(connection)


_THERE: Final = QUEUED_BATCHES.c.state != str(BatchState.REMOVED)


def given_up(chunk: Chunk) -> bool:
    """Return True where a row stood alone for the last time and is to be set aside."""
    return chunk.rows == 1 and chunk.attempt > MOST_ATTEMPTS


def _waiting(batch: int, first: int, rows: int) -> dict[str, object]:
    return {
        "batch": batch, "first_row": first, "rows": rows, "state": str(JobState.WAITING),
        "attempt": 0, "worker": "", "lease_until": 0, "fence": 0,
    }  # fmt: skip


def _split(connection: Connection, row: RowMapping, size: int) -> None:
    """Let what is beyond a chunk's first rows wait in chunks of its own."""
    rows, first = int(row["rows"]), int(row["first_row"])
    pieces = [
        _waiting(row["batch"], first + at, min(size, rows - at)) for at in range(size, rows, size)
    ]
    connection.execute(insert(QUEUED_CHUNKS), pieces)


def _place(batch: int, first_row: int) -> ColumnElement[bool]:
    return and_(QUEUED_CHUNKS.c.batch == batch, QUEUED_CHUNKS.c.first_row == first_row)


def _change_held(connection: Connection, chunk: Chunk, **values: str | int) -> bool:
    """Change a chunk if its fence still stands; return whether it does."""
    statement = update(QUEUED_CHUNKS).where(
        _place(chunk.batch, chunk.first_row), QUEUED_CHUNKS.c.fence == chunk.fence,
        QUEUED_CHUNKS.c.state == str(JobState.RUNNING),
    )  # fmt: skip
    return connection.execute(statement.values(**values)).rowcount == 1


def _hold(connection: Connection, number: int) -> None:
    """Let nobody else change a batch or its chunks until the transaction is over."""
    held = select(QUEUED_BATCHES.c.number).where(QUEUED_BATCHES.c.number == number)
    connection.execute(held.with_for_update())


def _begin(connection: Connection, number: int, now: int) -> None:
    connection.execute(
        update(QUEUED_BATCHES)
        .where(QUEUED_BATCHES.c.number == number, QUEUED_BATCHES.c.begun_at.is_(None))
        .values(state=str(BatchState.RUNNING), begun_at=now)
    )


def _end(connection: Connection, number: int, now: int) -> None:
    """Mark a batch as done where none of its chunks is left."""
    left = select(QUEUED_CHUNKS.c.first_row).where(
        QUEUED_CHUNKS.c.batch == number,
        or_(
            QUEUED_CHUNKS.c.state == str(JobState.WAITING),
            QUEUED_CHUNKS.c.state == str(JobState.RUNNING),
        ),
    )
    if connection.execute(left.limit(1)).first() is None:
        connection.execute(
            update(QUEUED_BATCHES)
            .where(QUEUED_BATCHES.c.number == number, QUEUED_BATCHES.c.ended_at.is_(None))
            .values(state=str(BatchState.DONE), ended_at=now)
        )


def require_room(waiting: int, rows: int, most: int) -> None:
    """Refuse rows where too many wait already.

    Args:
        waiting: Rows that wait in all batches.
        rows: Those that would be added.
        most: How many may wait together; where none waits, any number may come.

    Raises:
        BusyError: They are too many.
    """
    if waiting and waiting + rows > most:
        raise BusyError(
            f"{waiting:,} rows wait to be done", hint="send it again later, or start more workers: "
            "solvent worker", field="batches",
        )  # fmt: skip


def _waiting_rows(connection: Connection) -> int:
    open_states = [str(JobState.WAITING), str(JobState.RUNNING)]
    asked = select(func.coalesce(func.sum(QUEUED_CHUNKS.c.rows), 0))
    found = connection.execute(asked.where(QUEUED_CHUNKS.c.state.in_(open_states)))
    return int(found.scalar_one())


def _replayed(connection: Connection, batch: Batch) -> Batch | None:
    if batch.idempotency_key is None:
        return None
    return _kept_for(connection, batch.owner, batch.idempotency_key, batch.request_digest)


def _kept_for(connection: Connection, owner: str, key: str, digest: str) -> Batch | None:
    asked = select(QUEUED_BATCHES).where(
        QUEUED_BATCHES.c.owner == owner, QUEUED_BATCHES.c.idempotency_key == key
    )
    row = connection.execute(asked).mappings().first()
    if row is None:
        return None
    if row["request_digest"] != digest:
        raise IdempotencyError(
            "this idempotency key was used for another batch",
            hint="give every batch a key of its own; send the same key only with the same file",
            field="idempotency_key",
        )
    return _batch(row)


def _one(connection: Connection, condition: ColumnElement[bool]) -> Batch:
    row = connection.execute(select(QUEUED_BATCHES).where(condition)).mappings().first()
    if row is None:
        raise NotServedError("there is no such batch", hint="check its id", field="batch")
    return _batch(row)


def _batch(row: RowMapping) -> Batch:
    told = {**row, "state": BatchState(row["state"]), "mode": BatchMode(row["mode"])}
    return Batch(**{**told, "reasons": bool(row["reasons"])})
