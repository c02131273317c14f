"""`solvent worker`: does batches and campaigns in a process of its own."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import Annotated

import typer

from solvent.app.batches import sweep
from solvent.app.bootstrap import Service, clock, open_service
from solvent.app.decide import warm
from solvent.app.settings import Settings, read_settings
from solvent.app.starting import require_startable
from solvent.app.waker import Listening
from solvent.app.worker import Worker
from solvent.cli.terminal import out, show_warning, told

HUNG = 70
"""Exit code of a worker that a row hung: whatever restarts it finds the row in time."""
_LOOK = 1.0
SWEPT_AFTER = 24 * 3600 * 1_000_000
log = logging.getLogger("solvent.worker")


@told
def worker(
    poll: Annotated[
        float,
        typer.Option(min=0.05, max=3600.0, help="Seconds between two looks into the database."),
    ] = 2.0,
) -> None:
    """Do batches of applications and campaigns, beside the API, until it is stopped.

    The work stands in the database (SOLVENT_HOME, SOLVENT_DATABASE_URL): start as many workers as
    there are cores, on any machine that shares both. With SOLVENT_REDIS_URL the API wakes them at
    once (pip install "solvent[redis]"); without it, and where Redis is away, they look every few
    seconds. SIGTERM ends a worker after the rows at hand; what one leaves undone another takes,
    once its lease is over (SOLVENT_BATCH_LEASE_SECONDS, 120).

    Example: solvent worker --poll 5
    """
    settings = read_settings()
    require_startable(settings, listens={}, now=clock())
    service = open_service(settings)
    try:
        for name, why in service.not_live.items():
            show_warning(f"{name} is not served: {why}")
        for live in service.live.values():
            warm(live)  # what loads lazily would count against the lease of the first rows
        sweep(service, service.now() - SWEPT_AFTER)
        _run(service, settings, poll)
    finally:
        service.close()


def _run(service: Service, settings: Settings, poll: float) -> None:
    helper = Worker(service)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: helper.end())
    listening: Listening | None = None
    how = f"every {poll:g} s"
    if settings.redis_url is not None:
        listening, how = service.waker.listen(helper.wake), f"when Redis wakes it, and {how}"
    watch = threading.Thread(
        target=_watch, args=(helper, settings.batches.lease_seconds), daemon=True
    )
    watch.start()
    out.print(f"worker   looks for work {how}; stop: Ctrl-C", markup=False)
    try:
        helper.run(poll)
    finally:
        if listening is not None:
            listening.stop()


def _watch(helper: Worker, lease: int) -> None:
    """End the process where rows hang it: their lease is over, another worker has them."""
    while True:
        time.sleep(_LOOK)
        since = helper.busy_since
        if since is not None and time.monotonic() - since > lease + _LOOK:
            log.error("rows of a batch took longer than their lease: the worker ends")
            os._exit(HUNG)
