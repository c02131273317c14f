"""Endpoints of clients, for relationship managers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from solvent.app.clients import client, distribution, list_clients
from solvent.serve import answers
from solvent.serve.access import Advising, Wired
from solvent.serve.documented import documented
from solvent.serve.paths import ClientKey, FeatureName, GroupName, ProductName, Search
from solvent.store import Role

router = APIRouter(tags=["clients"])
ADVISERS = (Role.RELATIONSHIP_MANAGER,)
ERRORS = (404, 422)


@router.get(
    "/v1/products/{product}/clients",
    **documented(answers.ClientPage, summary="List clients", roles=ADVISERS, errors=ERRORS),
)
def find(
    product: ProductName, _: Advising, service: Wired, search: Search = "",
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="How many to pass over.")] = 0,
) -> JSONResponse:  # fmt: skip
    """Return clients whose number begins with `search`, those decided newest first."""
    return JSONResponse(list_clients(service, product, search=search, limit=limit, offset=offset))


# Before the client itself: a client's number may hold any sign, a slash too.
@router.get(
    "/v1/products/{product}/clients/{key:path}/values/{feature}",
    **documented(
        answers.Distribution, summary="Compare one value", roles=ADVISERS, errors=ERRORS
    ),
)  # fmt: skip
def get_value(
    product: ProductName, key: ClientKey, feature: FeatureName, _: Advising, service: Wired,
    group: GroupName = "all",
) -> JSONResponse:  # fmt: skip
    """Return how one value is spread over all clients and over a group."""
    return JSONResponse(distribution(service, product, key, feature, group))


@router.get(
    "/v1/products/{product}/clients/{key:path}",
    **documented(answers.Client, summary="Describe a client", roles=ADVISERS, errors=ERRORS),
)
def get_one(
    product: ProductName, key: ClientKey, _: Advising, service: Wired, group: GroupName = "all"
) -> JSONResponse:
    """Return where a client stands, why, and their values beside those of a group."""
    return JSONResponse(client(service, product, key, group))
