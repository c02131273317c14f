"""What OpenAPI tells of an endpoint beside its path and parameters; nothing here runs at a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from solvent.serve.answers import Problem
from solvent.serve.examples import EXAMPLES
from solvent.store import Role

PROBLEM_JSON = "application/problem+json"
SCHEME = "api_key"
EVERYBODY = tuple(Role)


class Owner(StrEnum):
    """What makes a thing the caller's own, where its address names one that somebody made."""

    TOKEN = "token"  # noqa: S105 - what it is called
    """Whoever holds its token; staff may see all of it."""
    KEY = "key"
    """The key that made it, and administrators; to others it is not there."""
    ROLE = "role"
    """Everybody of the roles: it is the lender's."""


_ERRORS = {
    401: "No API key was sent, or it is not known.",
    403: "The key's role may not do this.",
    404: "There is no such product, client, decision, value, group or job.",
    408: "The body did not come in time.",
    413: "The body is too large.",
    415: "The content type is none that is read here.",
    422: "The request cannot be read; `field` names what does not fit.",
    429: "Too many requests, or too much waits to be done; try again after `Retry-After`.",
    503: "The store cannot be used, or too many wait; nothing was kept. See `Retry-After`.",
}


def documented(
    model: Any,  # noqa: ANN401 - a class, or a union of some
    *,
    summary: str,
    roles: Sequence[Role] | None,
    errors: Sequence[int] = (),
    status: int = 200,
    body: type[BaseModel] | None = None,
    keyless: bool = False,
    owner: Owner | None = None,
) -> dict[str, Any]:
    """Return the keyword arguments of a route that document it.

    Args:
        model: What it answers; None where that is no JSON.
        summary: What it is for, in a line.
        roles: Who may call it, besides an administrator; None for anybody without a key.
        errors: Statuses it can answer besides those that every endpoint with a key can.
        status: Status of its answer.
        body: The JSON it reads, where it reads any.
        keyless: True where something else than a key may open it.
        owner: What makes the thing its address names the caller's own; None where it names none.
    """
    statuses = {*errors, *(() if body is None else (408,))}
    if roles is not None:
        statuses |= {401, 403, 422, 429, 503}
    extra: dict[str, Any] = {"x-roles": None if roles is None else _names(roles)}
    extra["security"] = [] if roles is None else [{SCHEME: []}, *([{}] if keyless else [])]
    if owner is not None:
        extra["x-owner"] = owner.value
    if body is not None:
        schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
        told: dict[str, Any] = {"schema": schema}
        if body.__name__ in EXAMPLES:
            told["example"] = EXAMPLES[body.__name__]
        extra["requestBody"] = {"required": True, "content": {"application/json": told}}
    return {
        "summary": summary, "status_code": status, "openapi_extra": extra,
        "responses": {
            **_success(model, status),
            **{code: _problem(code) for code in sorted(statuses)},
        },
    }  # fmt: skip


def _names(roles: Sequence[Role]) -> list[str]:
    return [role.value for role in Role if role in {*roles, Role.ADMIN}]


def _success(model: Any, status: int) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401
    if model is None:
        return {}
    described: dict[str, Any] = {"model": model, "description": "Done."}
    names = [one.__name__ for one in get_args(model) or (model,)]
    shown = {name: {"value": EXAMPLES[name]} for name in names if name in EXAMPLES}
    described["content"] = {"application/json": {"examples": shown}}
    return {status: described}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    found: dict[str, Any] = {
        "description": _ERRORS[status], "content": {PROBLEM_JSON: {"schema": schema}},
    }  # fmt: skip
    if status == 401:
        found["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status in {429, 503}:
        found["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
    return found


def describe(api: FastAPI) -> None:
    """Let `/openapi.json` tell of keys and problems as well."""

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            schema = get_openapi(
                title=api.title, version=api.version, description=api.description,
                routes=api.routes,
            )  # fmt: skip
            parts = schema.setdefault("components", {})
            schemas: dict[str, Mapping[str, Any]] = parts.setdefault("schemas", {})
            schemas["Problem"] = Problem.model_json_schema()
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            parts["securitySchemes"] = {
                SCHEME: {
                    "type": "http", "scheme": "bearer",
                    "description": "An API key: solvent keys create --role ROLE",
                }
            }  # fmt: skip
            api.openapi_schema = schema
        return api.openapi_schema

    api.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way of changing it
