"""Endpoints of products, and of who calls."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from solvent.app.products import applicant_json, applicant_line_json, product_json, summary_json
from solvent.serve import answers
from solvent.serve.access import VIEWERS, AnyCaller, Viewing, Wired
from solvent.serve.documented import EVERYBODY, documented
from solvent.serve.paths import ProductName
from solvent.store import Role

router = APIRouter(tags=["products"])


class Me(BaseModel):
    """Whose key it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    role: Literal[
        "applicant", "relationship_manager", "risk_manager", "validator", "auditor", "monitor",
        "admin",
    ]  # fmt: skip
    name: str


@router.get("/v1/me", **documented(Me, summary="Whose key is this?", roles=EVERYBODY))
async def me(caller: AnyCaller) -> JSONResponse:
    """Return the role and name of the key that calls."""
    return JSONResponse({"role": caller.role.value, "name": caller.name})


@router.get(
    "/v1/products",
    **documented(
        answers.Products | answers.ApplicantProducts, summary="List the products", roles=VIEWERS
    ),
)
def list_all(caller: Viewing, service: Wired) -> JSONResponse:
    """Return every product that can decide; an applicant gets names and titles."""
    found = service.live.values()
    if caller.role is Role.APPLICANT:
        return JSONResponse({"products": [applicant_line_json(live) for live in found]})
    return JSONResponse({"products": [summary_json(service, live) for live in found]})


@router.get(
    "/v1/products/{product}",
    **documented(
        answers.Product | answers.ApplicantProduct, summary="Describe a product",
        roles=VIEWERS, errors=(404, 422),
    ),
)  # fmt: skip
def get_one(product: ProductName, caller: Viewing, service: Wired) -> JSONResponse:
    """Return a product: its form, cutoffs, what it was trained on; to an applicant the form."""
    live = service.product(product)
    if caller.role is Role.APPLICANT:
        return JSONResponse(applicant_json(live))
    return JSONResponse(product_json(service, live))
