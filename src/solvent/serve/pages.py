"""Pages of HTML: the templates, and the page that says sorry."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import datetime

import jinja2
from fastapi.responses import HTMLResponse


@functools.cache
def templates() -> jinja2.Environment:
    """Return the templates; whatever is put into one is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("solvent.serve", "templates"), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["day"] = _day
    return environment


def _day(instant: str) -> str:
    """Return the day of an ISO instant as a person writes it.

    >>> _day("2026-11-26T10:00:00Z")
    '26 November 2026'
    """
    moment = datetime.fromisoformat(instant)
    return f"{moment.day} {moment:%B %Y}"


def page(name: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page."""
    return HTMLResponse(templates().get_template(name).render(**values), status_code=status)


def sorry(
    status: int, heading: str, words: str, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Return the page that says what did not work."""
    found = page("sorry.html.j2", status=status, heading=heading, words=words)
    found.headers.update(headers or {})
    return found
