"""A small but real lender, made and run with the product's own commands alone."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
SOLVENT = Path(sys.executable).with_name("solvent")
HOST = "127.0.0.1"
PATIENCE = 90.0
ROLES = ("applicant", "relationship_manager", "risk_manager")
LOANS, CARD = "airtime_loans", "instant_card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What listens: `solvent up`, or a part of it.

    Args:
        process: The command.
        api, pages: Their addresses.
        said: What the command printed while it started.
    """

    process: subprocess.Popen[str]
    api: str
    pages: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lender:
    """A lender that runs.

    Args:
        home: Its SOLVENT_HOME.
        running: Its API and pages.
        keys: Role -> API key.
    """

    home: Path
    running: Running
    keys: Mapping[str, str]

    def ask(self, path: str, role: str = "admin", **query: Any) -> httpx.Response:
        """Return what the API answers beneath /v1."""
        return httpx.get(
            f"{self.running.api}/v1/{path}", params=query, trust_env=False, timeout=PATIENCE,
            headers={"Authorization": f"Bearer {self.keys[role]}"},
        )  # fmt: skip

    def figures(self, path: str, **query: Any) -> dict[str, Any]:
        """Return the JSON the API gives an administrator."""
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Tell whether a port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def command(home: Path, *words: str) -> str:
    """Run one of solvent's commands and return what it printed."""
    done = subprocess.run(
        [str(SOLVENT), *words], cwd=ROOT, env=_environment(home), timeout=PATIENCE,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"solvent {' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def started(home: Path, *words: str, api: int, ui: int) -> Iterator[Running]:
    """Start `solvent up`, `serve` or `ui`, wait until it answers, and end it with SIGTERM."""
    log = home.with_name(f"{words[0]}-{api}-{ui}.log")
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [str(SOLVENT), *words], cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, text=True,
            env=_environment(home, SOLVENT_API_PORT=str(api), SOLVENT_UI_PORT=str(ui)),
        )  # fmt: skip
    running = Running(
        process=process, api=f"http://{HOST}:{api}", pages=f"http://{HOST}:{ui}", said=""
    )
    try:
        if words[0] in {"up", "serve"}:
            _answers(process, f"{running.api}/ready", log)
        if words[0] in {"up", "ui"}:
            _answers(process, f"{running.pages}/_stcore/health", log)
        said = log.read_text(encoding="utf-8")
        yield Running(process=process, api=running.api, pages=running.pages, said=said)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _answers(process: subprocess.Popen[str], url: str, log: Path) -> None:
    with httpx.Client(trust_env=False, timeout=5) as client:
        for _ in range(int(PATIENCE * 10)):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            try:
                if client.get(url).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            # Nobody tells when a server listens: it is asked ten times a second.
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer\n{log.read_text(encoding='utf-8')}")


@contextmanager
def opened(folder: Path) -> Iterator[Lender]:
    """Make the lender in a folder and run it."""
    home = folder / "home"
    with ThreadPoolExecutor(2) as both:
        made = [both.submit(_make_loans, home, folder), both.submit(_make_card, home, folder)]
        for one in made:
            one.result()
    with started(home, "up", api=free_port(), ui=free_port()) as running:
        keys = {"admin": _key(r"admin key \(shown this once\): (\S+)", running.said)}
        for role in ROLES:
            keys[role] = _key(r"key +(\S+)", command(home, "keys", "create", "--role", role))
        yield Lender(home=home, running=running, keys=keys)


def _make_loans(home: Path, folder: Path) -> None:
    data = str(folder / "airtime")
    command(home, "sandbox", LOANS, "--customers", "2500", "--out", data)
    command(home, "train", f"examples/{LOANS}", "--data", data)
    command(home, "policy", f"examples/{LOANS}")
    command(home, "events", "load", LOANS, data, "--share", "0.3")


def _make_card(home: Path, folder: Path) -> None:
    data = str(folder / "card")
    command(home, "sandbox", CARD, "--customers", "6000", "--out", data)
    command(home, "train", f"examples/{CARD}", "--data", data)
    command(home, "policy", f"examples/{CARD}")


def _key(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    assert found is not None, said
    return found.group(1)


def _environment(home: Path, **more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("SOLVENT_")}
    return {**own, "SOLVENT_HOME": str(home), "COLUMNS": "200", **more}
