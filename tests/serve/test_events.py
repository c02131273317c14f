"""Live rows over HTTP: all or none of them, each once."""

from __future__ import annotations

from typing import Any

import httpx

from solvent.store import Role
from tests.serve.lender import Lender, as_json, loan_rows, source_rows


def send(
    api: httpx.Client, lender: Lender, source: str, rows: list[dict[str, Any]], key: str = ""
) -> httpx.Response:
    return api.post(
        "/v1/products/shop/events", json={"source": source, "rows": rows},
        headers=lender.headers(Role.RISK_MANAGER, key),
    )  # fmt: skip


def visits(count: int) -> list[dict[str, Any]]:
    return [
        {"customer": "C1", "at": "2025-05-01T10:00:00Z", "minutes": n % 2} for n in range(count)
    ]


def payments(count: int) -> list[dict[str, Any]]:
    return [as_json(row) for row in source_rows(loan_rows())["payments"][:count]]


def test_rows_with_ids_are_known_again_in_any_batch(api: httpx.Client, lender: Lender) -> None:
    rows = payments(30)
    assert send(api, lender, "payments", rows).json() == {
        "accepted": 30, "repeated": 0, "sequence": 30,
    }  # fmt: skip
    again = send(api, lender, "payments", [*reversed(rows), *payments(33)[30:]]).json()
    assert (again["accepted"], again["repeated"]) == (3, 30)
    assert lender.service.rows.count("shop") == 33


def test_rows_without_ids_are_known_by_their_request(api: httpx.Client, lender: Lender) -> None:
    """Equal rows of one request are two visits; the request sent again adds none."""
    for accepted, repeated in ((4, 0), (0, 4)):
        told = send(api, lender, "visits", visits(4), "visits-of-monday").json()
        assert (told["accepted"], told["repeated"]) == (accepted, repeated)
    told = send(api, lender, "visits", visits(4), "visits-of-tuesday").json()
    assert told["accepted"] == 4


def test_a_key_is_the_callers_own(api: httpx.Client, lender: Lender) -> None:
    for role in (Role.RISK_MANAGER, Role.ADMIN):
        told = api.post(
            "/v1/products/shop/events", json={"source": "visits", "rows": visits(2)},
            headers=lender.headers(role, "visits-of-monday"),
        )  # fmt: skip
        assert told.json()["accepted"] == 2


def test_a_bad_row_keeps_the_others_out(api: httpx.Client, lender: Lender) -> None:
    rows = payments(10)
    answer = send(api, lender, "payments", [*rows, {**rows[0], "amount": "much"}])
    assert answer.status_code == 422
    assert answer.json()["field"] == "rows.10.amount"
    assert lender.service.rows.count("shop") == 0


def test_rows_sent_along_count_for_somebody_unknown(api: httpx.Client, lender: Lender) -> None:
    """Rows sent with an application decide as the same rows kept before do, and are not kept."""
    rows = [{**row, "customer": "somebody"} for row in payments(12)]
    body = {"attributes": {"amount": 500}, "application_at": "2023-05-01T10:00:00Z"}
    headers = lender.headers(Role.ADMIN)
    alone = [{k: v for k, v in row.items() if k != "customer"} for row in rows]

    def score(**more: Any) -> Any:
        answer = api.post("/v1/products/shop/score", json={**body, **more}, headers=headers)
        assert answer.status_code == 200
        return answer.json()["pd"]

    bare, along = score(), score(events={"payments": alone})
    assert bare != along
    assert score(user_id="somebody", events={"payments": rows}) == along
    decided = api.post(
        "/v1/products/shop/decisions",
        json={**body, "events": {"payments": alone}}, headers=headers,
    ).json()  # fmt: skip
    assert decided["pd"] == along
    assert lender.service.rows.count("shop") == 0
    assert send(api, lender, "payments", rows).status_code == 200
    assert score(user_id="somebody") == along


def test_most_rows_of_a_request(api: httpx.Client, lender: Lender) -> None:
    rows = visits(20_001)
    assert send(api, lender, "visits", rows, "too-many-rows").status_code == 422
    assert send(api, lender, "visits", rows[:20_000], "many-rows").json()["accepted"] == 20_000


def test_rows_of_a_future_day_wait_until_then(api: httpx.Client, lender: Lender) -> None:
    row = {"customer": "C1", "at": "2031-05-01T10:00:00Z", "minutes": 900}
    headers, body = lender.headers(Role.ADMIN), {"user_id": "C1", "attributes": {"amount": 500}}

    def pd() -> Any:
        return api.post("/v1/products/shop/score", json=body, headers=headers).json()["pd"]

    before = pd()
    assert send(api, lender, "visits", [row], "the-future").status_code == 200
    assert pd() == before
