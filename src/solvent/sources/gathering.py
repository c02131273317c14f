"""A table's parts brought to this machine, from wherever the declaration says it lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from solvent.errors import DataError, MissingFileError
from solvent.progress import Progress
from solvent.sources.files import find_files, is_remote, name_of, place_in, remote_address
from solvent.sources.increments import is_before
from solvent.sources.layout import Layout
from solvent.sources.parts import Part, partition_keys

_COPIES = "copies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A table's parts, brought to this machine.

    Args:
        parts: Its files, in the order read.
        missing: True where an optional table is not there.
        left: True where rows that are too old were left where they lie, uncounted.
    """

    parts: tuple[Part, ...] = ()
    missing: bool = False
    left: bool = False


def gather(layout: Layout, data: Path, into: Path, progress: Progress) -> Gathered:
    """Bring the parts of a table to this machine.

    Local files stay where they lie; objects are copied and a database's rows fetched.

    Args:
        layout: What is read of the table.
        data: The data folder.
        into: Folder for copies.
        progress: Is shown a step for what is copied, in bytes.

    Raises:
        MissingFileError: Something is not there and the table is not optional.
        SolventError: It is there and cannot be read.
    """
    table = layout.table
    try:
        if table.database is not None:
            from solvent.sources.databases import read_database

            part = read_database(layout, table.database, into / "fetched.parquet", progress)
            return Gathered(parts=(part,), left=layout.since is not None)
        places = [place_in(path, data) for path in table.paths]
        local = _local(layout, [place for place in places if not is_remote(place)], data)
        remote = [place for place in places if is_remote(place)]
        return _joined(local, _remote(layout, remote, into, progress) if remote else Gathered())
    except MissingFileError:
        if not table.optional:
            raise
        return Gathered(missing=True)


def _joined(one: Gathered, other: Gathered) -> Gathered:
    return Gathered(parts=(*one.parts, *other.parts), left=one.left or other.left)


def _local(layout: Layout, paths: Sequence[str], data: Path) -> Gathered:
    files = find_files(paths, data, field=layout.table.name)
    parts = [
        Part(path=file, name=name_of(file, data), keys=partition_keys(file.as_posix()))
        for file in files
    ]
    kept = tuple(part for part in parts if not is_before(part.keys, layout))
    return Gathered(parts=kept, left=len(kept) < len(parts))


def _remote(layout: Layout, addresses: Sequence[str], into: Path, progress: Progress) -> Gathered:
    from solvent.sources.object_storage import Storage

    storage = Storage(field=layout.table.name)
    objects = dict.fromkeys(one for address in addresses for one in storage.find(address))
    found = [(one, partition_keys(one.path)) for one in objects]
    wanted = [(one, keys) for one, keys in found if not is_before(keys, layout)]
    size = sum(one.size for one, _ in wanted)
    parts = []
    with progress.step(f"fetching {layout.table.words}", float(size)) as step:
        for number, (one, keys) in enumerate(wanted):
            # a folder each: two objects may have one name, and its suffix says what it is
            target = into / _COPIES / str(number) / one.path.rpartition("/")[2]
            target.parent.mkdir(parents=True)
            sha256 = storage.copy(one, target, step)
            parts.append(
                Part(path=target, name=one.address, keys=keys, copied=True,
                     digest=(one.size, sha256))
            )  # fmt: skip
    return Gathered(parts=tuple(parts), left=len(wanted) < len(found))


def is_stored(paths: Sequence[str], folder: Path) -> bool:
    """Tell whether every path names something in a folder of object storage."""
    from solvent.sources.object_storage import Storage

    storage = Storage()
    try:
        return all(storage.find(place_in(path, folder)) for path in paths)
    except MissingFileError:
        return False


@contextmanager
def on_this_machine(path: Path, progress: Progress, *, field: str = "") -> Iterator[Path]:
    """Give a file somebody named as a file of this machine; an object is copied for the time.

    Args:
        path: The file, which may lie in object storage.
        progress: Is shown what is copied, in bytes.
        field: The option that named it, for messages.

    Raises:
        MissingFileError: There is no such object.
        DataError: Several objects lie there.
    """
    if not is_remote(path):
        yield path
        return
    from solvent.sources.object_storage import Storage

    storage, address = Storage(field=field), remote_address(path)
    found = storage.find(address)
    if len(found) > 1:
        raise DataError(
            f"{len(found):,} objects lie at {address}, and one is needed",
            hint=f"name one, such as {found[0].address}", field=field,
        )  # fmt: skip
    with TemporaryDirectory(prefix="solvent-") as folder:
        copy = Path(folder) / found[0].path.rpartition("/")[2]
        with progress.step(f"fetching {copy.name}", float(found[0].size)) as step:
            storage.copy(found[0], copy, step)
        yield copy
