"""A client that sends files of applications and counts the rows that come back."""

from __future__ import annotations

import csv
import io
import json
import random
import threading
import time
from dataclasses import dataclass, field

from tests.faults.installation import AWAY, Installation
from tests.faults.talk import ask
from tests.serve.lender import RISKY, SAFE

ROWS = 600
PATIENCE = 900.0
OVER = {"done", "failed", "cancelled"}


@dataclass(slots=True)
class Batch:
    """One file, and what does not agree about it."""

    id: str
    rows: int
    decisions: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def keep_sending(lender: Installation, seed: int, stop: threading.Event) -> list[Batch]:
    """Send files, one after the other, until told to stop; each is followed to its end."""
    draw, found = random.Random(f"{seed} batches"), list[Batch]()  # noqa: S311 - a load
    while not stop.is_set():
        found.append(send_one(lender, f"batch-number-{len(found)}", draw))
    return found


def send_one(lender: Installation, key: str, draw: random.Random, rows: int = ROWS) -> Batch:
    """Send a file of applications, wait for it, and compare rows in with rows out.

    One in two is decided for good: each row has one decision then, and no other batch has it.
    """
    mode = draw.choice(("score", "decide"))
    names = [f"{key}-{number}" for number in range(rows)]
    headers = {**lender.headers, "Content-Type": "text/csv", "Idempotency-Key": key}
    told = json.loads(
        _answered(
            lender,
            draw,
            "POST",
            f"/v1/batches?product=shop&mode={mode}",
            _file(names, draw),
            headers,
        )
    )
    batch = Batch(told["id"], rows)
    until = time.monotonic() + PATIENCE
    while told["state"] not in OVER:
        if time.monotonic() > until:
            batch.faults.append(f"{batch.id}: {told['state']} after {PATIENCE:.0f} s: {told}")
            return batch
        time.sleep(0.5)
        told = json.loads(_answered(lender, draw, "GET", f"/v1/batches/{batch.id}"))
    if told["state"] != "done":
        batch.faults.append(f"{batch.id}: ended as {told['state']}")
        return batch
    results = _answered(lender, draw, "GET", f"/v1/batches/{batch.id}/results")
    told = list(csv.DictReader(io.StringIO(results.decode())))
    out = [row["application_id"] for row in told]
    if any(row["error"] or not row["verdict"] for row in told):
        batch.faults.append(f"{batch.id}: rows without a verdict")
    if mode == "decide":
        batch.decisions = [row["decision_id"] for row in told]
    if out != names:
        batch.faults.append(
            f"{batch.id}: {len(out)} rows out of {rows}, {len(set(out))} of them once"
        )
    return batch


def _file(names: list[str], draw: random.Random) -> bytes:
    columns = list(SAFE)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["application_id", "user_id", "application_at", *columns])
    for name in names:
        known = {**draw.choice((SAFE, RISKY)), "income": draw.randrange(500, 5_000)}
        writer.writerow(
            [name, f"C{draw.randrange(400):04}", "2025-05-01T10:00:00Z"]
            + [known.get(column, "") for column in columns]
        )
    return text.getvalue().encode()


def _answered(
    lender: Installation, draw: random.Random, method: str, path: str, body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> bytes:  # fmt: skip
    """Ask until somebody answers; any other trouble fails the test."""
    until = time.monotonic() + PATIENCE
    while True:
        status, answer, _ = ask(
            draw.choice(lender.ports), method, path, body, headers or lender.headers
        )
        if 200 <= status < 300:
            return answer
        if status not in AWAY or time.monotonic() > until:
            raise AssertionError(f"{method} {path}: {status} {answer[:300]!r}")
        time.sleep(draw.uniform(0.05, 0.3))
