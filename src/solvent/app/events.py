# ruff: noqa: S608 - every name comes quoted from `sources`, or is an identifier
"""Live rows in: one batch over the API, or whole files from the command line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from solvent.app.bootstrap import Service
from solvent.app.intake import Raw, read_row
from solvent.app.live_product import LiveProduct
from solvent.dataset.plan import parse_instant
from solvent.errors import (
    DataError,
    DeclarationError,
    MissingFileError,
    RangeError,
    UnreadableFileError,
)
from solvent.features import Attributes, Events, Table
from solvent.progress import Progress, Silent
from solvent.sources import OpenTable, connect, open_table, refusals
from solvent.sources.files import find_files, is_remote, is_table_name, remote_address
from solvent.sources.gathering import is_stored
from solvent.store import Added, LiveRow
from solvent.store.live_row import row_digest
from solvent.store.rows import Place

ROWS_AT_ONCE = 50_000
HASHES = 2**64
LAST = "last"
"""Instead of an instant: since the newest row of each source that is kept."""
_HASH = "CAST('0x' || left(md5(CAST(owner AS VARCHAR)), 16) AS UBIGINT)"
"""A key's hash: the first 64 bits of the MD5 of its text, spread evenly over HASHES values."""


def add_rows(
    service: Service, live: LiveProduct, source: str, rows: Sequence[Raw], *, batch: str
) -> Added:
    """Keep a batch of rows: all of it, or nothing.

    Args:
        service: Everything that is wired together.
        live: The product.
        source: Name of the source.
        rows: The rows, as they were sent.
        batch: Names the batch; needed where rows carry no id, to know them again.

    Raises:
        DataError: A row is unreadable, or the batch has no name and the source no ids.
        StoreError: They could not be kept.
    """
    table = live.source(source)
    if not batch and not (isinstance(table, Events) and table.id is not None):
        raise DataError(
            "is needed: rows of this source carry no id, and sent twice they would count twice",
            hint="send the header Idempotency-Key, and the same one when you repeat the request",
            field="Idempotency-Key",
        )
    typed = (read_row(live, source, row, f"rows.{place}") for place, row in enumerate(rows))
    kept = [
        LiveRow(
            source=source, key=row.key, event_id=row.event_id, event_time=row.event_time,
            available_time=row.available_time, body=row.body, known=row.known,
        )
        for row in typed
    ]  # fmt: skip
    return service.rows.add(
        live.name, kept, arrived_at=service.now(), batch=f"{source}:{batch}",
        typing=live.typings[source], place=place_of(live, table),
    )  # fmt: skip


def place_of(live: LiveProduct, table: Table) -> Place:
    """Return where a table's rows stand between those of the product's other sources."""
    parents = {parent_of(one) for one in live.sources.values()}
    return Place(parent=parent_of(table), is_parent=table.name in parents)


def parent_of(table: Table) -> str:
    """Return the source whose ids are a table's keys; empty where those are customers'."""
    return table.parent if isinstance(table, Events) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows are loaded.

    Args:
        share: Rows of this share of keys alone, in (0, 1]; chosen by a hash of the key, so the same
            in every source, and a smaller share lies within a larger one.
        since: ISO instant with a zone: rows that became available then or later; "last": since the
            newest row kept of each source, whoever sent it; empty: all.
    """

    share: float = 1.0
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSource:
    """What became of one source's files.

    Args:
        source: Name of the source.
        accepted: Rows that are new.
        repeated: Rows that were there already.
        refused: Rows that do not fit the declaration.
        reasons: Why, with counts.
        since: Rows that became available before it were left out, UTC microseconds; None: all came.
        older: How many those are; None where they were not counted.
    """

    source: str
    accepted: int
    repeated: int
    refused: int
    reasons: tuple[tuple[str, int], ...]
    since: int | None = None
    older: int | None = 0


def load_files(
    service: Service, live: LiveProduct, path: Path | None, *, source: str | None = None,
    wanted: Wanted | None = None, progress: Progress | None = None,
) -> tuple[LoadedSource, ...]:  # fmt: skip
    """Load a file of one source, or every source found in a data folder.

    The rows are typed by the code that reads them for training, so they are the same to the bit.
    A row without an id is known by what it says and how many equal ones stand before it: a file
    loaded again, or grown since, adds what is new, and two equal rows of one load are two. Files
    of one source that hold parts of it are loaded as one where equal rows may stand in both.

    Args:
        service: Everything that is wired together.
        live: The product.
        path: A file, or a folder that holds the files product.py names, here or in object
            storage; None for the sources alone that are declared to lie elsewhere.
        source: The file's source, where its name does not tell.
        wanted: Which of the rows; None for all.
        progress: Told how far it is.

    Raises:
        RangeError: The share is none, or the instant is.
        MissingFileError: Nothing to load is there.
        UnreadableFileError: A file is damaged inside.
        DataError: It is unclear which source a file belongs to, or it cannot be read.
        StoreError: Rows could not be kept; those of sources told before are.
    """
    wanted = wanted or Wanted()
    if not 0.0 < wanted.share <= 1.0:
        raise RangeError(
            "must be above 0 and at most 1", hint="0.1 loads every tenth customer", field="share"
        )
    progress = progress or Silent()
    # before any row is added: a source's own rows would tell how far it reached
    reaches = service.rows.reaches(live.name) if wanted.since == LAST else {}
    found = []
    for table, data in _tables(live, path, source):
        since = reaches.get(table.name) if wanted.since == LAST else _instant(wanted.since)
        try:
            with (
                # in the files' order: events of one instant are kept as they happened
                connect(keep_order=True) as connection,
                open_table(connection, table, data, since=since, progress=progress) as opened,
            ):
                rows = _by_customer(live, opened, data, wanted.share)
                found.append(_load(service, live, opened, (rows, wanted.share), progress))
        except duckdb.Error as error:
            where = ", ".join(table.files) if table.database is None else table.database.words
            raise UnreadableFileError(
                f"{where} cannot be read to its end",
                hint="it is damaged inside, or the disk for temporary files is full",
                field=table.name,
            ) from error
    return tuple(found)


def _instant(text: str) -> int | None:
    """Return an instant the reader gave, UTC microseconds; None where none was."""
    if not text:
        return None
    try:
        return parse_instant(text, None)
    except (DeclarationError, OverflowError):
        raise RangeError(
            f"{text!r} is no instant with a zone",
            hint='write "2024-12-31T00:00:00Z", or last', field="since",
        ) from None  # fmt: skip


def _tables(
    live: LiveProduct, path: Path | None, source: str | None
) -> Iterator[tuple[Events | Attributes, Path]]:
    """Yield each table to load and the data folder it is relative to."""
    if path is not None and not is_remote(path) and not path.exists():
        raise MissingFileError(f"there is no file {path}", hint="check its name", field="FILE")
    if path is None or path.is_dir() or (is_remote(path) and not is_table_name(path.name)):
        yield from _of_folder(live, path, source)
        return
    table = live.source(source) if source is not None else _source_of(live, path)
    name = remote_address(path) if is_remote(path) else path.name
    yield replace(table, files=(name,), database=None, optional=False), path.parent


def _of_folder(
    live: LiveProduct, path: Path | None, source: str | None
) -> Iterator[tuple[Events | Attributes, Path]]:
    if source is not None:
        live.source(source)  # refused here where the product has no such source
    there = [
        table for table in live.sources.values()
        if (source is None or table.name == source) and _is_there(table, path)
    ]  # fmt: skip
    if not there:
        names = ", ".join(str(p) for t in live.sources.values() for p in t.paths)
        where = "no source is declared to lie elsewhere" if path is None else (
            f"{path} holds none of the product's files"
        )  # fmt: skip
        raise MissingFileError(
            where, hint=f"name a folder: the product would read {names}" if path is None
            else f"it would read {names}", field="FILE",
        )  # fmt: skip
    yield from ((table, path or Path()) for table in there)


def _is_there(table: Events | Attributes, folder: Path | None) -> bool:
    """Tell whether a source can be read; whatever lies elsewhere is taken to be there."""
    here = [path for path in table.paths if not is_remote(path)]
    if not here:
        return True
    if folder is None or is_remote(folder):
        return folder is not None and is_stored(here, folder)
    try:
        return bool(find_files(here, folder))
    except MissingFileError:
        return False


def _source_of(live: LiveProduct, path: Path) -> Events | Attributes:
    named = [
        table for table in live.sources.values()
        if any(Path(pattern).match(path.name) or path.match(pattern) for pattern in table.paths)
    ]  # fmt: skip
    if len(named) != 1:
        what = "several sources read" if named else "no source reads"
        raise DataError(
            f"{what} a file called {path.name}",
            hint=f"name one: --source {'|'.join(live.sources)}", field="FILE",
        )  # fmt: skip
    return named[0]


def _by_customer(live: LiveProduct, opened: OpenTable, data: Path, share: float) -> str:
    """Return SQL of a table's rows, each with its customer's key as `owner`.

    A share is one of customers: below another table, that one's rows lead to them.
    """
    parent = parent_of(opened.table)
    if not parent or share == 1.0:
        return f"SELECT *, key AS owner FROM ({opened.sql})"
    with open_table(opened.connection, live.source(parent), data) as above:
        named = f"{parent}_owners"
        rows = _by_customer(live, above, data, share)
        opened.connection.execute(
            f"CREATE OR REPLACE TABLE {named} AS "
            "SELECT CAST(event_id AS VARCHAR) AS name, min(owner) AS owner "
            f"FROM ({rows}) GROUP BY name"
        )  # an id of two customers is refused when its row is kept
    return (
        f"SELECT s.*, p.owner FROM ({opened.sql}) s JOIN {named} p "
        "ON CAST(s.key AS VARCHAR) = p.name"
    )


def _load(
    service: Service, live: LiveProduct, opened: OpenTable, chosen: tuple[str, float],
    progress: Progress,
) -> LoadedSource:  # fmt: skip
    """Load the rows of a table: those that SQL gives, of a share of customers."""
    table = opened.table
    refused = refusals(opened)
    accepted = repeated = 0
    seen: dict[bytes, int] = {}
    digest = hashlib.sha256(repr(opened.fingerprint()).encode()).hexdigest()
    columns = list(opened.table.columns)
    late = {name: opened.known(name) for name in opened.layout.known}
    selected = ["key", "event_time", "available_time", f"{_HASH} AS hash"]
    selected += ["event_id"] if opened.has_id else []
    selected += [f"{opened.column(name)} AS c{place}" for place, name in enumerate(columns)]
    selected += [f"{sql} AS k{place}" for place, sql in enumerate(late.values())]
    rows_sql, share = chosen
    sql = f"SELECT {', '.join(selected)} FROM ({rows_sql})"
    with (
        progress.step(f"loading {table.words}", refused.accepted) as step,
        opened.connection.cursor() as cursor,
    ):
        reader = cursor.sql(sql).to_arrow_reader(ROWS_AT_ONCE)
        for place, batch in enumerate(reader):
            rows = _rows(table.name, _chosen(batch, share), columns, tuple(late))
            added = service.rows.add(
                live.name, list(rows if opened.has_id else _counted(rows, seen)),
                arrived_at=service.now(), batch=f"{table.name}:{digest}:{place}",
                typing=live.typings[table.name], place=place_of(live, table),
            )  # fmt: skip
            accepted += added.accepted
            repeated += added.repeated
            step.advance(batch.num_rows)
    return LoadedSource(
        source=table.name, accepted=accepted, repeated=repeated, refused=refused.refused,
        reasons=refused.reasons, since=opened.layout.since, older=opened.rows_skipped,
    )  # fmt: skip


def _chosen(batch: pa.RecordBatch, share: float) -> pa.RecordBatch:
    """Return the rows of a share of customers, by hash: all rows of each, as they stood."""
    if share == 1.0:
        return batch
    hashes = batch.column("hash").to_numpy()
    return batch.filter(pa.array(hashes < np.uint64(share * HASHES)))


def _counted(rows: Iterable[LiveRow], seen: dict[bytes, int]) -> Iterator[LiveRow]:
    """Yield rows with how many equal ones came before, of all that `seen` has counted."""
    for row in rows:
        digest = row_digest(row)
        occurrence = seen.get(digest, 0)
        seen[digest] = occurrence + 1
        yield replace(row, occurrence=occurrence)


def _rows(
    source: str, batch: pa.RecordBatch, columns: Sequence[str], late: Sequence[str]
) -> Iterator[LiveRow]:
    told: dict[str, list[Any]] = {
        name: batch.column(name).to_pylist() for name in batch.schema.names
    }
    ids = told.get("event_id")
    for place in range(batch.num_rows):
        body = {name: told[f"c{j}"][place] for j, name in enumerate(columns)}
        yield LiveRow(
            source=source, key=str(told["key"][place]),
            event_id=None if ids is None else str(ids[place]),
            event_time=told["event_time"][place], available_time=told["available_time"][place],
            body=body, known=_known(told, place, body, late),
        )  # fmt: skip


def _known(
    told: Mapping[str, list[Any]], place: int, body: Mapping[str, Any], late: Sequence[str]
) -> dict[str, int | None]:
    """Return from when late columns were known, where that is not the time itself."""
    known = {name: told[f"k{j}"][place] for j, name in enumerate(late)}
    return {name: at for name, at in known.items() if at != body.get(name, at)}
