"""A tiny lender on disk: customers who repay what they borrow, and one planted fault at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from solvent import (
    Applications,
    Events,
    Product,
    behaviour,
    category,
    count,
    days,
    instant,
    money,
    unpaid,
)
from solvent.features import DAY, ColumnType, Kind

START = 1_700_000_000_000_000
NOW = START + 1_000 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong with the lender's data.

    Args:
        tied: An event stands at the very instant of every application.
        late: Half of the events arrive five days after they happened.
        told: Two application columns repeat the outcome: `status` in words, `state` as 2.
        corrected: A third of the events stand there again: unchanged, or changed and moved in time.
    """

    tied: bool = False
    late: bool = False
    told: bool = False
    corrected: bool = False


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
        loans["state"] = pa.array(np.where(bad, 2, rng.choice([1, 3], customers)))
    pq.write_table(pa.table(loans), folder / "loans.parquet")
    who = rng.integers(0, customers, customers * 10)
    when = created[who] + rng.integers(-60 * DAY, 20 * DAY, len(who))
    if faults.tied:
        who, when = np.append(who, np.arange(customers)), np.append(when, created)
    known = when + (rng.random(len(who)) < 0.5) * (5 * DAY if faults.late else 0)
    visits = {
        "visit": np.arange(len(who)),
        "customer": who,
        "at": when,
        "known": known,
        "left_at": when + rng.integers(0, 3 * DAY, len(who)),
        "spent": rng.integers(0, 500, len(who)),
    }
    visits["told_at"] = visits["left_at"] + rng.integers(0, 9 * DAY, len(who))
    if faults.corrected:
        visits = _corrected(visits, rng)
    table = {
        "customer": pa.array([f"c{i}" for i in visits["customer"]]),
        **{name: _times(visits[name]) for name in ("at", "known", "left_at", "told_at")},
        "spent": pa.array(visits["spent"] / 100),
        "visit": pa.array([f"v{i}" for i in visits["visit"]]),
    }
    pq.write_table(pa.table(table), folder / "visits.parquet")
    return folder


def _corrected(visits: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Repeat a third of the rows: a third of those as they are, the others changed.

    Some changed rows are known at the same instant as what they contradict.
    """
    again = {name: values[::3].copy() for name, values in visits.items()}
    n = len(again["visit"])
    changed = np.arange(n) % 3 > 0
    moved = changed & (rng.random(n) < 0.5)
    again["at"] += moved * rng.integers(-20 * DAY, 20 * DAY, n)
    again["spent"] += changed * rng.integers(-50, 50, n)
    again["left_at"] += changed * rng.integers(-20 * DAY, 20 * DAY, n)
    again["known"] += (rng.random(n) < 0.7) * rng.integers(0, 10 * DAY, n)
    return {name: np.concatenate([values, again[name]]) for name, values in visits.items()}


def product(
    *,
    told: ColumnType | None = None,
    left_at: ColumnType | None = None,
    told_at: ColumnType | None = None,
    visit_id: str | None = None,
    counts_only: bool = False,
    **more: object,
) -> Product:
    """Return the lender's product; `spent` waits for `left_at` where visits have an id."""
    loan_columns = {"amount": money(), "channel": category()}
    if told is not None:
        loan_columns["status" if told.kind is Kind.CATEGORY else "state"] = told
    loans = Applications(
        name="loans", files="loans.parquet", id="loan", key="customer", as_of="created_at",
        zone="UTC", columns=loan_columns,
    )  # fmt: skip
    visit_columns = {"spent": money(known_at="left_at" if visit_id else None)}
    if left_at is not None:
        visit_columns["left_at"] = left_at
    if told_at is not None:
        visit_columns["told_at"] = told_at
    visits = Events(
        name="visits", files="visits.parquet", key="customer", at="at", available="known",
        id=visit_id, zone="UTC", columns=visit_columns,
    )  # fmt: skip
    features = [behaviour(loans), behaviour(visits, over=(7, 30))]
    if counts_only:
        features = [count(visits, over=days(7))]
    settings = {"bad": unpaid("paid_at", after=30), "observed_until": "2024-06-01T00:00:00"} | more
    return Product(
        name="corner_shop", applications=loans, sources=(visits,), features=features, **settings
    )  # type: ignore[arg-type]  # tests pass what they like


def borrowers(paid_at: ColumnType, files: str = "loans.parquet", **more: object) -> Product:
    """Return a product that reads its own loans as earlier loans too."""
    table = {"key": "customer", "zone": "UTC"}
    loans = Applications(
        name="loans", files="loans.parquet", id="loan", as_of="created_at",
        columns={"amount": money()}, **table,
    )  # fmt: skip
    earlier = Events(
        name="earlier", files=files, id="loan", at="created_at",
        columns={"paid_at": paid_at}, **table,
    )  # fmt: skip
    return Product(
        name="corner_shop",
        applications=loans,
        sources=(earlier,),
        features=[behaviour(loans), behaviour(earlier)],
        bad=unpaid("paid_at", after=30),
        observed_until="2024-06-01T00:00:00",
        **more,
    )  # type: ignore[arg-type]  # tests pass what they like


def _times(values: np.ndarray, *, null: np.ndarray | None = None) -> pa.Array:
    return pa.array(values, pa.timestamp("us"), mask=null)


LEFT_AT = instant(known_at="left_at")
