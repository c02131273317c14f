"""When a checkpoint of the audit was last written from a home: to be reminded of the next one.

It proves nothing; the checkpoint itself, kept elsewhere, does.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from solvent.store.writing import own_folder, whole_file

FILE: Final = "checkpoint.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What is noted of the newest checkpoint.

    Args:
        number: How many entries it covers.
        at: When it was written, int UTC microseconds.
    """

    number: int
    at: int


def note_checkpoint(home: Path, number: int, *, at: int) -> None:
    """Note that a checkpoint was written; where that cannot be, one is reminded too early.

    Args:
        home: The folder solvent keeps things in.
        number: How many entries it covers.
        at: When, int UTC microseconds.
    """
    with suppress(OSError), whole_file(own_folder(home) / FILE) as file:
        file.write(json.dumps({"at": at, "number": number}).encode() + b"\n")


def last_checkpoint(home: Path) -> Noted | None:
    """Return what is noted of the newest checkpoint; None where nothing readable is."""
    try:
        told = json.loads((home / FILE).read_bytes())
        return Noted(number=int(told["number"]), at=int(told["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
