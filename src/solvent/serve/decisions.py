"""Endpoints of decisions."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from solvent.app.answers import for_applicant
from solvent.app.decisions import DecisionRequest, decide, read_decision, score_application
from solvent.serve.access import CHALLENGE, Applying, MaybeCaller, Staff, Wired
from solvent.serve.bodies import ApplicationBody, IdempotencyKey, RawBody, parse, schema_of
from solvent.serve.problems import Problem
from solvent.store import Role

router = APIRouter(tags=["decisions"])


@router.post(
    "/v1/products/{product}/decisions", status_code=201, openapi_extra=schema_of(ApplicationBody)
)
def decide_one(
    product: str, raw: RawBody, caller: Applying, service: Wired,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:  # fmt: skip
    """Decide an application; the answer comes once the decision is kept."""
    answer = decide(
        service,
        DecisionRequest(
            product=product, application=parse(raw, ApplicationBody).application(),
            owner=caller.key_id, idempotency_key=idempotency_key, body=raw,
        ),
    )  # fmt: skip
    if caller.role is Role.APPLICANT:
        answer = for_applicant(answer, service.product(product).title)
    return JSONResponse(answer, status_code=201)


@router.get("/v1/decisions/{decision_id}")
def get_one(
    decision_id: str, caller: MaybeCaller, service: Wired,
    token: str = Query(default="", max_length=100, description="From the applicant's answer."),
) -> JSONResponse:  # fmt: skip
    """Return a decision: staff see all of it, whoever holds its token what the applicant saw."""
    if caller is not None and caller.role is not Role.APPLICANT:
        return JSONResponse(read_decision(service, decision_id))
    if not service.is_token(decision_id, token):
        if caller is None:
            raise Problem(401, "an API key or the decision's token is needed", headers=CHALLENGE)
        raise Problem(403, "the token is not this decision's", field="token")
    answer = read_decision(service, decision_id)
    return JSONResponse(for_applicant(answer, title_of(service, answer)))


def title_of(service: Wired, answer: dict[str, Any]) -> str:
    """Return what a person calls the product of a decision, served still or not."""
    live = service.live.get(answer["product"])
    return str(answer["product"]).replace("_", " ") if live is None else live.title


@router.post("/v1/products/{product}/score", openapi_extra=schema_of(ApplicationBody))
def score_one(product: str, raw: RawBody, _: Staff, service: Wired) -> JSONResponse:
    """Return the PD of an application as it was asked for; nothing is kept."""
    application = parse(raw, ApplicationBody).application()
    return JSONResponse(score_application(service, product, application))
