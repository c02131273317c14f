"""Endpoints of batches: many applications in one file."""

from __future__ import annotations

import hashlib
from pathlib import Path as FilePath
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse

from solvent.app.batch_file import remove as remove_folder
from solvent.app.batches import (
    BatchRequest,
    accept,
    batch_json,
    cancel,
    discard,
    new_folder,
    require_welcome,
    results_csv,
    results_parquet,
)
from solvent.app.bootstrap import Service
from solvent.errors import NotServedError
from solvent.serve import batch_answers
from solvent.serve.access import Caller, Staff, Wired
from solvent.serve.bodies import IdempotencyKey
from solvent.serve.documented import Owner, documented
from solvent.serve.paths import LONGEST
from solvent.serve.problems import Problem
from solvent.store import Batch, BatchMode, Role
from solvent.store.writing import OWN_FILE

router = APIRouter(tags=["batches"])
STAFF = (Role.RELATIONSHIP_MANAGER, Role.RISK_MANAGER)
PARQUET = "application/vnd.apache.parquet"
KINDS = {"text/csv": "csv", PARQUET: "parquet", "application/zip": "zip"}
_TEXT = r"^[^\x00-\x1f\x7f]*$"
BatchId = Annotated[str, Path(max_length=LONGEST, description="Id of the batch.")]

_SENDING = documented(
    batch_answers.Batch, summary="Send many applications in one file", status=202, roles=STAFF,
    errors=(404, 408, 413, 415, 422, 429),
)  # fmt: skip
_SENDING["openapi_extra"]["requestBody"] = {
    "required": True,
    "description": "Applications; a zip holds applications.csv (or .parquet) and events/SOURCE.csv "
    "(or .parquet) for each source whose rows come along.",
    "content": {
        kind: {
            "schema": {"type": "string", "format": "binary"},
            **({"example": "user_id,application_id\nC1,A1\n"} if kind == "text/csv" else {}),
        }
        for kind in KINDS
    },
}  # fmt: skip


@router.post("/v1/batches", **_SENDING)
async def send(
    request: Request, caller: Staff, service: Wired,
    product: Annotated[
        str, Query(min_length=1, max_length=LONGEST, pattern=_TEXT, description="The product.")
    ],
    name: Annotated[
        str, Query(max_length=LONGEST, pattern=_TEXT, description="What you call the batch.")
    ] = "",
    mode: Annotated[
        Literal["score", "decide"],
        Query(description="score: what would be decided; decide: decisions, kept and audited."),
    ] = "score",
    reasons: Annotated[
        bool, Query(description="False leaves reasons out, which is faster.")
    ] = True,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:  # fmt: skip
    """Accept a batch; workers do it, with the model and the policy of now.

    A row has `user_id`, `application_id`, `application_at` and the product's own columns, an empty
    cell is a value not known. A file that does not fit is refused at once; a row that does not is
    set aside with its reason, and the others are done.
    """
    kind = KINDS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
    if kind is None:
        raise Problem(
            415, "the content type is none a batch comes in", field="Content-Type",
            hint=f"send {', '.join(KINDS)}",
        )  # fmt: skip
    await run_in_threadpool(require_welcome, service, product, caller.key_id, idempotency_key)
    folder = await run_in_threadpool(new_folder, service)
    try:
        digest = hashlib.sha256("\0".join((product, name, mode, str(reasons), kind, "")).encode())
        body = await _received(request, folder, digest, service.settings.batches.sent_bytes)
        asked = BatchRequest(
            product=product, name=name, mode=BatchMode(mode), reasons=reasons,
            owner=caller.key_id, idempotency_key=idempotency_key, digest=digest.hexdigest(),
            kind=kind,
        )  # fmt: skip
        made = await run_in_threadpool(accept, service, asked, folder, body)
        told = await run_in_threadpool(batch_json, service, made)
    finally:
        await run_in_threadpool(remove_folder, folder)
    return JSONResponse(told, status_code=202, headers={"Location": f"/v1/batches/{made.id}"})


async def _received(
    request: Request, folder: FilePath, digest: hashlib._Hash, most: int
) -> FilePath:
    """Write the body to the disk as it comes.

    Raises:
        Problem: It is larger than the limit.
    """
    declared = request.headers.get("content-length", "0")
    too_large = Problem(413, f"the body is larger than {most:,} bytes", hint="send several batches")
    if len(declared) > len(str(most)) or (declared.isdecimal() and int(declared) > most):
        raise too_large
    body, size = folder / "body", 0
    with body.open("xb") as file:
        body.chmod(OWN_FILE)
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise too_large
            digest.update(part)
            await run_in_threadpool(file.write, part)
    return body


@router.get(
    "/v1/batches",
    **documented(batch_answers.BatchList, summary="List batches", roles=STAFF, errors=(422,)),
)
def list_batches(caller: Staff, service: Wired) -> JSONResponse:
    """Return the newest batches: a relationship manager's own, everybody's to others."""
    owner = caller.key_id if caller.role is Role.RELATIONSHIP_MANAGER else None
    found = service.batches.newest(owner)
    return JSONResponse({"batches": [batch_json(service, one) for one in found]})


@router.get(
    "/v1/batches/{batch_id}",
    **documented(
        batch_answers.Batch,
        summary="How far is a batch?",
        roles=STAFF,
        errors=(404, 422),
        owner=Owner.KEY,
    ),
)
def get_batch(batch_id: BatchId, caller: Staff, service: Wired) -> JSONResponse:
    """Return how far a batch is."""
    return JSONResponse(batch_json(service, _own(service, batch_id, caller)))


_RESULTS = documented(
    None, summary="What became of the rows", roles=STAFF, errors=(404, 422), owner=Owner.KEY
)
_RESULTS["responses"][200] = {
    "description": "Every row in the order it was sent; no cell of the CSV starts a formula.",
    "content": {
        "text/csv": {"schema": {"type": "string"}},
        PARQUET: {"schema": {"type": "string", "format": "binary"}},
    },
}


@router.get("/v1/batches/{batch_id}/results", response_class=Response, **_RESULTS)
def get_results(
    batch_id: BatchId, caller: Staff, service: Wired,
    format: Annotated[
        Literal["csv", "parquet"], Query(description="Of the file.")
    ] = "csv",
) -> StreamingResponse:  # fmt: skip
    """Return every row of a batch: its verdict, or why there is none (yet)."""
    batch = _own(service, batch_id, caller)
    headers = {"Content-Disposition": f'attachment; filename="batch-{batch.id}.{format}"'}
    if format == "csv":
        return StreamingResponse(
            results_csv(service, batch), media_type="text/csv; charset=utf-8", headers=headers
        )
    return StreamingResponse(results_parquet(service, batch), media_type=PARQUET, headers=headers)


@router.delete(
    "/v1/batches/{batch_id}",
    **documented(
        batch_answers.Batch, summary="Cancel a batch, or remove one", roles=STAFF,
        errors=(404, 422), owner=Owner.KEY,
    ),
)  # fmt: skip
def cancel_batch(
    batch_id: BatchId, caller: Staff, service: Wired,
    remove: Annotated[
        bool, Query(description="True removes what was sent and the results as well.")
    ] = False,
) -> JSONResponse:  # fmt: skip
    """End a batch where it is; with `remove` nothing of it is left. Decisions it made stay."""
    batch = _own(service, batch_id, caller)
    return JSONResponse((discard if remove else cancel)(service, batch))


def _own(service: Service, batch_id: str, caller: Caller) -> Batch:
    """Return a batch the caller may see; another's is as little there as one that is not.

    Raises:
        NotServedError: There is none.
    """
    batch = service.batches.get(batch_id)
    if caller.role is Role.RELATIONSHIP_MANAGER and batch.owner != caller.key_id:
        raise NotServedError("there is no such batch", hint="check its id", field="batch")
    return batch
