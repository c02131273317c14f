"""A tiny bank on disk: clients, their contracts, and what each contract's statements say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from solvent import (
    Applications,
    Events,
    Product,
    category,
    count,
    days,
    equals,
    last,
    maximum,
    mean,
    money,
    most_common,
    ratio,
    share,
    total,
)
from solvent.features import DAY

START = 1_700_000_000_000_000
APPLICATIONS = Applications(
    name="applications", files="applications.parquet", id="application", key="client",
    as_of="asked_at", columns={"amount": money("EUR")},
)  # fmt: skip
CONTRACTS = Events(
    name="contracts", files="contracts.parquet", id="contract", key="client", at="opened_at",
    columns={"lent": money("EUR")},
)  # fmt: skip
STATEMENTS = Events(
    name="statements", files="statements.parquet", key="contract", at="month_end",
    available="posted_at", parent="contracts",
    columns={"due": money("EUR"), "state": category(levels=("ok", "late"))},
)  # fmt: skip


def late_count(over: float | None = None) -> object:
    """Statements that say "late", per contract."""
    window = {} if over is None else {"over": days(over)}
    return count(STATEMENTS, where=STATEMENTS["state"] == "late", **window)


def product(*, optional: bool = False) -> Product:
    """The bank's product: contracts told by their statements, with ties of every sort."""
    statements = STATEMENTS
    if optional:
        from dataclasses import replace

        statements = replace(STATEMENTS, optional=True)
    late, recent = late_count(), late_count(60)
    late_share = ratio(late, count(STATEMENTS))
    return Product(
        name="bank",
        applications=APPLICATIONS,
        sources=(CONTRACTS, statements),
        features=[
            count(CONTRACTS).called("contracts"),
            mean(CONTRACTS, CONTRACTS.of(late)).called("late_mean"),
            maximum(CONTRACTS, CONTRACTS.of(recent), over=days(200)).called("recent_max"),
            share(CONTRACTS, CONTRACTS.of(late) > 1.0).called("late_share"),
            mean(CONTRACTS, CONTRACTS.of(late_share), newest=2).called("late_ratio"),
            total(
                CONTRACTS, CONTRACTS["lent"], where=CONTRACTS.of(late) > 0.0
            ).called("lent_late"),
            last(CONTRACTS, CONTRACTS.of(most_common(STATEMENTS, STATEMENTS["state"]))).called(
                "state"
            ),
        ],
        bad=equals("bad", "1", matured="given"),
    )  # fmt: skip


def write_bank(folder: Path, *, clients: int = 120, seed: int = 3) -> Path:
    """Write the three tables; some clients ask twice, some have no contract."""
    rng = np.random.default_rng(seed)
    asked = np.concatenate([np.arange(clients), rng.integers(0, clients, clients // 3)])
    as_of = START + rng.integers(0, 300 * DAY, len(asked))
    n = 4 * clients
    owner = rng.integers(0, clients, n)
    opened = START + rng.integers(-500 * DAY, 300 * DAY, n)
    m = 12 * n
    of = rng.integers(0, n, m)
    month_end = opened[of] + rng.integers(0, 400 * DAY, m)
    pq.write_table(
        pa.table({
            "application": np.arange(len(asked)), "client": [f"c{i}" for i in asked],
            "asked_at": _times(as_of), "amount": rng.integers(1, 900, len(asked)) / 100,
            "bad": rng.integers(0, 2, len(asked)),
        }),
        folder / "applications.parquet",
    )  # fmt: skip
    pq.write_table(
        pa.table({
            "contract": np.arange(n) + 7, "client": [f"c{i}" for i in owner],
            "opened_at": _times(opened), "lent": rng.integers(100, 9999, n) / 100,
        }),
        folder / "contracts.parquet",
    )  # fmt: skip
    late = rng.random(m) < rng.random(n)[of]
    pq.write_table(
        pa.table({
            "contract": of + 7, "month_end": _times(month_end),
            "posted_at": _times(month_end + rng.integers(0, 9 * DAY, m)),
            "due": rng.integers(0, 999, m) / 100, "state": np.where(late, "late", "ok"),
        }),
        folder / "statements.parquet",
    )  # fmt: skip
    return folder


def _times(values: np.ndarray) -> pa.Array:
    return pa.array(values, pa.timestamp("us", tz="UTC"))
