"""The documentation as a page: what `/openapi.json` tells, for people, without a script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from solvent.serve.pages import page

router = APIRouter()
METHODS = ("get", "post", "delete")


@router.get("/docs")
def show(request: Request) -> HTMLResponse:
    """Show every endpoint with who may call it, its parameters, a request and an answer."""
    schema = request.app.openapi()
    return page("docs.html.j2", version=schema["info"]["version"], endpoints=list(_told(schema)))


def _told(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                yield _endpoint(path, method, methods[method])


def _endpoint(path: str, method: str, told: Mapping[str, Any]) -> dict[str, Any]:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    done = {code: one for code, one in told["responses"].items() if code.startswith("2")}
    (status, answer), *_ = done.items()
    media = answer.get("content", {}).get("application/json", {})
    return {
        "method": method.upper(), "path": path, "summary": told["summary"],
        "about": told["description"].replace("`", ""), "id": told["operationId"],
        "who": _who(told), "parameters": list(_parameters(told)),
        "request": _pretty(body.get("example")), "answers": [
            (name, _pretty(one["value"])) for name, one in media.get("examples", {}).items()
        ],
        "status": status,
        "errors": [(code, one["description"]) for code, one in told["responses"].items()
                   if not code.startswith("2")],
    }  # fmt: skip


def _who(told: Mapping[str, Any]) -> str:
    roles = told.get("x-roles")
    if roles is None:
        return "anybody, without a key"
    words = ", ".join(role.replace("_", " ") for role in roles)
    return f"{words}; whoever holds the token" if {} in told["security"] else words


def _parameters(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for one in told.get("parameters", ()):
        default = one["schema"].get("default")
        yield {
            "name": one["name"], "place": one["in"], "about": one.get("description", ""),
            "needed": one.get("required", False),
            "default": "" if default in {None, ""} else default,
        }  # fmt: skip


def _pretty(example: object) -> str:
    return "" if example is None else json.dumps(example, indent=2, ensure_ascii=False)
