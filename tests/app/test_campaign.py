"""A campaign: its file says what its page says, its funnel adds up, no cell starts a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from solvent.app.bootstrap import register_policy
from solvent.app.campaign import (
    COLUMNS,
    campaign,
    campaign_csv,
    eligible,
    funnel,
    outlook,
    refresh,
)
from solvent.app.csv_cells import FORMULA_SIGNS, safe_cell
from solvent.app.decisions import DecisionRequest, decide
from solvent.app.events import load_files
from solvent.app.intake import RawApplication
from solvent.app.worker import Worker
from solvent.errors import NotServedError, RangeError
from solvent.store import Standing
from tests.serve.lender import NEW, POLICY, SAFE, Lender, open_lender, write_policy

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "a,b", 'a"b', "a\nb")  # noqa: RUF001 - signs that start formulas


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    """The lender with all clients scored, some of them with the names of formulas."""
    opened = open_lender(tmp_path_factory.mktemp("campaign"))
    live = opened.service.product("shop")
    load_files(opened.service, live, opened.folder / "data")
    for user in (*FORMULAS, *(f"safe-{n}" for n in range(20))):
        asked(opened, user, SAFE)
    asked(opened, "new", NEW)
    asked(opened, "far", {**SAFE, "city": "Lima"})
    refresh(opened.service, "shop")
    assert Worker(opened.service).work_once()
    yield opened
    opened.service.close()


def asked(lender: Lender, user: str, attributes: dict[str, Any]) -> None:
    decide(
        lender.service,
        DecisionRequest(
            product="shop", owner="me", idempotency_key=None, body=b"",
            application=RawApplication(user_id=user, attributes=attributes),
        ),
    )  # fmt: skip


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.97, 0.999])
def test_the_file_says_what_the_page_says(lender: Lender, confidence: float) -> None:
    told = campaign(lender.service, "shop", confidence)
    found = lines(campaign_csv(lender.service, "shop", confidence))
    assert told["status"] == "done"
    assert len(found) == told["eligible"] == told["funnel"][-1]["clients"]
    pds = [float(row["probability_of_default"]) for row in found]
    assert pds == sorted(pds)
    assert all(
        float(row["repayment_probability"]) == 1 - pd for row, pd in zip(found, pds, strict=True)
    )
    assert all(1 - pd >= confidence for pd in pds)
    for row, shown in zip(found, told["sample"], strict=False):
        assert row["user_id"].removeprefix("'") == shown["user_id"].removeprefix("'")
        assert (float(row["probability_of_default"]), int(row["score"])) == (
            shown["pd"], shown["score"],
        )  # fmt: skip
        assert (row["band"], row["offer"]) == (shown["band"], shown["offer"])
        assert float(row["amount"]) == shown["amount"]["amount"]
        assert float(row["fee"]) == shown["fee"]["amount"]
    if not found:
        assert told["expected_bad_rate"] is None
        return
    assert told["expected_bad_rate"] == pytest.approx(sum(pds) / len(pds))
    lent = [float(row["amount"]) for row in found]
    assert told["lent"]["amount"] == pytest.approx(sum(lent))
    loss = sum(pd * 0.6 * amount for pd, amount in zip(pds, lent, strict=True))
    gain = sum((1 - pd) * 0.2 * amount for pd, amount in zip(pds, lent, strict=True))
    cost = 2 * len(found)
    # The economics' own rate and lgd, as in a simulation; a cent of rounding.
    assert told["expected_profit"]["amount"] == pytest.approx(gain - loss - cost, abs=0.01)


def test_the_curve_holds_the_point_that_was_asked(lender: Lender) -> None:
    told = campaign(lender.service, "shop", 0.9)
    points = {one["confidence"]: one for one in told["curve"]}
    assert points[0.9]["eligible"] == told["eligible"]
    assert points[0.9]["expected_bad_rate"] == told["expected_bad_rate"]
    assert points[0.9]["expected_profit"] == pytest.approx(
        told["expected_profit"]["amount"], abs=0.01
    )
    counts = [one["eligible"] for one in told["curve"]]
    assert counts == sorted(counts, reverse=True)


def test_the_funnel_adds_up(lender: Lender) -> None:
    told = campaign(lender.service, "shop", 0.9)
    counts = [one["clients"] for one in told["funnel"]]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == told["clients"] == lender.service.clients.count("shop")
    rules = told["funnel"][1]
    assert counts[0] - counts[1] == 2
    assert "1 you have worked for less than three months" in rules["note"]
    assert "1 we look at requests from Lima ourselves" in rules["note"]


def test_a_funnel_counts_each_client_once(lender: Lender) -> None:
    def one(key: str, pd: float, verdict: str, rule: str = "") -> Standing:
        return Standing(key=key, as_of=0, pd=pd, score=600, verdict=verdict, rule=rule)

    standings = [
        one("a", 0.01, "approve"), one("b", 0.2, "approve"), one("c", 0.3, "decline"),
        one("d", 0.01, "decline", "too_new"), one("e", 0.35, "refer"),
    ]  # fmt: skip
    policy = lender.service.product("shop").policy
    found = funnel(policy, standings, 0.9, unscored=3)
    assert [stage.rows for stage in found] == [8, 4, 2, 1]
    assert [one.key for one in eligible(standings, 0.8)] == ["a", "b"]
    assert "3 could not be scored" in found[0].note


def test_no_cell_starts_a_formula(lender: Lender) -> None:
    text = campaign_csv(lender.service, "shop", 0.5)
    found = lines(text)
    assert set(found[0]) == set(COLUMNS)
    keys = {row["user_id"] for row in found}
    for name in FORMULAS:
        wanted = f"'{name}" if name.startswith(FORMULA_SIGNS) else name
        assert wanted in keys
    for row in found:
        for name in ("user_id", "band", "offer", "currency"):
            assert not row[name].startswith(FORMULA_SIGNS)
    # Figures stay figures, so that a spreadsheet can sum them.
    assert all(float(row[name]) >= 0 for row in found for name in ("amount", "fee", "score"))


@pytest.mark.parametrize(
    "sign",
    [*"=+-@\t\r\n\0", *"＝＋－＠"],  # noqa: RUF001 - full-width ones
)
def test_a_cell_that_would_start_a_formula_is_text(sign: str) -> None:
    assert safe_cell(f"{sign}1") == f"'{sign}1"
    assert safe_cell(f"1{sign}") == f"1{sign}"


def test_before_the_first_scoring_there_is_nothing(lender: Lender) -> None:
    told = campaign(lender.service, "trees", 0.9)
    assert (told["status"], told["job"], told["eligible"]) == ("none", None, 0)
    with pytest.raises(NotServedError, match="not been scored"):
        campaign_csv(lender.service, "trees", 0.9)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -1.0, float("nan")])
def test_a_confidence_is_a_share(lender: Lender, confidence: float) -> None:
    for ask in (campaign, campaign_csv):
        with pytest.raises(RangeError):
            ask(lender.service, "shop", confidence)


def test_a_scoring_by_another_policy_counts_no_more(tmp_path: Path) -> None:
    """A file of clients chosen by rules that no longer hold is never given out."""
    lender = open_lender(tmp_path)
    service = lender.service
    asked(lender, "a client", SAFE)
    refresh(service, "shop")
    assert Worker(service).work_once()
    assert (campaign(service, "shop", 0.5)["status"], campaign(service, "shop", 0.5)["note"]) == (
        "done", "",
    )  # fmt: skip
    write_policy(lender.folder, POLICY.replace('"first"', '"second"'))
    register_policy(service.policies, lender.folder)
    assert service.refresh()
    told = campaign(service, "shop", 0.5)
    assert (told["status"], told["eligible"], told["sample"]) == ("none", 0, [])
    assert "policy 1; now model 1 and policy 2 decide" in told["note"]
    with pytest.raises(NotServedError, match="not been scored with what decides now"):
        campaign_csv(service, "shop", 0.5)
    refresh(service, "shop")
    assert Worker(service).work_once()
    assert campaign(service, "shop", 0.5)["status"] == "done"
    service.close()


def test_whom_no_amount_can_be_lent_to_is_told_apart_from_who_is_risky(lender: Lender) -> None:
    policy = lender.service.product("shop").policy
    standings = [
        Standing(key=str(pd), as_of=0, pd=pd, score=600, verdict=verdict, rule="")
        for pd, verdict in ((0.01, "approve"), (0.02, "refer"), (0.25, "refer"), (0.5, "decline"))
    ]
    assert funnel(policy, standings, 0.9)[2].note == (
        "2 with a PD of 25.0\u202f% or more; 1 whom no amount can be lent to"
    )


def test_money_nobody_knows_is_not_nothing(lender: Lender) -> None:
    policy = lender.service.product("shop").policy
    known = Standing(
        key="a", as_of=0, pd=0.1, score=600, verdict="approve", rule="", at_risk=100.0,
        if_good=18.0, if_bad=-62.0,
    )  # fmt: skip
    found = outlook(policy, [known])
    assert (found.lent, found.profit, found.bad_debt) == pytest.approx((100.0, 10.0, 6.2))
    unknown = Standing(key="b", as_of=0, pd=0.1, score=600, verdict="approve", rule="")
    found = outlook(policy, [known, unknown])
    assert (found.bad_rate, found.lent, found.profit, found.bad_debt) == (0.1, None, None, None)
