"""The endpoint of the audit: how far the chain is, for whoever keeps that elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from solvent.app.audit import checkpoint_json
from solvent.serve.access import Auditing, Wired
from solvent.serve.documented import documented
from solvent.store import Role

router = APIRouter(tags=["audit"])


class AuditState(BaseModel):
    """How far the audit is; saved as a file, it is a checkpoint."""

    model_config = ConfigDict(extra="forbid", strict=True)

    solvent_audit_checkpoint: Literal[1]
    number: int = Field(description="Number of the newest entry: so many there are.", ge=0)
    link: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Digest of the newest entry.")]


@router.get(
    "/v1/audit",
    **documented(AuditState, summary="How far is the audit?", roles=(Role.AUDITOR,)),
)
def get_state(_: Auditing, service: Wired) -> JSONResponse:
    """Return length and head of the chain: `solvent audit verify --checkpoint` takes the answer."""
    return JSONResponse(checkpoint_json(service.audit.checkpoint()))
