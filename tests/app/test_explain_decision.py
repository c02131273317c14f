"""A value in a decision is explained by the rows the decision read, whatever came after."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner

from solvent.app.decisions import DecisionRequest, decide
from solvent.app.events import load_files
from solvent.app.explain import Kept
from solvent.app.explain_decision import explain_decision
from solvent.app.explained_rows import facts, sheets
from solvent.app.intake import RawApplication
from solvent.cli.main import app
from solvent.errors import BundleError, DeclarationError, NotServedError
from solvent.features import DAY
from solvent.store import Decisions, LiveRow
from tests.serve.lender import CANARY, NOW, SAFE, Lender, open_lender

SENT = {
    "payment_id": 999_999, "customer": "C0003", "paid_at": "2025-05-30T12:00:00Z",
    "booked_at": "2025-05-30T13:00:00Z", "amount": 12.5, "note": "cash",
}  # fmt: skip


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    """A lender whose live rows are those of its files."""
    opened = open_lender(tmp_path_factory.mktemp("explained"))
    live = opened.service.product("shop")
    load_files(opened.service, live, opened.folder / "data")
    yield opened
    opened.service.close()


def decided(lender: Lender, customer: str, *, sent: bool = False, **changed: Any) -> dict[str, Any]:
    """A decision about a customer, with a payment sent along where wanted."""
    return decide(
        lender.service,
        DecisionRequest(
            product="shop", owner="me", idempotency_key=None, body=b"{}",
            application=RawApplication(
                user_id=customer, application_id="A1", attributes={**SAFE, **changed},
                application_at="2023-07-01T00:00:00Z" if not sent else None,
                events={"payments": [SENT]} if sent else {},
            ),
        ),
    )  # fmt: skip


def late_payment(lender: Lender, customer: str) -> None:
    """A payment of long ago that the store only hears of now."""
    row = LiveRow(
        source="payments", key=customer, event_id="123456789", event_time=NOW - 800 * DAY,
        available_time=NOW - 800 * DAY, body={"amount": 99_900, "note": "card"}, known={},
    )  # fmt: skip
    live = lender.service.product("shop")
    lender.service.rows.add(
        "shop", [row], arrived_at=NOW, batch="late", typing=live.typings["payments"]
    )


def test_every_value_of_a_decision_is_explained_and_equals_the_one_kept(lender: Lender) -> None:
    """All features of decisions about customers with and without rows give the kept bits."""
    kept = [decided(lender, customer) for customer in ("C0001", "C0002", "C0150", "nobody")]
    live = lender.service.product("shop")
    for made in kept:
        for feature in live.program.features:
            told = explain_decision(lender.service, "shop", made["id"], feature.name)
            assert told.kept is Kept.EQUAL, feature.name
            assert told.application == "A1"
    with_rows = explain_decision(lender.service, "shop", kept[2]["id"], "payments_count_90d")
    assert with_rows.explanation.rows


def test_a_row_kept_after_the_decision_is_no_part_of_it(lender: Lender) -> None:
    """The mark holds: a payment heard of later changes a new decision, not the one explained."""
    before = decided(lender, "C0005")
    first = explain_decision(lender.service, "shop", before["id"], "payments_amount_sum")
    late_payment(lender, "C0005")
    again = explain_decision(lender.service, "shop", before["id"], "payments_amount_sum")
    assert again.explanation == replace(first.explanation, feature=again.explanation.feature)
    after = decided(lender, "C0005")
    now = explain_decision(lender.service, "shop", after["id"], "payments_amount_sum")
    assert len(now.explanation.rows) == len(first.explanation.rows) + 1


def test_a_row_sent_along_is_among_the_rows(lender: Lender) -> None:
    """What came with the application counts, though the store never kept it as a live row."""
    made = decided(lender, "C0003", sent=True)
    told = explain_decision(lender.service, "shop", made["id"], "payments_amount_sum_90d")
    assert told.kept is Kept.EQUAL
    assert [row.id for row in told.explanation.counted] == [999_999]
    (sheet,) = sheets(told)
    assert sheet.counted[0][-1] == "12.50"


def test_the_amount_is_the_one_offered_where_that_decided(lender: Lender) -> None:
    """More is asked for than is lent: the amount explained is the one the values were kept at."""
    made = decided(lender, "C0007", amount=5000)
    assert made["offer"]["amount"]["amount"] != 5000
    told = explain_decision(lender.service, "shop", made["id"], "amount")
    assert told.kept is Kept.EQUAL
    words = dict(facts(told.explanation, told))
    assert words["column amount"] == f"{made['offer']['amount']['amount']:.2f}"
    assert any("offered" in note for note in told.notes)


def test_a_value_that_is_not_the_one_kept_is_said(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document that says otherwise is never waved through."""
    made = decided(lender, "C0001")
    kept = lender.service.decisions.get(made["id"])
    assert kept is not None
    document = json.loads(kept.document)
    document["values"]["payments_count"] = 77.0
    del document["values"]["ratio"]
    changed = replace(kept, document=json.dumps(document).encode())
    monkeypatch.setattr(Decisions, "get", lambda _self, _id: changed)
    told = explain_decision(lender.service, "shop", made["id"], "payments_count")
    assert told.kept is Kept.DIFFERENT
    absent = explain_decision(lender.service, "shop", made["id"], "ratio")
    assert absent.kept is Kept.ABSENT
    result = run(lender, "--explain", "payments_count", "--decision", made["id"])
    assert result.exit_code == 1
    assert "not the value kept with the decision" in result.output


def run(lender: Lender, *words: str) -> Any:
    environment = {"SOLVENT_HOME": str(lender.root / "home"), "COLUMNS": "200"}
    return CliRunner().invoke(app, ["features", str(lender.folder), *words], env=environment)


def test_the_command_shows_a_decisions_rows(lender: Lender) -> None:
    """On the terminal: the value, that it equals the one kept, the model, the mark, the rows."""
    made = decided(lender, "C0150")
    result = run(lender, "--explain", "payments_amount_mean", "--decision", made["id"])
    assert result.exit_code == 0, result.output
    told = " ".join(result.output.split())
    for words in (
        "equal to the value kept with the decision", "decided by model version 1", made["id"],
        "count, newest first",
    ):  # fmt: skip
        assert words in told
    assert CANARY not in told


def test_a_decision_of_another_product_or_model_is_refused(lender: Lender) -> None:
    """The product must be the decision's, the bundle the one that decided, the name a feature."""
    made = decided(lender, "C0001")
    with pytest.raises(NotServedError, match="no such decision"):
        explain_decision(lender.service, "trees", made["id"], "ratio")
    with pytest.raises(DeclarationError, match="no feature"):
        explain_decision(lender.service, "shop", made["id"], "zzzz")
    models = lender.root / "home" / "models"
    aside = lender.root / "aside"
    shutil.move(models / "shop" / "1", aside)
    try:
        shutil.copytree(models / "trees" / "1", models / "shop" / "1")
        with pytest.raises(BundleError):
            explain_decision(lender.service, "shop", made["id"], "ratio")
    finally:
        shutil.rmtree(models / "shop" / "1")
        shutil.move(aside, models / "shop" / "1")
