"""The disk is full, or keeps nothing: 503, nothing is lost, and it heals by itself."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.history import check
from tests.faults.installation import Installation, application, installed, keep_asking
from tests.faults.talk import ask

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("SOLVENT_FAULT_SEED", "1"))
ROUNDS = 5
SIZE = "24m"
CLIENTS = 4
SOON = 30.0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own that holds little."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def asked(lender: Installation, number: int) -> Iterator[list[str]]:
    """Let clients ask meanwhile; at the end every request of theirs is decided."""
    stop, faults = threading.Event(), list[str]()
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(keep_asking, lender, f"{SEED}-{number}", CLIENTS, stop)
        try:
            yield faults
        finally:
            stop.set()
        faults += [repr(error) for error in asking.result()]


def until(status: int, lender: Installation, method: str, path: str) -> None:
    """Wait until the API answers with a status, which must be soon."""
    over, told = time.monotonic() + SOON, -1
    while told != status:
        assert time.monotonic() < over, f"{path} answers {told}, not {status}"
        told, *_ = ask(lender.ports[0], method, path, headers=lender.headers)
        time.sleep(0.05)


def until_refused(lender: Installation, draw: random.Random) -> None:
    """Ask for decisions until one is answered 503, which must be soon."""
    over, told = time.monotonic() + SOON, 0
    while told != 503:
        assert time.monotonic() < over, f"a decision is answered {told}, not 503"
        told, _ = lender.decide(
            f"refused-{draw.getrandbits(64):x}", application(draw), lender.ports[0]
        )
        time.sleep(0.05)


def fill(disk: Path) -> Path:
    """Write until nothing more fits."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return filler


def test_a_full_disk(tmp_path: Path, tell: Tell) -> None:
    draw = random.Random(SEED)  # noqa: S311 - a load
    with (
        small_disk(tmp_path / "disk") as disk,
        installed(tmp_path, lender=disk / "lender") as lender,
    ):
        lender.start()
        api = lender.parts["api 0"]
        born = api.pid
        for number in range(ROUNDS):
            with asked(lender, number) as faults:
                time.sleep(0.5)
                filler = fill(disk)
                until_refused(lender, draw)
                until(503, lender, "GET", "/ready")
                time.sleep(0.5)
                filler.unlink()
                until(200, lender, "GET", "/ready")
            assert faults == [], f"round {number}"
        found = check(lender.history.lines(), lender.address)
        tell(f"{found.sent:,} keys, {found.attempts:,} attempts, refused {dict(found.refused)}")
        assert found.faults == []
        assert (api.is_running, api.pid) == (True, born)
        assert found.refused[503] >= ROUNDS


@contextmanager
def failing_syncs(pid: int, log: Path) -> Iterator[None]:
    """Let every fsync of a process fail with an error of the device."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.fail("no strace: apt-get install strace, as .ci/run does")
    calls = "fsync,fdatasync"
    with log.open("ab") as words:
        tracing = subprocess.Popen(
            [
                strace, "--follow-forks", "--attach", str(pid), "--trace", calls,
                "--inject", f"{calls}:error=EIO",
            ],
            stdout=words, stderr=words,
        )  # fmt: skip
        try:
            yield
        finally:
            tracing.send_signal(signal.SIGINT)
            tracing.wait(timeout=30)


def test_a_disk_that_keeps_nothing(tmp_path: Path, tell: Tell) -> None:
    """No decision is answered whose commit the disk did not keep."""
    draw = random.Random(SEED)  # noqa: S311 - a load
    with installed(tmp_path) as lender:
        lender.start()
        api, log = lender.parts["api 0"], tmp_path / "strace.log"
        born = api.pid
        for number in range(ROUNDS):
            with asked(lender, number) as faults:
                time.sleep(0.5)
                with failing_syncs(api.pid, log):
                    until_refused(lender, draw)
                    marked = len(lender.history.lines())
                    time.sleep(1.0)
                    during = lender.history.lines()[marked:]
                until(200, lender, "GET", "/ready")
            assert faults == [], f"round {number}"
            told = [line["status"] for line in during if line["kind"] == "answered"]
            assert told
            assert set(told) <= {503, 0}
        found = check(lender.history.lines(), lender.address)
        tell(f"{found.sent:,} keys, {found.attempts:,} attempts, refused {dict(found.refused)}")
        assert found.faults == []
        assert (api.is_running, api.pid) == (True, born)
        assert "EIO" in log.read_text()
