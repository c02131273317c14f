"""Postgres goes away, or the wire to it is cut at a commit: nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.conftest import Tell
from tests.faults.cutting import CutWire
from tests.faults.history import check, rows
from tests.faults.installation import installed, keep_asking
from tests.faults.parts import Postgres
from tests.faults.talk import ask

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("SOLVENT_FAULT_SEED", "1"))
RESTARTS = int(os.environ.get("SOLVENT_FAULT_RESTARTS", "20"))
CUTS = int(os.environ.get("SOLVENT_FAULT_CUTS", "200"))
CLIENTS = 6


def test_postgres_killed_and_started_again(tmp_path: Path, tell: Tell) -> None:
    """Twenty times, its stale pid file included; the API lives on and heals by itself."""
    stop, draw = threading.Event(), random.Random(f"{SEED} restarts")  # noqa: S311
    with installed(tmp_path, postgres=True) as lender:
        lender.start()
        server, api = lender.parts["postgres"], lender.parts["api 0"]
        assert isinstance(server, Postgres)
        born = api.pid
        with ThreadPoolExecutor(1) as threads:
            asking = threads.submit(keep_asking, lender, SEED, CLIENTS, stop)
            try:
                for _ in range(RESTARTS):
                    time.sleep(draw.uniform(0.3, 1.5))
                    server.kill()
                    assert server.has_stale_pid_file()
                    assert ask(lender.ports[0], "GET", "/ready")[0] == 503
                    server.revive()  # memory of the one before may still be held
            finally:
                stop.set()
            faults = [repr(error) for error in asking.result()]
        api.wait()
        found = check(lender.history.lines(), lender.address)
        tell(f"{found.sent:,} keys, {found.attempts:,} attempts, refused {dict(found.refused)}")
        assert (api.is_running, api.pid, faults, found.faults) == (True, born, [], [])
        assert found.acknowledged == found.sent > RESTARTS
        assert found.refused[503] > 0


def test_a_wire_cut_at_a_commit(tmp_path: Path, tell: Tell) -> None:
    """200 times; before the commit or after it, by turns, which nobody is told."""
    stop = threading.Event()
    with installed(tmp_path, postgres=True) as lender:
        server, api = lender.parts["postgres"], lender.parts["api 0"]
        assert isinstance(server, Postgres)
        wire = CutWire(server.port, SEED, share=0.0)
        assert api.environment is not None
        api.environment = {
            **api.environment,
            "SOLVENT_DATABASE_URL": lender.address.replace(str(server.port), str(wire.port)),
        }
        lender.start()
        wire.share = 0.2
        with ThreadPoolExecutor(1) as threads:
            asking = threads.submit(keep_asking, lender, SEED, CLIENTS, stop)
            while wire.cuts < CUTS and not asking.done():
                time.sleep(0.1)
            wire.share = 0.0
            stop.set()
            faults = [repr(error) for error in asking.result()]
        found = check(lender.history.lines(), lender.address)
        (kept,) = rows(lender.address, "SELECT count(*) FROM decisions")[0]
        tell(f"{wire.before} cut before, {wire.after} after; {found.sent:,} keys, {kept:,} kept")
        assert (faults, found.faults) == ([], [])
        assert wire.cuts >= CUTS
        assert min(wire.before, wire.after) >= CUTS // 2
        assert found.acknowledged == found.sent == kept
        wire.close()
