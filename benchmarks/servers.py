"""Servers as processes of their own on loopback, and what they cost."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.measure import environment

PATIENCE = 120.0
UNLIMITED = {"SOLVENT_RATE_LIMIT": "0"}
"""One client asks as fast as it can: a limit would refuse what is to be measured."""
EMPTY = """
import sys
import uvicorn
from fastapi import FastAPI, Request
api = FastAPI()
@api.get("/ready")
async def ready(): return {}
@api.post("/empty")
async def empty(request: Request):
    await request.body()
    return {}
uvicorn.run(api, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
"""
"""A FastAPI endpoint that takes a body and does nothing; the first argument is its port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that answers.

    Args:
        port: Where it listens.
        pid: Its process.
    """

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the CPU-seconds, user and system, that its threads have used so far."""
        told = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(folder: Path, database_url: str | None = None) -> Iterator[Server]:
    """Run `solvent serve` on the home in a folder.

    Args:
        folder: Holds the home.
        database_url: Where its rows and decisions are; in the home by default.
    """
    port = _free_port()
    command = [str(Path(sys.executable).with_name("solvent")), "serve", "--no-worker"]
    held = environment() | {
        "SOLVENT_HOME": str(folder / "home"), "SOLVENT_API_PORT": str(port),
        "SOLVENT_DATABASE_URL": database_url or "", **UNLIMITED,
    }  # fmt: skip
    with _until_ready(command, port, held) as server:
        yield server


@contextmanager
def running(program: str, *arguments: object) -> Iterator[Server]:
    """Run a program that serves GET /ready at the port it is told first.

    Args:
        program: Python.
        arguments: What it is told besides.
    """
    port = _free_port()
    command = [sys.executable, "-c", program, str(port), *map(str, arguments)]
    with _until_ready(command, port, environment() | UNLIMITED) as server:
        yield server


@contextmanager
def _until_ready(command: list[str], port: int, held: Mapping[str, str]) -> Iterator[Server]:
    with subprocess.Popen(command, env=held, stdout=subprocess.DEVNULL) as process:
        try:
            give_up = time.monotonic() + PATIENCE
            while not _is_ready(port):
                if process.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError(f"{command[0]} does not answer")
                time.sleep(0.01)
            yield Server(port=port, pid=process.pid)
        finally:
            process.terminate()


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
