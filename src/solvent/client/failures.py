"""What went wrong, as an error of ours a person understands."""

from __future__ import annotations

import json
from collections.abc import Mapping

from solvent.errors import (
    ClientError,
    ConflictError,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    RefusedError,
    UnavailableError,
)

_KINDS: dict[int, tuple[type[ClientError], str, str]] = {
    401: (
        NotSignedInError,
        "the API does not know this key",
        "ask your administrator for a key: solvent keys create",
    ),
    403: (
        RefusedError,
        "this key's role may not do that",
        "ask your administrator for a key with the role you need",
    ),
    404: (NotFoundError, "there is no such thing on the server", ""),
    409: (ConflictError, "the server has something else under that name", ""),
    413: (InvalidError, "what was sent is too large", "send fewer rows at a time"),
    422: (InvalidError, "the server cannot use what was sent", ""),
    503: (
        UnavailableError,
        "the API cannot work at the moment",
        "try again in a minute; your administrator sees why in the server's log",
    ),
}


def failure(status: int, body: bytes) -> ClientError:
    """Return the error an answer that is not a success stands for.

    Args:
        status: HTTP status.
        body: `application/problem+json`, or whatever a proxy in between said.

    >>> failure(422, b'{"detail": "must be at least 18", "field": "age", "hint": "in years"}')
    InvalidError('must be at least 18')
    >>> failure(502, b"<html>Bad gateway</html>")
    UnavailableError('the server answered 502')
    """
    problem = _problem(body)
    kind, message, hint = _KINDS.get(status, _other(status))
    return kind(
        _text(problem, "detail") or _text(problem, "title") or message,
        hint=_text(problem, "hint") or hint,
        field=_text(problem, "field"),
    )


def _other(status: int) -> tuple[type[ClientError], str, str]:
    said = f"the server answered {status}"
    if status >= 500:
        return UnavailableError, said, "try again in a minute; the server's log says more"
    return ClientError, said, "check the address of the API"


def _problem(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(problem: Mapping[str, object], name: str) -> str:
    value = problem.get(name)
    return value if isinstance(value, str) else ""


def unreachable(address: str, *, late: bool, seconds: float) -> UnavailableError:
    """Return the error of an API that does not answer.

    Args:
        address: Where it was expected.
        late: True where it was reached and did not answer in time.
        seconds: How long was waited.
    """
    # Without its scheme, so that no page makes a link of it.
    place = address.partition("://")[2] or address
    if late:
        return UnavailableError(
            f"the API at {place} did not answer within {seconds:g} seconds",
            hint="try again; if it stays slow, tell your administrator",
        )
    return UnavailableError(f"nobody answers at {place}", hint="start the API with: solvent serve")
