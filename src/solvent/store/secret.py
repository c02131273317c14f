"""The installation's secret: 32 random bytes that turn API keys into what is kept of them."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from solvent.errors import StoreError
from solvent.store.writing import own_folder, whole_file

FILE: Final = "secret.key"
SECRET_BYTES: Final = 32


def load_secret(home: Path) -> bytes:
    """Return the secret of a home; made at the first call, the same ever after.

    Args:
        home: The folder solvent keeps things in.

    Returns:
        32 bytes. Processes that start at once get the same.

    Raises:
        StoreError: It cannot be made or read, others may read it, or it is not 32 bytes.
    """
    path = home / FILE
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as error:
        raise StoreError(
            f"the secret {path} cannot be made or read: {error.strerror}",
            hint="is the folder yours, is the disk full?", field=FILE,
        ) from error  # fmt: skip


def _make(path: Path) -> None:
    try:
        with whole_file(own_folder(path.parent) / path.name, new=True) as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
    except FileExistsError:
        if not path.exists():  # the home is a file
            raise


def read_own(path: Path, most: int, what: str) -> bytes:
    """Return the content of a file that only this user may use.

    Args:
        path: The file.
        most: Bytes that are read at most.
        what: What it is called in errors.

    Raises:
        OSError: It cannot be read.
        StoreError: Others may use it.
    """
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        content = file.read(most)
    if mode & 0o077:
        raise StoreError(
            f"others may read {what} {path} (its mode is {mode:o})",
            hint=f"chmod 600 {path}; if somebody did read it, remove it and make a new one",
            field=path.name,
        )
    return content


def _read(path: Path) -> bytes:
    content = read_own(path, SECRET_BYTES + 1, "the secret")
    if len(content) != SECRET_BYTES:
        raise StoreError(
            f"the secret {path} is not {SECRET_BYTES} bytes long",
            hint="restore it from a backup; without it remove it and make new API keys",
            field=FILE,
        )
    return content
