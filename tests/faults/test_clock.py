"""The clock jumps by a day: decisions keep their order, no batch waits for a day."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.batches import send_one
from tests.faults.conftest import Tell
from tests.faults.history import check, rows
from tests.faults.installation import Installation, installed, keep_asking

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("SOLVENT_FAULT_SEED", "1"))
LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
JUMPS = ("+1d", "+0d", "-1d", "+0d", "-1d", "+1d", "+0d")
CLIENTS, ROWS = 3, 300


def faked(environment: Mapping[str, str], clock: Path) -> dict[str, str]:
    """Return an environment whose clock stands where a file says."""
    if not LIBRARIES:
        pytest.fail("no faketime: apt-get install faketime, as .ci/run does")
    return {
        **environment, "LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def under(lender: Installation, clock: Path) -> None:
    """Let every process of ours read the clock of a file."""
    for part in lender.parts.values():
        assert part.environment is not None
        part.environment = faked(part.environment, clock)


def test_a_clock_that_jumps(tmp_path: Path, tell: Tell) -> None:
    clock, stop = tmp_path / "clock", threading.Event()
    clock.write_text("+0d")
    draw = random.Random(f"{SEED} clock")  # noqa: S311 - a load
    with installed(tmp_path, workers=1) as lender:
        under(lender, clock)
        lender.start()
        decided = list[str]()
        with ThreadPoolExecutor(2) as threads:
            asking = threads.submit(keep_asking, lender, SEED, CLIENTS, stop)
            try:
                for number, jump in enumerate(JUMPS):
                    began = time.monotonic()
                    sent = threads.submit(send_one, lender, f"batch-at-jump-{number}", draw, ROWS)
                    time.sleep(0.3)
                    clock.write_text(jump)
                    lender.parts["worker 0"].kill()  # its lease was taken under the other clock
                    lender.parts["worker 0"].start()
                    done = sent.result()
                    assert done.faults == []
                    decided += done.decisions
                    took = time.monotonic() - began
                    tell(f"clock {jump}: batch over in {took:.1f} s")
                    assert took < 300
            finally:
                stop.set()
            faults = [repr(error) for error in asking.result()]
        found = check(lender.history.lines(), lender.address, decided)
        assert (faults, found.faults) == ([], [])
        assert found.acknowledged == found.sent > len(JUMPS)
        _require_order(lender)


def _require_order(lender: Installation) -> None:
    """The chain is in the order of commits, whatever the clock said then."""
    told = rows(
        lender.address,
        "SELECT d.sequence, d.decided_at FROM audit a JOIN decisions d ON d.id = a.decision "
        "ORDER BY a.number",
    )
    sequences, instants = [one for one, _ in told], [at for _, at in told]
    assert sequences == sorted(sequences)
    assert instants != sorted(instants)  # the clock did jump
