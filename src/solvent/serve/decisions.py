"""Endpoints of decisions."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from solvent.app.answers import for_applicant
from solvent.app.bootstrap import Service
from solvent.app.decisions import DecisionRequest, decide, read_decision, score_application
from solvent.serve import answers
from solvent.serve.access import (
    ASK,
    CHALLENGE,
    READERS,
    Applying,
    Caller,
    MaybeCaller,
    Staff,
    Wired,
)
from solvent.serve.bodies import ApplicationBody, IdempotencyKey, RawBody, parse
from solvent.serve.documented import EVERYBODY, Owner, documented
from solvent.serve.paths import DecisionId, ProductName
from solvent.serve.problems import Problem
from solvent.store import Role

router = APIRouter(tags=["decisions"])
AT_ONCE_BYTES = 64 * 1024
"""Bodies up to this size are scored where they arrive; a longer one would hold others up."""


@router.post(
    "/v1/products/{product}/decisions",
    **documented(
        answers.Decision | answers.ApplicantDecision, summary="Decide an application", status=201,
        roles=(Role.APPLICANT, Role.RELATIONSHIP_MANAGER), errors=(404, 413, 422),
        body=ApplicationBody,
    ),
)  # fmt: skip
def decide_one(
    product: ProductName, caller: Applying, raw: RawBody, service: Wired,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:  # fmt: skip
    """Decide an application; the answer comes once the decision is kept.

    With an `Idempotency-Key` it is decided once: the same key and body get the same answer, the
    same key and another body are refused. An applicant's key is told no PD and no score, and may
    speak of nobody else: `user_id`, `application_at` and `events` are for staff.
    """
    body = parse(raw, ApplicationBody)
    applicant = caller.role is Role.APPLICANT
    if applicant:
        _require_own(body)
    answer = decide(
        service,
        DecisionRequest(
            product=product, application=body.application(), applicant=applicant,
            owner=caller.key_id, idempotency_key=idempotency_key, body=raw,
        ),
    )  # fmt: skip
    return JSONResponse(answer, status_code=201)


@router.get(
    "/v1/decisions/{decision_id}",
    **documented(
        answers.Decision | answers.ApplicantDecision, summary="Read a decision",
        roles=EVERYBODY, errors=(404, 422), keyless=True, owner=Owner.TOKEN,
    ),
)  # fmt: skip
def get_one(
    decision_id: DecisionId, caller: MaybeCaller, service: Wired,
    token: str = Query(default="", max_length=100, description="From the applicant's answer."),
) -> JSONResponse:  # fmt: skip
    """Return a decision: staff see all of it, whoever holds its token what the applicant saw."""
    staff = is_reader(service, caller, decision_id, token)
    answer = read_decision(service, decision_id)
    return JSONResponse(answer if staff else for_applicant(answer, title_of(service, answer)))


def is_reader(service: Service, caller: Caller | None, decision_id: str, token: str) -> bool:
    """Return whether a caller is of the staff that reads decisions, or holds this one's token.

    Raises:
        Problem: Neither.
    """
    if caller is not None and caller.role in {*READERS, Role.ADMIN}:
        return True
    if not service.is_token(decision_id, token):
        if caller is None:
            raise Problem(401, "an API key or the decision's token is needed", headers=CHALLENGE)
        raise Problem(403, "the token is not this decision's", field="token", hint=ASK)
    return False


def _require_own(body: ApplicationBody) -> None:
    """Refuse what would let an applicant probe or rewrite somebody's history."""
    for name in ("user_id", "application_at", "events"):
        if name in body.model_fields_set:
            raise Problem(
                403, "is for staff: applicants answer for themselves, now", field=name,
                hint="leave it out",
            )  # fmt: skip


def title_of(service: Service, answer: dict[str, Any]) -> str:
    """Return what a person calls the product of a decision, served still or not."""
    live = service.live.get(answer["product"])
    return str(answer["product"]).replace("_", " ") if live is None else live.title


@router.post(
    "/v1/products/{product}/score",
    **documented(
        answers.Score, summary="Score without deciding",
        roles=(Role.RELATIONSHIP_MANAGER, Role.RISK_MANAGER), errors=(404, 413, 422),
        body=ApplicationBody,
    ),
)  # fmt: skip
async def score_one(product: ProductName, _: Staff, raw: RawBody, service: Wired) -> JSONResponse:
    """Return the PD of an application as it was asked for; nothing is kept."""
    if _reads_nothing(service, product) and len(raw) <= AT_ONCE_BYTES:
        return _scored(service, product, raw)
    return await run_in_threadpool(_scored, service, product, raw)


def _scored(service: Service, product: str, raw: bytes) -> JSONResponse:
    application = parse(raw, ApplicationBody).application()
    return JSONResponse(score_application(service, product, application))


def _reads_nothing(service: Service, product: str) -> bool:
    """Return True where a score waits for no store: another thread would only cost its change."""
    live = service.live.get(product)
    return live is not None and not live.sources
