"""Bodies: JSON read strictly and once, with a limit on its size."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema

from solvent.app.intake import RawApplication
from solvent.serve.problems import Problem

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 20_000
Model = TypeVar("Model", bound=BaseModel)
LONGEST_INTEGER = 40
LONGEST_CELL = 10_000
"""Characters in a text, or in the name of a column."""
MOST_CELLS = 1_000
"""Cells in a row."""
# What a cell may hold is judged where its column is known: the fault can then be named by column.
Row = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        }
    ),
]


async def read_body(request: Request) -> bytes:
    """Return the body's bytes.

    Raises:
        Problem: It is larger than the limit.
    """
    declared = request.headers.get("content-length", "0")
    if len(declared) > len(str(MOST_BYTES)) or (
        declared.isdecimal() and int(declared) > MOST_BYTES
    ):
        raise _too_large()
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise _too_large()
        parts.append(part)
    return b"".join(parts)


RawBody = Annotated[bytes, Depends(read_body)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=8, max_length=200, pattern=r"^[\x21-\x7e]+$",
        description="Names the request: sent twice with the same key, it is done once.",
    ),
]  # fmt: skip


def _too_large() -> Problem:
    return Problem(413, f"the body is larger than {MOST_BYTES:,} bytes", hint="send less at once")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class ApplicationBody(_Strict):
    """An application to decide or to score."""

    user_id: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="The customer; left out, the server makes a name."
    )
    application_id: Annotated[str, Field(max_length=200)] = Field(
        default="", description="Your own name of the application."
    )
    application_at: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="ISO 8601 instant with a zone, not in the future; left out: now."
    )
    attributes: Row = Field(
        default_factory=dict, description="Columns of the application; left out: not known."
    )
    events: dict[str, list[Row]] = Field(
        default_factory=dict, description="Rows of sources that the store need not know, by source."
    )

    def application(self) -> RawApplication:
        """Return it as the use case takes it."""
        return RawApplication(
            user_id=self.user_id, application_id=self.application_id,
            application_at=self.application_at, attributes=self.attributes, events=self.events,
        )  # fmt: skip


class EventsBody(_Strict):
    """Rows of one source."""

    source: Annotated[str, Field(min_length=1, max_length=200)]
    rows: Annotated[list[Row], Field(min_length=1, max_length=MOST_ROWS)]


_SMALL = 5 * MOST_CELLS
"""Bytes of a body that cannot hold what is too large: a cell takes five, `"":0,`."""
_TOP = {*ApplicationBody.model_fields, *EventsBody.model_fields}
"""Fields an error may name: those of our own."""


def parse(raw: bytes, model: type[Model]) -> Model:
    """Read a body strictly: no NaN, no number beyond a float, no key twice, nothing unknown.

    Raises:
        Problem: It does not fit; what was sent is not repeated.
    """
    try:
        found = json.loads(
            raw.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite,
            parse_int=_whole, object_pairs_hook=_once,
        )  # fmt: skip
    except (ValueError, RecursionError) as error:
        told = error.args[0] if isinstance(error, _NotStrictError) else "the body is not JSON"
        raise Problem(422, told, hint="send UTF-8 JSON (RFC 8259)", field="body") from None
    if len(raw) > _SMALL:
        _require_small(found)
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise _told(error, model) from None


def _require_small(found: object) -> None:
    """Refuse texts that are too long and rows that are too wide, wherever they are.

    Raises:
        Problem: There is one; what it says is not repeated.
    """
    left: list[tuple[str, object]] = [("body", found)]
    while left:
        field, part = left.pop()
        if isinstance(part, str) and len(part) > LONGEST_CELL:
            raise Problem(
                422, f"holds a text of more than {LONGEST_CELL:,} characters", field=field,
                hint="send what the columns declare: names, categories, times",
            )  # fmt: skip
        if isinstance(part, dict):
            if len(part) > MOST_CELLS:
                raise Problem(
                    422, f"holds a row of more than {MOST_CELLS:,} cells", field=field,
                    hint="send the columns the product declares",
                )  # fmt: skip
            top = found is part
            left += [(field, name) for name in part]
            left += [
                (name if top and name in _TOP else field, value) for name, value in part.items()
            ]
        elif isinstance(part, list):
            left += [(field, one) for one in part]


class _NotStrictError(ValueError):
    """JSON that parsers disagree about."""


def _no_constant(_: str) -> NoReturn:
    raise _NotStrictError("NaN and Infinity are no JSON numbers")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _NotStrictError("a number is too large")
    return number


def _whole(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise _NotStrictError("a number is too large")
    return int(text)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotStrictError("an object has a key twice")
    return found


def _told(error: ValidationError, model: type[BaseModel]) -> Problem:
    """Return what does not fit; a name that the model does not know is not repeated."""
    first: Mapping[str, Any] = error.errors(include_url=False, include_input=False)[0]
    where: list[str] = []
    for part in first["loc"]:
        if not (isinstance(part, int) or (not where and part in model.model_fields)):
            break
        where.append(str(part))
    field = ".".join(where) or "body"
    if first["type"] == "extra_forbidden":
        known = ", ".join(model.model_fields)
        close = difflib.get_close_matches(str(first["loc"][-1]), model.model_fields, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {known}"
        return Problem(422, "holds a field this request does not have", field=field, hint=hint)
    if first["type"] == "missing":
        return Problem(422, "is missing", field=field)
    return Problem(422, f"does not fit: {str(first['msg']).lower()}", field=field)
