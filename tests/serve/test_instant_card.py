"""The instant card live: the bank looks the applicant up, and says which of its models scored."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from solvent.app.bootstrap import open_service
from solvent.app.settings import Settings
from solvent.cli.main import app
from solvent.sandbox import simulate
from solvent.store import Role
from tests.cli.shops import read_rows
from tests.serve.lender import Lender

PRODUCT = Path(__file__).resolve().parents[2] / "examples" / "instant_card"
CLIENT, NEWCOMER = "the model for clients the bank knows", "the model for people new to the bank"
ASKED = ("education", "age", "income", "car_type", "foreign_passport", "home_address")
FEW = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A bank with a trained chain: its files, its registry, and what `solvent score` wrote."""

    data: Path
    home: Path
    told: dict[str, dict[str, str]]
    forms: dict[str, dict[str, Any]]

    def run(self, *words: str | Path) -> Result:
        environment = {"SOLVENT_HOME": str(self.home), "COLUMNS": "200"}
        return CliRunner().invoke(app, [str(word) for word in words], env=environment)

    def scored(self, data: Path, out: Path) -> Result:
        file = self.data / "applications.parquet"
        return self.run(
            "score", PRODUCT, file, "--data", data, "-o", out, "--with", "id,model"
        )  # fmt: skip


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    root = tmp_path_factory.mktemp("bank")
    simulate("instant_card", customers=3000, seed=7, out=root / "data")
    forms = pq.read_table(root / "data" / "applications.parquet").to_pylist()
    made = Bank(
        data=root / "data", home=root / "home", told={},
        forms={str(form["client_id"]): form for form in forms},
    )  # fmt: skip
    trained = made.run("train", PRODUCT, "--data", made.data, "--technique", "logistic")
    assert trained.exit_code == 0, trained.output
    assert "clients the bank knows" in trained.output
    done = made.scored(made.data, root / "out.csv")
    assert done.exit_code == 0, done.output
    made.told.update({row["id"]: row for row in read_rows(root / "out.csv")})
    return made


@pytest.fixture(scope="module")
def api(bank: Bank) -> Iterator[tuple[httpx.Client, dict[str, str]]]:
    assert bank.run("policy", PRODUCT).exit_code == 0
    loaded = bank.run("events", "load", "instant_card", bank.data)
    assert loaded.exit_code == 0, loaded.output
    service = open_service(Settings(home=bank.home), folders=[PRODUCT])
    lender = Lender(root=bank.home, service=service)
    _, lender.keys[Role.ADMIN] = service.keys.create(Role.ADMIN, name="test", created_at=1)
    try:
        with lender.serving() as client:
            yield client, lender.headers(Role.ADMIN)
    finally:
        service.close()


def asked(bank: Bank, who: str) -> dict[str, Any]:
    """The form of one applicant, as the API takes it."""
    form = bank.forms[who]
    known = {name: form[name] for name in ASKED if form[name] is not None}
    known["home_address"] = str(known["home_address"])
    at = f"{form['app_date'].isoformat()[:10]}T00:00:00+03:00"
    return {"user_id": who, "application_at": at, "attributes": known}


def of_link(bank: Bank, name: str) -> list[str]:
    found = [who for who, row in bank.told.items() if row["model"] == name]
    assert len(found) >= FEW
    return found[:FEW]


@pytest.mark.parametrize(("link", "words"), [("client", CLIENT), ("newcomer", NEWCOMER)])
def test_a_live_score_is_that_of_the_file_and_names_its_model(
    bank: Bank, api: tuple[httpx.Client, dict[str, str]], link: str, words: str
) -> None:
    """Known and unknown applicants alike: the same link, and the same PD to the last bit."""
    client, headers = api
    for who in of_link(bank, link):
        answer = client.post(
            "/v1/products/instant_card/score", json=asked(bank, who), headers=headers
        ).json()
        assert (answer["link"], answer["scored_with"]) == (link, words)
        assert answer["pd"] == float(bank.told[who]["prediction_probability"])


@pytest.mark.parametrize(("link", "words"), [("client", CLIENT), ("newcomer", NEWCOMER)])
def test_a_decision_names_its_model_and_weighs_what_that_model_reads(
    bank: Bank, api: tuple[httpx.Client, dict[str, str]], link: str, words: str
) -> None:
    """Effects are against the link's own reference group, and sum to the log-odds against it."""
    client, headers = api
    who = of_link(bank, link)[0]
    keyed = {**headers, "Idempotency-Key": f"decision-{link}"}
    made = client.post(
        "/v1/products/instant_card/decisions", json=asked(bank, who), headers=keyed
    )  # fmt: skip
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["link"], told["scored_with"]) == (link, words)
    assert words.removeprefix("the model for ") in told["reference"]
    weighed = {name for effect in told["effects"] for name in effect["features"]}
    looked_up = {name for name in weighed if name.startswith("clients_")}
    assert weighed >= set(ASKED)
    assert bool(looked_up) == (link == "client")
    assert "clients_known" not in weighed
    again = client.get(f"/v1/decisions/{told['id']}", headers=headers).json()
    assert (again["link"], again["scored_with"]) == (link, words)
    record = client.get(f"/v1/products/instant_card/clients/{who}", headers=headers).json()
    assert record["standing"]["scored_with"] == words
    groups = {group["name"]: group for group in record["groups"]}
    assert words.removeprefix("the model for ") in groups["model"]["words"]
    unread = {one["feature"]: one["effect"] for one in record["values"]}
    assert (unread["clients_arrears"] is None) == (link == "newcomer")


def test_effects_sum_to_the_log_odds_against_the_reference_group(
    bank: Bank, api: tuple[httpx.Client, dict[str, str]]
) -> None:
    """Between two applicants of one link the sums differ as their log-odds do."""
    client, headers = api
    for link in ("client", "newcomer"):
        rest = []
        for who in of_link(bank, link)[1:6]:
            keyed = {**headers, "Idempotency-Key": f"decision-{who}"}
            made = client.post(
                "/v1/products/instant_card/decisions", json=asked(bank, who), headers=keyed
            ).json()
            odds = math.log(made["pd"] / (1.0 - made["pd"]))
            rest.append(odds - sum(effect["effect"] for effect in made["effects"]))
        assert max(rest) - min(rest) < 1e-9


def test_a_decision_tells_the_row_by_which_the_bank_knew_the_client(
    bank: Bank, api: tuple[httpx.Client, dict[str, str]]
) -> None:
    client, headers = api
    who = of_link(bank, "client")[7]
    keyed = {**headers, "Idempotency-Key": "decision-known"}
    made = client.post(
        "/v1/products/instant_card/decisions", json=asked(bank, who), headers=keyed
    ).json()
    told = bank.run(
        "features", PRODUCT, "--explain", "clients_known", "--decision", made["id"]
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "Client on record" in told.output
    assert "equal to the value kept with the decision" in " ".join(told.output.split())


def test_models_lists_each_link_with_its_figures(bank: Bank) -> None:
    told = bank.run("models", PRODUCT).output
    lines = [line for line in told.splitlines() if "the bank" in line]
    assert len(lines) == 2
    assert all("logistic" in line for line in lines)


def test_without_the_table_of_clients_everybody_is_scored_as_a_newcomer_and_it_is_said(
    bank: Bank, tmp_path: Path
) -> None:
    """At scoring, with the chain trained on both."""
    shutil.copy(bank.data / "applications.parquet", tmp_path)
    done = bank.scored(tmp_path, tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    assert f"nobody is known there: all are scored with {NEWCOMER}" in done.output
    rows = {row["id"]: row for row in read_rows(tmp_path / "out.csv")}
    assert {row["model"] for row in rows.values()} == {"newcomer"}
    for who in of_link(bank, "newcomer"):
        told, before = rows[who], bank.told[who]
        assert told["prediction_probability"] == before["prediction_probability"]


def test_without_the_table_of_clients_the_chain_is_trained_for_newcomers_alone(
    bank: Bank, tmp_path: Path
) -> None:
    shutil.copy(bank.data / "applications.parquet", tmp_path)
    alone = Bank(data=tmp_path, home=tmp_path / "home", told={}, forms={})
    done = alone.run("train", PRODUCT, "--data", tmp_path, "--technique", "logistic")
    assert done.exit_code == 0, done.output
    assert "there is no model for clients the bank knows" in done.output
    scored = alone.scored(tmp_path, tmp_path / "out.csv")
    assert scored.exit_code == 0, scored.output
    assert {row["model"] for row in read_rows(tmp_path / "out.csv")} == {"newcomer"}


def test_a_simulation_is_refused_without_a_table_the_model_was_tested_with(
    bank: Bank, tmp_path: Path
) -> None:
    shutil.copy(bank.data / "applications.parquet", tmp_path)
    done = bank.run("simulate", PRODUCT, "--data", tmp_path)
    assert done.exit_code == 1
    assert "clients" in done.output
    assert bank.run("simulate", PRODUCT, "--data", bank.data).exit_code == 0
