"""A whole installation of a small lender, and clients that keep asking it, whatever happens."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from solvent.app.bootstrap import open_service
from solvent.app.settings import Settings
from solvent.store import Role
from tests.faults.history import DECIDED, History, digest
from tests.faults.parts import Part, Postgres, Redis, WorkerPart, api, environment, free_port
from tests.faults.talk import UNKNOWN, as_body, ask
from tests.serve.lender import RISKY, SAFE, folder_of, home

DECIDE = "/v1/products/shop/decisions"
PATIENCE = 180.0
"""Seconds within which a request that is sent again and again must be decided."""
AGAIN = 0.2
"""Share of decided requests that are sent once more."""
AWAY = {UNKNOWN, 429, 503}
"""Statuses of a part that is away: the request is sent again."""


@dataclass(slots=True, kw_only=True)
class Installation:
    """A lender's processes, none started yet.

    Args:
        home: Models, policies, secrets and, without Postgres, the database.
        address: Of the database.
        headers: Of a request by its administrator.
        ports: Of its API processes.
        history: What clients saw.
        parts: Everything that can be killed, by name.
    """

    home: Path
    address: str
    headers: Mapping[str, str]
    ports: tuple[int, ...]
    history: History
    parts: dict[str, Part] = field(default_factory=dict)

    def start(self) -> None:
        """Start every part that does not run."""
        for part in self.parts.values():
            if not part.is_running:
                part.start(wait=False)
        for part in self.parts.values():
            part.wait()

    def stop(self) -> None:
        """Stop every part, those that others need last."""
        for part in reversed(self.parts.values()):
            part.stop()

    def decide(self, key: str, body: bytes, port: int) -> tuple[int, bytes]:
        """Send one request and note it; return status and answer."""
        self.history.note("sent", key=key, body=digest(body))
        status, answer, _ = ask(
            port, "POST", DECIDE, body, {**self.headers, "Idempotency-Key": key}
        )
        self.history.note("answered", key=key, status=status, answer=digest(answer))
        return status, answer

    def decide_at_last(self, key: str, body: bytes, draw: random.Random) -> bytes:
        """Send a request until it is decided; where it never is, the test fails."""
        until = time.monotonic() + PATIENCE
        while True:
            status, answer = self.decide(key, body, draw.choice(self.ports))
            if status == DECIDED:
                return answer
            if status not in AWAY:
                raise AssertionError(f"{key}: {status} {answer[:300]!r}")
            if time.monotonic() > until:
                raise AssertionError(f"{key}: not decided in {PATIENCE:.0f} s, last {status}")
            time.sleep(draw.uniform(0.01, 0.2))


@contextmanager
def installed(
    folder: Path, *, apis: int = 1, workers: int = 0, postgres: bool = False, redis: bool = False,
    lender: Path | None = None,
) -> Iterator[Installation]:  # fmt: skip
    """Install a lender, nothing of it running but its database server.

    Args:
        folder: A folder of the test's own.
        apis: How many processes answer requests.
        workers: How many do background jobs.
        postgres: True for Postgres, else SQLite in its home.
        redis: True for a Redis server that wakes workers.
        lender: Where it is kept; below `folder` by default.
    """
    root = lender or folder / "lender"
    shutil.copytree(home(), root, dirs_exist_ok=True)
    with ExitStack() as stack:
        parts: dict[str, Part] = {}
        settings: dict[str, str] = {}
        address = f"sqlite:///{root / 'home' / 'solvent.db'}"
        if postgres:
            server = Postgres()
            parts[server.name], address = server, server.address
            stack.callback(server.stop)
            server.start()
            settings["SOLVENT_DATABASE_URL"] = address
        if redis:
            doorbell = Redis(folder)
            parts[doorbell.name] = doorbell
            settings["SOLVENT_REDIS_URL"] = doorbell.address
        plain = _prepare(root, settings.get("SOLVENT_DATABASE_URL"))
        ports = tuple(free_port() for _ in range(apis))
        for number, port in enumerate(ports):
            own = environment(root / "home", SOLVENT_API_PORT=port, **settings)
            parts[f"api {number}"] = api(f"api {number}", own, folder / f"api_{number}.log")
        for number in range(workers):
            own = environment(root / "home", **settings)
            parts[f"worker {number}"] = WorkerPart(
                f"worker {number}", own, folder / f"worker_{number}.log"
            )
        found = Installation(
            home=root / "home", address=address, headers={"Authorization": f"Bearer {plain}"},
            ports=ports, history=History(folder / "history.jsonl"), parts=parts,
        )  # fmt: skip
        stack.callback(found.history.close)
        stack.callback(found.stop)
        yield found


def _prepare(root: Path, address: str | None) -> str:
    """Register the policies, make the tables and an administrator's key; return the key."""
    folders = [folder_of(root, "shop"), folder_of(root, "trees")]
    service = open_service(Settings(home=root / "home", database_url=address), folders=folders)
    try:
        return service.keys.create(Role.ADMIN, name="faults", created_at=service.now())[1]
    finally:
        service.close()


def application(draw: random.Random) -> bytes:
    """Return the body of a request about one of the lender's customers."""
    known = {**draw.choice((SAFE, RISKY)), "income": draw.randrange(500, 5_000)}
    return as_body({"user_id": f"C{draw.randrange(400):04}", "attributes": known})


def keep_asking(
    lender: Installation, seed: str | int, clients: int, stop: threading.Event
) -> Sequence[BaseException]:
    """Let clients ask until they are told to stop; each stays with a request until it is decided.

    Returns:
        What went wrong for a client.
    """

    def client(number: int) -> None:
        draw, count = random.Random(f"{seed} {number}"), 0  # noqa: S311 - a load, not a secret
        while not stop.is_set():
            key, body = f"client-{seed}-{number}-{count}", application(draw)
            lender.decide_at_last(key, body, draw)
            if draw.random() < AGAIN:
                lender.decide_at_last(key, body, draw)
            count += 1

    with ThreadPoolExecutor(clients) as threads:
        running = [threads.submit(client, number) for number in range(clients)]
    return [error for one in running if (error := one.exception()) is not None]
