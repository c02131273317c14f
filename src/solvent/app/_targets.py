"""Where a result may be written: never over what it was made from, and whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from solvent.errors import MissingFileError, WriteError
from solvent.features import Table
from solvent.sources.files import find_files, is_remote, place_in
from solvent.store.writing import whole_file as write_whole

REFUSED_HEADER = ("file", "row", "id", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a result must not be written over.

    Args:
        applications: File or folder of the applications.
        data: The data folder.
        tables: Tables whose files lie in it.
        registry: Folder of the models.
        kept: Other files and folders.
    """

    applications: Path
    data: Path
    tables: Sequence[Table]
    registry: Path
    kept: Sequence[Path] = ()


def kept_files(folder: Path, home: Path) -> tuple[Path, ...]:
    """Return what a command must leave alone besides its inputs.

    Args:
        folder: Folder of the product.
        home: Folder solvent keeps things in.
    """
    named = ("policies", "secret.key", "solvent.db", "solvent.db-wal", "solvent.db-shm")
    return (folder / "product.py", folder / "policy.yaml", *(home / name for name in named))


def require_apart(target: Path, inputs: Inputs, *, field: str = "output") -> None:
    """Refuse a target that is no plain file of the reader's own.

    Args:
        target: Where a result is to go.
        inputs: What it must not be written over.
        field: The option that named it.

    Raises:
        WriteError: It is no plain file, its folder is not there, or it is one of the inputs.
    """
    real = _require_plain(target, field)
    if any(_same(real, file) for file in files_of(inputs.applications)):
        raise _kept(target, "holds the applications", field)
    if inputs.applications.is_dir() and _lies_in(real, inputs.applications):
        raise _kept(target, "lies in the folder of the applications", field)
    if _lies_in(real, inputs.registry):
        raise _kept(target, "lies in the registry of models", field)
    if any(_same(real, kept) or _lies_in(real, kept) for kept in inputs.kept):
        raise _kept(target, "is kept by solvent or declares the product", field)
    for table in inputs.tables:
        if _belongs_to(real, table, inputs.data):
            raise _kept(target, f"belongs to the table {table.name}", field)


def require_refused_file(path: Path) -> None:
    """Refuse a place for refused rows where something else is.

    Raises:
        WriteError: A file is there which solvent did not write.
    """
    if path.resolve().exists() and not is_refused_file(path):
        raise WriteError(
            f"{path} is there and was not written by solvent",
            hint="it would be overwritten: move it, or give the predictions another name",
            field="output",
        )


def is_refused_file(path: Path) -> bool:
    """Return True where refused rows were written there by solvent."""
    try:
        with path.open("rb") as file:
            return file.readline(200).strip() == ",".join(REFUSED_HEADER).encode()
    except OSError:
        return False


def files_of(applications: Path) -> tuple[Path, ...]:
    """Return the local files a path of applications stands for; none where it holds no table."""
    if is_remote(applications):
        return ()
    try:
        return find_files((str(applications.resolve()),), Path())
    except MissingFileError:
        return ()


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a new file beside the one `path` stands for; it takes its place when all went well.

    Args:
        path: Where the file is to be; a link is followed.

    Raises:
        WriteError: It cannot be written; nothing half-written is left.
    """
    real = path.resolve()
    try:
        with write_whole(real, permissions=_permissions(real)) as file:
            yield file
    except OSError as error:
        raise WriteError(
            f"{path} could not be written: {os.strerror(error.errno or errno.EIO)}",
            hint="is the folder there, may you write in it, is the disk full?", field="output",
        ) from error  # fmt: skip


def _permissions(real: Path) -> int:
    """Return the permissions of the file that is replaced, else those of any new file."""
    if real.exists():
        return stat.S_IMODE(real.stat().st_mode)
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _require_plain(target: Path, field: str) -> Path:
    """Return the file a target stands for, behind any link.

    Raises:
        WriteError: It is there and no plain file, or its folder is not there.
    """
    try:
        real = target.resolve()
        mode = real.stat().st_mode if real.exists() else stat.S_IFREG
    except (OSError, RuntimeError) as error:
        raise WriteError(
            f"{target} cannot be looked at", hint="is it a link to itself?", field=field
        ) from error
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise WriteError(
            f"{target} is {what}, no file", hint="name a file of your own", field=field,
        )  # fmt: skip
    if not real.parent.is_dir():
        raise WriteError(
            f"the folder of {target} is not there",
            hint="make the folder first, or choose one that exists", field=field,
        )  # fmt: skip
    return real


def _kept(target: Path, why: str, field: str) -> WriteError:
    return WriteError(
        f"{target} {why} and would be overwritten or read as data",
        hint="write to another file", field=field,
    )  # fmt: skip


def _same(real: Path, file: Path) -> bool:
    return real == file.resolve() or (real.exists() and file.exists() and real.samefile(file))


def _lies_in(real: Path, folder: Path) -> bool:
    return real.is_relative_to(folder.resolve())


def _belongs_to(real: Path, table: Table, data: Path) -> bool:
    """Return True where a file is one of a table's, or would be once it is there."""
    paths = [path for path in table.paths if not is_remote(place_in(path, data))]
    for path in paths:
        place = data / path
        if place.is_dir() and _lies_in(real, place):
            return True
        if _lies_in(real, data) and _matches(real.relative_to(data.resolve()), path):
            return True
    try:
        return any(_same(real, file) for file in find_files(paths, data))
    except MissingFileError:
        return False


def _matches(name: Path, pattern: str) -> bool:
    deep = "**" in pattern or len(name.parts) == len(Path(pattern).parts)
    return deep and name.match(pattern)
