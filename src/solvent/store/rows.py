"""Live rows: what the lender's systems told about its customers, in the order it was kept."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from solvent.errors import DataError
from solvent.models.documents import Json, to_bytes
from solvent.store.database import Database
from solvent.store.tables import CLIENTS, FEEDS, LIVE_ROWS

CHUNK: Final = 5_000
_LARGEST: Final = 2**63 - 1
_NOTHING: Final = "{}"
OTHER_TYPING: Final = "keep the declaration, or load the rows into a new SOLVENT_HOME"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """One row of a source.

    Args:
        source: Name of the declared source.
        key: The entity (the customer).
        event_id: The lender's id of the event; None where the source declares none.
        event_time: When it happened, int UTC microseconds.
        available_time: When it could be known, int UTC microseconds.
        body: Column -> value; no NaN and no infinity.
        known: Column -> when its value could be known, where that is not `available_time`.
        occurrence: Of a row without an id: how many equal ones stand before it in all of its
            source; None where its batch and its place there name it. Not kept.
    """

    source: str
    key: str
    event_id: str | None
    event_time: int
    available_time: int
    body: Mapping[str, int | float | str | None]
    known: Mapping[str, int | None]
    occurrence: int | None = None


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
        LIVE_ROWS.c.source,
        LIVE_ROWS.c.event_id,
        LIVE_ROWS.c.event_time,
        LIVE_ROWS.c.available_time,
        LIVE_ROWS.c.body,
        LIVE_ROWS.c.known,
    )
    .where(
        LIVE_ROWS.c.product == bindparam("product"),
        LIVE_ROWS.c.key == bindparam("key"),
        LIVE_ROWS.c.sequence <= bindparam("until"),
    )
    .order_by(LIVE_ROWS.c.event_time, LIVE_ROWS.c.sequence)
)
_HIGH_WATER: Final = select(func.coalesce(func.max(LIVE_ROWS.c.sequence), 0))
_SINCE: Final = select(func.count()).where(LIVE_ROWS.c.sequence > bindparam("before"))
_COUNT: Final = select(func.count()).where(LIVE_ROWS.c.product == bindparam("product"))
_TYPINGS: Final = select(FEEDS.c.source, FEEDS.c.typing).where(
    FEEDS.c.product == bindparam("product")
)
_NEWEST: Final = select(func.max(FEEDS.c.newest_available)).where(
    FEEDS.c.product == bindparam("product")
)


class Rows:
    """Live rows. A sequence is given in the order of commits, and no row is ever changed.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, product: str, rows: Sequence[LiveRow], *, arrived_at: int, batch: str, typing: str
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
            typing: Names how the rows were typed, as `solvent.features.live.typing_of` does; a
                source keeps that of its first batch.

        Raises:
            DataError: A row holds what cannot be kept, or rows of its source were typed
                otherwise; nothing was kept.
            StoreError: They cannot be kept; nothing was.
        """
        about = {"product": product, "arrived_at": arrived_at, "batch": batch}
        made = (_columns(row, place, batch) | about for place, row in enumerate(rows))
        statement = self._database.insert_missing(LIVE_ROWS)
        with self._database.transaction(alone=LIVE_ROWS.name) as connection:
            self._require_typing(connection, product, {row.source for row in rows}, typing)
            before = _high_water(connection)
            while chunk := list(islice(made, CHUNK)):
                connection.execute(statement, chunk)
            self._note(connection, product, rows, typing)
            accepted = connection.execute(_SINCE, {"before": before}).scalar_one()
            last = _high_water(connection)
        return Added(accepted=accepted, repeated=len(rows) - accepted, last_sequence=last)

    def _require_typing(
        self, connection: Connection, product: str, sources: set[str], typing: str
    ) -> None:
        kept = _typings(connection, product)
        for source in sorted(sources):
            if kept.get(source, typing) != typing:
                raise DataError(
                    "its rows are kept under another declaration", hint=OTHER_TYPING, field=source
                )

    def _note(
        self, connection: Connection, product: str, rows: Sequence[LiveRow], typing: str
    ) -> None:
        """Keep whom the rows are about, and how far each source reaches."""
        keys = [{"product": product, "key": key, "decided": 0} for key in {r.key for r in rows}]
        if keys:
            connection.execute(self._database.insert_missing(CLIENTS), keys)
        newest: dict[str, int] = {}
        for row in rows:
            newest[row.source] = max(newest.get(row.source, row.available_time), row.available_time)
        for source, available in newest.items():
            told = {"product": product, "source": source, "newest_available": available}
            made = self._database.insert(FEEDS).values({**told, "typing": typing})
            later = FEEDS.c.newest_available < made.excluded.newest_available
            connection.execute(
                made.on_conflict_do_update(
                    index_elements=["product", "source"], where=later,
                    set_={"newest_available": made.excluded.newest_available},
                )
            )  # fmt: skip

    def newest_available(self, product: str) -> int | None:
        """Return the newest instant from which a row could be read, UTC microseconds."""
        with self._database.reading() as connection:
            found: int | None = connection.execute(_NEWEST, {"product": product}).scalar()
        return found

    def typings(self, product: str) -> dict[str, str]:
        """Return what names how the rows of each source are typed, by source that has any."""
        with self._database.reading() as connection:
            return _typings(connection, product)

    def read(
        self, product: str, key: str, *, until_sequence: int | None = None
    ) -> tuple[LiveRow, ...]:
        """Return the rows of one customer, all sources together, by event time and sequence.

        Args:
            product: Name of the product.
            key: The customer.
            until_sequence: Rows kept later are left out; None for all there are.
        """
        until = _LARGEST if until_sequence is None else until_sequence
        values = {"product": product, "key": key, "until": until}
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
                known={} if known == _NOTHING else json.loads(known),
            )
            for (source, event_id, event_time, available_time, _, known), body in zip(
                found, bodies, strict=True
            )
        )

    def high_water(self, product: str) -> int:  # noqa: ARG002 - one sequence serves all products
        """Return the newest sequence kept, 0 where there is none.

        Args:
            product: Name of the product whose rows are read up to it.
        """
        with self._database.reading() as connection:
            return _high_water(connection)

    def count(self, product: str) -> int:
        """Return how many rows there are."""
        with self._database.reading() as connection:
            return connection.execute(_COUNT, {"product": product}).scalar_one()


def _high_water(connection: Connection) -> int:
    return int(connection.execute(_HIGH_WATER).scalar_one())


def _typings(connection: Connection, product: str) -> dict[str, str]:
    found = connection.execute(_TYPINGS, {"product": product}).all()
    return {row.source: row.typing for row in found}


def row_digest(row: LiveRow) -> bytes:
    """Return 16 bytes that name what a row says; equal rows have equal ones.

    Raises:
        DataError: It holds what cannot be kept.
    """
    who, body, known = _parts(row)
    return hashlib.sha256(b"\n".join((to_bytes(who), body, known))).digest()[:16]


def _parts(row: LiveRow) -> tuple[list[Json], bytes, bytes]:
    """Return who a row is about and when, its body and what was known when."""
    _require_texts(row)
    _require_times(row)
    who: list[Json] = [row.source, row.key, row.event_id, row.event_time, row.available_time]
    try:
        to_bytes(who)
        return who, to_bytes(row.body), to_bytes(row.known)
    except (TypeError, ValueError):
        raise _unkeepable(row) from None  # their words may hold a value


def _identity(row: LiveRow, who: list[Json], place: int, batch: str) -> list[Json]:
    if row.event_id is not None:
        return [who]
    return [batch, place, who] if row.occurrence is None else [row.occurrence, who]


def _columns(row: LiveRow, place: int, batch: str) -> dict[str, object]:
    """Return what is kept of a row, apart from where and when it came."""
    who, body, known = _parts(row)
    # Canonical JSON holds no line break, so the lines are told apart.
    it = to_bytes(_identity(row, who, place, batch))
    digest = hashlib.sha256(b"\n".join((it, body, known)))
    return {
        "source": row.source,
        "key": row.key,
        "event_id": row.event_id,
        "event_time": row.event_time,
        "available_time": row.available_time,
        "body": body.decode(),
        "known": known.decode(),
        "digest": digest.hexdigest(),
    }


def _require_texts(row: LiveRow) -> None:
    """Refuse an empty key, and texts that one of the databases cannot keep."""
    if not row.key:
        raise DataError("a live row is about nobody", hint="give its key", field=row.source)
    for name in ("source", "key", "event_id"):
        if "\0" in (getattr(row, name) or ""):
            raise DataError(
                f"the {name} of a live row holds a NUL character",
                hint="send text", field="source" if name == "source" else row.source,
            )  # fmt: skip


def _require_times(row: LiveRow) -> None:
    for name in ("event_time", "available_time"):
        if not -_LARGEST <= getattr(row, name) <= _LARGEST:
            raise DataError(
                f"the {name} of a live row is no instant",
                hint="send whole UTC microseconds", field=row.source,
            )  # fmt: skip


def _unkeepable(row: LiveRow) -> DataError:
    """Return an error that names the column, never the value."""
    odd = [name for name, value in row.body.items() if not _is_plain(value)]
    where = f"{row.source}.{odd[0]}" if odd else row.source
    return DataError(
        "a live row holds what is neither a finite number nor text nor null",
        hint="leave out NaN and infinity: null says that nothing is known", field=where,
    )  # fmt: skip


def _is_plain(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
    return value is None or isinstance(value, int)
