"""A decision over HTTP: one client, one server process, a customer of 500 rows in the store.

The server is `solvent serve` on the simulated airtime lender; each decision carries user_id and
application_at, reads the customer's rows, scores every amount that could be lent, explains itself
and is on the disk before it is answered. In turns with it, the same client posts the same body to
a FastAPI endpoint that does nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.folder import bench_folder
from benchmarks.outcome import Row
from benchmarks.servers import EMPTY, running, serving

if TYPE_CHECKING:
    from solvent.app.bootstrap import Service

PRODUCT = Path(__file__).resolve().parents[1] / "examples" / "airtime_loans"
NAME = "airtime_loans"
TRAINED_ON, KEPT, ASKING = 10_000, 2_000, 400
"""Customers simulated, customers whose rows are in the store, customers who ask."""
ROWS_EACH = 500
CALLS, WARM = 1_000, 100
STARTS = 3
P50_MS, P99_MS = 15.0, 50.0
AT_ONCE = 10_000
_DONE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lender:
    """The lender on disk.

    Args:
        folder: Where it lies.
        key: An API key of a relationship manager.
        bodies: What the customers ask, as JSON.
    """

    folder: Path
    key: str
    bodies: tuple[bytes, ...]


def rows() -> Iterator[Row]:
    """Measure every promise."""
    lender = prepared()
    starts = []
    for _ in range(STARTS):
        started = time.perf_counter()
        with serving(lender.folder):
            starts.append(time.perf_counter() - started)
    with serving(lender.folder) as server, running(EMPTY) as idle:
        decided, empty = _measured(lender, server.port, idle.port)
    figures = {"calls": CALLS, "rows_each": ROWS_EACH} | {
        f"{name}_{part}_ms": round(float(np.percentile(times, part)), 3)
        for name, times in (("decision", decided), ("empty", empty))
        for part in (50, 99)
    }
    for part, bar in ((50, P50_MS), (99, P99_MS)):
        seen, peer = (float(np.percentile(times, part)) for times in (decided, empty))
        yield Row(
            promise=f"a decision over HTTP, explained and kept, {ROWS_EACH} rows: p{part}",
            bar=f"<= {bar:g} ms",
            value=f"{seen:.1f} ms",
            met=seen <= bar,
            note=f"an empty FastAPI endpoint: {peer:.2f} ms; {CALLS} calls in turns, one client",
            figures=figures,
        )
    yield Row(
        promise="from the start of `solvent serve` to its first answer",
        bar="", value=f"{float(np.median(starts)):.1f} s", met=None,
        note=f"median of {STARTS}; slowest {max(starts):.1f} s",
        figures={"seconds": ", ".join(f"{one:.2f}" for one in starts)},
    )  # fmt: skip


def _measured(lender: Lender, port: int, idle: int) -> tuple[list[float], list[float]]:
    """Return milliseconds of decisions and of empty calls, in turns."""
    api = HTTPConnection("127.0.0.1", port)
    nothing = HTTPConnection("127.0.0.1", idle)
    headers = {"Authorization": f"Bearer {lender.key}", "Content-Type": "application/json"}
    decided, empty = [], []
    for call in range(WARM + CALLS):
        body = lender.bodies[call % len(lender.bodies)]
        taken = _call(api, f"/v1/products/{NAME}/decisions", body, headers, 201)
        spare = _call(nothing, "/empty", body, headers, 200)
        if call >= WARM:
            decided.append(taken)
            empty.append(spare)
    return decided, empty


def _call(
    connection: HTTPConnection, path: str, body: bytes, headers: Mapping[str, str], status: int
) -> float:
    started = time.perf_counter_ns()
    connection.request("POST", path, body, dict(headers))
    answer = connection.getresponse()
    told = answer.read()
    taken = (time.perf_counter_ns() - started) / 1e6
    assert answer.status == status, told
    return taken


# ---------------------------------------------------------------------------- the lender


def prepared(database_url: str | None = None) -> Lender:
    """Return the lender, simulated, trained and loaded once; with a key of its own.

    Args:
        database_url: Where its rows are; in SQLite beside the model by default. Loaded where the
            database holds none yet.
    """
    from solvent.app.bootstrap import open_service
    from solvent.app.settings import Settings
    from solvent.store import Role

    folder = bench_folder() / f"decision_packed_{TRAINED_ON}_{KEPT}_{ROWS_EACH}"
    if not (folder / _DONE).exists():
        _make(folder)
    service = open_service(Settings(home=folder / "home", database_url=database_url))
    if not service.rows.high_water(NAME):
        _load(folder, service)
    role = Role.RELATIONSHIP_MANAGER
    _, key = service.keys.create(role, name="benchmark", created_at=service.now())
    if not service.keys.any_admin():  # else the server would make one, and print it
        service.keys.create(Role.ADMIN, name="benchmark", created_at=service.now())
    service.close()
    loans = _loans(folder)
    return Lender(folder=folder, key=key, bodies=tuple(_asked(loan) for loan in loans))


def _make(folder: Path) -> None:
    from solvent.app.bootstrap import register_policy
    from solvent.sandbox import simulate
    from solvent.store import PolicyRegistry

    simulate(NAME, customers=TRAINED_ON, seed=0, out=folder / "data")
    solvent = str(Path(sys.executable).with_name("solvent"))
    subprocess.run(
        [solvent, "train", str(PRODUCT), "--data", str(folder / "data")], check=True,
        env={**os.environ, "SOLVENT_HOME": str(folder / "home")}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    register_policy(PolicyRegistry(folder / "home"), PRODUCT)
    (folder / _DONE).touch()


def _loans(folder: Path) -> list[dict[str, Any]]:
    """Return the newest loan of each customer who asks."""
    newest: dict[str, dict[str, Any]] = {}
    for loan in pq.read_table(folder / "data" / "loans.parquet").to_pylist():
        newest[loan["uuid"]] = loan
    return [newest[key] for key in sorted(newest)[:ASKING]]


def _asked(loan: Mapping[str, Any]) -> bytes:
    return json.dumps(
        {
            "user_id": loan["uuid"], "application_at": f"{loan['created_at'].isoformat()}Z",
            "attributes": {"amount": 20},
        }
    ).encode()  # fmt: skip


def _load(folder: Path, service: Service) -> None:
    """Keep the rows of some customers; those who ask get copies of their use up to 500 rows."""
    from solvent.app.events import add_rows
    from solvent.features import Events

    live = service.product(NAME)
    asking = {loan["uuid"] for loan in _loans(folder)}
    customers = pq.read_table(folder / "data" / "customers.parquet", columns=["uuid"])
    keys = {*asking, *sorted(map(str, customers.column("uuid").to_pylist()))[:KEPT]}
    have, usage = dict.fromkeys(asking, 0), list[dict[str, Any]]()
    for source, table in live.sources.items():
        id_column = table.id if isinstance(table, Events) else None
        names = [table.key, *table.columns, table.time_column, table.available, id_column]
        columns = [name for name in dict.fromkeys(names) if name is not None]
        kept = [
            row
            for path in table.paths
            for row in pq.read_table(folder / "data" / path, columns=columns).to_pylist()
            if row[table.key] in keys
        ]
        for row in kept:
            if row[table.key] in have:
                have[row[table.key]] += 1
        if source == "usage":
            usage = kept
        for at in range(0, len(kept), AT_ONCE):
            some = [_plain(row) for row in kept[at : at + AT_ONCE]]
            add_rows(service, live, source, some, batch=f"{source}-{at}")
    more = [_plain(row) for row in _copies(usage, have)]
    for at in range(0, len(more), AT_ONCE):
        add_rows(service, live, "usage", more[at : at + AT_ONCE], batch=f"more-{at}")


def _copies(usage: list[dict[str, Any]], have: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield copies of rows, an hour earlier each time, until everybody has enough."""
    own: dict[str, list[dict[str, Any]]] = {key: [] for key in have}
    for row in usage:
        if row["uuid"] in own:
            own[row["uuid"]].append(row)
    number = 10**12
    for key, some in own.items():
        for place in range(max(ROWS_EACH - have[key], 0) if some else 0):
            row, back = some[place % len(some)], timedelta(hours=1 + place // len(some))
            number += 1
            times = {name: row[name] - back for name in ("at", "uploaded_at")}
            yield {**row, **times, "usage_id": number}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
    }  # fmt: skip
