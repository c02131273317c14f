"""Writing a file whole or not at all, for nobody else to read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

OWN_FOLDER: Final = 0o700
OWN_FILE: Final = 0o600


@contextmanager
def whole_file(
    path: Path, *, permissions: int = OWN_FILE, new: bool = False
) -> Iterator[IO[bytes]]:
    """Give a draft beside `path`; it takes its place, on the disk, when all went well.

    Args:
        path: Where the file is to be; its folder is there.
        permissions: Mode bits of the file.
        new: True where nothing may stand there yet; of two writers at once, one is refused.

    Raises:
        FileExistsError: `new`, and something stands there.
        OSError: It cannot be written; nothing half-written is left.
    """
    descriptor, name = tempfile.mkstemp(prefix=".solvent-", suffix=".draft", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(permissions)
        if new:
            path.hardlink_to(draft)  # unlike a rename it never replaces
        else:
            draft.replace(path)
        _sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def own_folder(path: Path) -> Path:
    """Return a folder, made for nobody else to look into where it was not there.

    Raises:
        OSError: It cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=OWN_FOLDER, exist_ok=True)
    return path


def _sync(folder: Path) -> None:
    """Make the names in a folder outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
