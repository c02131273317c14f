"""Batches of applications: accepting one, telling how far it is, and giving its results."""

from __future__ import annotations

import io
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from solvent.app.answers import instant_json
from solvent.app.batch_events import sort_events
from solvent.app.batch_file import (
    APPLICATIONS,
    APPLICATIONS_FILE,
    AT,
    EVENTS,
    KEY,
    NAME,
    Columns,
    read_rows,
    remove,
    staged,
    unpacked,
)
from solvent.app.batch_rows import SCHEMA, set_aside
from solvent.app.bootstrap import Service
from solvent.app.csv_cells import CsvWriter, safe_cell
from solvent.app.intake import protected_columns
from solvent.app.live_product import LiveProduct
from solvent.errors import DataError, SolventError, StoreError
from solvent.features import Events
from solvent.store import Batch, BatchMode, BatchState
from solvent.store.batches import require_room
from solvent.store.writing import own_folder

FOLDER = "batches"
DRAFT = "draft-"
_PART = 1024 * 1024
NOT_DONE = "not done yet"
CANCELLED = "the batch was cancelled before this row was done"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """What a caller asks to be done.

    Args:
        product: Name of the product.
        name: What the caller calls the batch; may be empty.
        mode: Whether decisions are kept.
        reasons: True where reasons are told.
        owner: Who asks: the id of an API key.
        idempotency_key: Names the request; None for none.
        digest: SHA-256 of what was sent and how it was asked.
        kind: "csv", "parquet" or "zip".
    """

    product: str
    name: str
    mode: BatchMode
    reasons: bool
    owner: str
    idempotency_key: str | None
    digest: str
    kind: str


def new_folder(service: Service) -> Path:
    """Make a folder for what is sent, for nobody else to look into."""
    name = f"{DRAFT}{uuid.uuid4().hex}"
    try:
        return own_folder(own_folder(service.settings.home / FOLDER) / name)
    except OSError as error:
        raise StoreError(
            f"a batch cannot be kept: {error.strerror}", hint="is the disk full?", field="batch"
        ) from error


def folder_of(service: Service, batch: Batch) -> Path:
    """Return the folder of a batch that was accepted."""
    return service.settings.home / FOLDER / batch.id


def require_welcome(service: Service, product: str, owner: str, key: str | None) -> None:
    """Refuse a batch before it is read: its product is not served, or too much waits.

    One that may have been accepted before is read: its answer is owed whatever is served now.

    Raises:
        NotServedError: No such product is served.
        BusyError: Too much waits already.
    """
    if key is None or not service.batches.knows(owner, key):
        service.product(product)
        require_room(service.batches.waiting_rows(), 1, service.settings.batches.waiting_rows)


def accept(service: Service, request: BatchRequest, folder: Path, body: Path) -> Batch:
    """Accept a batch: read it once, keep it, pin what decides it, and wake workers.

    Args:
        service: Everything that is wired together.
        request: What is asked.
        folder: From `new_folder`; gone or the batch's own afterwards.
        body: What was sent, in that folder.

    Raises:
        NotServedError: No such product is served.
        DataError: A table does not fit; the message names row and column, never a value.
        IdempotencyError: The key was used for another batch.
        BusyError: Too much waits already.
        StoreError: It cannot be kept.
    """
    try:
        key = request.idempotency_key
        if key is not None:
            kept = service.batches.replay(request.owner, key, request.digest)
            if kept is not None:
                return kept
        live = service.product(request.product)
        rows, chunk = _read(service, live, request, folder, body)
        batch = Batch(
            id=uuid.uuid4().hex, name=request.name, product=live.name, owner=request.owner,
            idempotency_key=key, request_digest=request.digest, mode=request.mode,
            reasons=request.reasons, model=live.registered.version, policy=live.versioned.version,
            high_water=service.rows.high_water(live.name), rows=rows, chunk_rows=chunk,
            created_at=service.now(),
        )  # fmt: skip
        folder.replace(folder_of(service, batch))
        try:
            made = service.batches.add(batch, most_waiting=service.settings.batches.waiting_rows)
        except SolventError:
            remove(folder_of(service, batch))
            raise
        if made.id != batch.id:
            remove(folder_of(service, batch))
    except OSError as error:
        raise StoreError(
            f"a batch cannot be kept: {error.strerror}", hint="is the disk full?", field="batch"
        ) from error
    finally:
        remove(folder)
    service.waker.wake(made.id, -(-made.rows // made.chunk_rows))
    return made


def _read(
    service: Service, live: LiveProduct, request: BatchRequest, folder: Path, body: Path
) -> tuple[int, int]:
    """Write what was sent as chunks; return rows, and rows of a chunk."""
    limits = service.settings.batches
    chunk = limits.chunk_rows
    if request.reasons:
        chunk = limits.explained_rows
    if request.mode is BatchMode.DECIDE:
        chunk = limits.decided_rows
    tables = unpacked(body, request.kind, folder, limits)
    columns = _application_columns(live)
    staged_file = folder / APPLICATIONS_FILE
    rows = staged(tables[APPLICATIONS], staged_file, columns, chunk, limits)
    for name, path in tables.items():
        if name != APPLICATIONS:
            source = name.removeprefix(f"{EVENTS}/")
            if source in live.facts.get("unread", ()):
                continue  # as with one application: clients may go on sending it
            own = _source_columns(live, source)
            draft = folder / f"{path.stem}.rows"
            staged(path, draft, own, limits.chunk_rows, limits)
            sort_events(draft, staged_file, folder, source, limits)
            draft.unlink()
    for path in tables.values():
        path.unlink()
    return rows, chunk


def _application_columns(live: LiveProduct) -> Columns:
    table, protected = live.applications, protected_columns(live)
    aliases = {
        own: ours
        for own, ours in ((table.key, KEY), (table.id, NAME), (table.as_of, AT))
        if own is not None and own not in table.columns
    }
    known = {KEY, NAME, AT, *(set(table.columns) - protected)}
    return Columns(
        table=APPLICATIONS, known=frozenset(known), aliases=aliases, protected=frozenset(protected)
    )


def _source_columns(live: LiveProduct, source: str) -> Columns:
    table = live.source(source)
    if isinstance(table, Events) and table.parent:
        raise DataError(
            f"holds rows below {table.parent}, which cannot come along with applications",
            hint="send them by POST /events first", field=f"{EVENTS}/{source}",
        )  # fmt: skip
    needed = (table.id if isinstance(table, Events) else None, table.time_column, table.available)
    known = {KEY, *table.columns, *(name for name in needed if name is not None)}
    return Columns(table=f"{EVENTS}/{source}", known=frozenset(known), aliases={table.key: KEY})


def batch_json(service: Service, batch: Batch) -> dict[str, Any]:
    """Return how far a batch is."""
    counts = service.batches.counts(batch.number)
    left = None
    if batch.state is BatchState.RUNNING and batch.begun_at is not None and counts.done:
        spent = max(service.now() - batch.begun_at, 0) / 1_000_000
        left = round(spent * (batch.rows - counts.done) / counts.done, 1)
    at = f"/v1/batches/{batch.id}"
    return {
        "id": batch.id, "name": batch.name, "product": batch.product, "state": batch.state.value,
        "mode": batch.mode.value, "reasons": batch.reasons, "rows": batch.rows,
        "done": counts.done, "set_aside": counts.set_aside, "chunks": counts.chunks,
        "chunks_done": counts.chunks_done, "eta_seconds": left,
        "model_version": batch.model, "policy_version": batch.policy,
        "high_water": batch.high_water, "created_at": instant_json(batch.created_at),
        "begun_at": None if batch.begun_at is None else instant_json(batch.begun_at),
        "ended_at": None if batch.ended_at is None else instant_json(batch.ended_at),
        "links": {"self": at, "results": f"{at}/results"},
    }  # fmt: skip


def cancel(service: Service, batch: Batch) -> dict[str, Any]:
    """End a batch where it is; what is done stays, and so does one that had ended."""
    service.batches.cancel(batch.number, service.now())
    return batch_json(service, service.batches.get(batch.id))


def discard(service: Service, batch: Batch) -> dict[str, Any]:
    """End a batch and remove what was sent and its results; decisions it made stay."""
    service.batches.cancel(batch.number, service.now())
    told = {**batch_json(service, batch), "state": BatchState.REMOVED.value}
    service.batches.remove(batch.number)
    remove(folder_of(service, batch))
    return told


def results(service: Service, batch: Batch) -> Iterator[pa.RecordBatch]:
    """Yield every row of a batch in the order it was sent, with its result or why there is none."""
    at = 0
    for first, rows, body in service.batches.results(batch.number):
        yield from _missing(service, batch, at, first)
        with pa.ipc.open_stream(body) as reader:
            yield from reader
        at = first + rows
    yield from _missing(service, batch, at, batch.rows)


def _missing(service: Service, batch: Batch, first: int, end: int) -> Iterator[pa.RecordBatch]:
    """Yield rows without a result."""
    ended = batch.state is BatchState.CANCELLED
    why = CANCELLED if ended else NOT_DONE
    file = folder_of(service, batch) / APPLICATIONS_FILE
    while first < end:
        rows = min(batch.chunk_rows - first % batch.chunk_rows, end - first)
        sent = read_rows(file, batch.chunk_rows, first, rows)
        with pa.ipc.open_stream(set_aside(sent, why).body(first)) as reader:
            yield from reader
        first += rows


def results_csv(service: Service, batch: Batch) -> Iterator[str]:
    """Yield the results as CSV; no cell of text starts a formula, numbers stay numbers."""
    out = io.StringIO()
    writer = CsvWriter(out)
    writer.cells(SCHEMA.names)
    texts = [pa.types.is_string(one.type) for one in SCHEMA]
    for part in results(service, batch):
        columns = [
            [safe_cell(cell) if cell else "" for cell in column.to_pylist()]
            if text
            else column.to_pylist()
            for column, text in zip(part.columns, texts, strict=True)
        ]
        for row in zip(*columns, strict=True):
            writer.cells(row)
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def results_parquet(service: Service, batch: Batch) -> Iterator[bytes]:
    """Yield the results as a Parquet file, made on the disk first and gone afterwards."""
    with tempfile.TemporaryFile(dir=own_folder(service.settings.home / FOLDER)) as file:
        _write_parquet(service, batch, file)
        file.seek(0)
        while part := file.read(_PART):
            yield part


def _write_parquet(service: Service, batch: Batch, file: IO[bytes]) -> None:
    with pq.ParquetWriter(file, SCHEMA) as writer:
        for part in results(service, batch):
            writer.write_batch(part)


def sweep(service: Service, before: int) -> None:
    """Remove folders of batches that are not kept: those that a process died over.

    Args:
        service: Everything that is wired together.
        before: Only folders older than this, int UTC microseconds.
    """
    folder = service.settings.home / FOLDER
    if not folder.is_dir():
        return
    known = service.batches.ids()
    for one in folder.iterdir():
        if one.name not in known and one.stat().st_mtime_ns // 1_000 < before:
            remove(one)
