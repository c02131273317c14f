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
from starlette.responses import Response

from solvent.errors import (
    BundleError,
    BusyError,
    IdempotencyError,
    NotServedError,
    SolventError,
    StoreError,
    WriteError,
)
from solvent.serve.pages import sorry

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "5"
_RETRIES = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": RETRY_SECONDS},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": "60"},
}
log = logging.getLogger("solvent.serve")
_STATUSES: tuple[tuple[type[SolventError], HTTPStatus], ...] = (
    (BusyError, HTTPStatus.TOO_MANY_REQUESTS),
    (NotServedError, HTTPStatus.NOT_FOUND),
    (IdempotencyError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (WriteError, HTTPStatus.SERVICE_UNAVAILABLE),
    (BundleError, HTTPStatus.SERVICE_UNAVAILABLE),
)


FORM = "/apply"
_FOR_PEOPLE = {
    404: ("There is no such page", "The address is not complete, or nothing can be applied for."),
    413: ("That was too much", "What you sent is larger than any form of ours."),
    429: ("Please wait a moment", "Too much came from where you are. Try again in a minute."),
    503: ("We cannot answer right now", "Nothing was decided. Please try again in a minute."),
}
_SENT_BEFORE = "You have sent this form already", "It was answered. Please start a new request."
_PLACES = {"query", "path", "body", "header"}


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
        headers=_RETRIES.get(status),
    )  # fmt: skip


def install(api: FastAPI) -> None:
    """Answer every error as a problem, and people at the form in words."""

    @api.exception_handler(Problem)
    async def _problem(request: Request, error: Exception) -> Response:
        return answered(request, error if isinstance(error, Problem) else unexpected())

    @api.exception_handler(SolventError)
    async def _ours(request: Request, error: Exception) -> Response:
        found = problem_of(error) if isinstance(error, SolventError) else unexpected()
        return answered(request, found)

    @api.exception_handler(RequestValidationError)
    async def _query(request: Request, error: Exception) -> Response:
        return answered(request, _invalid(error))

    @api.exception_handler(HTTPException)
    async def _http(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 500)
        phrase = HTTPStatus(status).phrase.lower()
        headers = getattr(error, "headers", None)
        return answered(request, Problem(status, f"this address answers {phrase}", headers=headers))


def answered(request: Request, problem: Problem) -> Response:
    """Return a problem as whoever asked reads it: a page below /apply, JSON elsewhere."""
    if not request.url.path.startswith(FORM):
        return problem_response(problem)
    return sorry_for(problem)


def sorry_for(problem: Problem) -> Response:
    """Return a problem as a page."""
    heading, words = _FOR_PEOPLE.get(problem.status, ("This did not work", "Please start again."))
    if problem.field == "idempotency_key":
        heading, words = _SENT_BEFORE
    return sorry(problem.status, heading, words, problem.headers)


def unexpected() -> Problem:
    """Return the problem of a bug."""
    return Problem(500, "this should not happen: a bug in solvent", hint="please report it")


def _invalid(error: Exception) -> Problem:
    """Return where a query, path or header does not fit, without what was sent."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    first: Mapping[str, Any] = found[0] if found else {"loc": (), "msg": "does not fit"}
    field = ".".join(str(part) for part in first["loc"] if part not in _PLACES)
    if first.get("type") == "string_pattern_mismatch":
        return Problem(422, "holds characters that are not allowed", field=field)
    return Problem(422, f"does not fit: {str(first['msg']).lower()}", field=field)
