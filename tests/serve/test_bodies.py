"""Bodies are read strictly, faults name their field, and nothing sent is repeated or logged."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest

from solvent.serve.bodies import LONGEST_CELL, MOST_BYTES
from solvent.store import Role
from tests.serve.lender import SAFE, Lender

MARK = "Zaphod Beeblebrox"
"""A person's value: no answer and no log may hold it."""
DEEP = 100_000
VISIT = {"customer": "C1", "at": "2025-05-01T10:00:00Z", "minutes": 3.0}
PAYMENT = {
    "payment_id": 1, "customer": "C1", "paid_at": "2025-05-01T10:00:00Z",
    "booked_at": "2025-05-02T10:00:00Z", "amount": 12.5, "note": "card",
}  # fmt: skip


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    for client in ("httpx", "httpcore"):  # what the test itself sends is no word of the server's
        caplog.set_level(logging.WARNING, client)
    return caplog


def application(**changed: Any) -> str:
    return json.dumps({"user_id": "C1", "attributes": SAFE, **changed})


def attributes(**changed: Any) -> str:
    return application(attributes={**SAFE, **changed})


def raw_attribute(text: str) -> str:
    return f'{{"attributes": {{"income": {text}}}}}'


# What is sent, and the field that the answer names.
APPLICATIONS: dict[str, tuple[str | bytes, str]] = {
    "not JSON": (f'{{"user_id": "{MARK}"', "body"),
    "nothing": ("", "body"),
    "text": (f'"{MARK}"', "body"),
    "a list": (f'["{MARK}"]', "body"),
    "null": ("null", "body"),
    "NaN": (raw_attribute("NaN"), "body"),
    "Infinity": (raw_attribute("-Infinity"), "body"),
    "1e400": (raw_attribute("1e400"), "body"),
    "a long integer": (raw_attribute("9" * 5_000), "body"),
    "a large integer": (raw_attribute("9" * 39), "attributes.income"),
    "a key twice": (f'{{"user_id": "a", "user_id": "{MARK}"}}', "body"),
    "a key twice within": (f'{{"attributes": {{"income": 1, "income": "{MARK}"}}}}', "body"),
    "UTF-16": (application(user_id=MARK).encode("utf-16"), "body"),
    "a byte order mark": (b"\xef\xbb\xbf" + application(user_id=MARK).encode(), "body"),
    "no UTF-8": (b'{"user_id": "\xff\xfe"}', "body"),
    "half a pair in bytes": (b'{"user_id": "\xed\xa0\x80"}', "body"),
    "deep nesting": ('{"attributes": ' + "[" * DEEP, "body"),
    "deep and closed": ('{"attributes": ' + "[" * DEEP + "]" * DEEP + "}", "body"),
    "an unknown field": (application(**{MARK: 1}), "body"),
    "half a pair": ('{"user_id": "\\ud800"}', "user_id"),
    "half a pair as an attribute": ('{"attributes": {"city": "\\udfff"}}', "attributes.city"),
    "half a pair as a name": ('{"attributes": {"\\ud800": 1}}', "attributes"),
    "NUL in the number": (application(user_id="a\0" + MARK), "user_id"),
    "NUL in the id": (application(application_id="a\0" + MARK), "application_id"),
    "NUL in a category": (attributes(city=f"{MARK}\0"), "attributes.city"),
    "a number as user_id": (application(user_id=12), "user_id"),
    "an empty user_id": (application(user_id=""), "user_id"),
    "a blank user_id": (application(user_id="  "), "user_id"),
    "a long user_id": (application(user_id=MARK * 20), "user_id"),
    "a list as user_id": (application(user_id=[MARK]), "user_id"),
    "a long application_id": (application(application_id=MARK * 20), "application_id"),
    "null as application_id": (application(application_id=None), "application_id"),
    "attributes as a list": (application(attributes=[MARK]), "attributes"),
    "an unknown attribute": (attributes(**{MARK: 1}), "attributes"),
    "a misspelt attribute": (attributes(incom=1), "attributes"),
    "a protected attribute": (attributes(faith=MARK), "attributes.faith"),
    "the key as an attribute": (attributes(customer=MARK), "attributes"),
    "the outcome": (attributes(defaulted=MARK), "attributes"),
    "words for money": (attributes(income=MARK), "attributes.income"),
    "too many decimals": (attributes(income=1.005), "attributes.income"),
    "money out of range": (attributes(income=1e30), "attributes.income"),
    "a fraction of months": (attributes(months=1.5), "attributes.months"),
    "words for a number": (attributes(ratio=MARK), "attributes.ratio"),
    "a list for a number": (attributes(ratio=[MARK]), "attributes.ratio"),
    "an object for a city": (attributes(city={MARK: MARK}), "attributes.city"),
    "no date": (attributes(born=MARK), "attributes.born"),
    "no such day": (attributes(born="2001-02-29"), "attributes.born"),
    "words for an instant": (application(application_at=MARK), "application_at"),
    "a number for an instant": (application(application_at=1), "application_at"),
    "an instant without a zone": (
        application(application_at="2025-05-01T10:00:00"), "application_at",
    ),
    "a day for an instant": (application(application_at="2025-05-01"), "application_at"),
    "an empty instant": (application(application_at=""), "application_at"),
    "the future": (application(application_at="2025-06-01T12:00:00.000001Z"), "application_at"),
    "events as a list": (application(events=[MARK]), "events"),
    "rows as text": (application(events={"visits": MARK}), "events"),
    "a row as text": (application(events={"visits": [MARK]}), "events"),
    "an unknown source": (application(events={MARK: [VISIT]}), "events"),
    "an unknown column": (
        application(events={"visits": [VISIT, {**VISIT, MARK: 1}]}), "events.visits.1",
    ),
    "a bad cell": (
        application(events={"visits": [{**VISIT, "minutes": MARK}]}), "events.visits.0.minutes",
    ),
    "no time": (application(events={"visits": [{"minutes": 1}]}), "events.visits.0.at"),
    "somebody else's row": (
        application(events={"visits": [{**VISIT, "customer": MARK}]}), "events.visits.0",
    ),
    "an id that is no whole number": (
        application(events={"payments": [{**PAYMENT, "payment_id": MARK}]}),
        "events.payments.0.payment_id",
    ),
}  # fmt: skip


def rows(*some: Any, source: Any = "payments", **changed: Any) -> str:
    return json.dumps({"source": source, "rows": list(some), **changed})


EVENTS: dict[str, tuple[str | bytes, str]] = {
    "not JSON": (f"{MARK}", "body"),
    "no source": (json.dumps({"rows": [VISIT]}), "source"),
    "no rows": (json.dumps({"source": "visits"}), "rows"),
    "an empty list": (rows(), "rows"),
    "an unknown field": (rows(PAYMENT, **{MARK: 1}), "body"),
    "an unknown source": (rows(PAYMENT, source=MARK), "source"),
    "a number as source": (rows(PAYMENT, source=1), "source"),
    "a row as text": (rows(PAYMENT, MARK), "rows.1"),
    "a list as a cell": (rows({**PAYMENT, "note": [MARK]}), "rows.0.note"),
    "an unknown column": (rows(PAYMENT, {**PAYMENT, MARK: MARK}), "rows.1"),
    "no key": (rows({**PAYMENT, "customer": None}), "rows.0.customer"),
    "a blank key": (rows({**PAYMENT, "customer": "  "}), "rows.0.customer"),
    "NUL in the key": (rows({**PAYMENT, "customer": f"{MARK}\0"}), "rows.0.customer"),
    "a long key": (rows({**PAYMENT, "customer": MARK * 20}), "rows.0.customer"),
    "no id": (rows({k: v for k, v in PAYMENT.items() if k != "payment_id"}), "rows.0.payment_id"),
    "an id that is no whole number": (
        rows({**PAYMENT, "payment_id": f"7{MARK}"}), "rows.0.payment_id",
    ),
    "an id out of range": (rows({**PAYMENT, "payment_id": 2**70}), "rows.0.payment_id"),
    "no instant": (rows({**PAYMENT, "paid_at": MARK}), "rows.0.paid_at"),
    "money in words": (rows({**PAYMENT, "amount": MARK}), "rows.0.amount"),
    "NaN": (f'{{"source": "visits", "rows": [{{"customer": "{MARK}", "minutes": NaN}}]}}', "body"),
    "no name of the batch": (rows(VISIT, source="visits"), "Idempotency-Key"),
}  # fmt: skip


def require_refused(
    answer: httpx.Response, field: str, logged: pytest.LogCaptureFixture, status: int = 422
) -> None:
    """Hold that an answer is a problem about a field, and repeats nothing."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert set(told) <= {"type", "title", "status", "detail", "field", "hint"}
    assert told["field"] == field
    assert told["detail"]
    for word in MARK.split():
        assert word.lower() not in answer.text.lower()
        assert word.lower() not in logged.text.lower()


@pytest.mark.parametrize("address", ["decisions", "score"])
def test_a_bad_application_is_refused_by_field_and_not_repeated(
    api: httpx.Client, lender: Lender, logged: pytest.LogCaptureFixture, address: str
) -> None:
    headers = {**lender.headers(Role.ADMIN), "Content-Type": "application/json"}
    for what, (body, field) in APPLICATIONS.items():
        answer = api.post(f"/v1/products/shop/{address}", content=body, headers=headers)
        assert answer.status_code == 422, what
        require_refused(answer, field, logged)
    assert lender.service.decisions.count("shop") == 0


def test_bad_rows_are_refused_by_field_and_not_repeated(
    api: httpx.Client, lender: Lender, logged: pytest.LogCaptureFixture
) -> None:
    for what, (body, field) in EVENTS.items():
        answer = api.post(
            "/v1/products/shop/events", content=body, headers=lender.headers(Role.ADMIN)
        )
        assert answer.status_code == 422, what
        require_refused(answer, field, logged)
    assert lender.service.rows.count("shop") == 0


def test_a_slip_of_the_pen_is_told_what_was_meant(api: httpx.Client, lender: Lender) -> None:
    headers = lender.headers(Role.ADMIN)
    for body, hint in (
        ({"attributes": {"incom": 1}}, "'income'"),
        ({"atributes": {}}, "'attributes'"),
        ({"events": {"payment": []}, "attributes": {"city": 1, "xyz": 1}}, "known: "),
    ):
        answer = api.post("/v1/products/shop/score", json=body, headers=headers)
        assert hint in answer.json()["hint"]


def test_a_bad_key_or_query_is_refused_and_not_repeated(
    api: httpx.Client, lender: Lender, logged: pytest.LogCaptureFixture
) -> None:
    headers = lender.headers(Role.ADMIN)
    for key in (MARK, "short", MARK.replace(" ", "-") * 20):
        answer = api.post(
            "/v1/products/shop/decisions", json={}, headers={**headers, "Idempotency-Key": key}
        )
        require_refused(answer, "Idempotency-Key", logged)
    for address, field in (
        (f"/v1/products/shop/portfolio?cutoff={MARK}", "cutoff"),
        ("/v1/products/shop/portfolio?cutoff=nan", "cutoff"),
        ("/v1/products/shop/portfolio?cutoff=1.01", "cutoff"),
        (f"/v1/products/shop/campaign?confidence={MARK}", "confidence"),
        ("/v1/products/shop/campaign?confidence=inf", "confidence"),
        ("/v1/products/shop/campaign?confidence=1", "confidence"),
        (f"/v1/products/shop/clients?limit={MARK}", "limit"),
        ("/v1/products/shop/clients?limit=201", "limit"),
        ("/v1/products/shop/clients?offset=-1", "offset"),
        (f"/v1/products/shop/clients?search={MARK * 20}", "search"),
        (f"/v1/products/shop/clients?search={MARK}%00", "search"),
        (f"/v1/products/shop/portfolio?{MARK}=0.2", "query"),
        ("/v1/products/shop/portfolio?cutof=0.2", "query"),
        (f"/v1/products/shop/clients?search={MARK}&search=C", "search"),
        (f"/v1/me?{MARK}", "query"),
        (f"/v1/jobs/{MARK}", "job_id"),
        (f"/v1/products/{MARK * 20}", "product"),
    ):
        require_refused(api.get(address, headers=headers), field, logged)
    for address, field in (
        (f"/v1/products/{MARK}", "product"),
        (f"/v1/products/shop/clients/{MARK}", "client"),
        ("/v1/jobs/99999999999999999999", "job"),
        ("/v1/jobs/0", "job"),
    ):
        require_refused(api.get(address, headers=headers), field, logged, 404)


def test_a_body_has_a_limit_told_or_not(
    api: httpx.Client, lender: Lender, logged: pytest.LogCaptureFixture
) -> None:
    headers = lender.headers(Role.ADMIN)
    large = json.dumps({"user_id": MARK * (MOST_BYTES // len(MARK) + 1)}).encode()

    def in_pieces() -> Any:
        yield from (large[at : at + 65_536] for at in range(0, len(large), 65_536))

    for content in (large, in_pieces()):
        answer = api.post("/v1/products/shop/decisions", content=content, headers=headers)
        assert answer.status_code == 413
        assert MARK not in answer.text + logged.text


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"attributes": {"city": MARK * 600}}, "attributes", "text of more than 10,000"),
        ({"attributes": {MARK * 600: 1}}, "attributes", "text of more than 10,000"),
        ({"attributes": {f"{MARK}{n}": n for n in range(1_001)}}, "attributes", "1,000 cells"),
        ({"events": {"visits": [{"at": MARK * 600}]}}, "events", "text of more than 10,000"),
        ({MARK * 600: 1}, "body", "text of more than 10,000"),
        ([MARK * 600], "body", "text of more than 10,000"),
    ],
)
def test_cells_have_a_limit(
    api: httpx.Client, lender: Lender, body: Any, field: str, words: str
) -> None:
    answer = api.post("/v1/products/shop/decisions", json=body, headers=lender.headers(Role.ADMIN))
    told = answer.json()
    assert (answer.status_code, told["field"]) == (422, field)
    assert words in told["detail"]
    assert MARK not in answer.text


def test_a_text_as_long_as_may_be_is_read(api: httpx.Client, lender: Lender) -> None:
    body = {"attributes": {**SAFE, "city": "x" * LONGEST_CELL}}
    headers = lender.headers(Role.ADMIN)
    assert api.post("/v1/products/shop/score", json=body, headers=headers).status_code == 200


def test_a_sound_decision_leaves_no_value_in_the_log(
    api: httpx.Client, lender: Lender, logged: pytest.LogCaptureFixture
) -> None:
    body = application(user_id=MARK, application_id=MARK, attributes={**SAFE, "city": MARK})
    answer = api.post(
        "/v1/products/shop/decisions", content=body, headers=lender.headers(Role.ADMIN)
    )
    assert answer.status_code == 201
    assert answer.json()["user_id"] == MARK
    lender.service.database.close()
    assert MARK not in logged.text


def test_a_bug_lets_no_word_out(
    api: httpx.Client, lender: Lender, logged: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """What an unexpected error says is neither answered nor logged; where it was raised is."""

    def broken() -> int:
        raise ValueError(f"{MARK} broke it")

    monkeypatch.setattr(lender.service, "now", broken)
    answer = api.post(
        "/v1/products/shop/decisions", json={"attributes": SAFE}, headers=lender.headers(Role.ADMIN)
    )
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "ValueError" in logged.text
    assert "in decide" in logged.text
    assert MARK not in answer.text + logged.text


def test_unknown_addresses_and_methods_are_problems(api: httpx.Client) -> None:
    for method, address, status in (
        ("GET", "/v1/nothing", 404), ("GET", "/nothing", 404), ("DELETE", "/v1/me", 405),
        ("POST", "/v1/me", 405), ("PUT", "/v1/products/shop/decisions", 405),
    ):  # fmt: skip
        answer = api.request(method, address)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
    assert "allow" in api.delete("/v1/me").headers
