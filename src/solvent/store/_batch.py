"""Writing one batch of live rows, within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    LargeBinary,
    SmallInteger,
    Table,
    bindparam,
    case,
    func,
    select,
    update,
)

from solvent.errors import DataError
from solvent.features.packed import Typing, label_texts, pack
from solvent.store._numbers import batch_number, client_numbers, feed_number, label_numbers
from solvent.store.database import Database
from solvent.store.live_row import OTHER_TYPING, LiveRow, told
from solvent.store.tables import FEEDS, LIVE_ROWS, PACKED_ROWS

CHUNK: Final = 5_000
_ROW: Final = (
    "client", "feed", "batch", "event_id", "event_time", "available_time", "body", "known",
    "digest",
)  # fmt: skip
_RECORD: Final = ("client", "feed", "part", "event_time", "sequence", "packed")
_NEW: Final = "ON CONFLICT (digest) DO NOTHING"
_NEWEST: Final = select(func.coalesce(func.max(LIVE_ROWS.c.sequence), 0))
_TYPINGS: Final = select(FEEDS.c.source, FEEDS.c.typing).where(
    FEEDS.c.product == bindparam("product")
)
_available, _sequence = FEEDS.c.newest_available, FEEDS.c.newest_sequence
_NOTE: Final = (
    update(FEEDS)
    .where(FEEDS.c.number == bindparam("feed"))
    .values(
        newest_available=case(
            (_available > bindparam("available"), _available), else_=bindparam("available")
        ),
        newest_sequence=case(
            (_sequence > bindparam("last"), _sequence), else_=bindparam("last")
        ),
        kept=FEEDS.c.kept + bindparam("new"),
    )
)  # fmt: skip


class BatchWriter:
    """Writes one batch of one product's rows; nobody else writes rows of that product meanwhile.

    Args:
        database: Where they are kept.
        connection: The transaction.
        product: Whose rows they are.
        typing: How they were typed.
    """

    def __init__(
        self, database: Database, connection: Connection, product: str, typing: Typing
    ) -> None:
        self._database, self._connection = database, connection
        self._product, self._typing = product, typing

    def write(self, rows: Sequence[LiveRow], *, name: str, arrived_at: int) -> int:
        """Keep the rows that are new; return how many were.

        Args:
            rows: The batch.
            name: The sender's name of it.
            arrived_at: When the server got it, int UTC microseconds.

        Raises:
            DataError: A row cannot be kept, or others of its source were typed otherwise.
        """
        if not rows:
            return 0
        said = [
            told(row, product=self._product, batch=name, place=place)
            for place, row in enumerate(rows)
        ]
        feeds = self._feeds({row.source for row in rows})
        batch = batch_number(self._database, self._connection, name, arrived_at)
        return sum(
            self._keep(rows[first : first + CHUNK], said[first : first + CHUNK], feeds, batch)
            for first in range(0, len(rows), CHUNK)
        )

    def _feeds(self, sources: set[str]) -> dict[str, int]:
        """Return the feed of each source."""
        found = self._connection.execute(_TYPINGS, {"product": self._product})
        kept = {row.source: row.typing for row in found}
        for source in sorted(sources):
            if kept.get(source, self._typing.name) != self._typing.name:
                raise DataError(
                    "its rows are kept under another declaration", hint=OTHER_TYPING, field=source
                )
        return {
            source: feed_number(
                self._database, self._connection, self._product, source, self._typing.name
            )
            for source in sorted(sources)
        }

    def _keep(
        self, rows: Sequence[LiveRow], said: Sequence[tuple[str, str, bytes]],
        feeds: dict[str, int], batch: int,
    ) -> int:  # fmt: skip
        clients = client_numbers(
            self._database, self._connection, self._product, {row.key for row in rows}
        )
        kept = [
            (
                clients[row.key], feeds[row.source], batch, row.event_id, row.event_time,
                row.available_time, *words,
            )
            for row, words in zip(rows, said, strict=True)
        ]  # fmt: skip
        sequences = self._insert(kept)
        for source, feed in feeds.items():
            of_source = [place for place, row in enumerate(rows) if row.source == source]
            if not of_source:
                continue
            new = [place for place in of_source if place in sequences]
            self._pack(source, feed, [(rows[at], kept[at][0], sequences[at]) for at in new])
            noted = {
                "feed": feed, "available": max(rows[place].available_time for place in of_source),
                "last": max((sequences[place] for place in new), default=0), "new": len(new),
            }  # fmt: skip
            self._connection.execute(_NOTE, noted)
        return len(sequences)

    def _insert(self, kept: Sequence[tuple[Any, ...]]) -> dict[int, int]:
        """Keep what is new; return the sequence of each row that was, by its place."""
        places: dict[bytes, int] = {}
        for place, row in enumerate(kept):
            places.setdefault(row[-1], place)
        ask = self._connection.exec_driver_sql
        if self._database.dialect == "sqlite":
            before = int(self._connection.execute(_NEWEST).scalar_one())
            ask(f"{_one_by_one(LIVE_ROWS, _ROW)} {_NEW}", list(kept))
            made = ask("SELECT sequence, digest FROM live_rows WHERE sequence > ?", (before,))
        else:
            made = ask(
                f"{_at_once(LIVE_ROWS, _ROW)} {_NEW} RETURNING sequence, digest",
                tuple(map(list, zip(*kept, strict=True))),
            )
        return {places[bytes(digest)]: int(sequence) for sequence, digest in made}

    def _pack(self, source: str, feed: int, rows: Sequence[tuple[LiveRow, int, int]]) -> None:
        """Keep the records of rows, each with its client and sequence."""
        if not rows:
            return
        layout, typed = self._typing.layout, [row for row, _, _ in rows]
        numbers = label_numbers(self._database, self._connection, feed, label_texts(layout, typed))
        parts = pack(layout, typed, numbers, source=source)
        records = sorted(  # in the index's order they go in quicker
            (client, feed, part, row.event_time, sequence, record)
            for part, packed in parts.items()
            for (row, client, sequence), record in zip(rows, packed, strict=True)
        )
        if self._database.dialect == "sqlite":
            self._connection.exec_driver_sql(_one_by_one(PACKED_ROWS, _RECORD), records)
        else:
            columns = tuple(map(list, zip(*records, strict=True)))
            self._connection.exec_driver_sql(_at_once(PACKED_ROWS, _RECORD), columns)


def _one_by_one(table: Table, names: Sequence[str]) -> str:
    """Return SQLite's INSERT of one row."""
    marks = ", ".join("?" * len(names))
    into = f"INSERT INTO {table.name} ({', '.join(names)})"
    return f"{into} VALUES ({marks})"


def _at_once(table: Table, names: Sequence[str]) -> str:
    """Return Postgres' INSERT of whole columns, row by row in their order."""
    columns = ", ".join(f"%b::{_server_type(table, name)}[]" for name in names)
    into = f"INSERT INTO {table.name} ({', '.join(names)})"
    return f"{into} SELECT * FROM unnest({columns})"  # noqa: S608 - our own


def _server_type(table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, SmallInteger):
        return "smallint"
    if isinstance(kind, LargeBinary):
        return "bytea"
    return "bigint" if isinstance(kind, BigInteger) else "text"
