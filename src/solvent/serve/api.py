"""The API: every endpoint, wired to one service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from solvent.app.bootstrap import Service
from solvent.app.decide import warm
from solvent.app.worker import Worker
from solvent.serve import clients, decisions, events, form, products, steering
from solvent.serve.access import Wired
from solvent.serve.problems import Problem, install

health = APIRouter(tags=["health"])
HEADERS = {
    "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}  # fmt: skip


@health.get("/health")
def alive() -> JSONResponse:
    """Return that the process lives."""
    return JSONResponse({"status": "ok"})


@health.get("/ready")
def ready(service: Wired) -> JSONResponse:
    """Return that decisions can be made and kept, or why not."""
    service.rows.high_water("")
    if not service.live:
        why = "; ".join(f"{name}: {words}" for name, words in service.not_live.items())
        raise Problem(
            503, f"no product can decide{': ' if why else ''}{why}",
            hint="train one, give it a policy: solvent train DIR, solvent policy DIR",
        )  # fmt: skip
    return JSONResponse({"status": "ready", "products": list(service.live)})


def create_api(service: Service, *, worker: bool = False) -> FastAPI:
    """Return the API.

    Args:
        service: Everything that is wired together; closed by whoever opened it.
        worker: True to do background jobs in this process as well.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for live in service.live.values():
            warm(live)
        helper = Worker(service) if worker else None
        if helper is not None:
            helper.start()
        yield
        if helper is not None:
            helper.stop()

    api = FastAPI(
        title="solvent", version=version("solvent"), lifespan=lifespan,
        description="Credit decisions you can replay, explain and defend.",
        docs_url=None, redoc_url=None,  # both load scripts from elsewhere
    )  # fmt: skip
    api.state.service = service
    install(api)
    for router in (health, products.router, decisions.router, events.router, clients.router):
        api.include_router(router)
    api.include_router(steering.router)
    api.include_router(form.router, include_in_schema=False)

    @api.middleware("http")
    async def guard(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return api
