"""A risk manager looks at what became of the loans: the page shows the API's figures."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect

from solvent.ui.figures import percent, whole
from tests.browser.lender import LOANS, PATIENCE, Lender
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser

PRODUCT = f"products/{LOANS}"
WINDOW = timedelta(days=30)
DECIDED = 500


def sent(lender: Lender, path: str, body: dict[str, Any], role: str = "admin") -> dict[str, Any]:
    answer = httpx.post(
        f"{lender.running.api}/v1/{path}", json=body, trust_env=False, timeout=PATIENCE,
        headers={"Authorization": f"Bearer {lender.keys[role]}"},
    )  # fmt: skip
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def decided(lender: Lender) -> list[dict[str, Any]]:
    """Have loans of the last months decided as of when they were asked for; return them."""
    table = pq.read_table(lender.home.parent / "airtime" / "loans.parquet")
    rows = sorted(table.to_pylist(), key=lambda row: (row["created_at"], row["loan_id"]))
    late = rows[len(rows) // 2 :]
    chosen = late[:: max(1, len(late) // DECIDED)]
    for row in chosen:
        asked = {
            "user_id": row["uuid"], "application_id": str(row["loan_id"]),
            "application_at": row["created_at"].replace(tzinfo=UTC).isoformat(),
            "attributes": {"amount": float(row["amount"])},
        }  # fmt: skip
        sent(lender, f"{PRODUCT}/decisions", asked)
    return chosen


def test_the_page_tells_what_to_do_and_then_what_became_of_the_loans(
    tab: Tab, lender: Lender, tmp_path: Path
) -> None:
    """Without an outcome it names the command; with some, tiles, table and file are the API's."""
    loans = decided(lender)
    tab.sign_in(lender.running.pages, lender.keys["risk_manager"])
    tab.go("Outcomes")
    page = tab.page
    expect(page.get_by_text("No outcome is known yet. Tell what became")).to_be_visible()
    expect(page.get_by_text(f"solvent outcomes load {LOANS} outcomes.csv")).to_be_visible()
    tab.shot("outcomes-none")
    rows = [
        {
            "application_id": str(loan["loan_id"]),
            "bad": loan["paid_at"] is None or loan["paid_at"] > loan["created_at"] + WINDOW,
            "observed_at": (loan["created_at"] + WINDOW).replace(tzinfo=UTC).isoformat(),
        }
        for loan in loans[: -len(loans) // 8]
    ]  # fmt: skip
    told = sent(lender, f"{PRODUCT}/outcomes", {"outcomes": rows}, "risk_manager")
    assert (told["accepted"], told["refused"]) == (len(rows), [])
    page.reload()
    tab.enter(lender.keys["risk_manager"])
    expect(page.get_by_role("heading", name="Outcomes", level=1)).to_be_visible()
    tab.settle()
    now = lender.figures(f"{PRODUCT}/outcomes/realised")
    assert 0 < now["whole"]["known"] < now["whole"]["approved"]
    expect(tab.tile("Outcomes known")).to_have_text(whole(now["whole"]["known"]))
    expect(tab.tile("Realised bad rate")).to_have_text(percent(now["whole"]["bad_rate"]))
    expect(tab.tile("Predicted bad rate")).to_have_text(percent(now["whole"]["mean_pd"]))
    expect(tab.tile("Gini of the outcomes")).to_have_text(percent(now["ranking"]["gini"]))
    expect(tab.cells(1)).to_have_text([one["month"] for one in now["months"]])
    tab.shot("outcomes")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the CSV").click()
    saved = tmp_path / "outcomes.csv"
    download.value.save_as(saved)
    csv = lender.ask(f"{PRODUCT}/outcomes/realised.csv", bands=now["banded_by"])
    assert saved.read_bytes() == csv.content
    page.get_by_role("radio", name="Deciles of PD").or_(
        page.get_by_role("button", name="Deciles of PD")
    ).first.click()
    tab.settle()
    other = lender.figures(f"{PRODUCT}/outcomes/realised", bands="deciles")
    page.get_by_role("tab", name="By band", exact=True).click()
    expect(tab.cells(1)).to_have_text([one["band"] for one in other["bands"]])
    tab.shot("outcomes-deciles")
