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
