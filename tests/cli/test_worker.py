"""`solvent worker`: real processes, killed as hard as it goes, and a real Redis that forgets."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from solvent.app.batch_limits import BatchLimits
from solvent.app.batches import BatchRequest, accept, new_folder, results
from solvent.app.waker import Waker
from solvent.cli.main import app
from solvent.errors import MissingExtraError
from solvent.store import Batch, BatchMode, BatchState
from tests.serve.lender import Lender, open_lender

RUN = "from solvent.cli.main import main; main()"
WAIT = 100.0
LEASE = 10


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    opened = open_lender(tmp_path)
    opened.service.now = lambda: time.time_ns() // 1_000
    yield opened
    opened.service.close()


def sent(lender: Lender, rows: int, mode: BatchMode = BatchMode.DECIDE, chunk: int = 10) -> Batch:
    """Send a batch of `rows` people who ask for the same."""
    limits = BatchLimits(decided_rows=chunk, chunk_rows=chunk, explained_rows=chunk)
    lender.service.settings = replace(lender.service.settings, batches=limits)
    folder = new_folder(lender.service)
    body = folder / "body"
    lines = ["user_id,application_id,amount,income,months"]
    lines += [f"P{n},A{n},1000,4800,80" for n in range(rows)]
    body.write_text("\n".join(lines) + "\n", encoding="utf-8")
    request = BatchRequest(
        product="shop", name="", mode=mode, reasons=False, owner="key", idempotency_key=None,
        digest="d", kind="csv",
    )  # fmt: skip
    return accept(lender.service, request, folder, body)


@contextmanager
def working(lender: Lender, *words: str, redis: str = "") -> Iterator[subprocess.Popen[str]]:
    """Run `solvent worker` in a process of its own, until the end of the block."""
    environment = {
        **os.environ, "SOLVENT_HOME": str(lender.root / "home"),
        "SOLVENT_BATCH_LEASE_SECONDS": str(LEASE), "SOLVENT_REDIS_URL": redis,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "worker", *words], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for(fits: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT
    while not fits():
        if time.monotonic() > until:
            pytest.fail("it took too long")
        time.sleep(0.02)


def done(lender: Lender, batch: Batch) -> int:
    return lender.service.batches.counts(batch.number).done


def is_over(lender: Lender, batch: Batch) -> bool:
    return lender.service.batches.get(batch.id).state is BatchState.DONE


def require_each_once(lender: Lender, batch: Batch) -> None:
    """Every row has one result, one decision and one entry in the audit."""
    told = pa.Table.from_batches(results(lender.service, batch))
    assert told["row"].to_pylist() == list(range(1, batch.rows + 1))
    assert told["user_id"].to_pylist() == [f"P{n}" for n in range(batch.rows)]
    assert told["error"].null_count == batch.rows
    if batch.mode is BatchMode.DECIDE:
        assert len(set(told["decision_id"].to_pylist())) == batch.rows
        assert lender.service.decisions.count("shop") == batch.rows
        assert lender.service.audit.checkpoint().number == batch.rows + 1


def test_a_worker_killed_in_the_middle_leaves_every_row_exactly_once(lender: Lender) -> None:
    batch = sent(lender, 200)
    for share in (0, 60):
        with working(lender, "--poll", "0.1") as process:
            wait_for(lambda share=share: done(lender, batch) > share)  # type: ignore[misc]
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    assert not is_over(lender, batch)
    with working(lender, "--poll", "0.1"):
        wait_for(lambda: is_over(lender, batch))
    require_each_once(lender, batch)


def test_sigterm_ends_a_worker_after_the_rows_at_hand(lender: Lender) -> None:
    batch = sent(lender, 200)
    with working(lender, "--poll", "0.1") as process:
        wait_for(lambda: done(lender, batch) > 0)
        process.terminate()
        assert process.wait(timeout=WAIT) == 0
    made = done(lender, batch)
    assert 0 < made < batch.rows
    assert made % 10 == 0
    chunk = lender.service.batches.claim(lender.service.now(), 1, "next")  # nothing is held
    assert chunk is not None
    assert (chunk.first_row, chunk.rows, chunk.attempt) == (made, 10, 1)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a real Redis of the test's own."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server is not installed: apt-get install redis-server")
    pytest.importorskip("dramatiq", reason='needs pip install "solvent[redis]"')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", tmp_path],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"redis://127.0.0.1:{port}/0"
    wait_for(lambda: answers(port))
    yield url
    process.kill()
    process.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_redis_wakes_a_worker_that_would_look_in_an_hour(lender: Lender, redis: str) -> None:
    from redis import Redis

    with working(lender, "--poll", "3600", redis=redis) as process:
        assert process.stdout is not None
        wait_for(lambda: "looks for work" in (process.stdout.readline() if process.stdout else ""))
        lender.service.waker = Waker(redis)
        batch = sent(lender, 40)
        wait_for(lambda: is_over(lender, batch))
    require_each_once(lender, batch)
    client = Redis.from_url(redis)
    for key in client.scan_iter():
        kind = client.type(key)
        held = client.hgetall(key) if kind == b"hash" else client.dump(key)
        assert b"P1" not in repr(held).encode()
    client.close()


def test_a_redis_that_forgets_or_is_away_costs_time_alone(lender: Lender, redis: str) -> None:
    from redis import Redis

    lender.service.waker = Waker(redis)
    batch = sent(lender, 100)
    client = Redis.from_url(redis)
    assert client.keys("solvent*")
    client.flushall()
    with working(lender, "--poll", "0.2", redis=redis):
        wait_for(lambda: done(lender, batch) > 0)
        client.flushall()
        wait_for(lambda: is_over(lender, batch))
    require_each_once(lender, batch)
    client.close()


def test_a_batch_is_accepted_while_redis_is_down(lender: Lender) -> None:
    pytest.importorskip("dramatiq", reason='needs pip install "solvent[redis]"')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        lender.service.waker = Waker(f"redis://127.0.0.1:{probe.getsockname()[1]}/0")
        batch = sent(lender, 10)
    assert lender.service.batches.get(batch.id).state is BatchState.WAITING


def test_without_dramatiq_the_hint_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvent.app.waker.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError) as told:
        Waker("redis://127.0.0.1/0")
    assert 'pip install "solvent[redis]"' in told.value.hint
    Waker(None)


def test_help_teaches() -> None:
    told = CliRunner().invoke(app, ["worker", "--help"], env={"COLUMNS": "200"}).output
    for words in ("Example:", "SOLVENT_REDIS_URL", "SIGTERM", "--poll"):
        assert words in told
