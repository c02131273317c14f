"""The audit from outside: a checkpoint to keep elsewhere, and the program that checks it all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from solvent.app.settings import Settings
from solvent.errors import WriteError
from solvent.models.documents import Json, to_bytes
from solvent.store import Audit, Checkpoint, Database
from solvent.store.checkpoints import note_checkpoint
from solvent.store.database import DATABASE_FILE
from solvent.store.writing import whole_file

FORMAT = 1
PROGRAM = Path(__file__).parents[1] / "store" / "audit_verifier.py"
"""It shares nothing with the rest, so it is run, not imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the verifier says.

    Args:
        status: 0 where everything holds, 1 where something does not, 2 where it could not look.
        words: What it says.
    """

    status: int
    words: str


def write_checkpoint(settings: Settings, path: Path) -> Checkpoint:
    """Write how far the audit is to a new file.

    Args:
        settings: Where things are kept.
        path: The file; nothing may be there, since each checkpoint tells something of its own.

    Raises:
        StoreError: The audit cannot be read.
        WriteError: The file cannot be written, or is there.
    """
    database = Database.open(settings.home, settings.database_url)
    try:
        found = Audit(database).checkpoint()
    finally:
        database.close()
    try:
        with whole_file(path, new=True) as file:
            file.write(to_bytes(checkpoint_json(found)) + b"\n")
    except FileExistsError:
        raise WriteError(
            f"{path} is there", hint="keep every checkpoint: name a new file", field="--out"
        ) from None
    except OSError as error:
        raise WriteError(
            f"{path} cannot be written: {error.strerror}",
            hint="is the folder there, may you write in it?", field="--out",
        ) from error  # fmt: skip
    note_checkpoint(settings.home, found.number, at=time.time_ns() // 1_000)
    return found


def checkpoint_json(found: Checkpoint) -> Json:
    """Return a checkpoint as it is written to a file."""
    return {"solvent_audit_checkpoint": FORMAT, "number": found.number, "link": found.link}


def check_audit(settings: Settings, checkpoint: Path | None) -> Checked:
    """Run the verifier, in a process where nothing of solvent can be imported.

    Args:
        settings: Where things are kept.
        checkpoint: A checkpoint kept elsewhere; None for none.
    """
    address = settings.database_url or f"sqlite:///{settings.home / DATABASE_FILE}"
    words = [] if checkpoint is None else ["--checkpoint", str(checkpoint)]
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", str(PROGRAM), *words], check=False, capture_output=True, text=True,
        env={**os.environ, "SOLVENT_DATABASE_URL": address},
    )  # fmt: skip
    return Checked(status=done.returncode, words=(done.stdout + done.stderr).rstrip())
