"""Endpoints of the portfolio and of campaigns, for risk managers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from solvent.app.campaign import campaign, campaign_csv, job_json, refresh
from solvent.app.portfolio import portfolio
from solvent.errors import NotServedError
from solvent.serve.access import Steering, Wired

router = APIRouter(tags=["portfolio and campaigns"])
Confidence = Annotated[
    float, Query(gt=0.0, lt=1.0, allow_inf_nan=False, description="Least repayment probability.")
]


@router.get("/v1/products/{product}/portfolio")
def get_portfolio(
    product: str, _: Steering, service: Wired,
    cutoff: Annotated[
        float | None,
        Query(ge=0.0, le=1.0, allow_inf_nan=False, description="Approve below; left out: policy's"),
    ] = None,
) -> JSONResponse:  # fmt: skip
    """Return what any cutoff would have approved, lost and earned on judged applications."""
    return JSONResponse(portfolio(service, product, cutoff))


@router.get("/v1/products/{product}/campaign")
def get_campaign(
    product: str, _: Steering, service: Wired, confidence: Confidence = 0.9
) -> JSONResponse:
    """Return the clients who repay with at least a confidence: how many, at what risk."""
    return JSONResponse(campaign(service, product, confidence))


@router.get("/v1/products/{product}/campaign.csv", response_class=Response)
def get_campaign_csv(
    product: str, _: Steering, service: Wired, confidence: Confidence = 0.9
) -> Response:
    """Return those clients with their offers as CSV; no cell starts a formula."""
    return Response(
        campaign_csv(service, product, confidence), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="eligible.csv"'},
    )  # fmt: skip


@router.post("/v1/products/{product}/campaign/refresh", status_code=202)
def refresh_campaign(product: str, _: Steering, service: Wired) -> JSONResponse:
    """Ask the worker to score every client anew."""
    return JSONResponse(refresh(service, product), status_code=202)


@router.get("/v1/jobs/{job_id}")
def get_job(job_id: Annotated[int, "from refresh"], _: Steering, service: Wired) -> JSONResponse:
    """Return how far a job is."""
    job = service.jobs.get(job_id) if 0 < job_id < 2**62 else None
    if job is None:
        raise NotServedError("there is no such job", hint="check its id", field="job")
    return JSONResponse(job_json(job))
