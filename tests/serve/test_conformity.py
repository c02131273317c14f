"""schemathesis against the API over HTTP: no 5xx, answers as documented, problems for errors.

Left out: `positive_data_acceptance`, since which attributes and rows are sound is the product's
word, so most of what the document allows is refused with a 422, as it should be; and of requests
without a body `negative_data_rejection`, which also judges what never leaves the client, such as a
parameter whose list is empty. Keys are the matter of test_access.py.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, load_all_checks

from solvent.app.events import load_files
from solvent.app.worker import Worker
from solvent.store import Role
from tests.serve.lender import SAFE, Lender
from tests.serve.test_access import TABLE

MODES = tuple(schemathesis.GenerationMode)
SOME, MANY = 10, 500
"""Examples of an operation in each mode and with each kind of path."""
PROBLEM = "application/problem+json"
REFUSED = ["4XX"]
log = logging.getLogger(__name__)
CELL: dict[str, Any] = {}  # anything JSON can say


class Counted(requests.Session):
    """A session that counts what is answered.

    Args:
        counts: Statuses.
    """

    def __init__(self, counts: Counter[int]) -> None:
        super().__init__()
        self.trust_env = False
        self._counts = counts

    def request(self, *args: Any, **given: Any) -> requests.Response:
        answer = super().request(*args, **given)
        self._counts[answer.status_code] += 1
        return answer


def checks(*, body: bool) -> list[Callable[..., Any]]:
    load_all_checks()
    left_out = {"positive_data_acceptance", *(() if body else ("negative_data_rejection",))}
    return [check for check in CHECKS.get_all() if check.__name__ not in left_out]


def enriched(schema: dict[str, Any], lender: Lender) -> dict[str, Any]:
    """Name the product's columns and sources in the bodies, so that they are tried."""
    live, paths = lender.service.product("shop"), schema["paths"]
    for methods in paths.values():
        for told in methods.values():
            told["security"] = []  # the key is sent with every request
    columns = dict.fromkeys(live.applications.columns, CELL)
    for address in ("decisions", "score"):
        body = _body(paths[f"/v1/products/{{product}}/{address}"])
        body["properties"]["attributes"]["properties"] = columns
        body["properties"]["events"]["properties"] = {
            name: {"type": "array", "items": _row(table)} for name, table in live.sources.items()
        }
    body = _body(paths["/v1/products/{product}/events"])
    body["properties"]["source"]["enum"] = list(live.sources)
    body["properties"]["rows"]["items"] = {"anyOf": [_row(one) for one in live.sources.values()]}
    return schema


def _body(methods: dict[str, Any]) -> Any:
    return methods["post"]["requestBody"]["content"]["application/json"]["schema"]


def _row(table: Any) -> dict[str, Any]:
    names = [table.key, table.time_column, table.available, getattr(table, "id", None)]
    known = [name for name in (*names, *table.columns) if name is not None]
    return {"type": "object", "properties": dict.fromkeys(known, CELL)}


def paths_of(lender: Lender, api: httpx.Client) -> dict[str, str]:
    """Return what the names in paths may stand for, so that endpoints are reached."""
    load_files(lender.service, lender.service.product("shop"), lender.folder / "data")
    headers = lender.headers(Role.ADMIN)
    decided = api.post(
        "/v1/products/shop/decisions", json={"user_id": "C0001", "attributes": SAFE},
        headers=headers,
    ).json()  # fmt: skip
    job = api.post("/v1/products/shop/campaign/refresh", headers=headers).json()
    assert Worker(lender.service).work_once()
    return {
        "product": "shop", "key": "C0001", "feature": "income", "decision_id": decided["id"],
        "job_id": job["id"],
    }  # fmt: skip


def run(api: httpx.Client, lender: Lender, examples: int) -> Counter[int]:
    """Try every operation with sound and unsound data, on known and on random paths."""
    known = paths_of(lender, api)
    document = enriched(api.get("/openapi.json").json(), lender)
    config = schemathesis.Config.from_dict(
        {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    counts: Counter[int] = Counter()
    session = Counted(counts)
    for found in schema.get_all_operations():
        operation = found.ok()
        used = checks(body=bool(operation.body))

        def judge(case: schemathesis.Case, used: Any = used) -> None:
            headers = lender.headers(Role.ADMIN)
            answer = case.call(base_url=str(api.base_url), session=session, headers=headers)
            assert answer.status_code < 500, answer.text
            if answer.status_code >= 400:
                _require_problem(answer)
            case.validate_response(
                answer, checks=used, headers=headers, transport_kwargs={"session": session}
            )

        for mode in MODES:
            for path in _paths(operation.path, known):
                with suppress(Unsatisfiable):  # what takes nothing cannot be sent anything wrong
                    _try(operation.as_strategy(generation_mode=mode, **path), examples, judge)
    return counts


def _try(strategy: Any, examples: int, judge: Callable[[Any], None]) -> None:
    @seed(20_261_101)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def one(case: schemathesis.Case) -> None:
        judge(case)

    one()


def _paths(path: str, known: dict[str, str]) -> Iterator[dict[str, Any]]:
    names = {name: value for name, value in known.items() if f"{{{name}}}" in path}
    if names:
        yield {"path_parameters": names}
    yield {}


def _require_problem(answer: Any) -> None:
    assert answer.headers["content-type"][0] == PROBLEM
    told = json.loads(answer.content)
    assert told["status"] == answer.status_code
    assert told["detail"]


def test_the_api_is_as_it_is_documented(api: httpx.Client, lender: Lender) -> None:
    counts = run(api, lender, SOME)
    assert counts.total() >= 300
    assert not [status for status in counts if status >= 500]
    assert set(counts) >= {200, 201, 202, 404, 422}


@pytest.mark.long
def test_the_api_is_as_it_is_documented_at_length(
    api: httpx.Client, lender: Lender, caplog: pytest.LogCaptureFixture
) -> None:
    counts = run(api, lender, MANY)
    caplog.set_level(logging.INFO)
    log.info("%d requests to %d endpoints: %s", counts.total(), len(TABLE), dict(counts))
    assert counts.total() >= 20_000
    assert not [status for status in counts if status >= 500]
