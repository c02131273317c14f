"""The airtime sandbox gone live: its files for `solvent score`, its rows sent over HTTP."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import Result
from typer.testing import CliRunner

from solvent.app.bootstrap import open_service
from solvent.app.settings import Settings
from solvent.cli.main import app
from solvent.features import Attributes, Events
from solvent.sandbox import simulate
from solvent.store import Role
from tests.serve.lender import Lender

PRODUCT = Path(__file__).resolve().parents[2] / "examples" / "airtime_loans"
SEED = 7
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Airtime:
    """The lender on disk.

    Args:
        root: Holds `data` and `home`.
    """

    root: Path

    @property
    def data(self) -> Path:
        """Where the tables are."""
        return self.root / "data"

    def run(self, *words: str | Path) -> Result:
        """Run `solvent ...` with this home."""
        environment = {"SOLVENT_HOME": str(self.root / "home"), "COLUMNS": "200"}
        done = CliRunner().invoke(app, [str(word) for word in words], env=environment)
        assert done.exit_code == 0, done.output
        return done

    def offline(self, applications: pa.Table, name: str) -> dict[int, float]:
        """Return the PD `solvent score` writes for each application, by id."""
        asked, out = self.root / f"{name}.parquet", self.root / f"{name}.csv"
        pq.write_table(applications, asked)
        self.run(
            "score", PRODUCT, asked, "-o", out, "--data", self.data, "--with", "id"
        )  # fmt: skip
        told: dict[int, float] = {}
        with out.open(encoding="utf-8") as file:
            heading = file.readline().replace('"', "").strip().split(",")
            at, pd = heading.index("id"), heading.index("prediction_probability")
            for line in file:
                cells = line.replace('"', "").strip().split(",")
                told[int(cells[at])] = float(cells[pd])
        return told


def airtime(root: Path, customers: int) -> Airtime:
    """Simulate the lender and train its model."""
    lender = Airtime(root=root)
    simulate("airtime_loans", customers=customers, seed=SEED, out=lender.data)
    lender.run("train", PRODUCT, "--data", lender.data)
    return lender


def served(lender: Airtime, database_url: str | None = None) -> Lender:
    """Return the lender's service, with an administrator's key."""
    settings = Settings(home=lender.root / "home", database_url=database_url)
    service = open_service(settings, folders=[PRODUCT])
    found = Lender(root=lender.root, service=service)
    _, found.keys[Role.ADMIN] = service.keys.create(Role.ADMIN, name="test", created_at=1)
    return found


def rows_of(table: Events | Attributes, data: Path) -> Iterator[Row]:
    """Yield a source's rows as a client would send them: declared columns, times as text."""
    event = isinstance(table, Events)
    names = [
        table.key, *table.columns, table.time_column, table.available,
        table.id if event else None,
    ]  # fmt: skip
    columns = [name for name in dict.fromkeys(names) if name is not None]
    for path in table.paths:
        for row in pq.read_table(data / path, columns=columns).to_pylist():
            yield {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def send_rows(
    api: httpx.Client, lender: Lender, data: Path, *, keys: set[str], at_once: int
) -> int:
    """Send some customers' rows of every source, in random order and batches; return how many."""
    live = lender.service.product("airtime_loans")
    draw = random.Random(SEED)  # noqa: S311 - an order, not a secret
    batches: list[tuple[str, list[Row]]] = []
    for name, table in live.sources.items():
        rows = [row for row in rows_of(table, data) if row[table.key] in keys]
        draw.shuffle(rows)
        batches += [(name, rows[at : at + at_once]) for at in range(0, len(rows), at_once)]
    draw.shuffle(batches)
    for place, (source, rows) in enumerate(batches):
        answer = api.post(
            "/v1/products/airtime_loans/events", json={"source": source, "rows": rows},
            headers=lender.headers(Role.ADMIN, f"batch-{place:05}"),
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        assert answer.json()["accepted"] == len(rows)
    return sum(len(rows) for _, rows in batches)


def asked_of(loan: Mapping[str, Any]) -> Row:
    """Return an application as a client would send it."""
    return {
        "user_id": loan["uuid"], "application_id": str(loan["loan_id"]),
        "application_at": f"{loan['created_at'].isoformat()}Z",
        "attributes": {"amount": loan["amount"]},
    }  # fmt: skip
