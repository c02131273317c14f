"""The API as a whole: what is new is served, and the documentation reads as a page."""

from __future__ import annotations

import gc
import time

import pytest

from solvent.app.bootstrap import register_policy
from solvent.app.campaign import refresh
from solvent.serve import api as api_module
from solvent.store import JobState
from tests.serve.lender import POLICY, Lender, write_policy


@pytest.mark.parametrize("worker", [False, True])
def test_a_new_policy_is_served_without_a_restart(
    lender: Lender, monkeypatch: pytest.MonkeyPatch, worker: bool
) -> None:
    monkeypatch.setattr(api_module, "LOOK_EVERY", 0.05)
    with lender.serving(worker=worker) as api:
        headers = lender.headers("admin")
        write_policy(lender.folder, POLICY.replace('"first"', '"second"'))
        register_policy(lender.service.policies, lender.folder)
        give_up = time.monotonic() + 20
        name = ""
        while name != "second" and time.monotonic() < give_up:
            name = api.get("/v1/products/shop", headers=headers).json()["policy_name"]
            time.sleep(0.05)
        assert name == "second"


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
