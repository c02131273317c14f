"""A tiny lender on disk: customers who repay what they borrow, and one planted fault at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from solvent import Applications, Events, Product, behaviour, category, instant, money, unpaid
from solvent.features import DAY, ColumnType

START = 1_700_000_000_000_000
NOW = START + 1_000 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong with the lender's data.

    Args:
        tied: An event stands at the very instant of every application.
        late: Half of the events arrive five days after they happened.
        told: An application column repeats the outcome.
    """

    tied: bool = False
    late: bool = False
    told: bool = False


def write_lender(folder: Path, *, customers: int = 400, faults: Faults | None = None) -> Path:
    """Write loans.parquet and visits.parquet; one loan a customer, about ten visits each."""
    faults = faults or Faults()
    rng = np.random.default_rng(5)
    created = START + rng.integers(0, 100 * DAY, customers)
    bad = rng.random(customers) < 0.3
    paid = created + rng.integers(1 * DAY, 20 * DAY, customers)
    loans = {
        "loan": pa.array(np.arange(customers)),
        "customer": pa.array([f"c{i}" for i in range(customers)]),
        "created_at": _times(created),
        "paid_at": _times(paid, null=bad),
        "amount": pa.array(rng.integers(100, 900, customers) / 100),
        "sort": pa.array(["letter"] * customers),
        "channel": pa.array(rng.choice(["app", "web", "agent"], customers)),
    }
    if faults.told:
        loans["status"] = pa.array(np.where(bad, "written off", "closed"))
    pq.write_table(pa.table(loans), folder / "loans.parquet")
    who = rng.integers(0, customers, customers * 10)
    when = created[who] + rng.integers(-60 * DAY, 20 * DAY, len(who))
    if faults.tied:
        who, when = np.append(who, np.arange(customers)), np.append(when, created)
    known = when + (rng.random(len(who)) < 0.5) * (5 * DAY if faults.late else 0)
    visits = {
        "customer": pa.array([f"c{i}" for i in who]),
        "at": _times(when),
        "known": _times(known),
        "left_at": _times(when + rng.integers(0, 3 * DAY, len(who))),
        "spent": pa.array(rng.integers(0, 500, len(who)) / 100),
    }
    pq.write_table(pa.table(visits), folder / "visits.parquet")
    return folder


def product(*, told: bool = False, left_at: ColumnType | None = None, **more: object) -> Product:
    """Return the lender's product."""
    loan_columns = {"amount": money(), "channel": category()}
    if told:
        loan_columns["status"] = category()
    loans = Applications(
        name="loans", files="loans.parquet", id="loan", key="customer", as_of="created_at",
        zone="UTC", columns=loan_columns,
    )  # fmt: skip
    visit_columns = {"spent": money()}
    if left_at is not None:
        visit_columns["left_at"] = left_at
    visits = Events(
        name="visits", files="visits.parquet", key="customer", at="at", available="known",
        zone="UTC", columns=visit_columns,
    )  # fmt: skip
    features = [behaviour(loans), behaviour(visits, over=(7, 30))]
    settings = {"bad": unpaid("paid_at", after=30), "observed_until": "2024-06-01T00:00:00"} | more
    return Product(
        name="corner_shop", applications=loans, sources=(visits,), features=features, **settings
    )  # type: ignore[arg-type]  # tests pass what they like


def _times(values: np.ndarray, *, null: np.ndarray | None = None) -> pa.Array:
    return pa.array(values, pa.timestamp("us"), mask=null)


LEFT_AT = instant(known_at="left_at")
