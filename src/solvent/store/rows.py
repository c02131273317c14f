"""Live rows: what the lender's systems told about its customers, in the order it was kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, func, or_, select

from solvent.features.packed import PackedRows, Typing
from solvent.store._batch import BatchWriter
from solvent.store._numbers import LabelTexts
from solvent.store._owners import own_rows
from solvent.store._space import BELOW, space
from solvent.store.database import Database
from solvent.store.live_row import LARGEST, NOTHING, LiveRow
from solvent.store.tables import CLIENTS, FEEDS, LIVE_ROWS, PACKED_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of a batch.

    Args:
        accepted: Rows that are new.
        repeated: Rows that were there already, or twice in the batch.
        last_sequence: The newest sequence once the batch is in.
    """

    accepted: int
    repeated: int
    last_sequence: int


_OF_KEY: Final = (
    select(
        FEEDS.c.source,
        LIVE_ROWS.c.event_id,
        LIVE_ROWS.c.event_time,
        LIVE_ROWS.c.available_time,
        LIVE_ROWS.c.body,
        LIVE_ROWS.c.known,
    )
    .join_from(PACKED_ROWS, LIVE_ROWS, LIVE_ROWS.c.sequence == PACKED_ROWS.c.sequence)
    .join(FEEDS, FEEDS.c.number == PACKED_ROWS.c.feed)
    .where(
        PACKED_ROWS.c.client
        == select(CLIENTS.c.number)
        .where(CLIENTS.c.product == bindparam("product"), CLIENTS.c.key == bindparam("key"))
        .scalar_subquery(),
        PACKED_ROWS.c.part == 0,
        PACKED_ROWS.c.sequence <= bindparam("until"),
    )
    .order_by(PACKED_ROWS.c.event_time, PACKED_ROWS.c.sequence)
)
_WITHIN: Final = or_(
    FEEDS.c.product == bindparam("product"),
    func.substr(FEEDS.c.product, 1, bindparam("size")) == bindparam("below"),
)
_FEEDS: Final = select(FEEDS.c.number, FEEDS.c.source, FEEDS.c.typing).where(_WITHIN)
_REACHES: Final = select(FEEDS.c.source, FEEDS.c.newest_available).where(_WITHIN)
_NEWEST: Final = select(func.max(FEEDS.c.newest_available)).where(_WITHIN)
_KEPT: Final = select(func.coalesce(func.sum(FEEDS.c.kept), 0)).where(_WITHIN)
_LAST: Final = select(func.coalesce(func.max(FEEDS.c.newest_sequence), 0)).where(_WITHIN)
_HIGH_WATER: Final = """
SELECT max(newest_sequence) FROM feeds WHERE product = ? OR substr(product, 1, ?) = ?"""
_OWNER: Final = """
SELECT c.key FROM clients r JOIN clients c ON c.number = r.owner
WHERE r.product = ? AND r.key = ?"""
_ANYTHING: Final = """
SELECT 1 FROM packed_rows WHERE client = (SELECT number FROM clients WHERE product = ? AND key = ?)
LIMIT 1"""
# The key's order puts parts one after the other, and the rows of all of them in one order.
_RECORDS: Final = """
SELECT feed, part, packed FROM packed_rows
WHERE client = (SELECT number FROM clients WHERE product = ? AND key = ?) AND sequence <= ?
ORDER BY feed, part, event_time, sequence"""
_JOINED: Final = """
SELECT feed, part, string_agg(packed, ''::bytea ORDER BY event_time, sequence) FROM packed_rows
WHERE client = (SELECT number FROM clients WHERE product = ? AND key = ?) AND sequence <= ?
GROUP BY feed, part"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the rows of a batch stand between those of other sources.

    Args:
        parent: The source whose ids are the rows' keys; empty where those are customers'.
        is_parent: True where rows of another source lie below these: each id has one owner.
    """

    parent: str = ""
    is_parent: bool = False


_OF_CUSTOMERS: Final = Place()


class Rows:
    """Live rows. A sequence is given in the order of commits, and no row is ever changed.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._texts = LabelTexts(database)
        self._feeds: dict[int, tuple[str, str]] = {}

    def add(
        self,
        product: str,
        rows: Sequence[LiveRow],
        *,
        arrived_at: int,
        batch: str,
        typing: Typing,
        place: Place = _OF_CUSTOMERS,
    ) -> Added:
        """Keep a batch, all of it or nothing; what is there already is counted, not kept again.

        A row with an `event_id` is the same when all of it is the same. A row without one is the
        same when all of it and its `occurrence` are; without that, when it stands at the same
        place of the same batch: so a batch sent again changes nothing, and two equal rows of one
        batch are two.

        Args:
            product: Name of the product.
            rows: The rows.
            arrived_at: When the server got them, int UTC microseconds.
            batch: The sender's name of the batch; the whole of it is given at once.
            typing: How the rows were typed; a source keeps that of its first batch.
            place: Where the rows stand between others.

        Raises:
            DataError: A row holds what cannot be kept, or rows of its source were typed
                otherwise, or the id of a row that others lie below is another customer's; nothing
                was kept.
            StoreError: They cannot be kept; nothing was.
        """
        with self._database.transaction(alone=f"{LIVE_ROWS.name} {product}") as connection:
            writer = BatchWriter(self._database, connection, space(product, place.parent), typing)
            accepted = writer.write(rows, name=batch, arrived_at=arrived_at)
            if place.is_parent:
                own_rows(self._database, connection, product, rows)
            last = connection.execute(_LAST, _within(product)).scalar_one()
        return Added(accepted=accepted, repeated=len(rows) - accepted, last_sequence=last)

    def newest_available(self, product: str) -> int | None:
        """Return the newest instant from which a row could be read, UTC microseconds."""
        with self._database.reading() as connection:
            found: int | None = connection.execute(_NEWEST, _within(product)).scalar()
        return found

    def reaches(self, product: str) -> dict[str, int]:
        """Return how far each source reaches: the newest instant from which a row could be read.

        Args:
            product: Name of the product.

        Returns:
            UTC microseconds by source, of the sources that have any row.
        """
        with self._database.reading() as connection:
            found = connection.execute(_REACHES, _within(product)).all()
        return {row.source: row.newest_available for row in found}

    def typings(self, product: str) -> dict[str, str]:
        """Return what names how the rows of each source are typed, by source that has any."""
        with self._database.reading() as connection:
            found = connection.execute(_FEEDS, _within(product)).all()
        return {row.source: row.typing for row in found}

    def read(
        self, product: str, key: str, *, until_sequence: int | None = None, parent: str = ""
    ) -> tuple[LiveRow, ...]:
        """Return the rows of one customer as they were told, by event time and sequence.

        Args:
            product: Name of the product.
            key: The customer, or with `parent` the id of one of its rows.
            until_sequence: Rows kept later are left out; None for all there are.
            parent: The source whose ids are the rows' keys; empty where those are customers'.
        """
        until = LARGEST if until_sequence is None else until_sequence
        values = {"product": space(product, parent), "key": key, "until": until}
        with self._database.reading() as connection:
            found = connection.execute(_OF_KEY, values).all()
        bodies = json.loads(
            f"[{','.join([row.body for row in found])}]"
        )  # a third of the time of one by one
        return tuple(
            LiveRow(
                source=source,
                key=key,
                event_id=event_id,
                event_time=event_time,
                available_time=available_time,
                body=body,
                known={} if known == NOTHING else json.loads(known),
            )
            for (source, event_id, event_time, available_time, _, known), body in zip(
                found, bodies, strict=True
            )
        )

    def packed(
        self, product: str, key: str, *, until_sequence: int | None = None, parent: str = ""
    ) -> dict[str, PackedRows]:
        """Return the same rows as records by source: what an evaluator reads.

        Args:
            product: Name of the product.
            key: The customer, or with `parent` the id of one of its rows.
            until_sequence: Rows kept later are left out; None for all there are.
            parent: The source whose ids are the rows' keys; empty where those are customers'.
        """
        until, product = (
            LARGEST if until_sequence is None else until_sequence,
            space(product, parent),
        )
        statement = _RECORDS if self._database.dialect == "sqlite" else _JOINED
        pieces: dict[int, dict[int, list[bytes]]] = {}
        for feed, part, record in self._fetch(statement, product, key, until):
            pieces.setdefault(feed, {}).setdefault(part, []).append(record)
        found = {}
        for feed, parts in pieces.items():
            source, typing = self._feed(product, feed)
            joined = {part: b"".join(records) for part, records in parts.items()}
            found[source] = PackedRows(typing=typing, parts=joined, texts=self._texts.of(feed))
        return found

    def owner(self, product: str, source: str, event_id: str) -> str | None:
        """Return the customer whose row of a source has an id; None where nobody's has.

        Args:
            product: Name of the product.
            source: A source that others lie below.
            event_id: The id.
        """
        found = self._fetch(_OWNER, space(product, source), event_id)
        return str(found[0][0]) if found else None

    def any(self, product: str, key: str) -> bool:
        """Return True where there is a row of a customer."""
        return bool(self._fetch(_ANYTHING, product, key))

    def high_water(self, product: str) -> int:
        """Return the newest sequence among a product's rows, 0 where there is none.

        Once a reader was told it, no row of the product that is kept later gets a smaller one.
        """
        return int(self._fetch(_HIGH_WATER, *_within(product).values())[0][0] or 0)

    def count(self, product: str) -> int:
        """Return how many rows there are."""
        with self._database.reading() as connection:
            return int(connection.execute(_KEPT, _within(product)).scalar_one())

    def _fetch(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._database.fetch(statement.replace("?", self._database.mark), values)

    def _feed(self, product: str, feed: int) -> tuple[str, str]:
        """Return the source of a feed and how its rows are typed; neither is ever changed."""
        if feed not in self._feeds:
            with self._database.reading() as connection:
                found = connection.execute(_FEEDS, _within(product)).all()
            self._feeds.update({row.number: (row.source, row.typing) for row in found})
        return self._feeds[feed]


def _within(product: str) -> dict[str, str | int]:
    """Return the values that find a product's feeds, those below other sources included."""
    below = f"{product}{BELOW}"
    return {"product": product, "size": len(below), "below": below}
