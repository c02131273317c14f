"""What the endpoints of batches answer, as OpenAPI tells it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class BatchLinks(BaseModel):
    """Where a batch is."""

    self: str = Field(description="How far it is.")
    results: str = Field(description="What became of its rows.")


class Batch(BaseModel):
    """A batch of applications, and how far it is."""

    id: str
    name: str = Field(description="What its sender calls it.")
    product: str
    state: Literal["waiting", "running", "done", "cancelled", "removed"]
    mode: Literal["score", "decide"] = Field(description="Whether decisions are kept.")
    reasons: bool = Field(description="Whether reasons are told.")
    rows: int = Field(description="Applications in it.")
    done: int = Field(description="Rows with a result, those set aside among them.")
    set_aside: int = Field(description="Rows that could not be done, each with its reason.")
    chunks: int
    chunks_done: int
    eta_seconds: float | None = Field(description="Until it is done; null where nobody can tell.")
    model_version: int = Field(description="Pinned when it was accepted.")
    policy_version: int = Field(description="Pinned when it was accepted.")
    high_water: int = Field(description="The newest live row that is read; pinned as well.")
    created_at: str
    begun_at: str | None
    ended_at: str | None
    links: BatchLinks


class BatchList(BaseModel):
    """Batches, the newest first."""

    batches: list[Batch]
