"""The API: every endpoint, wired to one service."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from importlib.metadata import version

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool

from solvent.app.bootstrap import Service
from solvent.app.bugs import log_bug
from solvent.app.worker import Worker
from solvent.errors import SolventError
from solvent.serve import (
    auditing,
    batches,
    clients,
    decisions,
    docs,
    events,
    form,
    health,
    letters,
    metrics,
    outcomes,
    products,
    steering,
)
from solvent.serve.documented import describe
from solvent.serve.guard import Guard
from solvent.serve.known_keys import KnownKeys
from solvent.serve.limits import Throttle
from solvent.serve.meter import Meter
from solvent.serve.problems import install
from solvent.serve.queries import refuse_strangers

LOOK_EVERY = 2.0
"""Seconds between two looks for new models and policies."""
log = logging.getLogger("solvent.serve")
ABOUT = """Credit decisions you can replay, explain and defend.

Send `Authorization: Bearer KEY`; a key has one role. Errors are `application/problem+json`.
"""


@asynccontextmanager
async def _working(api: FastAPI, service: Service) -> AsyncIterator[None]:
    """Do background jobs."""
    helper = api.state.worker = Worker(service)
    helper.start()
    yield
    helper.stop()


@asynccontextmanager
async def _looking(service: Service) -> AsyncIterator[None]:
    """Load new models and policies, also while a job runs."""

    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await run_in_threadpool(service.refresh)
            except SolventError as error:
                log.warning("what is new cannot be looked at: %s", error.message)
            except Exception as error:  # noqa: BLE001 - an edge: nothing may end the looking silently
                log_bug(log, error)

    looking = asyncio.create_task(look())
    yield
    looking.cancel()


def create_api(service: Service, *, worker: bool = False) -> FastAPI:
    """Return the API.

    Args:
        service: Everything that is wired together; closed by whoever opened it.
        worker: True to do background jobs in this process as well.
    """

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        # Models and policies stay: looked through with every full collection of garbage, they
        # would hold a decision up for a tenth of a second now and then.
        gc.collect()
        gc.freeze()
        async with _looking(service), _working(api, service) if worker else nullcontext():
            yield
        gc.unfreeze()

    api = FastAPI(
        title="solvent", version=version("solvent"), lifespan=lifespan, description=ABOUT,
        docs_url=None, redoc_url=None,  # both load scripts from elsewhere
    )  # fmt: skip
    api.state.service = service
    api.state.keys = KnownKeys(service)
    api.state.worker = None
    api.state.probe = health.Probe(service)
    install(api)
    api.include_router(health.router)
    api.include_router(metrics.router)
    rooms = (
        products, decisions, letters, batches, events, outcomes, clients, steering, auditing,
    )  # fmt: skip
    for each in rooms:
        api.include_router(each.router, dependencies=[Depends(refuse_strangers)])
    for pages in (form.router, letters.pages, docs.router):
        api.include_router(pages, include_in_schema=False)
    describe(api)
    api.add_middleware(Throttle, limits=service.settings.limits)
    api.add_middleware(Meter, figures=service.count())
    api.add_middleware(Guard)
    return api
