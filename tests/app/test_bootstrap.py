"""The service: what is new is loaded once, however many look for it at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from solvent.app.bootstrap import Service, register_policy
from solvent.app.live_product import LiveProduct
from tests.serve.lender import POLICY, Lender, open_lender, write_policy


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    opened = open_lender(tmp_path)
    yield opened
    opened.service.close()


def test_two_threads_never_load_at_once(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    inside, most = [0], [0]
    load = Service._load

    def slow(own: Service, name: str) -> LiveProduct:
        loads.append(name)
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.1)
        found = load(own, name)
        inside[0] -= 1
        return found

    monkeypatch.setattr(Service, "_load", slow)
    write_policy(lender.folder, POLICY.replace('"first"', '"second"'))
    register_policy(lender.service.policies, lender.folder)
    threads = [threading.Thread(target=lender.service.refresh) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == [1]
    assert loads == ["shop"]
    assert lender.service.product("shop").policy.name == "second"
