"""Is the process alive, and can it decide and keep what it decides?"""

from __future__ import annotations

import threading
import time

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from solvent.app.bootstrap import Service
from solvent.serve import answers
from solvent.serve.access import Wired
from solvent.serve.documented import documented
from solvent.serve.problems import Problem

router = APIRouter(tags=["health"])
ONCE_IN = 1.0
"""Seconds for which a store that could be written counts as one that can: anybody may ask."""


class Probe:
    """Writes to the store now and then, to know that it can be written.

    Args:
        service: Everything that is wired together.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._turn = threading.Lock()
        self._until = 0.0

    def require(self) -> None:
        """Return if the store can be written.

        Raises:
            StoreError: It cannot.
        """
        with self._turn:
            if time.monotonic() >= self._until:
                self._service.require_writable()
                self._until = time.monotonic() + ONCE_IN


@router.get("/health", **documented(answers.Alive, summary="Does the process live?", roles=None))
async def alive() -> JSONResponse:
    """Return that the process lives."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/ready",
    **documented(answers.Ready, summary="Can it decide?", roles=None, errors=(503,)),
)
def ready(request: Request, service: Wired) -> JSONResponse:
    """Return that decisions can be made and kept, or why not."""
    probe: Probe = request.app.state.probe
    probe.require()
    if not service.live:
        why = "; ".join(f"{name}: {words}" for name, words in service.not_live.items())
        raise Problem(
            503, f"no product can decide{': ' if why else ''}{why}",
            hint="train one, give it a policy: solvent train DIR, solvent policy DIR",
        )  # fmt: skip
    return JSONResponse({"status": "ready", "products": list(service.live)})
