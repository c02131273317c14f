"""Counts every answer by the template of its address, never by the address itself."""

from __future__ import annotations

from time import perf_counter
from typing import Final

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solvent.app.figures import Figures

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOWHERE, OTHER = "none", "other"
GONE: Final = 499
"""Where nothing was answered: the client went away."""
BUG: Final = 500


class Meter:
    """Counts requests and measures how long they took.

    Args:
        app: The application it stands around.
        figures: Where they are counted.
    """

    def __init__(self, app: ASGIApp, *, figures: Figures) -> None:
        self._app, self._figures = app, figures
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, begun = GONE, perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            status = BUG if status == GONE else status
            raise
        finally:
            self._count(scope, status, perf_counter() - begun)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        route = getattr(scope.get("route"), "path_format", NOWHERE)
        name = method, route, status
        found = self._series.get(name)
        if found is None:
            counter = self._figures.requests.labels(method, route, str(status))
            found = self._series[name] = counter, self._figures.seconds.labels(route)
        found[0].inc()
        found[1].observe(seconds)
