"""A worker's part in batches: it takes a chunk, does its rows, and keeps what became of them."""

from __future__ import annotations

import logging
import time
from functools import lru_cache

from solvent.app.batch_events import events_of
from solvent.app.batch_file import APPLICATIONS_FILE, read_rows
from solvent.app.batch_rows import Outcome, Task, decide_rows, score_rows, set_aside
from solvent.app.batches import folder_of
from solvent.app.bootstrap import Service
from solvent.app.bugs import log_bug
from solvent.app.live_product import LiveProduct
from solvent.errors import SolventError, StoreError
from solvent.store import Batch, BatchMode, Chunk
from solvent.store.batches import FencedError, given_up
from solvent.store.decisions import wanted_of

GIVEN_UP = "its worker failed or was lost 3 times over this row"
log = logging.getLogger("solvent.worker")


class BatchWork:
    """Does chunks of batches.

    Args:
        service: Everything that is wired together.
        worker: A name no other worker has.
    """

    def __init__(self, service: Service, worker: str) -> None:
        self._service, self._worker = service, worker
        self._lease = service.settings.batches.lease_seconds * 1_000_000
        self._pinned = lru_cache(maxsize=4)(self._load)
        self.busy_since: float | None = None

    def once(self) -> bool:
        """Do a chunk, if there is one; True where there was.

        Raises:
            StoreError: The store is away.
        """
        service = self._service
        chunk = service.batches.claim(service.now(), self._lease, self._worker)
        if chunk is None:
            return False
        self.busy_since = time.monotonic()
        try:
            self._do(chunk)
        except FencedError:
            log.info("a chunk was another worker's by the time it was done")
        except StoreError as error:
            away = not self._store_answers()
            service.batches.give_back(chunk, blame=not away)
            if away:
                raise
            log.warning("a chunk is given back: %s", error.message)
        except SolventError as error:
            log.warning("a chunk is given back: %s", error.message)
            service.batches.give_back(chunk, blame=True)
        except Exception as error:  # noqa: BLE001 - an edge: a bug in one row must not end the worker
            log_bug(log, error)
            service.batches.give_back(chunk, blame=True)
        finally:
            self.busy_since = None
        return True

    def _do(self, chunk: Chunk) -> None:
        service = self._service
        batch = service.batches.numbered(chunk.batch)
        try:
            done = self._outcome(batch, chunk, self._task(batch, chunk))
        except Exception:
            if not given_up(chunk):
                raise
            # nothing of it can be read, not even its name: it must end all the same
            done = Outcome(rows={0: {"error": GIVEN_UP}})
        decisions = [wanted_of(one, owner=f"batch:{batch.id}") for one in done.decisions]
        service.batches.finish(
            chunk, done.body(chunk.first_row), set_aside=done.set_aside, now=service.now(),
            decisions=decisions,
        )  # fmt: skip
        if service.figures is not None:
            for one in done.decisions:
                service.figures.decided(one.product, batch.model, one.verdict, one.pd)

    def _store_answers(self) -> bool:
        """Return whether the store is there: what it refused is then the rows' own fault."""
        try:
            self._service.require_writable()
        except StoreError:
            return False
        return True

    def _outcome(self, batch: Batch, chunk: Chunk, task: Task) -> Outcome:
        if given_up(chunk):
            return set_aside(task.applications, GIVEN_UP)
        doing = decide_rows if batch.mode is BatchMode.DECIDE else score_rows
        return doing(self._service, task)

    def _task(self, batch: Batch, chunk: Chunk) -> Task:
        folder = folder_of(self._service, batch)
        rows = read_rows(folder / APPLICATIONS_FILE, batch.chunk_rows, chunk.first_row, chunk.rows)
        return Task(
            live=self._pinned(batch.product, batch.model, batch.policy), applications=rows,
            events=events_of(folder, chunk.first_row // batch.chunk_rows),
            first_row=chunk.first_row, until=batch.high_water, as_of=batch.created_at,
            reasons=batch.reasons,
        )  # fmt: skip

    def _load(self, product: str, model: int, policy: int) -> LiveProduct:
        """Return a product of the versions a batch was accepted with."""
        live = self._service.live.get(product)
        if live is not None and (live.registered.version, live.versioned.version) == (
            model, policy,
        ):  # fmt: skip
            return live
        return self._service.pinned(product, model, policy)
