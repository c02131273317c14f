"""Scaffold a product from a plain table: a CSV becomes a model in two commands."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from solvent.app.policy_file import FILE as POLICY
from solvent.app.scaffold.columns import guess_column, same_but_for_case
from solvent.app.scaffold.draft import Draft, Fate, Guess, Roles
from solvent.app.scaffold.hindsight import Seen, look_back
from solvent.app.scaffold.policy import policy_source
from solvent.app.scaffold.roles import TIMES, find_as_of, find_id, find_key
from solvent.app.scaffold.source import product_source
from solvent.app.scaffold.target import find_bad
from solvent.errors import DataError, MissingFileError, NoRowsError, OneClassError, WriteError
from solvent.features import Csv, date, instant
from solvent.product import FILE, load_product
from solvent.progress import Progress, Silent
from solvent.sources import Looks, Sniffed, SniffedColumn, sniff
from solvent.sources.files import FileKind, find_files, is_remote, kind_of, remote_address
from solvent.sources.gathering import on_this_machine

ZONE = "UTC"
_WORD = 4
_MAGIC = {b"PK\x03\x04": "a spreadsheet or an archive", b"\xd0\xcf\x11\xe0": "an old spreadsheet",
          b"%PDF": "a PDF", b"SQLi": "a database"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """What to scaffold.

    Args:
        folder: Folder of the product; made where it is not there.
        applications: File with one row per application, here or in object storage.
        bad: COLUMN or COLUMN=VALUE; the exact column name is tried first.
        id: Column that names the application; None to guess.
        as_of: Column with the time of the application; None to guess.
        key: Column that names the customer; None to guess.
    """

    folder: Path
    applications: Path
    bad: str
    id: str | None = None
    as_of: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """What was scaffolded.

    Args:
        path: The product file.
        seen: The draft it was written from, and what its data look like under it.
    """

    path: Path
    seen: Seen


def new(request: NewRequest, *, progress: Progress | None = None) -> NewResult:
    """Write a product.py for a plain table, each guess with its reason beside it.

    Args:
        request: What to scaffold.
        progress: Told how far it is.

    Returns:
        Where the file is and what it says. It was loaded once, so it is a working product.

    Raises:
        WriteError: There is a product.py already, or it cannot be written.
        MissingFileError, UnreadableFileError, NoRowsError: The table is not there or is none.
        MissingColumnError: A named column is not there.
        DuplicateIdError, DataError: No column can name the applications, or nothing is left to
            learn from.
        OneClassError: No application is bad, or every one is.
    """
    told = progress or Silent()
    target = request.folder / FILE
    _refuse_to_overwrite(request.folder)
    with on_this_machine(request.applications, told, field="--applications") as file:
        path = _find(file)
        with told.step(f"looking at {path.name}"):
            sniffed = sniff(path)
        if not sniffed.rows:
            raise NoRowsError(
                f"{path.name} has no rows", hint="is this the right file?", field="--applications"
            )
        seen = look_back(_draft(request, sniffed), path.parent, progress=told)
    _require_something_to_learn(seen)
    policy = policy_source(seen.draft.name, _called(request.folder))
    _write(target, product_source(seen.draft), policy)
    return NewResult(path=target, seen=seen)


def _refuse_to_overwrite(folder: Path) -> None:
    if (folder / FILE).exists():
        raise WriteError(
            f"there is a {FILE} in {_called(folder)} already, and it stays as it is",
            hint="name another folder, or move that file away first",
            field="DIR",
        )
    if folder.exists() and not folder.is_dir():
        raise WriteError(f"{_called(folder)} is a file", hint="name a folder", field="DIR")


def _called(path: Path) -> str:
    """Return the last part of a path, also of "." and ".."."""
    return path.resolve().name or str(path)


def _find(path: Path) -> Path:
    if path.is_dir():
        raise MissingFileError(
            f"{_called(path)!r} is a folder", hint="name the file with one row per application",
            field="--applications",
        )  # fmt: skip
    file = find_files((path.name,), path.parent, field="--applications")[0]
    with file.open("rb") as stream:
        start = stream.read(4)
    if start in _MAGIC and kind_of(file) is FileKind.TEXT:
        raise DataError(
            f"{file.name} is {_MAGIC[start]}",
            hint="save it as CSV (UTF-8), Parquet or .xlsx first",
            field="--applications",
        )  # fmt: skip
    return file


def _draft(request: NewRequest, sniffed: Sniffed) -> Draft:
    bad = find_bad(sniffed, request.bad)
    name = find_id(sniffed, request.id, bad.column)
    time = find_as_of(sniffed, request.as_of, bad.column)
    key, passed_over = find_key(sniffed, request.key, name, bad.column)
    roles = Roles(
        id=name, key=key, as_of=time.role, bad=bad, times=time.times,
        passed_over=passed_over + time.passed_over,
    )  # fmt: skip
    if time.role is None and any(kind.kind.is_time for kind in bad.bad.columns.values()):
        raise DataError(
            f"{bad.column!r} is a time, but no column says when the application was made",
            hint="name it with --as-of COLUMN, or name a flag as --bad",
            field="--bad",
        )
    title = request.folder.resolve().name or "product"
    plain = replace(sniffed.csv, encoding="utf-8") == Csv() and _is_utf8(sniffed.csv.encoding)
    guesses = tuple(_guesses(sniffed, roles))
    return Draft(
        name=_identifier(title), title=_title(title), data=_data(request),
        file=sniffed.path.name, csv=None if plain else sniffed.csv,
        csv_why=f"guessed: {sniffed.why}", zone=_zone(sniffed, roles, guesses), roles=roles,
        guesses=guesses,
    )  # fmt: skip


def _is_utf8(encoding: str) -> bool:
    return encoding.lower() in {"utf-8", "utf-8-sig", "ascii"}


def _guesses(sniffed: Sniffed, roles: Roles) -> Iterator[Guess]:
    again = same_but_for_case(sniffed.columns)
    for column in sniffed.columns:
        if column.name in again:
            why = "its name differs from another's only in case: rename it in the file"
            yield Guess(name=column.name, declared=None, why=why, fate=Fate.LEFT_OUT)
        elif column.name not in roles.columns:
            yield guess_column(column, roles, decimal=sniffed.csv.decimal)
        elif roles.as_of and column.name == roles.as_of.column and column.format is not None:
            declared = date if column.looks is Looks.DATE else instant
            why = f"written as {column.format}"
            yield Guess(name=column.name, declared=declared(format=column.format), why=why)


def _zone(sniffed: Sniffed, roles: Roles, guesses: tuple[Guess, ...]) -> str | None:
    """Return a zone where some time that is read carries none."""
    read = {guess.name for guess in guesses if guess.declared and guess.declared.kind.is_time}
    read |= {roles.as_of.column} if roles.as_of else set()
    read |= {name for name, kind in roles.bad.bad.columns.items() if kind.kind.is_time}
    bare = [column for column in sniffed.columns if column.name in read and _is_bare(column)]
    return ZONE if bare else None


def _is_bare(column: SniffedColumn) -> bool:
    return column.looks in TIMES and (column.looks is Looks.DATE or not column.zoned)


def _identifier(folder: str) -> str:
    name = re.sub(r"\W+", "_", folder.lower()).strip("_")
    return name if name.isidentifier() else f"product_{name}".rstrip("_")


def _title(folder: str) -> str:
    """Return a folder's name as a title; empty where none of it is a word ("sf")."""
    words = " ".join(re.split(r"[\W_]+", folder)).strip()
    if not any(len(word) >= _WORD and word.isalpha() for word in words.split()):
        return ""
    return words[0].upper() + words[1:]


def _data(request: NewRequest) -> str:
    folder = request.applications.parent
    if is_remote(request.applications):
        return remote_address(folder)
    return Path(os.path.relpath(folder.resolve(), request.folder.resolve())).as_posix()


def _require_something_to_learn(seen: Seen) -> None:
    bad = seen.draft.roles.bad
    if not seen.draft.used:
        raise DataError(
            "no column is left to learn from: each is empty, constant, an identifier, or known "
            "only afterwards",
            hint="is this the right file?", field="--applications",
        )  # fmt: skip
    known = seen.refusals.accepted - seen.unknown
    if not 0 < seen.bads < known:
        which = "no" if not seen.bads else "every"
        raise OneClassError(
            f"under {bad.bad.words!r} {which} application is bad",
            hint="write the value that means bad as it stands, spaces too: --bad COLUMN=VALUE",
            field="--bad",
        )  # fmt: skip


def _write(target: Path, text: str, policy: str) -> None:
    """Write the product and a first policy, load the product once, and only then name them."""
    made = not target.parent.exists()
    trial = target.parent / f".solvent-new.{os.getpid()}"
    try:
        trial.mkdir(parents=True)
        partial, draft = _keep(trial / FILE, text), _keep(trial / POLICY, policy)
        load_product(trial)
        # a link, unlike a rename, does not replace what somebody wrote in the meantime
        os.link(partial, target)
        if not target.with_name(POLICY).exists():
            os.link(draft, target.with_name(POLICY))
    except FileExistsError as error:
        raise WriteError(
            f"a {FILE} appeared in {_called(target.parent)} just now, and it stays as it is",
            hint="name another folder", field="DIR",
        ) from error  # fmt: skip
    except OSError as error:
        raise WriteError(
            f"{FILE} could not be written ({error.strerror})",
            hint="see whether the disk is full and the folder may be written to", field="DIR",
        ) from error  # fmt: skip
    finally:
        shutil.rmtree(trial, ignore_errors=True)
        if made and not target.exists() and target.parent.is_dir():
            _remove_empty(target.parent)


def _keep(path: Path, text: str) -> Path:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path


def _remove_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()
