"""Batches: many applications in one file, and how far the server is with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

BatchFile = Literal["csv", "parquet", "zip"]
"""What a batch may come in: a zip holds applications and their events."""
CONTENT_TYPES: Final = {
    "csv": "text/csv", "parquet": "application/vnd.apache.parquet", "zip": "application/zip",
}  # fmt: skip
_OVER: Final = {"done", "cancelled", "removed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch of applications, and how far it is.

    Args:
        id: Names it.
        name: What its sender calls it; may be empty.
        product: Name of the product.
        state: "waiting", "running", "done", "cancelled" or "removed".
        mode: "score" tells what would be decided, "decide" keeps decisions.
        reasons: Whether reasons are told.
        rows: Applications in it.
        done: Rows with a result, those set aside among them.
        set_aside: Rows that could not be done, each with its reason.
        eta_seconds: Until it is done; None where nobody can tell.
        model_version, policy_version: What decides, pinned when it was accepted.
        created_at: ISO 8601 UTC.
        ended_at: The same; None before its end.
    """

    id: str
    name: str
    product: str
    state: str
    mode: str
    reasons: bool
    rows: int
    done: int
    set_aside: int
    eta_seconds: float | None
    model_version: int
    policy_version: int
    created_at: str
    ended_at: str | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done of it."""
        return self.state in _OVER


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchList:
    """Batches, the newest first."""

    batches: tuple[Batch, ...]
