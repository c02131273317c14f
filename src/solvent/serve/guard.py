"""Around every answer: headers that keep a browser in its place, and no word of a bug let out."""

from __future__ import annotations

import logging
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solvent.app.bugs import log_bug
from solvent.serve.problems import problem_response, unexpected

HEADERS: Final = {
    "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
}  # fmt: skip
_RAW: Final = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())
log = logging.getLogger("solvent.serve")


class Guard:
    """Adds the headers an answer lacks, and answers what nobody expected with a 500.

    An error's own words may hold a person's values: the log gets its kind and where it was raised.

    Args:
        app: The application it stands around.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                there = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"], *(pair for pair in _RAW if pair[0] not in there),
                ]  # fmt: skip
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except ClientDisconnect:
            log.info("a client went away while it was sending")
        except Exception as error:  # noqa: BLE001 - the outermost edge: nothing may leak from here
            log_bug(log, error)
            if not started:
                await problem_response(unexpected())(scope, receive, guarded)
