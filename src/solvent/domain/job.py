"""Work that is done in the background."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

LONGEST_LEASE: Final = 3_600
"""Seconds for which a worker may have what it works on, at most."""


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
