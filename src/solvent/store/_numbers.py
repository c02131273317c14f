"""Numbers that stand for names in live rows: clients, feeds, batches and labels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select

from solvent.store.database import Database
from solvent.store.tables import BATCHES, CLIENTS, FEEDS, LABELS

AT_ONCE: Final = 500
"""Values in one question to SQLite."""
DIGEST_BYTES: Final = 16
Ask = Callable[[str, tuple[object, ...]], Sequence[Any]]


def among(
    database: Database, ask: Ask, question: str, values: Collection[object], *first: object
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a question that ends with the column which is one of some values.

    Args:
        database: Whose words are spoken.
        ask: Runs a statement.
        question: SELECT ... WHERE ... AND column.
        values: What the column may be.
        first: Values of marks within the question.
    """
    held = list(values)
    if database.dialect != "sqlite":
        yield from ask(f"{question} = ANY(%b)", (*first, held)) if held else ()
        return
    for at in range(0, len(held), AT_ONCE):
        some = held[at : at + AT_ONCE]
        yield from ask(f"{question} IN ({','.join('?' * len(some))})", (*first, *some))


def in_transaction(connection: Connection) -> Ask:
    """Return what runs a statement within a transaction."""
    return lambda statement, values: connection.exec_driver_sql(statement, values).all()


def client_numbers(
    database: Database, connection: Connection, product: str, keys: set[str]
) -> dict[str, int]:
    """Return the number of each client, giving one to who has none."""
    table = CLIENTS.name
    question = f"SELECT key, number FROM {table} WHERE product = {database.mark} AND key"  # noqa: S608
    ask = in_transaction(connection)
    found = dict(_pairs(among(database, ask, question, keys, product)))
    if missing := keys - found.keys():
        new = [{"product": product, "key": key, "decided": 0} for key in sorted(missing)]
        connection.execute(database.insert_missing(CLIENTS), new)
        found |= dict(_pairs(among(database, ask, question, missing, product)))
    return found


def feed_number(
    database: Database, connection: Connection, product: str, source: str, typing: str
) -> int:
    """Return the number of a source's feed, made where there is none."""
    told = {"product": product, "source": source, "typing": typing, "newest_sequence": 0, "kept": 0}
    connection.execute(database.insert_missing(FEEDS).values(told))
    asked = select(FEEDS.c.number).where(FEEDS.c.product == product, FEEDS.c.source == source)
    return int(connection.execute(asked).scalar_one())


def batch_number(database: Database, connection: Connection, name: str, arrived_at: int) -> int:
    """Return the number of a batch that has come."""
    made = database.insert(BATCHES).values(name=name, arrived_at=arrived_at)
    return int(connection.execute(made.returning(BATCHES.c.number)).scalar_one())


def label_numbers(
    database: Database, connection: Connection, feed: int, texts: set[str]
) -> dict[str, int]:
    """Return the number of each text within a feed, giving the next ones to those without."""
    if not texts:
        return {}
    digests = {label_digest(text): text for text in texts}
    question = f"SELECT digest, number FROM {LABELS.name} WHERE feed = {database.mark} AND digest"  # noqa: S608
    asked = among(database, in_transaction(connection), question, digests, feed)
    found = {digests[bytes(digest)]: int(number) for digest, number in asked}
    if missing := sorted(texts - found.keys()):
        newest = select(func.coalesce(func.max(LABELS.c.number), -1)).where(LABELS.c.feed == feed)
        first = int(connection.execute(newest).scalar_one()) + 1
        given = {text: first + place for place, text in enumerate(missing)}
        new = [
            {"feed": feed, "number": number, "digest": label_digest(text), "text": text.encode()}
            for text, number in given.items()
        ]
        connection.execute(database.insert(LABELS), new)
        found |= given
    return found


def label_digest(text: str) -> bytes:
    """Return what a text is found by, however long it is."""
    return hashlib.sha256(text.encode()).digest()[:DIGEST_BYTES]


class LabelTexts:
    """Texts of labels by feed and number; none is ever changed, so those seen are remembered.

    Args:
        database: Where they are kept.
        most: How many are remembered.
    """

    def __init__(self, database: Database, *, most: int = 200_000) -> None:
        self._database, self._most = database, most
        self._seen: dict[tuple[int, int], str] = {}

    def of(self, feed: int) -> Callable[[Sequence[int]], Sequence[str]]:
        """Return what gives the texts of a feed's labels."""
        return lambda numbers: self._texts(feed, numbers)

    def _texts(self, feed: int, numbers: Sequence[int]) -> Sequence[str]:
        seen = self._seen
        found = [seen.get((feed, one)) for one in numbers]
        missing = [one for one, text in zip(numbers, found, strict=True) if text is None]
        read = self._read(feed, missing) if missing else {}
        if len(seen) + len(read) > self._most:
            self._seen = seen = {}
        seen.update(read)
        return [
            read[feed, one] if text is None else text
            for one, text in zip(numbers, found, strict=True)
        ]

    def _read(self, feed: int, numbers: Sequence[int]) -> dict[tuple[int, int], str]:
        mark = self._database.mark
        question = f"SELECT number, text FROM {LABELS.name} WHERE feed = {mark} AND number"  # noqa: S608
        found = among(self._database, self._database.fetch, question, numbers, feed)
        return {(feed, number): bytes(text).decode() for number, text in found}


def _pairs(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[str, int]]:
    return ((str(key), int(number)) for key, number in rows)
