"""Endpoints of clients, for relationship managers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from solvent.app.clients import client, distribution, list_clients
from solvent.serve.access import Advising, Wired

router = APIRouter(tags=["clients"])
GroupName = Annotated[str, Query(max_length=200, description="Whom the client is compared with.")]


@router.get("/v1/products/{product}/clients")
def find(
    product: str, _: Advising, service: Wired,
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> JSONResponse:  # fmt: skip
    """Return clients whose number begins with `search`, those decided newest first."""
    return JSONResponse(list_clients(service, product, search=search, limit=limit, offset=offset))


@router.get("/v1/products/{product}/clients/{key}")
def get_one(
    product: str, key: str, _: Advising, service: Wired, group: GroupName = "all"
) -> JSONResponse:
    """Return where a client stands, why, and their values beside those of a group."""
    return JSONResponse(client(service, product, key, group))


@router.get("/v1/products/{product}/clients/{key}/values/{feature}")
def get_value(
    product: str, key: str, feature: str, _: Advising, service: Wired, group: GroupName = "all"
) -> JSONResponse:
    """Return how one value is spread over all clients and over a group."""
    return JSONResponse(distribution(service, product, key, feature, group))
