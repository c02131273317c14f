"""Endpoints of the portfolio and of campaigns, for risk managers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from solvent.app.campaign import campaign, campaign_csv, job_json, refresh
from solvent.app.portfolio import portfolio
from solvent.errors import NotServedError
from solvent.serve import answers
from solvent.serve.access import Steering, Weighing, Wired
from solvent.serve.documented import Owner, documented
from solvent.serve.paths import ProductName
from solvent.store import Role

router = APIRouter(tags=["portfolio and campaigns"])
STEERERS = (Role.RISK_MANAGER,)
WEIGHERS = (Role.RISK_MANAGER, Role.VALIDATOR)
ERRORS = (404, 422)
CSV = "text/csv"
LAST_JOB = 2**62
Confidence = Annotated[
    float,
    Query(
        gt=0.0, lt=1.0, allow_inf_nan=False,
        description="Least probability of repayment, between 0 and 1.",
    ),
]  # fmt: skip


@router.get(
    "/v1/products/{product}/portfolio",
    **documented(answers.Portfolio, summary="Weigh cutoffs", roles=WEIGHERS, errors=ERRORS),
)
def get_portfolio(
    product: ProductName, _: Weighing, service: Wired,
    cutoff: Annotated[
        float | None,
        Query(
            ge=0.0, le=1.0, allow_inf_nan=False,
            description="Approve below this PD; left out: the policy's.",
        ),
    ] = None,
) -> JSONResponse:  # fmt: skip
    """Return what any cutoff would have approved, lost and earned on judged applications."""
    return JSONResponse(portfolio(service, product, cutoff))


@router.get(
    "/v1/products/{product}/campaign",
    **documented(answers.Campaign, summary="Whom to lend to now", roles=STEERERS, errors=ERRORS),
)
def get_campaign(
    product: ProductName, _: Steering, service: Wired, confidence: Confidence = 0.9
) -> JSONResponse:
    """Return the clients who repay with at least a confidence: how many, at what risk."""
    return JSONResponse(campaign(service, product, confidence))


_AS_CSV = documented(None, summary="Whom to lend to now, as a file", roles=STEERERS, errors=ERRORS)
_AS_CSV["responses"][200] = {
    "description": "A heading and a line a client; no cell starts a formula.",
    "content": {CSV: {"schema": {"type": "string"}}},
}


@router.get("/v1/products/{product}/campaign.csv", response_class=Response, **_AS_CSV)
def get_campaign_csv(
    product: ProductName, _: Steering, service: Wired, confidence: Confidence = 0.9
) -> Response:
    """Return those clients with their offers as CSV; no cell starts a formula."""
    return Response(
        campaign_csv(service, product, confidence), media_type=f"{CSV}; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="eligible.csv"'},
    )  # fmt: skip


@router.post(
    "/v1/products/{product}/campaign/refresh",
    **documented(
        answers.Job, summary="Score every client anew", roles=STEERERS, errors=ERRORS, status=202
    ),
)  # fmt: skip
def refresh_campaign(product: ProductName, _: Steering, service: Wired) -> JSONResponse:
    """Ask the worker to score every client anew; one job that waits already is enough."""
    return JSONResponse(refresh(service, product), status_code=202)


@router.get(
    "/v1/jobs/{job_id}",
    **documented(
        answers.Job, summary="How far is a job?", roles=STEERERS, errors=ERRORS, owner=Owner.ROLE
    ),
)  # fmt: skip
def get_job(
    job_id: Annotated[int, Path(description="Id of the job, as `refresh` told it.")],
    _: Steering, service: Wired,
) -> JSONResponse:  # fmt: skip
    """Return how far a job is."""
    job = service.jobs.get(job_id) if 0 < job_id < LAST_JOB else None
    if job is None:
        raise NotServedError("there is no such job", hint="check its id", field="job")
    return JSONResponse(job_json(job))
