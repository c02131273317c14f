"""The worker: takes jobs from the database, one after the other, and says how far it is."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from solvent.app.batch_work import BatchWork
from solvent.app.bootstrap import Service
from solvent.app.bugs import log_bug
from solvent.app.campaign import KIND, score_clients
from solvent.errors import SolventError
from solvent.models.documents import Json
from solvent.progress import Step
from solvent.store import Job

LEASE = 60_000_000
"""A job whose worker says nothing for so long (microseconds) is given to another."""
PAUSE = 0.5
"""Seconds between two looks for work."""
TELL_EVERY = 200
log = logging.getLogger("solvent.worker")


class _LeaseLostError(Exception):
    """Another worker has the job: this one was thought dead."""


class Worker:
    """Does jobs in a thread of its own until it is stopped.

    Args:
        service: Everything that is wired together.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._name = uuid.uuid4().hex
        self._stop, self._woken = threading.Event(), threading.Event()
        self._batches = BatchWork(service, self._name)
        self._thread = threading.Thread(target=self.run, name="solvent-worker", daemon=True)

    @property
    def is_alive(self) -> bool:
        """True from its start until it was stopped, or died."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to look for jobs."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after what is being done; a job cut short is done again by the next worker."""
        self.end()
        self._thread.join(timeout=5.0)

    def end(self) -> None:
        """Let `run` end after what is being done."""
        self._stop.set()
        self._woken.set()

    def wake(self) -> None:
        """Look for work now."""
        self._woken.set()

    @property
    def busy_since(self) -> float | None:
        """When the chunk at hand was begun, by the monotonic clock; None where there is none."""
        return self._batches.busy_since

    def run(self, pause: float = PAUSE) -> None:
        """Look for work until `end` is called.

        Args:
            pause: Seconds between two looks where nobody wakes it.
        """
        while not self._stop.is_set():
            self._woken.clear()
            if self._stop.is_set():
                return
            try:
                busy = self.work_once()
            except SolventError as error:  # the store is away: it may come back
                log.warning("the worker waits: %s", error.message)
                busy = False
            except Exception as error:  # noqa: BLE001 - an edge: nothing may end the worker silently
                log_bug(log, error)
                busy = False
            if not busy:
                self._woken.wait(pause)

    def work_once(self) -> bool:
        """Do one job, or a chunk of a batch, if there is one; True where there was."""
        return self._job_once() or self._batches.once()

    def _job_once(self) -> bool:
        service = self._service
        job = service.jobs.claim(service.now(), LEASE, self._name)
        if job is None:
            return False
        try:
            found = self._do(job)
        except _LeaseLostError:
            return True
        except SolventError as error:
            service.jobs.fail(job.id, self._name, error.message)
        except Exception as error:  # noqa: BLE001 - an edge: a bug in one job must not end the worker
            log_bug(log, error)
            kind = type(error).__name__
            service.jobs.fail(job.id, self._name, f"a bug in solvent ({kind}): see the log")
        else:
            # the runs before go once this one counts, so that there is always one to show
            if service.jobs.finish(job.id, self._name, found) and job.kind == KIND:
                service.standings.drop_before(job.product, job.id)
        return True

    def _do(self, job: Job) -> dict[str, Json]:
        if job.kind != KIND:
            raise SolventError(f"there is no kind of job called {job.kind}")
        live = self._service.product(job.product)
        return score_clients(self._service, live, job, _JobProgress(self, job))

    def tell(self, job: Job, done: int, total: int) -> None:
        """Say how far a job is.

        Where another worker has the job, or this one is to stop, what is being done ends here.
        """
        until = self._service.now() + LEASE
        held = self._service.jobs.progress(
            job.id, self._name, done=done, total=total, lease_until=until
        )
        if not held or self._stop.is_set():
            raise _LeaseLostError


class _JobProgress:
    """Tells the database how far a job is, now and then."""

    def __init__(self, worker: Worker, job: Job) -> None:
        self._worker, self._job = worker, job

    @contextmanager
    def step(self, label: str, total: float | None = None) -> Iterator[Step]:
        """Open a step whose progress is kept with the job."""
        del label
        counted = _Counted(self._worker, self._job, int(total or 0))
        counted.tell()
        yield counted
        counted.tell()


class _Counted:
    def __init__(self, worker: Worker, job: Job, total: int) -> None:
        self._worker, self._job, self._total, self._done = worker, job, total, 0

    def advance(self, amount: float = 1.0) -> None:
        self._done += int(amount)
        if self._done % TELL_EVERY == 0:
            self.tell()

    def say(self, words: str) -> None:
        del words  # a job keeps counts alone

    def tell(self) -> None:
        self._worker.tell(self._job, self._done, self._total)
