"""The documentation: complete, honest, and a page of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from solvent.serve import answers, auditing, bodies, outcome_bodies, products
from solvent.serve.examples import EXAMPLES

SCHEMAS = (answers, auditing, bodies, outcome_bodies, products)
"""Modules with what is sent and answered."""


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            yield f"{method.upper()} {path}", told


@pytest.fixture
def schema(api: httpx.Client) -> dict[str, Any]:
    return dict(api.get("/openapi.json").json())


def test_every_endpoint_says_what_it_does_takes_and_answers(schema: dict[str, Any]) -> None:
    for name, told in operations(schema):
        assert told["summary"], name
        assert told["description"], name
        assert told["tags"], name
        for parameter in told.get("parameters", ()):
            assert parameter["description"], (name, parameter["name"])
        (done,) = [code for code in told["responses"] if code.startswith("2")]
        (media, answer) = next(iter(told["responses"][done]["content"].items()))
        assert media in {"application/json", "text/csv", "text/plain"}
        assert set(answer["schema"]) & {"$ref", "anyOf", "type"}, name
        if "requestBody" in told:
            first = next(iter(told["requestBody"]["content"].values()))
            assert first["example"], name
            assert {"408", "413"} <= set(told["responses"])


def test_every_error_is_a_problem(schema: dict[str, Any]) -> None:
    for name, told in operations(schema):
        errors = {code: one for code, one in told["responses"].items() if code[0] != "2"}
        for one in errors.values():
            assert list(one["content"]) == ["application/problem+json"], name
            assert one["content"]["application/problem+json"]["schema"] == {
                "$ref": "#/components/schemas/Problem"
            }
        if told["security"]:
            assert {"401", "403", "429", "503"} <= set(errors), name
        if any(one["in"] == "path" for one in told.get("parameters", ())):
            assert {"404", "422"} <= set(errors), name


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for one in part.values():
                yield from references(one)
        elif isinstance(part, list):
            for one in part:
                yield from references(one)

    known = schema["components"]["schemas"]
    assert {one.rpartition("/")[2] for one in references(schema)} <= set(known)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_is_what_it_is_an_example_of(name: str) -> None:
    (model,) = [getattr(one, name) for one in SCHEMAS if hasattr(one, name)]
    assert issubclass(model, BaseModel)
    model.model_validate(EXAMPLES[name])


def test_the_page_tells_of_every_endpoint(api: httpx.Client, schema: dict[str, Any]) -> None:
    page = api.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    for name, told in operations(schema):
        assert f"<code>{name}</code>" in page.text
        assert told["summary"] in page.text
        for parameter in told.get("parameters", ()):
            assert f"<code>{parameter['name']}</code>" in page.text
    assert page.text.count("<h3>Request</h3>") == 4
    assert page.text.count("<h3>Answer") == 23
    assert "/apply/style.css" in page.text
