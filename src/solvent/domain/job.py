"""Work that is done in the background."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
