"""Simulations against the same applications decided one by one, in plain Python."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from solvent.app.policy_file import read_policy
from solvent.app.simulate import COLUMNS, SimulateRequest, SimulateResult, simulate
from solvent.errors import DataError, WriteError
from solvent.policy import Judgement, judge
from solvent.product import load_product
from solvent.store import ModelRegistry
from tests.cli.shops import CANARY, Row, Shop, loan_rows, open_live_shop, read_rows, write_rows

NOW = 1_790_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A shop whose policy was simulated, with the decisions written."""

    shop: Shop
    result: SimulateResult
    rows: list[Row]
    scored: Mapping[str, Row]


def _request(shop: Shop, **changed: object) -> SimulateRequest:
    wanted: dict[str, object] = {
        "loaded": load_product(shop.folder), "data": shop.data, "home": shop.home,
        "version": None, "report": None, "out": None, "now": NOW,
    }  # fmt: skip
    return SimulateRequest(**{**wanted, **changed})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """One simulation, and the scores of `solvent score` beside it."""
    folder = tmp_path_factory.mktemp("shop")
    shop = open_live_shop(folder)
    out, scores = folder / "decisions.csv", folder / "scores.csv"
    result = simulate(_request(shop, out=out))
    told = shop.run("score", shop.data / "loans.csv", "-o", scores, "--with", "id,score")
    assert told.exit_code == 0, told.output
    scored = {row["id"]: row for row in read_rows(scores)}
    return Simulated(shop=shop, result=result, rows=read_rows(out), scored=scored)


def _alone(done: Simulated, row: Row) -> Judgement:
    """Judge one application by what `solvent score` says of it."""
    _, policy = read_policy(done.shop.folder)
    scored = done.scored[row["application_id"]]
    (loan,) = (one for one in loan_rows() if one["loan_id"] == row["application_id"])
    told = float(scored["prediction_probability"]), int(scored["score"])
    return judge(policy, {"months": float(loan["months"])}, lambda _: told)


def test_the_decisions_are_of_the_applications_the_model_was_tested_on(done: Simulated) -> None:
    split = ModelRegistry(done.shop.home).load("shop").about["split"]
    ids = [row["application_id"] for row in done.rows]
    assert len(ids) == split["test"]
    assert sha256("\n".join(sorted(ids)).encode()).hexdigest() == split["test_ids_sha256"]
    assert tuple(done.rows[0]) == COLUMNS
    times = [row["application_at"] for row in done.rows]
    assert times == sorted(times)


def test_every_decision_is_the_one_made_alone(done: Simulated) -> None:
    verdicts = set()
    for row in done.rows:
        alone = _alone(done, row)
        verdicts.add(row["verdict"])
        assert row["verdict"] == alone.verdict.value
        assert float(row["pd"]) == alone.pd
        assert int(row["score"]) == alone.score
        assert row["rules"] == ";".join(rule.code for rule in alone.rules)
        assert row["alternatives"] == ";".join(one.name for one in alone.alternatives)
        # 100 is the largest amount, 10 percent its fee; no cell starts a formula
        offered = ("'=Cash", "100.00", "10.00") if alone.offer else ("", "", "")
        assert (row["offer"], row["amount"], row["fee"]) == offered
    assert verdicts == {"approve", "refer", "decline"}
    assert any(row["rules"] for row in done.rows)
    assert any(row["alternatives"] for row in done.rows)


def test_the_money_of_the_rows_is_the_money_of_the_report(done: Simulated) -> None:
    loans = {loan["loan_id"]: loan for loan in loan_rows()}
    for row in done.rows:
        assert row["bad"] == loans[row["application_id"]]["defaulted"]
        approved = {"0": 20.0, "1": -60.0}[row["bad"]]
        assert float(row["money"]) == (approved if row["verdict"] == "approve" else 0.0)
        assert row["currency"] == "EUR"
    money = math.fsum(float(row["money"]) for row in done.rows)
    total = done.result.walk.total
    assert money == pytest.approx(total.policy)
    assert done.result.walk.approved == sum(row["verdict"] == "approve" for row in done.rows)
    everybody = [{"0": 20.0, "1": -60.0}[row["bad"]] for row in done.rows]
    assert total.approve_all == pytest.approx(math.fsum(everybody))
    assert total.perfect == pytest.approx(math.fsum(max(one, 0.0) for one in everybody))


def test_a_second_simulation_writes_the_same_bytes(done: Simulated, tmp_path: Path) -> None:
    paths = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in paths:
        simulate(_request(done.shop, out=path))
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("kept", [slice(0, 299), slice(0, 250)])
def test_other_data_than_the_training_s_are_refused(
    done: Simulated, tmp_path: Path, kept: slice
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_rows(data / "loans.csv", loan_rows()[kept])
    (data / "payments.csv").write_bytes((done.shop.data / "payments.csv").read_bytes())
    with pytest.raises(DataError, match="not the applications the model was trained") as caught:
        simulate(_request(done.shop, data=data, out=tmp_path / "d.csv"))
    assert caught.value.field == "data"
    assert CANARY not in str(caught.value)
    assert not (tmp_path / "d.csv").exists()


@pytest.mark.parametrize("option", ["out", "report"])
@pytest.mark.parametrize(
    "place", ["data/loans.csv", "data/payments.csv", "policy.yaml", "product.py", "home"]
)
def test_nothing_that_is_needed_is_written_over(done: Simulated, option: str, place: str) -> None:
    shop = done.shop
    path = shop.home / "models" / "shop" / "x.csv" if place == "home" else shop.folder / place
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(WriteError, match="would be overwritten") as caught:
        simulate(_request(shop, **{option: path}))
    assert caught.value.field == {"out": "output", "report": "report"}[option]
    assert (path.read_bytes() if path.exists() else None) == before


def test_two_results_do_not_share_a_file(done: Simulated, tmp_path: Path) -> None:
    path = tmp_path / "both.html"
    with pytest.raises(WriteError, match="cannot go to one file"):
        simulate(_request(done.shop, out=path, report=path))
    assert list(tmp_path.iterdir()) == []
