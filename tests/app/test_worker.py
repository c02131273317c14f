"""The worker: jobs are done once, told of as they go, and survive whoever works on them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from solvent.app import worker as worker_module
from solvent.app.campaign import KIND, campaign, refresh
from solvent.app.events import load_files
from solvent.app.worker import LEASE, Worker
from solvent.domain import JobState
from solvent.errors import StoreError
from solvent.store import Job, Jobs, Standing
from tests.serve.lender import NOW, SAFE, Lender, open_lender

CANARY = "Zaphod Beeblebrox"


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    opened = open_lender(tmp_path)
    live = opened.service.product("shop")
    load_files(opened.service, live, opened.folder / "data", source="visits")
    yield opened
    opened.service.close()


def job_of(lender: Lender) -> Job:
    found = lender.service.jobs.newest(KIND, "shop")
    assert found is not None
    return found


def test_every_client_is_scored_and_progress_told(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    tell = Jobs.progress

    def noted(own: Jobs, *args: Any, **given: Any) -> bool:
        told.append((given["done"], given["total"]))
        return tell(own, *args, **given)

    monkeypatch.setattr(Jobs, "progress", noted)
    monkeypatch.setattr(worker_module, "TELL_EVERY", 50)
    refresh(lender.service, "shop")
    assert campaign(lender.service, "shop", 0.9)["status"] == "running"
    assert Worker(lender.service).work_once()
    clients = lender.service.clients.count("shop")
    assert clients > 250
    assert told == [(n, clients) for n in (0, *range(50, clients, 50), clients)]
    job = job_of(lender)
    assert (job.state, job.done, job.total) == (JobState.DONE, clients, clients)
    assert len(lender.service.standings.of_job(job.id)) == clients
    assert not Worker(lender.service).work_once()


def test_others_decide_while_clients_are_scored(lender: Lender) -> None:
    """Scoring holds no transaction: a decision is kept at once, not after all clients."""
    waits = []
    refresh(lender.service, "shop")
    started = time.perf_counter()
    with lender.serving(worker=True) as api:
        body, headers = {"attributes": SAFE}, lender.headers("admin")
        while job_of(lender).state is not JobState.DONE:
            begun = time.perf_counter()
            answer = api.post("/v1/products/shop/decisions", json=body, headers=headers)
            waits.append(time.perf_counter() - begun)
            assert answer.status_code == 201
            assert time.perf_counter() - started < 30
    assert max(waits) < 5


def test_two_requests_to_score_are_one_job(lender: Lender) -> None:
    first, second = refresh(lender.service, "shop"), refresh(lender.service, "shop")
    assert first["id"] == second["id"]
    assert Worker(lender.service).work_once()
    assert refresh(lender.service, "shop")["id"] != first["id"]


def test_a_job_whose_worker_is_lost_is_done_by_another(lender: Lender) -> None:
    refresh(lender.service, "shop")
    lost = lender.service.jobs.claim(NOW, LEASE, "somebody who is gone")
    assert lost is not None
    assert not Worker(lender.service).work_once()  # the lease holds
    lender.service.now = lambda: NOW + LEASE + 1
    assert Worker(lender.service).work_once()
    job = job_of(lender)
    assert (job.state, job.attempt) == (JobState.DONE, 2)
    assert not lender.service.jobs.finish(lost.id, "somebody who is gone", {})


def test_a_worker_that_lost_its_lease_stops(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Jobs, "progress", lambda *_, **__: False)
    refresh(lender.service, "shop")
    assert Worker(lender.service).work_once()
    assert job_of(lender).state is JobState.RUNNING


def test_a_store_that_fails_gives_the_job_back_three_times(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise StoreError("the database: the disk is full")

    monkeypatch.setattr(worker_module, "score_clients", away)
    refresh(lender.service, "shop")
    for state in (JobState.WAITING, JobState.WAITING, JobState.FAILED):
        assert Worker(lender.service).work_once()
        assert job_of(lender).state is state
    assert job_of(lender).message == "the database: the disk is full"


def test_a_bug_in_a_job_ends_the_job_and_not_the_worker(
    lender: Lender, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise ValueError(CANARY)

    with monkeypatch.context() as patched:
        patched.setattr(worker_module, "score_clients", broken)
        refresh(lender.service, "shop")
        for _ in range(3):
            assert Worker(lender.service).work_once()
    job = job_of(lender)
    assert job.state is JobState.FAILED
    assert "ValueError" in job.message
    assert "in broken" in caplog.text
    assert CANARY not in job.message + caplog.text
    refresh(lender.service, "shop")
    assert Worker(lender.service).work_once()
    assert job_of(lender).state is JobState.DONE


def test_the_thread_outlives_a_store_that_is_away(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "PAUSE", 0.01)
    helper, looks = Worker(lender.service), []

    def away(*_: Any) -> Any:
        looks.append(1)
        raise StoreError("the database: the disk failed")

    with monkeypatch.context() as patched:
        patched.setattr(Jobs, "claim", away)
        helper.start()
        while len(looks) < 3:
            time.sleep(0.005)
    refresh(lender.service, "shop")
    for _ in range(1_000):
        if job_of(lender).state is JobState.DONE:
            break
        time.sleep(0.01)
    helper.stop()
    assert job_of(lender).state is JobState.DONE


def test_the_thread_outlives_what_nobody_expected(
    lender: Lender, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker_module, "PAUSE", 0.01)
    helper, looks = Worker(lender.service), []

    def broken(*_: Any) -> Any:
        looks.append(1)
        raise OSError(CANARY)

    with monkeypatch.context() as patched:
        patched.setattr(Jobs, "claim", broken)
        helper.start()
        give_up = time.monotonic() + 20
        while len(looks) < 3 and time.monotonic() < give_up:
            time.sleep(0.005)
    refresh(lender.service, "shop")
    while job_of(lender).state is not JobState.DONE and time.monotonic() < give_up:
        time.sleep(0.01)
    assert helper.is_alive
    helper.stop()
    assert not helper.is_alive
    assert job_of(lender).state is JobState.DONE
    assert "OSError" in caplog.text
    assert "in broken" in caplog.text
    assert CANARY not in caplog.text


def scored_as(lender: Lender, monkeypatch: pytest.MonkeyPatch, pd: float) -> int:
    """Have one client scored, with a PD; return the job."""

    def scored(*given: Any) -> dict[str, Any]:
        one = Standing(key="a", as_of=0, pd=pd, score=600, verdict="approve")
        lender.service.standings.add("shop", given[2].id, [one])
        return {}

    monkeypatch.setattr(worker_module, "score_clients", scored)
    refresh(lender.service, "shop")
    assert Worker(lender.service).work_once()
    return job_of(lender).id


def test_there_is_always_a_finished_run_to_show(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run before stays until the next one is finished, then it goes."""
    before, finish, seen = scored_as(lender, monkeypatch, 0.1), Jobs.finish, []

    def noted(own: Jobs, *args: Any) -> bool:
        seen.append([one.pd for one in lender.service.standings.of_job(before)])
        return finish(own, *args)

    monkeypatch.setattr(Jobs, "finish", noted)
    after = scored_as(lender, monkeypatch, 0.2)
    assert seen == [[0.1]]
    assert lender.service.standings.of_job(before) == ()
    assert [one.pd for one in lender.service.standings.of_job(after)] == [0.2]


def test_a_run_that_lost_its_lease_takes_no_other_away(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scored_as(lender, monkeypatch, 0.1)
    monkeypatch.setattr(Jobs, "finish", lambda *_: False)
    assert scored_as(lender, monkeypatch, 0.2) != before
    assert [one.pd for one in lender.service.standings.of_job(before)] == [0.1]
