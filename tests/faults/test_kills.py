"""Parts die at random under load: every acknowledged request has one decision and one audit row."""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.batches import keep_sending
from tests.faults.conftest import Tell
from tests.faults.history import check
from tests.faults.installation import Installation, installed, keep_asking

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("SOLVENT_FAULT_SEED", "1"))
KILLS = int(os.environ.get("SOLVENT_FAULT_KILLS", "300"))
SHARES = {
    "api 0": 0.2, "api 1": 0.2, "worker 0": 0.15, "worker 1": 0.15, "redis": 0.15, "postgres": 0.15,
}  # fmt: skip
"""Of the kills; of the processes that answer somewhat more."""
CLIENTS = 6


def keep_killing(lender: Installation, name: str, kills: int) -> None:
    """Kill a part at random moments and start it again."""
    draw, part = random.Random(f"{SEED} {name}"), lender.parts[name]  # noqa: S311
    for _ in range(kills):
        time.sleep(draw.uniform(0.2, 4.0))
        part.kill()
        lender.history.note("killed", part=name)
        time.sleep(draw.uniform(0.0, 0.5))
        part.revive()


def shared_out(kills: int) -> dict[str, int]:
    return {name: max(1, round(share * kills)) for name, share in SHARES.items()}


def test_nothing_is_lost_doubled_or_changed_when_parts_die(tmp_path: Path, tell: Tell) -> None:
    """300 kill -9 of API, worker, Redis and Postgres while clients ask and batches run."""
    stop = threading.Event()
    with installed(tmp_path, apis=2, workers=2, postgres=True, redis=True) as lender:
        lender.start()
        with ThreadPoolExecutor(2 + len(SHARES)) as threads:
            asking = threads.submit(keep_asking, lender, SEED, CLIENTS, stop)
            sending = threads.submit(keep_sending, lender, SEED, stop)
            killing = [
                threads.submit(keep_killing, lender, name, kills)
                for name, kills in shared_out(KILLS).items()
            ]
            try:
                for one in killing:
                    one.result()
            finally:
                stop.set()
        faults = [repr(error) for error in asking.result()]
        batches = sending.result()
        decided = [decision for one in batches for decision in one.decisions]
        found = check(lender.history.lines(), lender.address, decided)
        killed = sum(part.kills for part in lender.parts.values())
        tell(
            f"{killed} kills; {found.sent:,} keys, {found.attempts:,} attempts, "
            f"{found.unknown:,} never answered, refused {dict(found.refused)}; "
            f"{found.acknowledged:,} acknowledged; {len(batches)} batches"
        )
        assert killed >= KILLS
        assert faults + found.faults == []
        assert found.acknowledged == found.sent > KILLS
        assert found.unknown > 0  # the kills hit requests
        assert batches
        assert [one for one in batches if one.faults] == []
