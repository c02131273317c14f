"""The stack of deploy/compose.yaml, as somebody who runs it handles it."""

from __future__ import annotations

import io
import json
import sys
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.engine import Engine, run, say
from tests.deploy.images import Images
from tests.laws import ROOT

SERVICES = ("api", "worker", "ui", "postgres", "redis")
PROJECT = "solvent-test-deploy"
API_PORT, UI_PORT = "18473", "18474"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One stack, of a project of its own.

    Args:
        engine: Where it runs.
        images: What it is made of.
        secrets: Folder of its secrets.
    """

    engine: Engine
    images: Images
    secrets: Path

    @property
    def api(self) -> str:
        """Address of the API on this machine."""
        return f"http://127.0.0.1:{API_PORT}"

    @property
    def admin_key(self) -> str:
        """The first admin's key."""
        return (self.secrets / "admin_key").read_text().strip()

    def make_secrets(self) -> None:
        """Make the secrets of this run."""
        run([str(ROOT / "deploy/secrets.sh"), str(self.secrets)])

    def hand_over(self, home: Path) -> None:
        """Bring models and policies made elsewhere into the stack's home."""
        packed = self._packed(home)
        if "trust" in run([solvent(), "models", "--help"]):
            key = home / "training.pem"
            run([solvent(), "models", "key", str(key)], environment={"SOLVENT_HOME": str(home)})
            words = ("run", "--rm", "--no-deps", "-T", "api", "solvent", "models", "trust")
            say(self.compose(*words, "/dev/stdin", given=key.read_bytes()))
        say(self.compose("run", "--rm", "--no-deps", "-T", "api", "receive.sh", given=packed))

    def _packed(self, home: Path) -> bytes:
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as tar:
            for name in ("models", "policies"):
                tar.add(home / name, arcname=name)
        return made.getvalue()

    def compose(self, *words: str, given: bytes | None = None) -> str:
        """Call docker-compose and return what it printed."""
        environment = {
            **self.engine.environment, "SOLVENT_SECRETS": str(self.secrets),
            "SOLVENT_IMAGE": self.images.serve, "SOLVENT_PAGES_IMAGE": self.images.pages,
            "POSTGRES_IMAGE": self.images.postgres, "REDIS_IMAGE": self.images.redis,
            "SOLVENT_API_PORT": API_PORT, "SOLVENT_UI_PORT": UI_PORT,
        }  # fmt: skip
        file = str(ROOT / "deploy/compose.yaml")
        command = ["docker-compose", "--project-name", PROJECT, "--file", file, *words]
        return run(command, environment=environment, given=given)

    def inside(self, service: str, *command: str) -> str:
        """Run a command in a part's container and return what it printed."""
        return self.compose("exec", "-T", service, *command)

    def _inspected(self, service: str) -> dict[str, dict[str, object]]:
        name = self.compose("ps", "-q", service).strip()
        found: dict[str, dict[str, object]] = json.loads(self.engine.docker("inspect", name))[0]
        return found

    def process(self, service: str) -> tuple[int, str]:
        """Return the first process of a part, by this machine's numbers, and when it started."""
        state = self._inspected(service)["State"]
        return int(str(state["Pid"])), str(state["StartedAt"])

    def published(self, service: str) -> set[str]:
        """Return the addresses a part is published on."""
        ports = self._inspected(service)["HostConfig"]["PortBindings"] or {}
        assert isinstance(ports, dict)
        return {binding["HostIp"] for bindings in ports.values() for binding in bindings}

    def wait_healthy(self, patience: float) -> None:
        """Wait until every part says that it is well."""
        until = time.monotonic() + patience
        while True:
            states = {name: self._health(name) for name in SERVICES}
            if set(states.values()) == {"healthy"}:
                return
            if time.monotonic() > until:
                raise AssertionError(f"{states}\n{self.compose('logs', '--tail=40')}")
            time.sleep(1)

    def _health(self, service: str) -> str:
        health = self._inspected(service)["State"].get("Health") or {}
        assert isinstance(health, dict)
        return str(health.get("Status"))

    def take_down(self) -> None:
        """Take down the stack with all it kept."""
        self.compose("down", "--volumes", "--remove-orphans")
        say("the stack is taken down")


def solvent() -> str:
    """Return the command of the environment this test runs in."""
    return str(Path(sys.executable).parent / "solvent")


def trained_home(folder: Path) -> Path:
    """Return a home with a model and a policy, made on this machine, elsewhere than the stack."""
    say("training a small product")
    home, data = folder / "home", str(folder / "card")
    product, environment = str(ROOT / "examples/instant_card"), {"SOLVENT_HOME": str(home)}
    run([solvent(), "sandbox", "instant_card", "--customers", "3000", "--out", data])
    run([solvent(), "train", product, "--data", data, "--technique", "boosted_trees"],
        environment=environment)  # fmt: skip
    run([solvent(), "policy", product], environment=environment)
    return home
