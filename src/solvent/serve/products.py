"""Endpoints of products, and of who calls."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from solvent.app.products import product_json, summary_json
from solvent.serve.access import AnyCaller, Wired

router = APIRouter(tags=["products"])


@router.get("/v1/me")
def me(caller: AnyCaller) -> JSONResponse:
    """Return the role and name of the key that calls."""
    return JSONResponse({"role": caller.role.value, "name": caller.name})


@router.get("/v1/products")
def list_all(_: AnyCaller, service: Wired) -> JSONResponse:
    """Return every product that can decide."""
    return JSONResponse(
        {"products": [summary_json(service, live) for live in service.live.values()]}
    )


@router.get("/v1/products/{product}")
def get_one(product: str, _: AnyCaller, service: Wired) -> JSONResponse:
    """Return a product: its form, its cutoffs, what it was trained on."""
    return JSONResponse(product_json(service, service.product(product)))
