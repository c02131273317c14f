"""A decision is made once, kept before it is answered, and answered as it was kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event, text

from solvent.app.audit import check_audit, write_checkpoint
from solvent.serve import health
from solvent.store import Role
from tests.serve.lender import NEW, RISKY, SAFE, Lender

THREADS, DUPLICATES = 8, 20
KEY = "request-0001"
ADDRESS = "/v1/products/shop/decisions"
FAILS_AT_COMMIT = """CREATE TRIGGER broken AFTER INSERT ON decisions BEGIN
    INSERT INTO answers VALUES ('nobody', new.id, '', 'no such decision', x''); END"""
"""An answer to nothing: the database sees at COMMIT that its foreign key is wrong."""
AUDIT_REFUSES = """CREATE TRIGGER deaf BEFORE INSERT ON audit BEGIN
    SELECT RAISE(ABORT, 'out of order'); END"""


def ask(
    api: httpx.Client, lender: Lender, role: str = Role.ADMIN, key: str = "", **body: Any
) -> httpx.Response:
    return api.post(ADDRESS, json=body or {"attributes": SAFE}, headers=lender.headers(role, key))


@contextmanager
def read_only(lender: Lender) -> Iterator[None]:
    """Let every connection refuse to write, as on a disk mounted read-only."""

    def forbid(connection: Any, _: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    engine = lender.service.database._engine
    event.listen(engine, "connect", forbid)
    engine.dispose()
    yield
    event.remove(engine, "connect", forbid)
    engine.dispose()


@contextmanager
def fails_at_commit(lender: Lender) -> Iterator[None]:
    with lender.service.database.transaction() as connection:
        connection.execute(text(FAILS_AT_COMMIT))
    yield
    with lender.service.database.transaction() as connection:
        connection.execute(text("DROP TRIGGER broken"))


def test_the_same_key_and_body_get_the_same_bytes_and_one_decision(
    api: httpx.Client, lender: Lender
) -> None:
    for role in (Role.ADMIN, Role.APPLICANT):
        before = lender.service.decisions.count("shop")
        first = ask(api, lender, role, KEY)
        lender.service.now = lambda: 1_800_000_000_000_000  # it is later, and says the same
        again = ask(api, lender, role, KEY)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert lender.service.decisions.count("shop") == before + 1


@pytest.mark.parametrize("role", [Role.ADMIN, Role.APPLICANT])
def test_a_first_answer_outlives_the_product_that_gave_it(
    api: httpx.Client, lender: Lender, role: Role
) -> None:
    """Nothing is served any more, by no title: the key still gets the bytes it got."""
    first = ask(api, lender, role, KEY)
    assert first.status_code == 201
    lender.service.live = {}
    again = ask(api, lender, role, KEY)
    assert (again.status_code, again.content) == (201, first.content)
    assert ask(api, lender, role, "another-key").status_code == 404


def test_the_same_key_and_another_body_are_refused(api: httpx.Client, lender: Lender) -> None:
    first = ask(api, lender, key=KEY)
    for body in ({"attributes": RISKY}, {}, {"attributes": {**SAFE, "income": 4801}}):
        answer = api.post(ADDRESS, json=body, headers=lender.headers(Role.ADMIN, KEY))
        assert answer.status_code == 422
        assert answer.json()["field"] == "idempotency_key"
    other = api.post(
        "/v1/products/trees/decisions", json={"attributes": SAFE},
        headers=lender.headers(Role.ADMIN, KEY),
    )  # fmt: skip
    assert other.status_code == 422  # another product is another request
    assert ask(api, lender, key=KEY).content == first.content
    assert lender.service.decisions.count("shop") == 1


def test_a_request_refused_leaves_its_key_free(api: httpx.Client, lender: Lender) -> None:
    assert ask(api, lender, key=KEY, attributes={"income": "much"}).status_code == 422
    assert ask(api, lender, key=KEY).status_code == 201


def test_another_callers_same_key_is_another_request(api: httpx.Client, lender: Lender) -> None:
    ids = {ask(api, lender, role, KEY).json()["id"] for role in (Role.ADMIN, Role.APPLICANT)}
    assert len(ids) == 2


def test_without_a_key_every_request_is_decided(api: httpx.Client, lender: Lender) -> None:
    assert len({ask(api, lender).json()["id"] for _ in range(2)}) == 2
    assert lender.service.decisions.count("shop") == 2


def test_duplicates_at_once_are_decided_once(api: httpx.Client, lender: Lender) -> None:
    """8 threads send 20 requests each 8 times at once: 20 decisions, each answered alike."""
    together = threading.Barrier(THREADS)

    def send(_: int) -> list[tuple[int, bytes]]:
        found = []
        for number in range(DUPLICATES):
            together.wait()
            answer = ask(api, lender, key=f"duplicate-{number}", user_id=f"C{number}")
            found.append((answer.status_code, answer.content))
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(send, range(THREADS)))
    assert all(one == answers[0] for one in answers)
    assert {status for status, _ in answers[0]} == {201}
    assert lender.service.decisions.count("shop") == DUPLICATES


def test_what_cannot_be_kept_is_not_decided(api: httpx.Client, lender: Lender) -> None:
    """A store that fails at COMMIT: 503, no decision, no answer kept; later all is well."""
    with fails_at_commit(lender):
        answer = ask(api, lender, key=KEY)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert "id" not in answer.json()
        assert lender.service.decisions.count("shop") == 0
    assert ask(api, lender, key=KEY).status_code == 201
    assert lender.service.decisions.count("shop") == 1


def test_a_store_that_cannot_be_written_is_told_and_heals(
    api: httpx.Client, lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "ONCE_IN", 0.0)
    assert api.get("/ready").json() == {"status": "ready", "products": ["shop", "trees"]}
    with read_only(lender):
        for answer in (
            ask(api, lender),
            api.get("/ready"),
            api.post(
                "/v1/products/shop/campaign/refresh", headers=lender.headers(Role.RISK_MANAGER)
            ),
        ):  # fmt: skip
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert answer.headers["content-type"] == "application/problem+json"
        assert api.get("/health").status_code == 200
        # What needs no writing goes on.
        scored = api.post(
            "/v1/products/shop/score", json={"attributes": SAFE}, headers=lender.headers(Role.ADMIN)
        )
        assert scored.status_code == 200
    assert api.get("/ready").status_code == 200
    assert ask(api, lender).status_code == 201


@pytest.mark.parametrize("harm", [AUDIT_REFUSES, "ALTER TABLE audit RENAME TO elsewhere"])
def test_without_an_audit_nothing_is_decided(
    api: httpx.Client, lender: Lender, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    """The audit refuses, or is gone: 503, no decision, no answer kept; then all is well again."""
    monkeypatch.setattr(health, "ONCE_IN", 0.0)
    heal = "ALTER TABLE elsewhere RENAME TO audit"
    with lender.service.database.transaction() as connection:
        connection.execute(text(harm))
    for answer in (ask(api, lender, key=KEY), ask(api, lender, Role.APPLICANT), api.get("/ready")):
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert "id" not in answer.json()
    assert lender.service.decisions.count("shop") == 0
    assert lender.service.clients.count("shop") == 0
    with lender.service.database.transaction() as connection:
        connection.execute(text("DROP TRIGGER deaf" if harm == AUDIT_REFUSES else heal))
    assert api.get("/ready").status_code == 200
    assert ask(api, lender, key=KEY).status_code == 201
    assert lender.service.decisions.count("shop") == 1


def test_every_decision_over_http_stands_in_the_audit(
    api: httpx.Client, lender: Lender, tmp_path: Path
) -> None:
    """All doors: staff, an applicant, the public form, a key sent twice; one entry a decision."""
    settings = lender.service.settings
    for role, key in ((Role.ADMIN, KEY), (Role.ADMIN, KEY), (Role.APPLICANT, ""), (Role.ADMIN, "")):
        assert ask(api, lender, role, key).status_code == 201
    form = {name: str(value) for name, value in SAFE.items()} | {"owner": "yes"}
    assert api.post("/apply/shop", data=form).status_code == 303
    written = write_checkpoint(settings, tmp_path / "checkpoint.json")
    assert written.number == 1 + lender.service.decisions.count("shop") == 5
    found = check_audit(settings, tmp_path / "checkpoint.json")
    assert found.status == 0, found.words
    with lender.service.database.transaction() as connection:
        connection.execute(text("UPDATE answers SET body = x'00'"))
    found = check_audit(settings, tmp_path / "checkpoint.json")
    assert (found.status, "answer was changed" in found.words) == (1, True)


def test_readiness_is_asked_of_the_store_once_a_second(
    api: httpx.Client, lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may ask, and each question would cost a write."""
    asked = []
    service = type(lender.service)
    write = service.require_writable
    monkeypatch.setattr(service, "require_writable", lambda own: (asked.append(1), write(own)))
    for _ in range(20):
        assert api.get("/ready").status_code == 200
    assert len(asked) <= 2


def test_without_a_product_nothing_is_ready(api: httpx.Client, lender: Lender) -> None:
    lender.service.live, lender.service.not_live = {}, {"shop": "it has no policy"}
    answer = api.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "no product can decide: shop"


def test_an_approval_has_an_offer_and_no_reason(api: httpx.Client, lender: Lender) -> None:
    told = ask(api, lender, user_id="C1", attributes=SAFE).json()
    assert told["verdict"] == "approve"
    assert told["offer"]["amount"] == {
        "amount": 1000.0, "minor": 100_000, "currency": "EUR", "words": "1,000 EUR",
    }  # fmt: skip
    assert told["offer"]["name"] == "home_loan"
    assert told["reasons"] == told["alternatives"] == []
    assert told["repayment_probability"] == 1 - told["pd"]
    assert told["application_at"] == told["decided_at"] == "2025-06-01T12:00:00Z"


def test_a_refusal_has_at_most_four_reasons_and_something_else(
    api: httpx.Client, lender: Lender
) -> None:
    told = ask(api, lender, attributes=RISKY).json()
    assert told["verdict"] == "decline"
    assert told["offer"] is None
    assert 1 <= len(told["reasons"]) <= 4
    effects = [one["effect"] for one in told["reasons"]]
    assert effects == sorted(effects, reverse=True)
    assert min(effects) > 0
    assert [one["name"] for one in told["alternatives"]] == ["saving"]


def test_a_rule_that_caught_is_the_reason(api: httpx.Client, lender: Lender) -> None:
    told = ask(api, lender, attributes=NEW).json()
    assert told["pd"] < told["approve_below"]  # the PD alone would do
    assert told["verdict"] == "decline"
    assert told["reasons"] == [
        {
            "text": "You have worked for less than three months", "source": "rule",
            "code": "too_new", "effect": 0.0,
        }
    ]  # fmt: skip
    asked = ask(api, lender, attributes={**SAFE, "city": "Lima"}).json()
    assert (asked["verdict"], asked["reasons"][0]["code"]) == ("refer", "far_away")


def test_a_score_is_the_decisions_pd_and_keeps_nothing(api: httpx.Client, lender: Lender) -> None:
    body = {"user_id": "C9", "attributes": SAFE, "application_at": "2025-05-01T10:00:00Z"}
    scored = api.post(
        "/v1/products/shop/score", json=body, headers=lender.headers(Role.RISK_MANAGER)
    ).json()
    assert lender.service.decisions.count("shop") == 0
    assert lender.service.clients.count("shop") == 0
    told = ask(api, lender, **body).json()
    assert (scored["pd"], scored["score"]) == (told["pd"], told["score"])
