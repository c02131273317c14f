"""Endpoints of products, and of who calls."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from solvent.app.products import product_json, summary_json
from solvent.serve import answers
from solvent.serve.access import AnyCaller, Wired
from solvent.serve.documented import EVERYBODY, documented
from solvent.serve.paths import ProductName

router = APIRouter(tags=["products"])


@router.get("/v1/me", **documented(answers.Me, summary="Whose key is this?", roles=EVERYBODY))
async def me(caller: AnyCaller) -> JSONResponse:
    """Return the role and name of the key that calls."""
    return JSONResponse({"role": caller.role.value, "name": caller.name})


@router.get(
    "/v1/products",
    **documented(answers.Products, summary="List the products", roles=EVERYBODY),
)
def list_all(_: AnyCaller, service: Wired) -> JSONResponse:
    """Return every product that can decide."""
    return JSONResponse(
        {"products": [summary_json(service, live) for live in service.live.values()]}
    )


@router.get(
    "/v1/products/{product}",
    **documented(answers.Product, summary="Describe a product", roles=EVERYBODY, errors=(404, 422)),
)
def get_one(product: ProductName, _: AnyCaller, service: Wired) -> JSONResponse:
    """Return a product: its form, its cutoffs, what it was trained on."""
    return JSONResponse(product_json(service, service.product(product)))
