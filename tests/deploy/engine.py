"""A Docker engine for the test: the one that runs, else its own, which leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PACKAGES = {
    "dockerd": "docker.io",
    "docker-compose": "docker-compose",
    "debootstrap": "debootstrap",
}
START_SECONDS = 60
DRIVERS = ("overlay2", "vfs")
"""Ways to keep layers, the best first: not every kernel lets the first be used in a sandbox."""
_BEGAN = time.monotonic()


def say(words: str) -> None:
    """Show how far the test is: it takes minutes."""
    sys.stderr.write(f"[{time.monotonic() - _BEGAN:6.1f} s] {words}\n")
    sys.stderr.flush()


def run(
    command: Sequence[str], *, environment: dict[str, str] | None = None, given: bytes | None = None
) -> str:
    """Run a command and return what it printed.

    Args:
        command: The program and its arguments.
        environment: Variables it gets beside those of this process.
        given: Its standard input.

    Raises:
        AssertionError: It failed; with the end of what it printed.
    """
    done = subprocess.run(
        command, env={**os.environ, **(environment or {})}, input=given,
        capture_output=True, check=False,
    )  # fmt: skip
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{out[-2000:]}{err[-4000:]}")
    return out


def _client() -> str:
    debians = "/usr/bin/docker"
    return debians if Path(debians).exists() else "docker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A Docker engine that answers.

    Args:
        address: What `DOCKER_HOST` is to be.
        client: The client to call; Debian's own where it is there, which builds the classic way.
    """

    address: str
    client: str = field(default_factory=_client)

    @property
    def environment(self) -> dict[str, str]:
        """Variables for whoever talks to it: the classic builder wants nothing installed beside."""
        return {
            "DOCKER_HOST": self.address,
            "DOCKER_BUILDKIT": "0",
            "COMPOSE_DOCKER_CLI_BUILD": "0",
        }

    def docker(self, *words: str, given: bytes | None = None) -> str:
        """Call the client and return what it printed."""
        return run([self.client, *words], environment=self.environment, given=given)


def install_packages() -> None:
    """Install what is not there yet, from Debian's packages."""
    absent = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if absent:
        say(f"installing {', '.join(absent)}")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], environment=quiet)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *absent, "iptables"],
            environment=quiet)  # fmt: skip


@contextmanager
def engine_for(folder: Path) -> Iterator[Engine]:
    """Give an engine: the one that runs, else one that is started in a folder and ends with it.

    Args:
        folder: Of the test's own; gone afterwards where an engine was started.
    """
    running = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    if _answers(running):
        say(f"an engine runs at {running}")
        yield Engine(address=running)
        return
    with _network_put_back():
        process, address = _start(folder)
        try:
            yield Engine(address=address)
        finally:
            _stop(process, folder)


def _answers(address: str) -> bool:
    done = subprocess.run(
        [_client(), "info", "--format", "{{.ServerVersion}}"], check=False, capture_output=True,
        env={**os.environ, "DOCKER_HOST": address},
    )  # fmt: skip
    return done.returncode == 0 and bool(done.stdout.strip())


def _start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start an engine with the first way to keep layers that works here."""
    folder.mkdir(exist_ok=True)
    address, log = f"unix://{folder}/engine.sock", folder / "engine.log"
    for driver in DRIVERS:
        with log.open("ab") as file:
            process = subprocess.Popen(
                [
                    "dockerd", "--host", address, "--data-root", f"{folder}/data",
                    "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/engine.pid",
                    "--storage-driver", driver, "--exec-opt", "native.cgroupdriver=cgroupfs",
                ],
                stdout=file, stderr=file, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < until:
            if _answers(address):
                say(f"started an engine of its own ({driver})")
                return process, address
            time.sleep(0.5)
        _stop(process, folder, gone=False)
    raise AssertionError(f"no Docker engine runs here:\n{log.read_text()[-3000:]}")


def _stop(process: subprocess.Popen[bytes], folder: Path, *, gone: bool = True) -> None:
    """End an engine, what it mounted, and its folder."""
    process.terminate()
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in sorted((p for p in mounted if p.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "-l", place], check=False)
    if gone:
        shutil.rmtree(folder)
        say("the engine, its images and its folder are gone")


@contextmanager
def _network_put_back() -> Iterator[None]:
    """Put back what an engine leaves in the machine's network: rules, forwarding, its bridge."""
    forwarding = Path("/proc/sys/net/ipv4/ip_forward")
    before = forwarding.read_text()
    rules = run(["iptables-save"])
    try:
        yield
    finally:
        run(["iptables-restore"], given=rules.encode())
        forwarding.write_text(before)
        subprocess.run(["ip", "link", "delete", "docker0"], check=False, capture_output=True)
