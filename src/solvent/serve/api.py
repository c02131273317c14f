"""The API: every endpoint, wired to one service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import Depends, FastAPI

from solvent.app.bootstrap import Service
from solvent.app.worker import Worker
from solvent.serve import clients, decisions, docs, events, form, health, products, steering
from solvent.serve.documented import describe
from solvent.serve.guard import Guard
from solvent.serve.problems import install
from solvent.serve.queries import refuse_strangers

ABOUT = """Credit decisions you can replay, explain and defend.

Send `Authorization: Bearer KEY`; a key has one role. Errors are `application/problem+json`.
"""


def create_api(service: Service, *, worker: bool = False) -> FastAPI:
    """Return the API.

    Args:
        service: Everything that is wired together; closed by whoever opened it.
        worker: True to do background jobs in this process as well.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        helper = Worker(service) if worker else None
        if helper is not None:
            helper.start()
        yield
        if helper is not None:
            helper.stop()

    api = FastAPI(
        title="solvent", version=version("solvent"), lifespan=lifespan, description=ABOUT,
        docs_url=None, redoc_url=None,  # both load scripts from elsewhere
    )  # fmt: skip
    api.state.service = service
    api.state.probe = health.Probe(service)
    install(api)
    api.include_router(health.router)
    for each in (products, decisions, events, clients, steering):
        api.include_router(each.router, dependencies=[Depends(refuse_strangers)])
    for pages in (form, docs):
        api.include_router(pages.router, include_in_schema=False)
    describe(api)
    api.add_middleware(Guard)
    return api
