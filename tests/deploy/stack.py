"""The stack in containers, for real: decided through, parts killed under load, nothing lost.

`make test-deploy` runs this file; `make test` does not, since it takes minutes and root.
The checks go in this order, on one stack. What was acknowledged, the client's own notes tell.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from tests.deploy.composed import SERVICES, Stack, trained_home
from tests.deploy.engine import engine_for, install_packages, say
from tests.deploy.images import built

PRODUCT = "instant_card"
DECISIONS = 200
ROWS = 500
PATIENCE = 180.0
"""Seconds a stack may take to heal, or a batch to be done."""


class Client:
    """Asks for decisions and notes every answer it was given.

    Args:
        stack: Whom to ask.
    """

    def __init__(self, stack: Stack) -> None:
        self._http = httpx.Client(
            base_url=stack.api, timeout=20, headers={"Authorization": f"Bearer {stack.admin_key}"}
        )
        self.acknowledged: dict[str, bytes] = {}
        self.refused = 0

    def decide(self, number: int) -> bool:
        """Ask for one decision; True where it was acknowledged."""
        key = f"order-{number:06d}"
        attributes = {"age": 18 + number % 60, "income": 20_000 + 37 * number}
        try:
            answer = self._http.post(
                f"/v1/products/{PRODUCT}/decisions", json={"attributes": attributes},
                headers={"Idempotency-Key": key},
            )  # fmt: skip
        except httpx.TransportError:
            self.refused += 1
            return False
        if answer.status_code not in {200, 201}:
            assert answer.status_code in {429, 503}, answer.text
            self.refused += 1
            return False
        assert self.acknowledged.setdefault(key, answer.content) == answer.content
        return True

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def get(self, path: str) -> httpx.Response:
        """Ask for something."""
        return self._http.get(path)

    def post(self, path: str, body: str) -> httpx.Response:
        """Send a CSV file."""
        return self._http.post(path, content=body, headers={"Content-Type": "text/csv"})


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    install_packages()
    with TemporaryDirectory(prefix="solvent-deploy-") as name:
        folder = Path(name)
        with engine_for(folder / "engine") as engine, built(engine, folder) as images:
            stack = Stack(engine=engine, images=images, secrets=folder / "secrets")
            try:
                stack.make_secrets()
                stack.hand_over(trained_home(folder))
                began = time.monotonic()
                stack.compose("up", "-d")
                stack.wait_healthy(PATIENCE)
                say(f"the stack is up and healthy after {time.monotonic() - began:.1f} s")
                yield stack
            finally:
                stack.take_down()


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[Client]:
    client = Client(stack)
    yield client
    client.close()


def test_containers_are_confined(stack: Stack) -> None:
    """No part is root, may write its root file system, gain a privilege, or is published."""
    for service in SERVICES:
        status = stack.inside(service, "cat", "/proc/self/status")
        assert stack.inside(service, "id", "-u").strip() == "10001", service
        assert "CapEff:\t0000000000000000" in status, service
        assert "NoNewPrivs:\t1" in status, service
        with pytest.raises(AssertionError, match="Read-only file system"):
            stack.inside(service, "touch", "/opt/written")
        addresses = stack.published(service)
        assert addresses <= {"127.0.0.1"}, (service, addresses)


def test_the_run_images_are_light(stack: Stack) -> None:
    """No compiler, no uv, no cache of packages, no tests."""
    for service in ("api", "ui"):
        assert stack.inside(service, "sh", "-c", "command -v python")
        for program in ("gcc", "cc", "uv"):
            with pytest.raises(AssertionError):
                stack.inside(service, "sh", "-c", f"command -v {program}")
        found = stack.inside(service, "find", "/opt/solvent", "-type", "d", "-name", "tests")
        assert found == ""


def test_decides_and_tells_it_again(stack: Stack, client: Client) -> None:
    """Decisions are made, read back, and given again to the byte; no kernel is compiled."""
    before = stack.inside("api", "sh", "-c", "find /var/cache/solvent -type f | sort")
    assert ".nbi" in before
    began = time.monotonic()
    for number in range(DECISIONS):
        assert client.decide(number)
    say(f"{DECISIONS} decisions in {time.monotonic() - began:.2f} s")
    assert stack.inside("api", "sh", "-c", "find /var/cache/solvent -type f | sort") == before
    for number in range(DECISIONS):
        assert client.decide(number)  # it compares with what it was given first
    _nothing_is_lost(stack, client)


def test_a_batch_comes_out_whole(stack: Stack, client: Client) -> None:
    """Rows out are rows in, done by the worker's container."""
    lines = [f"b-{i},{20 + i % 50},{25_000 + 11 * i}" for i in range(ROWS)]
    answer = client.post(
        f"/v1/batches?product={PRODUCT}", "\n".join(["application_id,age,income", *lines])
    )
    assert answer.status_code == 202, answer.text
    path, until = f"/v1/batches/{answer.json()['id']}", time.monotonic() + PATIENCE
    while (told := client.get(path).json())["state"] != "done":
        assert time.monotonic() < until, told
        time.sleep(0.2)
    assert (told["rows"], told["done"], told["set_aside"]) == (ROWS, ROWS, 0)
    results = client.get(f"{path}/results")
    assert results.status_code == 200, results.text
    assert results.text.strip().count("\n") == ROWS
    say(f"a batch of {ROWS} rows came out whole")


@pytest.mark.parametrize("service", ["worker", "redis", "api", "postgres"])
def test_a_killed_part_comes_back(stack: Stack, client: Client, service: str) -> None:
    """A crash under load is healed by the engine alone, and nothing acknowledged is lost."""
    stop, first = threading.Event(), 1_000 * (2 + SERVICES.index(service))

    def load() -> None:
        number = first
        while not stop.is_set():
            number += client.decide(number)  # the same key until it is acknowledged
            time.sleep(0.02)

    loading = threading.Thread(target=load)
    loading.start()
    try:
        time.sleep(2)
        began, pid, started = time.monotonic(), *stack.process(service)
        os.kill(pid, signal.SIGKILL)
        while stack.process(service)[1] == started:
            assert time.monotonic() < began + PATIENCE, f"{service} was not started again"
            time.sleep(0.2)
        stack.wait_healthy(PATIENCE)
        say(f"{service} killed: healthy again after {time.monotonic() - began:.1f} s")
        time.sleep(2)
    finally:
        stop.set()
        loading.join()
    _nothing_is_lost(stack, client)


def _nothing_is_lost(stack: Stack, client: Client) -> None:
    """Every acknowledged decision is there, is given again, and the audit's chain holds."""
    for key in client.acknowledged:
        assert client.decide(int(key.removeprefix("order-"))), key
    for body in list(client.acknowledged.values())[-20:]:
        number = httpx.Response(200, content=body).json()["id"]
        assert client.get(f"/v1/decisions/{number}").status_code == 200
    told = stack.inside("api", "solvent", "audit", "verify")
    say(f"{len(client.acknowledged)} acknowledged, all there; {told.strip().splitlines()[-1]}")
