"""Reading files of a folder nobody is trusted to have written: plain ones, and never too many."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from solvent.errors import BundleError

MOST_FILES: Final = 64
MOST_BYTES: Final = 1 << 30
"""Bytes of one file, and of all files of a folder together."""
RESTORE: Final = "restore it from where it was stored, or train again"


@contextmanager
def opened_folder(folder: Path, expected: str) -> Iterator[int]:
    """Give a descriptor of a folder, so that nobody can put another in its place meanwhile.

    Args:
        folder: The folder; a link to one is refused.
        expected: The file it is opened for, which errors name.

    Raises:
        BundleError: It is not there, is a link, or may not be read.
    """
    try:
        if folder.is_symlink():
            raise BundleError("is a link, not a folder", hint=RESTORE, field=folder.name)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BundleError("is missing from the bundle", hint=RESTORE, field=expected) from error
    except OSError as error:
        raise BundleError(f"cannot be read: {error.strerror}", field=expected) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def listed(descriptor: int) -> frozenset[str]:
    """Return the names in a folder.

    Raises:
        BundleError: There are more than a bundle has.
    """
    names = set()
    with os.scandir(descriptor) as entries:
        for entry in entries:
            names.add(entry.name)
            if len(names) > MOST_FILES:
                raise BundleError(
                    f"holds more than {MOST_FILES} files", hint=RESTORE, field="bundle"
                )
    return frozenset(names)


def read_plain(name: str | Path, most: int, *, folder: int | None = None) -> bytes:
    """Return the content of a plain file.

    Args:
        name: The file.
        most: Bytes it may have.
        folder: Descriptor of the folder it is in; None where `name` is a path.

    Raises:
        BundleError: It is missing, a link, no plain file, too large, or may not be read.
    """
    field = Path(name).name
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe would wait for its writer
        descriptor = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if isinstance(error, FileNotFoundError) or folder is not None:
            raise BundleError("is missing from the bundle", hint=RESTORE, field=field) from error
        raise BundleError(f"cannot be read: {error.strerror}", field=field) from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BundleError("is missing from the bundle", hint=RESTORE, field=field)
        try:
            raw = file.read(most + 1)
        except OSError as error:
            raise BundleError(f"cannot be read: {error.strerror}", field=field) from error
    if len(raw) > most:
        raise BundleError(f"is larger than {most:,} bytes", hint=RESTORE, field=field)
    return raw
