"""One application, three ways: `solvent score` on files, /score and /decisions on rows sent over
HTTP in random order. The PD is the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent.store import Role
from tests.postgres import new_database
from tests.serve.lender import Lender
from tests.serve.parity import Airtime, airtime, asked_of, send_rows, served

MOST = 20.0


@dataclass(slots=True, kw_only=True)
class Seen:
    """What each way said, by loan.

    Args:
        scored: PDs of /score.
        decided: PDs of decisions.
        amounts: Amount each decision's PD is of.
    """

    scored: dict[int, float]
    decided: dict[int, float]
    amounts: dict[int, float]


def ask(api: httpx.Client, lender: Lender, loans: list[dict[str, Any]]) -> Seen:
    """Score every loan over HTTP as it was asked for; decide it as if the most were asked for."""
    seen = Seen(scored={}, decided={}, amounts={})
    base, headers = "/v1/products/airtime_loans", lender.headers(Role.ADMIN)
    for loan in loans:
        body, name = asked_of(loan), loan["loan_id"]
        scored = api.post(f"{base}/score", json=body, headers=headers)
        body["attributes"] = {"amount": MOST}
        decided = api.post(f"{base}/decisions", json=body, headers=headers)
        assert (scored.status_code, decided.status_code) == (200, 201), decided.text
        told = decided.json()
        seen.scored[name], seen.decided[name] = scored.json()["pd"], told["pd"]
        offered = told["offer"] and told["offer"]["amount"]["amount"]
        seen.amounts[name] = offered or MOST
    return seen


def compare(
    lender: Airtime, count: int, at_once: int, database_url: str | None = None
) -> tuple[Seen, int]:
    """Hold that all three ways agree on `count` loans; return what was seen, and rows sent."""
    table = pq.read_table(lender.data / "loans.parquet")
    table = table.sort_by("uuid").slice(0, count)
    keys = set(table.column("uuid").to_pylist())
    live = served(lender, database_url)
    try:
        with live.serving() as api:
            rows = send_rows(api, live, lender.data, keys=keys, at_once=at_once)
            seen = ask(api, live, table.to_pylist())
    finally:
        live.service.close()
    offline = lender.offline(table, "asked")
    assert len(offline) == count
    assert offline == seen.scored
    # A decision may be about less than was asked for: it is scored offline at that amount.
    names = table.column("loan_id").to_pylist()
    amounts = pa.array([seen.amounts[name] for name in names], pa.float64())
    place = table.schema.get_field_index("amount")
    at_amount = lender.offline(table.set_column(place, "amount", amounts), "decided")
    assert at_amount == seen.decided
    return seen, rows


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Airtime:
    return airtime(tmp_path_factory.mktemp("airtime"), 600)


def test_files_and_http_agree_to_the_bit(lender: Airtime) -> None:
    """300 applications."""
    seen, _ = compare(lender, 300, 1_000)
    assert len(set(seen.decided.values())) > 200
    assert set(seen.amounts.values()) == {5.0, 10.0, MOST}


def test_files_and_http_agree_to_the_bit_on_postgres(lender: Airtime) -> None:
    """60 applications, their rows in a real server."""
    with new_database() as address:
        seen, _ = compare(lender, 60, 500, address)
    assert len(set(seen.decided.values())) > 40


@pytest.mark.long
def test_files_and_http_agree_to_the_bit_on_5000(tmp_path: Path) -> None:
    seen, rows = compare(airtime(tmp_path, 2_600), 5_000, 20_000)
    assert rows > 400_000
    assert len(set(seen.decided.values())) > 4_000
