"""The endpoint of live rows."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from solvent.app.events import add_rows
from solvent.serve import answers
from solvent.serve.access import Steering, Wired
from solvent.serve.bodies import EventsBody, IdempotencyKey, RawBody, parse
from solvent.serve.documented import documented
from solvent.serve.paths import ProductName
from solvent.store import Role

router = APIRouter(tags=["events"])


@router.post(
    "/v1/products/{product}/events",
    **documented(
        answers.Receipt, summary="Tell what happened", roles=(Role.RISK_MANAGER,),
        errors=(404, 413, 422), body=EventsBody,
    ),
)  # fmt: skip
def add(
    product: ProductName, caller: Steering, raw: RawBody, service: Wired,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:  # fmt: skip
    """Keep rows of a source: all or none of them; a row sent twice counts once.

    A row with an id is known again by what it says; rows of a source without ids by their place in
    the request and its `Idempotency-Key`, which such a source therefore needs.
    """
    body, live = parse(raw, EventsBody), service.product(product)
    batch = f"{caller.key_id}:{idempotency_key}" if idempotency_key else ""
    added = add_rows(service, live, body.source, body.rows, batch=batch)
    return JSONResponse(
        {
            "accepted": added.accepted, "repeated": added.repeated,
            "sequence": added.last_sequence,
        }
    )  # fmt: skip
