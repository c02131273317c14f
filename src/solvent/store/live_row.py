"""A live row, what makes it the same row as another, and what cannot be kept of one."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from solvent.errors import DataError
from solvent.models.documents import Json, to_bytes

LARGEST: Final = 2**63 - 1
NOTHING: Final = "{}"
_NO_TIMES: Final = NOTHING.encode()
DIGEST_BYTES: Final = 16
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


def row_digest(row: LiveRow) -> bytes:
    """Return 16 bytes that name what a row says; equal rows have equal ones.

    Raises:
        DataError: It holds what cannot be kept.
    """
    return _digest(*_parts(row))


def told(row: LiveRow, *, product: str, batch: str, place: int) -> tuple[str, str, bytes]:
    """Return what is kept of a row's words: its body and what was known when, as JSON; its digest.

    Args:
        row: The row.
        product: Whose row it is.
        batch: The sender's name of its batch.
        place: Where in the batch it stands.

    Raises:
        DataError: It holds what cannot be kept.
    """
    who, body, known = _parts(row)
    name: list[Json] = [product]
    if row.event_id is None:
        name += [batch, place] if row.occurrence is None else [row.occurrence]
    return body.decode(), known.decode(), _digest(to_bytes(name), who, body, known)


def _digest(*lines: bytes) -> bytes:
    # Canonical JSON holds no line break, so the lines are told apart.
    return hashlib.sha256(b"\n".join(lines)).digest()[:DIGEST_BYTES]


def _parts(row: LiveRow) -> tuple[bytes, bytes, bytes]:
    """Return who a row is about and when, its body and what was known when."""
    _require_texts(row)
    _require_times(row)
    who: list[Json] = [row.source, row.key, row.event_id, row.event_time, row.available_time]
    try:
        return to_bytes(who), to_bytes(row.body), to_bytes(row.known) if row.known else _NO_TIMES
    except (TypeError, ValueError):
        raise _unkeepable(row) from None  # their words may hold a value


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
        if not -LARGEST <= getattr(row, name) <= LARGEST:
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
