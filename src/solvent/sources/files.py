"""Which files a table is made of, what each is, and a fingerprint of what they held."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from solvent.errors import MissingFileError, UnreadableFileError

PARQUET_SUFFIXES = (".parquet", ".pq")
TEXT_SUFFIXES = tuple(
    f".{text}{packed}" for text in ("csv", "tsv", "txt") for packed in ("", ".gz", ".bz2", ".zst")
)
EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_MAGIC = b"PAR1"
_CHUNK = 1 << 20
_NAMES_SHOWN = 12


class FileKind(StrEnum):
    """How a file is written."""

    PARQUET = "parquet"
    TEXT = "text"
    EXCEL = "excel"


def find_files(paths: Iterable[str], data: Path, *, field: str = "") -> tuple[Path, ...]:
    """Return the files that declared paths name, each once, sorted within each path.

    Args:
        paths: Files, folders (all data files below them) or patterns, relative to `data`.
        data: The data folder.
        field: The table's name, for messages.

    Raises:
        MissingFileError: A path names no file; the hint lists what the folder holds.
    """
    found: dict[Path, None] = {}
    for path in paths:
        matches = _match(path, data)
        if not matches:
            raise MissingFileError(
                f"no file {path!r} in the data folder", hint=_what_is_there(path, data), field=field
            )
        found.update(dict.fromkeys(matches))
    return tuple(found)


def _match(path: str, data: Path) -> list[Path]:
    place = data / path
    if place.is_file():
        return [place]
    if place.is_dir():
        return sorted(file for file in place.rglob("*") if _is_data(file, place))
    if any(sign in path for sign in "*?[") and not Path(path).is_absolute():
        every = any(is_hidden(part) for part in Path(path).parts)
        found = (file for file in data.glob(path) if file.is_file())
        return sorted(file for file in found if every or not _lies_hidden(file, data))
    return []


def _is_data(file: Path, below: Path) -> bool:
    return is_data_name(file.name) and not _lies_hidden(file, below) and file.is_file()


def _lies_hidden(file: Path, below: Path) -> bool:
    return any(is_hidden(part) for part in file.relative_to(below).parts)


def is_hidden(name: str) -> bool:
    """Tell whether writers leave a file or folder of that name beside the data (`_SUCCESS`)."""
    return name.startswith((".", "_", "~$")) and name not in {".", ".."}


def is_table_name(name: str) -> bool:
    """Tell whether a name is that of a file solvent can read."""
    return name.lower().endswith(PARQUET_SUFFIXES + TEXT_SUFFIXES + EXCEL_SUFFIXES)


def is_data_name(name: str) -> bool:
    """Tell whether a file of that name is read where its folder is declared.

    A spreadsheet is not: it often lies beside the data to explain them. Name it to read it.
    """
    return not is_hidden(name) and name.lower().endswith(PARQUET_SUFFIXES + TEXT_SUFFIXES)


def _what_is_there(path: str, data: Path) -> str:
    if not data.is_dir():
        return f"there is no folder {data.name!r}; name the data folder"
    folder = (data / path).parent
    folder = folder if folder.is_dir() else data
    names = sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))
    if not names:
        return f"the folder {folder.name!r} is empty"
    close = difflib.get_close_matches(Path(path).name, names, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return f"{guess}the folder {folder.name!r} holds: {listed(names)}"


def listed(names: Sequence[str]) -> str:
    """Return the first of many names as a list in words."""
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{', '.join(names[:_NAMES_SHOWN])}{more}"


def kind_of(file: Path) -> FileKind:
    """Tell what a file is by its first bytes; the suffix only says what it claims to be.

    Raises:
        UnreadableFileError: It cannot be opened, or calls itself Parquet and is not whole.
    """
    try:
        with file.open("rb") as stream:
            head = stream.read(len(_MAGIC))
            stream.seek(-min(len(_MAGIC), file.stat().st_size), 2)
            tail = stream.read()
    except OSError as error:
        raise UnreadableFileError(
            f"{file.name} cannot be opened", hint="check its permissions", field=file.name
        ) from error
    if file.name.lower().endswith(EXCEL_SUFFIXES) and head != _MAGIC:
        return FileKind.EXCEL
    if head == _MAGIC or file.name.lower().endswith(PARQUET_SUFFIXES):
        if head != _MAGIC or tail != _MAGIC:
            raise not_whole(file)
        return FileKind.PARQUET
    return FileKind.TEXT


def not_whole(file: Path) -> UnreadableFileError:
    """Return the error for a Parquet file that is cut or damaged."""
    return UnreadableFileError(
        f"{file.name} is not a complete Parquet file",
        hint="it was cut or damaged on its way: copy it again",
        field=file.name,
    )


def fingerprint(
    files: Iterable[Path], *, root: Path | None = None
) -> tuple[tuple[str, int, str], ...]:
    """Return (name, bytes, SHA-256) of each file, read in pieces.

    Args:
        files: Files that exist.
        root: Folder that names are relative to; None: bare file names.
    """
    return tuple(_fingerprint(file, root) for file in files)


def _fingerprint(file: Path, root: Path | None) -> tuple[str, int, str]:
    digest = hashlib.sha256()
    size = 0
    with file.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
    return name_of(file, root), size, digest.hexdigest()


def name_of(file: Path, root: Path | None) -> str:
    """Return a file's name relative to `root` where it lies below it, else its bare name."""
    if root is not None and file.is_relative_to(root):
        return file.relative_to(root).as_posix()
    return file.name


def is_remote(path: str | Path) -> bool:
    """Tell whether a declared path or a folder from the command line is in object storage.

    >>> is_remote("s3://bucket/a.csv"), is_remote(Path("s3://bucket")), is_remote("a.csv")
    (True, True, False)
    """
    return Path(path).parts[:1] == ("s3:",)


def place_in(path: str, data: Path) -> str:
    """Return where a declared path lies: an address in object storage, or the path itself.

    >>> place_in("loans.csv", Path("s3://lake/2024")), place_in("loans.csv", Path("data"))
    ('s3://lake/2024/loans.csv', 'loans.csv')
    """
    if is_remote(path):
        return remote_address(path)
    if is_remote(data) and not Path(path).is_absolute():
        return remote_address(data / path)
    return path


def remote_address(path: str | Path) -> str:
    """Return the address of a path in object storage, as `Path` may have folded it.

    >>> remote_address(Path("s3://lake/a.csv"))
    's3://lake/a.csv'
    """
    return "s3://" + "/".join(Path(path).parts[1:])
