"""Jobs: nothing asked for is lost, and nobody works where another does."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from solvent.domain import JobState
from solvent.store import Database, Job, Jobs

CLAIM_AND_DIE = """
import os, signal, sys
from pathlib import Path
from solvent.store import Database, Jobs
jobs = Jobs(Database.open(Path(sys.argv[1]), sys.argv[2]))
assert jobs.claim(100, 50, "theirs") is not None
os.kill(os.getpid(), signal.SIGKILL)
"""


def claimed(jobs: Jobs, now: int = 100, worker: str = "w") -> Job:
    job = jobs.claim(now, 50, worker)
    assert job is not None
    return job


def test_a_job_is_asked_for_claimed_and_finished(database: Database) -> None:
    jobs = Jobs(database)
    asked = jobs.add("rescore", "shop", {"note": "ä", "n": 0.1}, 1)
    assert (asked.state, asked.attempt, asked.payload) == ("waiting", 0, {"note": "ä", "n": 0.1})
    held = claimed(jobs)
    assert (held.id, held.state, held.attempt) == (asked.id, "running", 1)
    assert (held.worker, held.lease_until) == ("w", 150)
    assert jobs.progress(held.id, "w", done=3, total=9, lease_until=200)
    assert jobs.finish(held.id, "w", {"found": [1, 2]})
    done = jobs.get(held.id)
    assert done is not None
    assert (done.state, done.result, done.done, done.total) == ("done", {"found": [1, 2]}, 3, 9)
    assert jobs.claim(10**9, 50, "w") is None


def test_at_most_one_job_of_a_kind_and_product_waits(database: Database) -> None:
    jobs = Jobs(database)
    first = jobs.add("rescore", "shop", {"n": 1}, 1)
    assert jobs.add("rescore", "shop", {"n": 2}, 2) == first
    assert jobs.add("rescore", "car", {}, 3).id != first.id
    assert jobs.add("report", "shop", {}, 4).id != first.id
    claimed(jobs)
    assert jobs.add("rescore", "shop", {"n": 2}, 5).payload == {"n": 2}


def test_a_lease_of_a_clock_that_was_ahead_holds_nobody_up(database: Database) -> None:
    """The clock was a day ahead, the worker died, and the clock was set right."""
    jobs, day = Jobs(database), 86_400_000_000
    asked = jobs.add("rescore", "shop", {}, 1)
    claimed(jobs, now=day + 100)
    assert jobs.claim(day + 120, 50, "other") is None
    again = jobs.claim(100, 50, "other")
    assert again is not None
    assert (again.id, again.attempt, again.lease_until) == (asked.id, 2, 150)


def test_the_oldest_job_is_claimed_first(database: Database) -> None:
    jobs = Jobs(database)
    asked = [jobs.add("rescore", product, {}, 1).id for product in ("b", "a", "c")]
    assert [claimed(jobs).id for _ in asked] == asked
    assert jobs.claim(100, 50, "w") is None


def test_a_job_whose_lease_is_over_is_claimed_again_and_its_first_worker_is_told(
    database: Database,
) -> None:
    jobs = Jobs(database)
    jobs.add("rescore", "shop", {}, 1)
    mine = claimed(jobs, now=100, worker="mine")
    assert jobs.claim(149, 50, "theirs") is None
    theirs = claimed(jobs, now=150, worker="theirs")
    assert (theirs.id, theirs.attempt, theirs.worker) == (mine.id, 2, "theirs")
    assert not jobs.progress(mine.id, "mine", done=1, total=2, lease_until=999)
    assert not jobs.finish(mine.id, "mine", {"whose": "mine"})
    assert not jobs.fail(mine.id, "mine", "no")
    assert jobs.get(mine.id) == theirs
    assert jobs.finish(theirs.id, "theirs", {"whose": "theirs"})
    assert not jobs.finish(theirs.id, "theirs", {})
    assert not jobs.fail(10**6, "theirs", "no such job")


def test_progress_makes_the_lease_longer(database: Database) -> None:
    jobs = Jobs(database)
    jobs.add("rescore", "shop", {}, 1)
    held = claimed(jobs, now=100)
    assert jobs.progress(held.id, "w", done=1, total=2, lease_until=500)
    assert jobs.claim(499, 50, "theirs") is None
    assert jobs.claim(500, 50, "theirs") is not None


def test_a_job_fails_after_its_third_attempt(database: Database) -> None:
    jobs = Jobs(database)
    asked = jobs.add("rescore", "shop", {}, 1)
    states = []
    for attempt in (1, 2, 3):
        assert claimed(jobs).attempt == attempt
        assert jobs.fail(asked.id, "w", f"fault {attempt}")
        found = jobs.get(asked.id)
        assert found is not None
        states.append((found.state, found.message))
    assert states == [("waiting", "fault 1"), ("waiting", "fault 2"), ("failed", "fault 3")]
    assert jobs.claim(10**9, 50, "w") is None


def test_a_job_that_takes_its_worker_with_it_is_given_up(database: Database) -> None:
    jobs = Jobs(database)
    asked = jobs.add("rescore", "shop", {}, 1)
    for now in (100, 200, 300):
        claimed(jobs, now=now)
    assert jobs.claim(400, 50, "w") is None
    found = jobs.get(asked.id)
    assert found is not None
    assert (found.state, found.message) == ("failed", "its worker was lost 3 times")


def test_a_job_that_fails_gives_way_to_one_that_waits(database: Database) -> None:
    jobs = Jobs(database)
    first = jobs.add("rescore", "shop", {}, 1)
    claimed(jobs)
    second = jobs.add("rescore", "shop", {}, 2)
    assert jobs.fail(first.id, "w", "fault")
    found = jobs.get(first.id)
    assert found is not None
    assert found.state is JobState.FAILED
    assert claimed(jobs).id == second.id


def test_the_newest_job_is_found_and_the_newest_that_is_done(database: Database) -> None:
    jobs = Jobs(database)
    assert jobs.newest("rescore", "shop") is None
    first = jobs.add("rescore", "shop", {}, 1)
    claimed(jobs)
    jobs.finish(first.id, "w", {})
    second = jobs.add("rescore", "shop", {}, 2)
    jobs.add("rescore", "car", {}, 3)
    newest, done = jobs.newest("rescore", "shop"), jobs.newest("rescore", "shop", JobState.DONE)
    assert newest is not None
    assert done is not None
    assert (newest.id, done.id) == (second.id, first.id)
    assert jobs.newest("rescore", "shop", JobState.FAILED) is None
    assert jobs.get(10**6) is None


def test_of_workers_at_once_each_claims_a_job_of_its_own(database: Database) -> None:
    jobs, gate = Jobs(database), threading.Barrier(8)
    asked = {jobs.add("rescore", f"p{n}", {}, 1).id for n in range(20)}

    def work(worker: int) -> list[int]:
        gate.wait()
        mine = []
        while (job := jobs.claim(100, 50, str(worker))) is not None:
            mine.append(job.id)
        return mine

    with ThreadPoolExecutor(8) as threads:
        taken = [job for mine in threads.map(work, range(8)) for job in mine]
    assert sorted(taken) == sorted(asked)


def test_a_worker_that_is_killed_loses_no_job(database: Database, url: str, tmp_path: Path) -> None:
    jobs = Jobs(database)
    asked = jobs.add("rescore", "shop", {"n": 1}, 1)
    worker = subprocess.run(
        [sys.executable, "-c", CLAIM_AND_DIE, str(tmp_path / "home"), url], check=False
    )
    assert worker.returncode == -signal.SIGKILL
    held = jobs.get(asked.id)
    assert held is not None
    assert (held.state, held.worker) == ("running", "theirs")
    assert jobs.claim(149, 50, "mine") is None
    mine = claimed(jobs, now=150, worker="mine")
    assert (mine.id, mine.attempt, mine.payload) == (asked.id, 2, {"n": 1})
    assert jobs.finish(mine.id, "mine", {})
