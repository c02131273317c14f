"""Queries are read strictly: a parameter nobody documented is a slip of the pen, not a wish."""

from __future__ import annotations

import difflib
from typing import Any

from fastapi import Request

from solvent.serve.problems import Problem


async def refuse_strangers(request: Request) -> None:
    """Refuse a query with a parameter that the endpoint does not have, or with one twice.

    Raises:
        Problem: It has one; what was sent is not repeated.
    """
    if not request.url.query:
        return
    names = [name for name, _ in request.query_params.multi_items()]
    known = _known(request)
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            listed = ", ".join(known) or "none"
            hint = f"did you mean {close[0]!r}?" if close else f"known: {listed}"
            words = "holds a parameter this address does not have"
            raise Problem(422, words, field="query", hint=hint)
        if names.count(name) > 1:
            raise Problem(422, "is given twice", field=name)


def _known(request: Request) -> list[str]:
    """Return the parameters that the OpenAPI document tells of the endpoint."""
    paths: dict[str, Any] = request.app.openapi()["paths"]
    path = request.scope["route"].path_format
    told = paths[path][request.method.lower()].get("parameters", ())
    return [one["name"] for one in told if one["in"] == "query"]
