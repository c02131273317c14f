"""The API as a whole: what is new is served, and the documentation reads as a page."""

from __future__ import annotations

import gc
import logging
import threading
import time
from typing import Any

import httpx
import pytest

from solvent.app import worker as worker_module
from solvent.app.bootstrap import register_policy
from solvent.app.campaign import refresh
from solvent.app.worker import Worker
from solvent.domain import JobState
from solvent.serve import api as api_module
from solvent.store import ModelRegistry
from tests.serve.lender import POLICY, Lender, write_policy

CANARY = "Zaphod Beeblebrox"


def renew(lender: Lender) -> None:
    """Register a policy called "second"."""
    write_policy(lender.folder, POLICY.replace('"first"', '"second"'))
    register_policy(lender.service.policies, lender.folder)


def served(api: httpx.Client, lender: Lender) -> str:
    """Return the name of the policy that is served, once it is another than the first."""
    headers, name = lender.headers("admin"), "first"
    give_up = time.monotonic() + 20
    while name == "first" and time.monotonic() < give_up:
        name = api.get("/v1/products/shop", headers=headers).json()["policy_name"]
        time.sleep(0.05)
    return name


@pytest.mark.parametrize("worker", [False, True])
def test_a_new_policy_is_served_without_a_restart(
    lender: Lender, monkeypatch: pytest.MonkeyPatch, worker: bool
) -> None:
    monkeypatch.setattr(api_module, "LOOK_EVERY", 0.05)
    with lender.serving(worker=worker) as api:
        renew(lender)
        assert served(api, lender) == "second"


def test_jobs_wait_where_no_worker_is(lender: Lender) -> None:
    with lender.serving(worker=False) as api:
        job = refresh(lender.service, "shop")
        time.sleep(0.7)
        told = api.get(f"/v1/jobs/{job['id']}", headers=lender.headers("admin")).json()
        assert told["state"] == JobState.WAITING


def test_what_was_loaded_is_not_looked_through_for_garbage(lender: Lender) -> None:
    """A full collection would hold up a decision by a tenth of a second."""
    before = gc.get_freeze_count()
    with lender.serving() as api:
        assert api.get("/health").status_code == 200
        assert gc.get_freeze_count() > before + 10_000
    assert gc.get_freeze_count() == 0


def test_a_new_policy_is_served_while_a_job_runs(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def long(*_: Any) -> dict[str, Any]:
        begun.set()
        assert go_on.wait(30)
        return {}

    monkeypatch.setattr(worker_module, "score_clients", long)
    monkeypatch.setattr(api_module, "LOOK_EVERY", 0.05)
    with lender.serving(worker=True) as api:
        refresh(lender.service, "shop")
        assert begun.wait(20)
        try:
            renew(lender)
            assert served(api, lender) == "second"
        finally:
            go_on.set()


def test_the_looking_outlives_what_nobody_expected(
    lender: Lender, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks = []

    def broken(_: ModelRegistry) -> Any:
        looks.append(1)
        raise OSError(CANARY)

    monkeypatch.setattr(api_module, "LOOK_EVERY", 0.02)
    with lender.serving() as api:
        with monkeypatch.context() as patched:
            patched.setattr(ModelRegistry, "products", broken)
            give_up = time.monotonic() + 20
            while len(looks) < 2 and time.monotonic() < give_up:
                time.sleep(0.01)
        renew(lender)
        assert served(api, lender) == "second"
    assert "OSError" in caplog.text
    assert "in broken" in caplog.text
    assert CANARY not in caplog.text


def test_it_is_not_ready_where_its_worker_is_dead(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lender.serving(worker=True) as api:
        assert api.get("/ready").status_code == 200
    monkeypatch.setattr(Worker, "run", lambda _: None)  # its thread ends at once
    with lender.serving(worker=True) as api:
        give_up = time.monotonic() + 20
        while (answer := api.get("/ready")).status_code == 200 and time.monotonic() < give_up:
            time.sleep(0.02)
        assert answer.status_code == 503
        assert "worker" in answer.json()["detail"]
        assert api.get("/health").status_code == 200


def test_why_no_product_can_decide_is_told_to_the_log_alone(
    lender: Lender, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody may ask: where the files lie is no business of theirs, and the log is told once."""
    place = f"{lender.root} cannot be read"
    lender.service.live, lender.service.not_live = {}, {"shop": place, "trees": "too old"}
    with caplog.at_level(logging.WARNING), lender.serving() as api:
        answers = [api.get("/ready") for _ in range(3)]
    for one in answers:
        assert one.status_code == 503
        assert one.json()["detail"] == "no product can decide: shop, trees"
        assert "see the log of the server" in one.json()["hint"]
        assert str(lender.root) not in one.text
    assert caplog.text.count(place) == 1
    assert caplog.text.count("too old") == 1
