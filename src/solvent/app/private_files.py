"""Files nobody else may read, or change: what they are, and whether that holds."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from solvent.app.settings import DATABASE_URL, Settings
from solvent.store.database import DATABASE_FILE
from solvent.store.keyring import SIGNING_FILE
from solvent.store.secret import FILE as SECRET_FILE

_BESIDE = ("", "-wal", "-shm")
"""What SQLite keeps a database in."""


def private_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield what only this user may use, with the setting that names it."""
    yield "SOLVENT_HOME", settings.home
    yield "SOLVENT_HOME", settings.home / SECRET_FILE
    yield "SOLVENT_HOME", settings.home / SIGNING_FILE
    yield from settings.secret_files
    database = _database_file(settings)
    if database is not None:
        field = "SOLVENT_HOME" if settings.database_url is None else DATABASE_URL
        for ending in _BESIDE:
            yield field, database.with_name(database.name + ending)


def readable_by_others(path: Path) -> int | None:
    """Return the mode of a file that group or others may use; None where nobody may, or no file."""
    return _mode(path, 0o077)


def writable_by_others(path: Path) -> int | None:
    """Return the mode of a file that group or others may change; None where nobody may."""
    return _mode(path, 0o022)


def _mode(path: Path, bits: int) -> int | None:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None  # whoever needs it says that it is not there
    return mode if mode & bits else None


def _database_file(settings: Settings) -> Path | None:
    if settings.database_url is None:
        return settings.home / DATABASE_FILE
    try:
        url = make_url(settings.database_url)
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    except (ArgumentError, ValueError):
        return None  # whoever opens it says so
