"""Erasing a person: rows, decisions, answers, standings, names, and what the file remembers.

What stays is what tells nothing of anybody: verdicts, PDs, scores and times, under ids that lead
nowhere, and the chain of the audit (0030).
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, or_, select, update

from solvent.errors import NotServedError, StoreError
from solvent.models.documents import to_bytes
from solvent.store._numbers import DIGEST_BYTES, label_digest
from solvent.store.audit import Audit
from solvent.store.database import Database
from solvent.store.tables import (
    BATCHES,
    CLIENTS,
    FEEDS,
    LABELS,
    LIVE_ROWS,
    PACKED_ROWS,
    STANDINGS,
)

PATIENCE: Final = 10.0
"""Seconds to wait for readers who hold on to what the file was."""
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased of a person.

    Args:
        decisions: Decisions that were emptied.
        rows: Live rows that were removed.
        texts: Texts that nobody else's rows hold.
    """

    decisions: int
    rows: int
    texts: int


def erase_person(database: Database, product: str, key: str, *, at: int) -> Erased:
    """Erase a person from a product; begun and not finished, it goes on when it is done again.

    Args:
        database: Where they are kept.
        product: Name of the product.
        key: The person.
        at: When it happens, int UTC microseconds.

    Raises:
        NotServedError: Nothing is kept of such a person.
        StoreError: It cannot be done, or readers hold on to the file: then do it again.
    """
    with database.transaction(alone=f"{LIVE_ROWS.name} {product}") as connection:
        numbers = _numbers(connection, product, key)
        rows, texts = _erase_rows(database, connection, numbers)
        connection.execute(
            delete(STANDINGS).where(STANDINGS.c.product == product, STANDINGS.c.key == key)
        )
    decisions, known = 0, bool(numbers)
    with suppress(NotServedError):  # nothing was decided about them, or it is emptied
        decisions, known = Audit(database).erase(product, key, at=at), True
    with database.transaction() as connection:
        for some in _pieces(numbers):
            connection.execute(delete(CLIENTS).where(CLIENTS.c.number.in_(some)))
    if not known:
        raise NotServedError(
            "nothing is kept of such a client", hint="check the product and the number",
            field="client",
        )  # fmt: skip
    forget_pages(database)
    return Erased(decisions=decisions, rows=rows, texts=texts)


def forget_pages(database: Database) -> None:
    """Let the database's files hold nothing that its tables do not.

    SQLite writes its file anew and empties its log. Postgres frees what was removed and writes over
    it by and by; its log and backups are the server's.

    Raises:
        StoreError: Somebody reads, or the disk is full.
    """
    if database.dialect != "sqlite":
        database.run_alone("VACUUM")
        return
    until = time.monotonic() + PATIENCE
    database.run_alone("VACUUM")
    while int(database.run_alone("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]):
        if time.monotonic() > until:
            raise StoreError(
                "the person is erased, but somebody reads the database, so its log still holds "
                "what was removed", hint="do it again while less is going on", field="database",
            )  # fmt: skip
        time.sleep(0.1)


def _numbers(connection: Connection, product: str, key: str) -> list[int]:
    """Return the numbers of a client and of those of their rows that others lie below."""
    own = select(CLIENTS.c.number).where(CLIENTS.c.product == product, CLIENTS.c.key == key)
    found = connection.execute(
        select(CLIENTS.c.number).where(
            or_(CLIENTS.c.number.in_(own), CLIENTS.c.owner.in_(own))
        )
    )  # fmt: skip
    return list(found.scalars())


def _erase_rows(
    database: Database, connection: Connection, numbers: Sequence[int]
) -> tuple[int, int]:
    """Remove rows and their records; return how many rows, and how many texts went with them."""
    texts, batches, removed = set[tuple[int, str]](), set[int](), dict[int, int]()
    for some in _pieces(numbers):
        found = connection.execute(select(LIVE_ROWS).where(LIVE_ROWS.c.client.in_(some)))
        for row in found:
            batches.add(row.batch)
            removed[row.feed] = removed.get(row.feed, 0) + 1
            texts |= {(row.feed, text) for text in _texts(row.body)}
        for table in (PACKED_ROWS, LIVE_ROWS):
            connection.execute(delete(table).where(table.c.client.in_(some)))
    for feed, count in removed.items():
        gone = update(FEEDS).where(FEEDS.c.number == feed).values(kept=FEEDS.c.kept - count)
        connection.execute(gone)
    for chosen in _pieces(sorted(batches)):  # what a sender called a batch may tell of a person
        connection.execute(update(BATCHES).where(BATCHES.c.number.in_(chosen)).values(name=""))
    blanked = sum(_blank(database, connection, feed, text) for feed, text in sorted(texts))
    return sum(removed.values()), blanked


def _texts(body: str) -> Iterator[str]:
    yield from (value for value in json.loads(body).values() if isinstance(value, str))


def _blank(database: Database, connection: Connection, feed: int, text: str) -> int:
    """Empty a label that no row of its feed holds any more; its number is not given again."""
    within: Callable[..., Any] = func.instr if database.dialect == "sqlite" else func.strpos
    held = select(LIVE_ROWS.c.sequence).where(
        LIVE_ROWS.c.feed == feed, within(LIVE_ROWS.c.body, to_bytes(text).decode()) > 0
    )
    if connection.execute(held.limit(1)).first() is not None:
        return 0
    statement = (
        update(LABELS)
        .where(LABELS.c.feed == feed, LABELS.c.digest == label_digest(text))
        .values(text=b"", digest=secrets.token_bytes(DIGEST_BYTES))
    )
    return int(connection.execute(statement).rowcount)


def _pieces(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    yield from (numbers[first : first + AT_ONCE] for first in range(0, len(numbers), AT_ONCE))
