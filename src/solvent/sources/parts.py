"""The parts of a table: files as they lie on this machine, wherever they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from solvent.errors import UnreadableFileError
from solvent.sources.files import fingerprint

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a table.

    Args:
        path: Where it is read from, on this machine.
        name: What it is called in messages, refusals and fingerprints.
        keys: Values that folders named `key=value` give to all of its rows; None: missing.
        copied: True where it is a copy of our own, made for this reading.
        origin: The file whose bytes count where `path` was made from it.
        digest: (bytes, SHA-256), where known already.
        rows: True where it holds the rows of a database, which have no bytes of their own.
    """

    path: Path
    name: str
    keys: Mapping[str, str | None] = field(default_factory=dict)
    copied: bool = False
    origin: Path | None = None
    digest: tuple[int, str] | None = None
    rows: bool = False

    def fingerprint(self) -> tuple[str, int, str]:
        """Return (name, bytes, SHA-256) of the file that was read."""
        if self.digest is not None:
            return (self.name, *self.digest)
        ((_, size, sha256),) = fingerprint((self.origin or self.path,))
        return self.name, size, sha256


def partition_keys(name: str) -> dict[str, str | None]:
    """Return what the folders of a file's path say of its rows.

    Args:
        name: The path, with slashes.

    >>> partition_keys("events/day=2024-01-01/region=S%C3%A3o/part-0.parquet")
    {'day': '2024-01-01', 'region': 'São'}
    """
    found: dict[str, str | None] = {}
    for folder in name.split("/")[:-1]:
        key, equals, value = folder.partition("=")
        if key and equals:
            found[unquote(key)] = None if value == NULL_PARTITION else unquote(value)
    return found


@contextmanager
def told_as(part: Part) -> Iterator[None]:
    """Let errors about our copy of a file name the file it was copied from."""
    try:
        yield
    except UnreadableFileError as error:
        if part.path.name == part.name:
            raise
        raise UnreadableFileError(
            error.message.replace(part.path.name, part.name), hint=error.hint, field=error.field
            if error.field != part.path.name else part.name,
        ) from error  # fmt: skip
