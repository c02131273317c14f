"""The audit: a chain of entries, one for each decision, written with it or neither is kept.

An entry holds a digest of the decision's facts (verdict, PD, times), a keyed digest of what is
personal in it and in its answer, and the digest of the entry before it. The key is the person's
own: erasing it erases what ties the entry to the person, and the chain still holds.
`audit_verifier.py` checks all of it and shares no line with this file.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from solvent.errors import NotServedError, StoreError
from solvent.store.database import Database
from solvent.store.tables import ANSWERS, AUDIT, DECISIONS, SUBJECTS

CHAIN: Final = AUDIT.name
"""Who writes the chain does so alone: the order of entries is that of commits."""
SECRET_BYTES: Final = 32
AT_ONCE: Final = 200
Field = None | int | float | str | bytes
Person = tuple[str, str]
"""Product and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How far the chain is: kept elsewhere, it proves later that nothing before it was changed.

    Args:
        number: Number of the newest entry.
        link: Its digest, 64 hex digits.
    """

    number: int
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be chained.

    Args:
        at: When it happened, int UTC microseconds.
        kind: decided or erased.
        subject: Whom it is about, by a name that tells nothing.
        decision: Id of the decision; None where it is about none.
        facts: SHA-256 of what is not personal; empty where there is nothing.
        sealed: HMAC-SHA-256 of what is personal; empty where there is nothing.
    """

    at: int
    kind: str
    subject: str
    decision: str | None = None
    facts: bytes = b""
    sealed: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person as the audit knows them.

    Args:
        id: 32 hex digits, random.
        secret: Key of the digests of what is personal.
    """

    id: str
    secret: bytes


_NEWEST: Final = select(AUDIT.c.number, AUDIT.c.link).order_by(AUDIT.c.number.desc()).limit(1)


class _TakenBackError(Exception):
    """What was written is not meant."""


class Audit:
    """The chain as a whole.

    Args:
        database: Where it is kept, beside the decisions.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def checkpoint(self) -> Checkpoint:
        """Return how far the chain is.

        Raises:
            StoreError: It cannot be read, or is gone.
        """
        with self._database.reading() as connection:
            number, link = _newest(connection)
        return Checkpoint(number=number, link=link.hex())

    def require_writable(self) -> None:
        """Append an entry and take it back.

        Raises:
            StoreError: None can be appended, so nothing can be decided.
        """
        with suppress(_TakenBackError), self._database.transaction(alone=CHAIN) as connection:
            append(connection, [Entry(at=0, kind="probe", subject="")])
            raise _TakenBackError

    def erase(self, product: str, key: str, *, at: int) -> int:
        """Erase a person's key, and what their decisions and answers hold of them.

        Verdicts, PDs, scores and times stay, under ids that lead to nobody.

        Args:
            product: Name of the product.
            key: The person.
            at: Int UTC microseconds.

        Returns:
            How many decisions were emptied.

        Raises:
            NotServedError: The audit knows no such person.
            StoreError: It cannot be done; nothing was.
        """
        mine = select(DECISIONS.c.id).where(DECISIONS.c.product == product, DECISIONS.c.key == key)
        with self._database.transaction(alone=CHAIN) as connection:
            person = product, key
            subject = known_subjects(connection, {person}).get(person)
            if subject is None:
                if connection.execute(mine.limit(1)).first() is None:
                    raise NotServedError(
                        "the audit knows no such client", hint="check the number", field="client"
                    )
                # decided before there was an audit: it tells of the erasure all the same
                subject = subjects_of(connection, {person})[person]
            append(connection, [Entry(at=at, kind="erased", subject=subject.id)])
            connection.execute(delete(ANSWERS).where(ANSWERS.c.decision_id.in_(mine)))
            emptied = connection.execute(
                update(DECISIONS)
                .where(DECISIONS.c.product == product, DECISIONS.c.key == key)
                .values(key="", application="", document="")
            ).rowcount
            connection.execute(delete(SUBJECTS).where(SUBJECTS.c.id == subject.id))
        return emptied


def append(connection: Connection, entries: Iterable[Entry]) -> None:
    """Chain entries; the transaction must be alone with `CHAIN`.

    Raises:
        StoreError: There is no chain to go on from.
    """
    number, link = _newest(connection)
    rows = []
    for entry in entries:
        number += 1
        row: dict[str, Field] = {
            "number": number, "at": entry.at, "kind": entry.kind, "subject": entry.subject,
            "decision": entry.decision, "detail": "", "facts": entry.facts, "sealed": entry.sealed,
        }  # fmt: skip
        link = linked(link, row)
        rows.append({**row, "link": link})
    connection.execute(insert(AUDIT), rows)


def linked(before: bytes, entry: Mapping[str, Field]) -> bytes:
    """Return the digest of an entry.

    Args:
        before: The digest of the entry before it; empty for the first.
        entry: Its columns, in order; one called link does not count.
    """
    told = [value for name, value in entry.items() if name != "link"]
    return hashlib.sha256(_told((before, *told))).digest()


def facts_of(row: Mapping[str, Field]) -> bytes:
    """Return the digest of what is not personal in a decision's row."""
    names = ("sequence", "id", "product", "as_of", "decided_at", "verdict", "pd", "score")
    return hashlib.sha256(_told([row[name] for name in names])).digest()


def sealed_of(subject: Subject, row: Mapping[str, Field], answer: Sequence[Field]) -> bytes:
    """Return the keyed digest of what is personal in a decision's row and its answer's.

    Args:
        subject: Whom it is about.
        row: The decision's row.
        answer: Owner, idempotency key, request digest and body; empty where none is kept.
    """
    told = _told([row["key"], row["application"], row["document"], len(answer), *answer])
    return hmac.digest(subject.secret, told, "sha256")


def known_subjects(connection: Connection, people: Collection[Person]) -> dict[Person, Subject]:
    """Return those of some people whom the audit knows."""
    wanted, found = sorted(people), dict[Person, Subject]()
    for first in range(0, len(wanted), AT_ONCE):
        asked = select(SUBJECTS).where(
            tuple_(SUBJECTS.c.product, SUBJECTS.c.key).in_(wanted[first : first + AT_ONCE])
        )
        for row in connection.execute(asked):
            found[row.product, row.key] = Subject(id=row.id, secret=bytes(row.secret))
    return found


def subjects_of(connection: Connection, people: Collection[Person]) -> dict[Person, Subject]:
    """Return some people as the audit knows them; who is new gets a key of their own."""
    found = known_subjects(connection, people)
    new = []
    for product, key in sorted(people - found.keys()):
        made = Subject(id=secrets.token_hex(16), secret=secrets.token_bytes(SECRET_BYTES))
        found[product, key] = made
        new.append({"id": made.id, "product": product, "key": key, "secret": made.secret})
    if new:
        connection.execute(insert(SUBJECTS), new)
    return found


def _newest(connection: Connection) -> tuple[int, bytes]:
    """Return number and digest of the newest entry.

    Raises:
        StoreError: There is none: the chain was removed, so nothing may be decided.
    """
    found = connection.execute(_NEWEST).first()
    if found is None:
        raise StoreError(
            "the audit is gone, so nothing can be decided",
            hint="restore the database from a backup, and find out who removed it", field="audit",
        )  # fmt: skip
    return int(found.number), bytes(found.link)


def _told(values: Iterable[Field]) -> bytes:
    """Return values as bytes that mean nothing else: each with its kind and its length."""
    parts = []
    for value in values:
        if value is None:
            tag, raw = b"n", b""
        elif isinstance(value, bytes):
            tag, raw = b"b", value
        elif isinstance(value, str):
            tag, raw = b"s", value.encode()
        elif isinstance(value, float):
            tag, raw = b"f", struct.pack(">d", value)
        else:
            tag, raw = b"i", str(int(value)).encode()
        parts += [tag, len(raw).to_bytes(8, "big"), raw]
    return b"".join(parts)
