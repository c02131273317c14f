"""Errors as `application/problem+json` (RFC 9457); none repeats what somebody sent."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from solvent.errors import (
    BundleError,
    IdempotencyError,
    NotServedError,
    SolventError,
    StoreError,
    WriteError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "5"
log = logging.getLogger("solvent.serve")
_STATUSES: tuple[tuple[type[SolventError], HTTPStatus], ...] = (
    (NotServedError, HTTPStatus.NOT_FOUND),
    (IdempotencyError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (WriteError, HTTPStatus.SERVICE_UNAVAILABLE),
    (BundleError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class Problem(Exception):  # noqa: N818 - the standard's word
    """Something to answer instead of a result.

    Args:
        status: HTTP status.
        detail: What was wrong; never a person's data.
        field: The field it is about.
        hint: What to do about it.
        headers: Further headers.
    """

    def __init__(
        self, status: int, detail: str, *, field: str = "", hint: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.status, self.detail, self.field, self.hint = status, detail, field, hint
        self.headers = dict(headers or {})


def problem_response(problem: Problem) -> JSONResponse:
    """Return a problem as a response."""
    body: dict[str, Any] = {
        "type": "about:blank", "title": HTTPStatus(problem.status).phrase,
        "status": problem.status, "detail": problem.detail,
    }  # fmt: skip
    if problem.field:
        body["field"] = problem.field
    if problem.hint:
        body["hint"] = problem.hint
    return JSONResponse(
        body, status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers
    )


def status_of(error: SolventError) -> HTTPStatus:
    """Return the status that tells an error: what was sent is wrong, unless it is known better."""
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return status
    return HTTPStatus.UNPROCESSABLE_ENTITY


def problem_of(error: SolventError) -> Problem:
    """Return one of our errors as a problem."""
    status = status_of(error)
    away = status is HTTPStatus.SERVICE_UNAVAILABLE
    if away:
        log.error("not served: %s", error.message)
    return Problem(
        status, error.message, field=error.field, hint=error.hint,
        headers={"Retry-After": RETRY_SECONDS} if away else None,
    )  # fmt: skip


def install(api: FastAPI) -> None:
    """Answer every error as a problem."""

    @api.exception_handler(Problem)
    async def _problem(_: Request, error: Exception) -> JSONResponse:
        return problem_response(error if isinstance(error, Problem) else _unexpected())

    @api.exception_handler(SolventError)
    async def _ours(_: Request, error: Exception) -> JSONResponse:
        found = problem_of(error) if isinstance(error, SolventError) else _unexpected()
        return problem_response(found)

    @api.exception_handler(RequestValidationError)
    async def _query(_: Request, error: Exception) -> JSONResponse:
        return problem_response(_invalid(error))

    @api.exception_handler(HTTPException)
    async def _http(_: Request, error: Exception) -> JSONResponse:
        status = getattr(error, "status_code", 500)
        phrase = HTTPStatus(status).phrase.lower()
        headers = getattr(error, "headers", None)
        return problem_response(Problem(status, f"this address answers {phrase}", headers=headers))

    @api.exception_handler(Exception)
    async def _any(_: Request, error: Exception) -> JSONResponse:
        log.error("a bug in solvent: %s", type(error).__name__)
        return problem_response(_unexpected())


def _unexpected() -> Problem:
    return Problem(500, "this should not happen: a bug in solvent", hint="please report it")


def _invalid(error: Exception) -> Problem:
    """Return where a query or path does not fit, without what was sent."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    first: Mapping[str, Any] = found[0] if found else {"loc": (), "msg": "does not fit"}
    field = ".".join(str(part) for part in first["loc"] if part not in {"query", "path", "body"})
    return Problem(422, f"does not fit: {str(first['msg']).lower()}", field=field)
