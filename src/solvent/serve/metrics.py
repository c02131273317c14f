"""The endpoint of figures, in the text format of Prometheus."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from solvent.app.figures import CONTENT_TYPE
from solvent.serve.access import Watching, Wired
from solvent.serve.documented import documented
from solvent.store import Role

router = APIRouter(tags=["health"])
_TOLD = documented(None, summary="Figures for Prometheus", roles=(Role.AUDITOR, Role.MONITOR))
_TOLD["responses"][200] = {
    "description": "Counters, gauges and histograms; nothing about a person.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


@router.get("/metrics", response_class=Response, **_TOLD)
def show(_: Watching, service: Wired) -> Response:
    """Return what this process counted, and what the store tells now."""
    return Response(service.count().text(), media_type=CONTENT_TYPE)
