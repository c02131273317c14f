"""Redis forgets everything, again and again: that may cost time, never a row."""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.batches import send_one
from tests.faults.conftest import Tell
from tests.faults.installation import installed
from tests.faults.parts import Redis

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("SOLVENT_FAULT_SEED", "1"))
FLUSHES = int(os.environ.get("SOLVENT_FAULT_FLUSHES", "50"))


def test_a_redis_that_forgets(tmp_path: Path, tell: Tell) -> None:
    """Fifty times FLUSHALL while batches run."""
    draw, stop = random.Random(f"{SEED} redis"), threading.Event()  # noqa: S311 - a load
    with installed(tmp_path, workers=2, postgres=True, redis=True) as lender:
        lender.start()
        doorbell = lender.parts["redis"]
        assert isinstance(doorbell, Redis)
        sent = list[int]()

        def send() -> list[str]:
            faults = list[str]()
            while not stop.is_set():
                faults += send_one(lender, f"batch-number-{len(sent)}", draw).faults
                sent.append(len(sent))
            return faults

        with ThreadPoolExecutor(1) as threads:
            sending = threads.submit(send)
            try:
                for _ in range(FLUSHES):
                    time.sleep(1.0)
                    with doorbell.client() as client:
                        client.flushall()
            finally:
                stop.set()
            assert sending.result() == []
        tell(f"{FLUSHES} times emptied while {len(sent)} batches were done")
        assert sent


def test_nothing_personal_passes_through_redis(tmp_path: Path, tell: Tell) -> None:
    """Every command it is given, while a batch of people is done and woken for."""
    draw, heard, over = random.Random(f"{SEED} heard"), list[str](), threading.Event()  # noqa: S311
    with installed(tmp_path, workers=1, redis=True) as lender:
        lender.start()
        doorbell = lender.parts["redis"]
        assert isinstance(doorbell, Redis)

        def listen() -> None:
            with doorbell.client().monitor() as monitor:
                ready.set()
                for command in monitor.listen():
                    heard.append(str(command["command"]))
                    if over.is_set():
                        return

        ready = threading.Event()
        with ThreadPoolExecutor(1) as threads:
            listening = threads.submit(listen)
            assert ready.wait(10)
            done = send_one(lender, "Canary-Lovelace-4711", draw, rows=200)
            over.set()
            doorbell.client().ping()
            listening.result()
        tell(f"{len(heard)} commands heard")
        assert done.faults == []
        assert any(done.id in command for command in heard)  # it was woken, by the batch's id
        assert [one for one in heard if "Canary" in one or "Bergen" in one] == []
