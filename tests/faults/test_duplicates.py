"""The same key many times at once: one decision, one answer; another body is refused."""

from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.history import DECIDED, check, rows
from tests.faults.installation import Installation, application, installed

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("SOLVENT_FAULT_SEED", "1"))
KEYS = int(os.environ.get("SOLVENT_FAULT_KEYS", "20000"))
MOST = 10
OTHER_BODY = 0.1
AT_ONCE = 4
"""Keys whose duplicates are under way together."""


def send(
    lender: Installation, threads: ThreadPoolExecutor, key: str, draw: random.Random
) -> list[str]:
    """Send a key two to ten times at once, now and then one of them with another body."""
    count, body = draw.randrange(2, MOST + 1), application(draw)
    bodies = [body] * count
    if draw.random() < OTHER_BODY:
        bodies[draw.randrange(count)] = application(draw)
    gate = threading.Barrier(count)

    def one(number: int) -> tuple[int, bytes]:
        port = lender.ports[number % len(lender.ports)]
        gate.wait()
        return lender.decide(key, bodies[number], port)

    told = [one.result() for one in [threads.submit(one, number) for number in range(count)]]
    winners = {sent for sent, (status, _) in zip(bodies, told, strict=True) if status == DECIDED}
    losers = {sent for sent, (status, _) in zip(bodies, told, strict=True) if status == 422}
    faults = [f"{key}: {status}" for status, _ in told if status not in {DECIDED, 422}]
    if len(winners) != 1 or losers != set(bodies) - winners:
        faults.append(f"{key}: {len(winners)} bodies were decided, {len(losers)} refused")
    return faults


@pytest.mark.parametrize("postgres", [False, True], ids=["sqlite", "postgresql"])
def test_duplicates_at_once_are_one_decision(tmp_path: Path, tell: Tell, postgres: bool) -> None:
    """20,000 keys, half on each database, through two processes that share it."""
    draw = random.Random(f"{SEED} {postgres}")  # noqa: S311 - a load
    seeds = [draw.randrange(1 << 60) for _ in range(KEYS // 2)]
    with installed(tmp_path, apis=2, postgres=postgres) as lender:
        lender.start()
        with ThreadPoolExecutor(AT_ONCE) as keys, ThreadPoolExecutor(AT_ONCE * MOST) as senders:
            running = [
                keys.submit(send, lender, senders, f"key-{number:06}", random.Random(seed))  # noqa: S311
                for number, seed in enumerate(seeds)
            ]
            faults = [fault for one in running for fault in one.result()]
        found = check(lender.history.lines(), lender.address)
        tell(f"{found.sent:,} keys, {found.attempts:,} requests, refused {dict(found.refused)}")
        assert faults + found.faults == []
        assert rows(lender.address, "SELECT count(*) FROM decisions") == [(len(seeds),)]
        assert found.acknowledged == found.sent == len(seeds)
