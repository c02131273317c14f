"""Is the process alive, and can it decide and keep what it decides?"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from solvent.app.bootstrap import Service
from solvent.app.worker import Worker
from solvent.serve import answers
from solvent.serve.access import Wired
from solvent.serve.documented import documented
from solvent.serve.problems import Problem

log = logging.getLogger("solvent.serve")
router = APIRouter(tags=["health"])
ONCE_IN = 1.0
"""Seconds for which a store that could be written counts as one that can: anybody may ask."""
SEE_LOG = "see the log of the server"


class Probe:
    """Writes to the store now and then, to know that it can be written.

    Args:
        service: Everything that is wired together.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._turn = threading.Lock()
        self._until = 0.0
        self._told: dict[str, str] = {}

    def require(self) -> None:
        """Return if the store can be written.

        Raises:
            StoreError: It cannot.
        """
        with self._turn:
            if time.monotonic() >= self._until:
                self._service.require_writable()
                self._until = time.monotonic() + ONCE_IN

    def log_reasons(self, reasons: Mapping[str, str]) -> None:
        """Log why products cannot decide: each reason once, since anybody may ask.

        Args:
            reasons: By name of the product.
        """
        with self._turn:
            for name, words in reasons.items():
                if self._told.get(name) != words:
                    log.warning("%s cannot decide: %s", name, words)
            self._told = dict(reasons)


@router.get("/health", **documented(answers.Alive, summary="Does the process live?", roles=None))
async def alive() -> JSONResponse:
    """Return that the process lives."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/ready",
    **documented(answers.Ready, summary="Can it decide?", roles=None, errors=(503,)),
)
def ready(request: Request, service: Wired) -> JSONResponse:
    """Return that decisions can be made and kept, or what cannot; the reasons are in the log."""
    probe: Probe = request.app.state.probe
    probe.require()
    worker: Worker | None = request.app.state.worker
    if worker is not None and not worker.is_alive:
        raise Problem(
            503, "the worker is dead: background jobs wait", hint=f"{SEE_LOG}; start it again"
        )
    probe.log_reasons(service.not_live)
    if not service.live:
        why = ", ".join(service.not_live)
        raise Problem(
            503, f"no product can decide{': ' if why else ''}{why}",
            hint=f"{SEE_LOG}; train one, give it a policy: solvent train DIR, solvent policy DIR",
        )  # fmt: skip
    return JSONResponse({"status": "ready", "products": list(service.live)})
