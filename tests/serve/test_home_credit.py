"""The home credit lender live: what lies below a customer's loans is found by the loans' ids."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
from click.testing import Result
from typer.testing import CliRunner

from solvent.app.bootstrap import open_service
from solvent.app.settings import Settings
from solvent.cli.main import app
from solvent.product import load_product
from solvent.sandbox import simulate
from solvent.store import Role
from tests.cli.shops import read_rows
from tests.serve.lender import Lender

PRODUCT = Path(__file__).resolve().parents[2] / "examples" / "home_credit"
ASKED = 40


def _run(home: Path, *words: str | Path) -> Result:
    environment = {"SOLVENT_HOME": str(home), "COLUMNS": "200"}
    done = CliRunner().invoke(app, [str(word) for word in words], env=environment)
    assert done.exit_code == 0, done.output
    return done


def test_a_decision_by_live_rows_has_the_pd_of_the_file(tmp_path: Path) -> None:
    """Eight tables loaded as live rows give the PD that `solvent score` writes, to the last bit."""
    data, home, out = tmp_path / "data", tmp_path / "home", tmp_path / "out.csv"
    simulate("home_credit", customers=700, seed=3, out=data)
    _run(home, "train", PRODUCT, "--data", data, "--technique", "logistic")
    applications = data / "application_train.parquet"
    _run(home, "score", PRODUCT, applications, "--data", data, "-o", out, "--with", "id")
    told = {row["id"]: float(row["prediction_probability"]) for row in read_rows(out)}
    _run(home, "policy", PRODUCT)
    _run(home, "events", "load", "home_credit", data, "--share", "0.5")
    _half_of_the_customers_is_whole(home, data)
    _run(home, "events", "load", "home_credit", data)
    service = open_service(Settings(home=home), folders=[PRODUCT])
    lender = Lender(root=tmp_path, service=service)
    _, lender.keys[Role.ADMIN] = service.keys.create(Role.ADMIN, name="test", created_at=1)
    declared = load_product(PRODUCT).product.applications.columns
    loans = pq.read_table(applications).slice(0, ASKED).to_pylist()
    below = 0
    try:
        with lender.serving() as api:
            clients = api.get(
                "/v1/products/home_credit/clients", headers=lender.headers(Role.ADMIN)
            ).json()
            for loan in loans:
                asked = _asked(loan, set(declared))
                scored = api.post(
                    "/v1/products/home_credit/score", content=json.dumps(asked),
                    headers=lender.headers(Role.ADMIN),
                )  # fmt: skip
                assert scored.status_code == 200, scored.text
                assert scored.json()["pd"] == told[str(loan["SK_ID_CURR"])]
                below += _months_below(service, str(loan["SK_ID_CURR"]))
            made = api.post(
                "/v1/products/home_credit/decisions", content=json.dumps(asked),
                headers=lender.headers(Role.ADMIN, "decision-1"),
            ).json()  # fmt: skip
            _nobody_gets_the_loans_of_another(api, lender, asked, data)
    finally:
        service.close()
    told = _run(
        home, "features", PRODUCT, "--explain", "bureau_bureau_months_count_mean",
        "--decision", made["id"],
    ).output  # fmt: skip
    assert "months of an outside loan" in told
    assert "the decision counted" not in told
    assert below > ASKED, "loans without months prove nothing"
    keys = set(pq.read_table(data / "bureau.parquet")["SK_ID_CURR"].to_pylist())
    assert clients["total"] <= 700, "the ids of loans are no clients"
    assert len(keys) <= clients["total"]


def _nobody_gets_the_loans_of_another(
    api: httpx.Client, lender: Lender, asked: dict[str, Any], data: Path
) -> None:
    """A loan whose id is another client's is refused, sent along or kept; months come apart."""
    loans = pq.read_table(data / "bureau.parquet").to_pylist()
    other = next(loan for loan in loans if str(loan["SK_ID_CURR"]) != asked["user_id"])
    declared = set(load_product(PRODUCT).product.sources[0].columns)
    loan = {name: other[name] for name in declared if other[name] is not None}
    loan |= {"SK_ID_BUREAU": other["SK_ID_BUREAU"], "DAYS_CREDIT": -50, "DAYS_CREDIT_UPDATE": -9}
    month = {"SK_ID_BUREAU": other["SK_ID_BUREAU"], "MONTHS_BALANCE": -2, "STATUS": "0"}
    for source, row in (("bureau", loan), ("bureau_months", month)):
        refused = api.post(
            "/v1/products/home_credit/score",
            content=json.dumps({**asked, "events": {source: [row]}}),
            headers=lender.headers(Role.ADMIN),
        )  # fmt: skip
        assert (refused.status_code, refused.json()["field"]) == (422, f"events.{source}")
    kept = api.post(
        "/v1/products/home_credit/events",
        content=json.dumps(
            {"source": "bureau", "rows": [loan | {"SK_ID_CURR": asked["user_id"]}]}
        ),
        headers=lender.headers(Role.ADMIN, "foreign-1"),
    )  # fmt: skip
    assert kept.status_code == 422
    assert "two owners" in kept.json()["detail"]


def _half_of_the_customers_is_whole(home: Path, data: Path) -> None:
    """A share of the customers is loaded with all months of their loans, and nobody else's."""
    service = open_service(Settings(home=home), folders=[PRODUCT])
    loans = pq.read_table(data / "bureau.parquet").to_pylist()
    months = Counter(pq.read_table(data / "bureau_balance.parquet")["SK_ID_BUREAU"].to_pylist())
    try:
        here = {
            str(loan["SK_ID_CURR"]): service.rows.any("home_credit", str(loan["SK_ID_CURR"]))
            for loan in loans
        }
        assert 0.3 < sum(here.values()) / len(here) < 0.7
        for loan in loans[:200]:
            known = service.rows.read("home_credit", str(loan["SK_ID_BUREAU"]), parent="bureau")
            expected = months[loan["SK_ID_BUREAU"]] if here[str(loan["SK_ID_CURR"])] else 0
            assert len(known) == expected
    finally:
        service.close()


def _asked(loan: dict[str, Any], declared: set[str]) -> dict[str, Any]:
    sent = declared - {"CODE_GENDER"}  # protected: it must not be sent
    known = {name: cell for name, cell in loan.items() if name in sent and cell is not None}
    return {"user_id": str(loan["SK_ID_CURR"]), "attributes": known}


def _months_below(service: Any, client: str) -> int:
    loans = [row for row in service.rows.read("home_credit", client) if row.source == "bureau"]
    return sum(
        len(service.rows.read("home_credit", str(loan.event_id), parent="bureau"))
        for loan in loans
    )  # fmt: skip
