"""The endpoint of live rows."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from solvent.app.events import add_rows
from solvent.serve.access import Steering, Wired
from solvent.serve.bodies import EventsBody, IdempotencyKey, RawBody, parse, schema_of

router = APIRouter(tags=["events"])


@router.post("/v1/products/{product}/events", openapi_extra=schema_of(EventsBody))
def add(
    product: str, raw: RawBody, caller: Steering, service: Wired,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:  # fmt: skip
    """Keep rows of a source: all or none of them; a row sent twice counts once."""
    body, live = parse(raw, EventsBody), service.product(product)
    batch = f"{caller.key_id}:{idempotency_key}" if idempotency_key else ""
    added = add_rows(service, live, body.source, body.rows, batch=batch)
    return JSONResponse(
        {
            "accepted": added.accepted, "repeated": added.repeated,
            "sequence": added.last_sequence,
        }
    )  # fmt: skip
