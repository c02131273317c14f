"""Keys seen a moment ago: a key is looked up in the store once a second, not at every call."""

from __future__ import annotations

import hashlib
import time
from typing import Final

from solvent.app.bootstrap import Service
from solvent.store import KeyRecord

LIFE: Final = 1.0
"""Seconds for which a key that opened opens again without a look: a revoked one stops by then."""
MOST: Final = 4_096
"""Keys remembered; then all are forgotten, and looked up again."""


class KnownKeys:
    """What the store said of keys, for a second; what it does not know is asked every time.

    Keys are remembered by their SHA-256: none lies in memory between two calls.

    Args:
        service: Everything that is wired together.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._held: dict[bytes, tuple[KeyRecord, float]] = {}

    def held(self, plain: str) -> KeyRecord | None:
        """Return the record of a key that opened within the last second; None: look it up."""
        record, until = self._held.get(_name(plain), (None, 0.0))
        return record if time.monotonic() < until else None

    def find(self, plain: str) -> KeyRecord | None:
        """Return the record of a key as the store has it; None where it is unknown or revoked.

        Raises:
            StoreError: The store cannot be read.
        """
        until = time.monotonic() + LIFE  # from before the look: a revocation counts from then
        record = self._service.keys.find(plain)
        if record is not None:
            if len(self._held) >= MOST:
                self._held = {}
            self._held[_name(plain)] = record, until
        return record


def _name(plain: str) -> bytes:
    return hashlib.sha256(plain.encode(errors="replace")).digest()
