"""Erase a client: what the database holds of them, and the batches they came in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from solvent.app.batch_file import APPLICATIONS_FILE, KEY, remove
from solvent.app.batches import FOLDER
from solvent.errors import NotServedError, StoreError
from solvent.store import Batch, Batches, Database
from solvent.store.erasing import Erased, erase_person, forget_pages


def erase_client(
    database: Database, home: Path, product: str, key: str, *, at: int
) -> tuple[Erased, int]:
    """Erase a client of a product, with every batch that holds them; begun, it is done again.

    Args:
        database: Where they are kept.
        home: Where the files of batches are.
        product: Name of the product.
        key: The client.
        at: When it happens, int UTC microseconds.

    Returns:
        What was erased, and how many batches were removed: rows of one file are not taken apart.

    Raises:
        NotServedError: Nothing is kept of such a client.
        StoreError: A batch that holds them is under way, or it cannot be done.
    """
    batches = Batches(database)
    held = [one for one in batches.of_product(product) if _holds(batches, home, one, key)]
    if any(one.ended_at is None for one in held):
        raise StoreError(
            "a batch that holds the client is under way",
            hint="wait until it is done, or cancel it", field="client",
        )  # fmt: skip
    for one in held:
        batches.remove(one.number)
        remove(home / FOLDER / one.id)
    try:
        return erase_person(database, product, key, at=at), len(held)
    except NotServedError:
        if not held:
            raise
        forget_pages(database)
        return Erased(decisions=0, rows=0, texts=0), len(held)


def _holds(batches: Batches, home: Path, batch: Batch, key: str) -> bool:
    return any(_names(part, key) for part in _parts(batches, home, batch))


def _parts(batches: Batches, home: Path, batch: Batch) -> Iterator[pa.RecordBatch]:
    """Yield what was sent, while it is there, and the results."""
    with (
        suppress(OSError),
        pa.memory_map(str(home / FOLDER / batch.id / APPLICATIONS_FILE)) as file,
        pa.ipc.open_file(file) as sent,
    ):
        for place in range(sent.num_record_batches):
            yield sent.get_batch(place)
    for _, _, body in batches.results(batch.number):
        with pa.ipc.open_stream(body) as results:
            yield from results


def _names(part: pa.RecordBatch, key: str) -> bool:
    if KEY not in part.schema.names:
        return False
    return key in part.column(KEY).cast(pa.string()).to_pylist()
