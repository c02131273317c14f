"""The one transaction in which decisions, their answers and their audit entries are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, tuple_
from sqlalchemy.exc import DataError, IntegrityError

from solvent.errors import IdempotencyError, SolventError, StoreError
from solvent.store._faults import told
from solvent.store.audit import AT_ONCE, CHAIN, Entry, append, facts_of, sealed_of, subjects_of
from solvent.store.database import Database
from solvent.store.tables import ANSWERS, CLIENTS, DECISIONS

Name = tuple[str, str]
"""Owner and idempotency key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request is answered.

    Args:
        body: The bytes to send.
        replayed: True where they were kept for an earlier request with the same key.
    """

    body: bytes
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A decision to be kept, with what its request is answered.

    Args:
        row: Columns of the decision; the database gives the sequence.
        answer: What is sent if the request is the first of its key.
        owner: Who asks.
        idempotency_key: The owner's name of the request; None where it has none.
        request_digest: SHA-256 of the request.
    """

    row: dict[str, int | float | str]
    answer: bytes
    owner: str
    idempotency_key: str | None
    request_digest: str

    @property
    def name(self) -> Name | None:
        """What the request is called; None where it has no name."""
        return None if self.idempotency_key is None else (self.owner, self.idempotency_key)


class _RefusedError(Exception):
    """The database refused a value: some item of the group is to blame."""


def keep(database: Database, wanted: Sequence[Wanted]) -> list[Answer | SolventError]:
    """Keep decisions in one transaction; return what each request is answered, or why it is not.

    Where one item cannot be kept, the others are kept without it.
    """
    try:
        return _together(database, wanted)
    except _RefusedError as refused:
        if len(wanted) > 1:
            return [outcome for one in wanted for outcome in keep(database, [one])]
        cause = refused.__cause__
        return [told(cause) if isinstance(cause, Exception) else StoreError("was not kept")]
    except StoreError as error:
        return [error] * len(wanted)


def keep_all(
    database: Database, wanted: Sequence[Wanted], *, before: Callable[[Connection], None]
) -> None:
    """Keep decisions that nobody named a request for, with whatever `before` writes, or nothing.

    Args:
        database: Where they are kept.
        wanted: The decisions.
        before: Writes in the same transaction, first; what it raises undoes all of it.

    Raises:
        StoreError: They cannot be kept; nothing was.
    """
    with database.transaction(alone=CHAIN) as connection:
        before(connection)
        _insert(database, connection, wanted)


def _together(database: Database, wanted: Sequence[Wanted]) -> list[Answer | SolventError]:
    outcomes: list[Answer | SolventError] = []
    new = []
    with database.transaction(alone=CHAIN) as connection:
        try:
            kept = _kept(connection, {one.name for one in wanted if one.name is not None})
            for one in wanted:
                first = None if one.name is None else kept.get(one.name)
                if first is not None:
                    outcomes.append(replayed(*first, one.request_digest))
                    continue
                if one.name is not None:
                    kept[one.name] = one.request_digest, one.answer
                outcomes.append(Answer(body=one.answer, replayed=False))
                new.append(one)
            if new:
                _insert(database, connection, new)
        except (IntegrityError, DataError, OverflowError, UnicodeError) as error:
            raise _RefusedError from error
    return outcomes


def replayed(digest: str, body: bytes, asked: str) -> Answer | IdempotencyError:
    """Return the answer kept under a key, or that it answers another request.

    Args:
        digest: Of the request it was kept for.
        body: The answer.
        asked: Digest of the request at hand.
    """
    if digest == asked:
        return Answer(body=body, replayed=True)
    return IdempotencyError(
        "this idempotency key was used for another request",
        hint="give every request a key of its own; send the same key only with the same body",
        field="idempotency_key",
    )


def _kept(connection: Connection, names: set[Name]) -> dict[Name, tuple[str, bytes]]:
    """Return digest and body of the answers kept under some names."""
    asked, found = sorted(names), dict[Name, tuple[str, bytes]]()
    own = tuple_(ANSWERS.c.owner, ANSWERS.c.idempotency_key)
    for first in range(0, len(asked), AT_ONCE):
        for row in connection.execute(
            select(ANSWERS).where(own.in_(asked[first : first + AT_ONCE]))
        ):
            found[row.owner, row.idempotency_key] = row.request_digest, bytes(row.body)
    return found


def _insert(database: Database, connection: Connection, new: Sequence[Wanted]) -> None:
    """Insert decisions, their answers, their entries, and whom they are about."""
    statement = insert(DECISIONS).returning(DECISIONS.c.sequence, sort_by_parameter_order=True)
    sequences = connection.execute(statement, [one.row for one in new]).scalars().all()
    rows = [{**one.row, "sequence": sequence} for one, sequence in zip(new, sequences, strict=True)]
    answers = [
        {
            "owner": one.owner, "idempotency_key": one.idempotency_key,
            "request_digest": one.request_digest, "decision_id": one.row["id"], "body": one.answer,
        }
        for one in new
        if one.name is not None
    ]  # fmt: skip
    if answers:
        connection.execute(insert(ANSWERS), answers)
    people = [(str(row["product"]), str(row["key"])) for row in rows]
    subjects = subjects_of(connection, set(people))
    append(
        connection,
        [
            Entry(
                at=int(row["decided_at"]), kind="decided", subject=subjects[person].id,
                decision=str(row["id"]), facts=facts_of(row),
                sealed=sealed_of(subjects[person], row, _answer(one)),
            )
            for one, row, person in zip(new, rows, people, strict=True)
        ],
    )  # fmt: skip
    # in the order in which rows of events touch clients, so that neither waits for the other
    decided = {person: row["sequence"] for person, row in zip(people, rows, strict=True)}
    about = [
        {"product": product, "key": key, "decided": decided[product, key]}
        for product, key in sorted(decided)
    ]
    connection.execute(database.insert_or_replace(CLIENTS, by=("product", "key")), about)


def _answer(one: Wanted) -> tuple[str | bytes, ...]:
    if one.idempotency_key is None:
        return ()
    return one.owner, one.idempotency_key, one.request_digest, one.answer
