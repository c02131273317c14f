"""Batches of the made-up lender: each is done a bit further whenever somebody asks."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from tests.ui.fake_data import NOW, Json

ROWS = 1200
STEP = 400


def batch(number: int, request: Request, rows: int) -> Json:
    """Return a batch as it is accepted."""
    query = request.query_params
    return {
        "id": f"batch-{number}", "name": query.get("name", ""), "product": query["product"],
        "state": "waiting", "mode": query["mode"], "reasons": query["reasons"] == "true",
        "rows": rows, "done": 0, "set_aside": 0, "chunks": 3, "chunks_done": 0,
        "eta_seconds": None, "model_version": 3, "policy_version": 2, "high_water": 7,
        "created_at": NOW, "begun_at": None, "ended_at": None,
        "links": {"self": f"/v1/batches/batch-{number}", "results": ""},
    }  # fmt: skip


def further(one: Json) -> None:
    """Move a batch on."""
    if one["state"] in {"waiting", "running"}:
        one["done"] = min(one["rows"], one["done"] + STEP)
        over = one["done"] == one["rows"]
        one["state"], one["eta_seconds"] = ("done", None) if over else ("running", 75.0)
        one["set_aside"] = 4 if over else 0


def serve(app: FastAPI, batches: dict[str, Json], allow: Callable[[Request], None]) -> None:
    """Answer for batches.

    Args:
        app: The API.
        batches: Those there are, by id.
        allow: Refuses whoever may not.
    """

    @app.post("/v1/batches", status_code=202)
    async def send(request: Request) -> Json:
        allow(request)
        rows = len((await request.body()).splitlines()) - 1
        made = batch(len(batches) + 1, request, rows)
        batches[made["id"]] = made
        return made

    @app.get("/v1/batches")
    def listed(request: Request) -> Json:
        allow(request)
        return {"batches": [*reversed(batches.values())]}

    @app.get("/v1/batches/{id_}")
    def one(request: Request, id_: str) -> Json:
        allow(request)
        further(batches[id_])
        return batches[id_]

    @app.get("/v1/batches/{id_}/results")
    def results(request: Request, id_: str, format: str) -> PlainTextResponse:
        allow(request)
        return PlainTextResponse(f"row,verdict\n1,approve {id_} {format}\n")

    @app.delete("/v1/batches/{id_}")
    def cancel(request: Request, id_: str) -> Json:
        allow(request)
        found = batches[id_]
        if request.query_params.get("remove") == "true":
            return {**batches.pop(id_), "state": "removed"}
        if found["state"] != "done":
            found["state"] = "cancelled"
        return found
