"""A batch of applications, a chunk of one, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BatchState(StrEnum):
    """How far a batch is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    REMOVED = "removed"


class BatchMode(StrEnum):
    """What is done with each row."""

    DECIDE = "decide"
    SCORE = "score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch.

    Args:
        number: Its number; a newer batch has a higher one, 0 before it is kept.
        id: 32 hex digits; names its folder too.
        name: What its sender calls it; may be empty.
        product: Name of the product.
        owner: Id of the API key that sent it.
        idempotency_key: The owner's name of the request; None where it has none.
        request_digest: SHA-256 of what was sent.
        mode: Whether decisions are kept.
        reasons: True where reasons are told.
        model: Version of the model, pinned when it was accepted.
        policy: Version of the policy, pinned likewise.
        high_water: Newest live row that may be read, pinned likewise.
        rows: Applications in it.
        chunk_rows: Rows of a whole chunk.
        state: How far it is.
        created_at: When it was accepted, int UTC microseconds.
        begun_at: When its first chunk was taken; None before.
        ended_at: When it was done or cancelled; None before.
    """

    number: int = 0
    id: str
    name: str
    product: str
    owner: str
    idempotency_key: str | None
    request_digest: str
    mode: BatchMode
    reasons: bool
    model: int
    policy: int
    high_water: int
    rows: int
    chunk_rows: int
    state: BatchState = BatchState.WAITING
    created_at: int
    begun_at: int | None = None
    ended_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How far a batch is.

    Args:
        done: Rows with a result, those set aside among them.
        set_aside: Rows that could not be done, each with its reason.
        chunks: Chunks there are.
        chunks_done: Chunks with a result.
    """

    done: int
    set_aside: int
    chunks: int
    chunks_done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some rows of a batch, taken by a worker.

    Args:
        batch: Number of the batch.
        first_row: Its first row, from 0.
        rows: How many.
        attempt: How often a worker began these rows, this time among them.
        fence: What must still stand in the database when the result is written.
    """

    batch: int
    first_row: int
    rows: int
    attempt: int
    fence: int
