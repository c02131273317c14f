"""Rates by key and by address, an end to the queue, and bodies that do not come."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.app.limits import Limits, Rate
from solvent.serve import decisions
from solvent.serve import limits as limits_module
from solvent.serve.known_keys import LIFE
from solvent.serve.limits import Buckets
from solvent.store import Role
from tests.serve.lender import SAFE, Lender

SLOW = 1e-6
"""So few requests a second come back that none does within a test."""


@contextmanager
def serving(lender: Lender, **limits: Any) -> Iterator[httpx.Client]:
    """Serve with limits of a test's own."""
    lender.service.settings = dataclasses.replace(lender.service.settings, limits=Limits(**limits))
    with lender.serving() as api:
        yield api


def require_refused(answer: httpx.Response, status: int = 429) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["x-content-type-options"] == "nosniff"


@given(
    per_second=st.floats(0.1, 1_000), at_once=st.floats(1, 1_000),
    pauses=st.lists(st.floats(0, 10), min_size=1, max_size=60),
)  # fmt: skip
def test_no_more_pass_than_the_rate_allows_and_who_waits_is_let_through(
    per_second: float, at_once: float, pauses: list[float]
) -> None:
    now = 0.0
    buckets = Buckets(Rate(per_second=per_second, at_once=at_once), clock=lambda: now)
    passed = 0
    for pause in pauses:
        now += pause
        waits = buckets.take("a")
        passed += not waits
        assert passed <= at_once + now * per_second + 1e-6
        if waits:
            now += waits + 1e-6
            assert not buckets.take("a")
            passed += 1


def test_memory_has_an_end_and_no_limit_is_none() -> None:
    buckets = Buckets(Rate(per_second=1.0, at_once=1.0), most=10)
    for name in range(1_000):
        buckets.take(name)
        buckets.know(-name)
    assert len(buckets) == 10
    free = Buckets(Rate(per_second=0.0, at_once=1.0))
    assert not any(free.take("a") for _ in range(100))


def test_a_key_that_asks_too_often_waits_and_others_go_on(lender: Lender) -> None:
    with serving(lender, key=Rate(per_second=SLOW, at_once=3)) as api:
        risk, admin = lender.headers(Role.RISK_MANAGER), lender.headers(Role.ADMIN)
        # the first call makes it known, three more are its own
        statuses = [api.get("/v1/me", headers=risk).status_code for _ in range(4)]
        assert statuses == [200] * 4
        require_refused(api.get("/v1/me", headers=risk))
        # another spelling of the header is the same key
        plain = risk["Authorization"].removeprefix("Bearer ")
        for spelt in (f"bearer {plain}", f"Bearer   {plain}"):
            require_refused(api.get("/v1/me", headers={"Authorization": spelt}))
        assert api.get("/v1/me", headers=admin).status_code == 200
        assert api.get("/health").status_code == 200
        assert api.get("/ready").status_code == 200


def test_wrong_keys_of_an_address_slow_down_and_a_key_in_use_goes_on(lender: Lender) -> None:
    with serving(lender, wrong_keys=Rate(per_second=SLOW, at_once=5)) as api:
        known = lender.headers(Role.ADMIN)
        assert api.get("/v1/me", headers=known).status_code == 200  # takes one of the five
        wrong = [{"Authorization": f"Bearer slv_{n:043}"} for n in range(20)]
        found = [api.get("/v1/me", headers=one) for one in wrong]
        assert [one.status_code for one in found] == [401] * 4 + [429] * 16
        require_refused(found[-1])
        assert api.get("/v1/me", headers=known).status_code == 200


def test_a_wrong_key_does_not_become_known_where_nobody_looks_at_it(lender: Lender) -> None:
    """Pages ask for no key, and a strange query is refused before the key is looked at."""
    wrong = {"Authorization": f"Bearer slv_{'x' * 43}"}
    with serving(lender, wrong_keys=Rate(per_second=SLOW, at_once=3)) as api:
        for address in ("/apply", "/v1/me?strange=1", "/nowhere"):
            assert api.get(address, headers=wrong).status_code != 429
        for address in ("/apply", "/v1/me?strange=1", "/nowhere"):
            assert api.get(address, headers=wrong).status_code == 429


def test_a_revoked_key_counts_as_a_wrong_one(lender: Lender) -> None:
    record, plain = lender.service.keys.create(Role.ADMIN, name="left", created_at=1)
    headers = {"Authorization": f"Bearer {plain}"}
    with serving(lender, wrong_keys=Rate(per_second=SLOW, at_once=3)) as api:
        assert [api.get("/v1/me", headers=headers).status_code for _ in range(5)] == [200] * 5
        lender.service.keys.revoke(record.id, 2)
        time.sleep(LIFE)  # as long as a key is remembered
        statuses = [api.get("/v1/me", headers=headers).status_code for _ in range(5)]
        assert statuses == [401] * 3 + [429] * 2


def test_bodies_of_strangers_hold_up_nobody_with_a_key(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as may be under way of one address send nothing; a key in use is answered."""
    monkeypatch.setattr(limits_module, "MOST_STRANGE", 3)
    body = {"user_id": "C1", "attributes": SAFE}
    with serving(lender) as api:
        headers = lender.headers(Role.ADMIN)
        path = "/v1/products/shop/decisions"
        assert api.post(path, json=body, headers=headers).status_code == 201
        slow = []
        for _ in range(3):
            one = socket.create_connection((api.base_url.host, api.base_url.port))
            one.sendall(
                b"POST /apply/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
            )
            slow.append(one)
        time.sleep(0.5)  # all of them are under way
        assert api.post("/apply/shop", data={"amount": "1"}).status_code == 503
        assert api.post(path, json=body, headers=headers).status_code == 201
        for one in slow:
            one.close()


def test_the_form_is_limited_by_address_and_says_so_in_words(lender: Lender) -> None:
    with serving(lender, public=Rate(per_second=SLOW, at_once=2)) as api:
        assert [api.get("/apply").status_code for _ in range(2)] == [200, 200]
        refused = api.post("/apply/shop", data={"amount": "1"})
        assert refused.status_code == 429
        assert refused.headers["content-type"].startswith("text/html")
        assert "Please wait a moment" in refused.text
        assert int(refused.headers["retry-after"]) >= 1
        assert api.get("/v1/me", headers=lender.headers(Role.ADMIN)).status_code == 200


def test_nobody_chooses_their_address_by_a_header(lender: Lender) -> None:
    """Only a declared proxy is believed; the server that listens sees to that (cli/running.py)."""
    with serving(lender, public=Rate(per_second=SLOW, at_once=2)) as api:
        for n in range(4):
            headers = {"X-Real-IP": f"10.0.0.{n}", "Forwarded": f"for=10.0.0.{n}"}
            answer = api.get("/apply", headers=headers)
            assert answer.status_code == (200 if n < 2 else 429)


def test_more_than_can_wait_are_turned_away_at_once(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those within the limit are decided; nothing of those beyond it is kept."""
    go_on, inside = threading.Event(), threading.Semaphore(0)
    decide = decisions.decide

    def held(*args: Any) -> Any:
        inside.release()
        assert go_on.wait(60)
        return decide(*args)

    monkeypatch.setattr(decisions, "decide", held)
    headers = lender.headers(Role.ADMIN)
    with serving(lender, waiting=3) as api, ThreadPoolExecutor(3) as pool:

        def ask() -> httpx.Response:
            path = "/v1/products/shop/decisions"
            return api.post(path, json={"attributes": SAFE}, headers=headers)

        within = [pool.submit(ask) for _ in range(3)]
        for _ in within:
            assert inside.acquire(timeout=60)
        begun = time.monotonic()
        beyond = [ask() for _ in range(5)]
        assert time.monotonic() - begun < 5
        assert api.get("/v1/me", headers=headers).status_code == 200  # reading goes on
        go_on.set()
        assert [one.result().status_code for one in within] == [201] * 3
        for one in beyond:
            require_refused(one, 503)
        assert lender.service.decisions.count("shop") == 3
        assert ask().status_code == 201


def test_a_body_that_does_not_come_is_waited_for_no_longer_than_said(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits_module, "BODY_SECONDS", 0.3)
    with lender.serving() as api:
        key = lender.headers(Role.ADMIN)["Authorization"]
        head = (
            "POST /v1/products/shop/decisions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
            f"Authorization: {key}\r\nContent-Type: application/json\r\n\r\n{{"
        )
        with socket.create_connection((api.base_url.host, api.base_url.port or 0), 20) as slow:
            slow.sendall(head.encode())
            begun = time.monotonic()
            answer = slow.recv(65_536)
            assert 0.2 < time.monotonic() - begun < 15
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"problem+json" in answer
        assert lender.service.decisions.count("shop") == 0
