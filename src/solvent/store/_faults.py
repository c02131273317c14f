"""What a fault of the database is called, without a value of anybody's row in it."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from solvent.errors import StoreError

OTHER_TABLES: Final = (
    "its tables are not those this version of solvent reads",
    "did another version make it? name another SOLVENT_HOME, or restore a backup",
)
# By the beginning of SQLite's error name or of Postgres' SQLSTATE; the longest that fits is told.
_KNOWN: Final = {
    "SQLITE_FULL": ("the disk is full", "free some space; what was kept before is safe"),
    "SQLITE_READONLY": (
        "it may not be written to",
        "is the file yours, is the disk mounted read-only?",
    ),
    "SQLITE_BUSY": ("it is locked by others", "does another program hold the file open for long?"),
    "SQLITE_LOCKED": ("it is locked by others", "try again"),
    "SQLITE_CORRUPT": ("it is damaged", "restore it from a backup"),
    "SQLITE_NOTADB": ("the file is no database", "name another file, or restore it from a backup"),
    "SQLITE_IOERR": ("the disk failed", "is the disk full or gone? see the system's log"),
    "SQLITE_CANTOPEN": ("it cannot be opened", "is the folder there, may you read and write it?"),
    "SQLITE_CONSTRAINT": ("what was to be kept contradicts what is kept", "nothing was changed"),
    "SQLITE_TOOBIG": ("a value is too large to keep", "nothing was changed"),
    "SQLITE_ERROR": OTHER_TABLES,
    "08": ("the server does not answer", "is it running, is its address right?"),
    "22": ("a value cannot be kept", "nothing was changed"),
    "23": ("what was to be kept contradicts what is kept", "nothing was changed"),
    "25006": ("it may not be written to", "is this a read-only copy?"),
    "28": ("the server refused the user or the password", "check the address of the database"),
    "3D": ("the server has no database of that name", "make it first"),
    "40": ("it was busy with others", "try again"),
    "42": OTHER_TABLES,
    "42501": ("the user may not do that", "grant the rights on the tables"),
    "53": ("the server has run out of space, memory or connections", "see the server's log"),
    "55P03": ("it is locked by others", "try again"),
    "57": ("the server stopped the work", "try again"),
}


def told(error: Exception) -> StoreError:
    """Return what went wrong as an error of ours.

    Args:
        error: What SQLAlchemy or the driver raised. Its words are not passed on: Postgres puts
            the row that was refused into them.
    """
    code = _code(error)
    fits = max((known for known in _KNOWN if code.startswith(known)), key=len, default="")
    if fits:
        what, hint = _KNOWN[fits]
    elif isinstance(error, PoolTimeoutError):
        what, hint = "all its connections are in use", "try again"
    elif isinstance(error, IntegrityError):
        what, hint = _KNOWN["SQLITE_CONSTRAINT"]
    elif isinstance(error, DataError | OverflowError | UnicodeError):
        what, hint = _KNOWN["22"]
    elif isinstance(error, OperationalError):  # a server that is not there gives no code
        what, hint = _KNOWN["08"]
    else:
        what, hint = "it could not be read or written", "see the database's own log"
    return StoreError(f"the database: {what} ({code or type(error).__name__})", hint=hint)


def _code(error: Exception) -> str:
    """Return SQLite's name of the error or Postgres' SQLSTATE; empty where there is none."""
    original = getattr(error, "orig", error)
    for name in ("sqlite_errorname", "sqlstate", "pgcode"):
        code = getattr(original, name, None)
        if isinstance(code, str):
            return code
    return ""
