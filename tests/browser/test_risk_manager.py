"""A risk manager: scores the clients, weighs a confidence and a cutoff, takes the file home."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from solvent.ui.figures import amount, percent, whole
from tests.browser.lender import LOANS, Lender
from tests.browser.tab import WIDTH, Tab, keep_for_readme

pytestmark = pytest.mark.browser

PRODUCT = f"products/{LOANS}"


@pytest.fixture
def manager(tab: Tab, lender: Lender) -> Tab:
    tab.sign_in(lender.running.pages, lender.keys["risk_manager"])
    return tab


def test_all_clients_are_scored_and_the_file_is_the_apis(
    manager: Tab, lender: Lender, tmp_path: Path
) -> None:
    """A button scores everybody; every figure and the CSV are the API's for the chosen confidence.

    The second half needs the scoring of the first.
    """
    page = manager.page
    expect(page.get_by_role("heading", name="Campaign", level=1)).to_be_visible()
    expect(page.get_by_text("No client was scored yet")).to_be_visible()
    manager.shot("campaign-never")
    page.get_by_role("button", name="Score all clients now").click()
    expect(page.get_by_text(re.compile("clients scored|Counting clients"))).to_be_visible()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    manager.shot("campaign-running")
    expect(page.get_by_role("slider")).to_be_visible(timeout=60_000)
    manager.settle()
    _figures_are_the_apis(manager, lender, 90.0)
    manager.shot("campaign")
    chosen = manager.slide(0.76)
    assert chosen != 90.0
    _figures_are_the_apis(manager, lender, chosen)
    confidence = round(chosen / 100, 6)
    # While the page is drawn anew, Streamlit drops the file the old button would fetch.
    manager.settle()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the CSV").click()
    saved = tmp_path / "eligible.csv"
    download.value.save_as(saved)
    assert download.value.suggested_filename.startswith(LOANS)
    csv = lender.ask(f"{PRODUCT}/campaign.csv", confidence=confidence)
    assert saved.read_bytes() == csv.content
    eligible = lender.figures(f"{PRODUCT}/campaign", confidence=confidence)["eligible"]
    assert len(csv.text.splitlines()) == eligible + 1
    manager.shot("campaign-moved")


def _figures_are_the_apis(manager: Tab, lender: Lender, chosen: float) -> None:
    now = lender.figures(f"{PRODUCT}/campaign", confidence=round(chosen / 100, 6))
    assert now["eligible"] > 0
    expect(manager.tile("Eligible clients")).to_have_text(whole(now["eligible"]))
    expect(manager.tile("Expected bad rate")).to_have_text(percent(now["expected_bad_rate"]))
    for label, name in (
        ("Expected bad debt", "expected_bad_debt"), ("Expected profit", "expected_profit"),
    ):  # fmt: skip
        money = now[name]
        expect(manager.tile(label)).to_have_text(amount(money["amount"], money["currency"]))
    expect(manager.cells(1)).to_have_text([each["user_id"] for each in now["sample"]])


def test_the_cutoff_shows_the_apis_approvals_bad_rate_and_profit(
    manager: Tab, lender: Lender
) -> None:
    """At the policy's cutoff and at any other, the tiles are the API's figures for it."""
    manager.go("Portfolio")
    expect(manager.page.get_by_role("slider")).to_be_visible()
    policy = lender.figures(f"{PRODUCT}/portfolio")
    _portfolio_is_the_apis(manager, policy)
    chosen = manager.slide(0.7)
    other = lender.figures(f"{PRODUCT}/portfolio", cutoff=round(chosen / 100, 6))
    assert other["at"]["approved"] != policy["at"]["approved"]
    _portfolio_is_the_apis(manager, other)
    manager.settle()
    manager.shot("portfolio-whole")
    keep_for_readme(
        manager.shot("portfolio", clip={"x": 0, "y": 0, "width": WIDTH, "height": 1180})
    )


def _portfolio_is_the_apis(manager: Tab, now: dict) -> None:  # type: ignore[type-arg]
    at = now["at"]
    expect(manager.tile("Approval rate")).to_have_text(percent(at["approval_rate"]))
    expect(manager.tile("Bad rate among approved")).to_have_text(percent(at["bad_rate"]))
    expect(manager.tile("Profit")).to_have_text(amount(at["profit"], now["currency"]))
    expect(manager.tile("Defaulters caught")).to_have_text(percent(at["recall"]))
    cells = ("good_approved", "bad_approved", "good_declined", "bad_declined")
    labels = ("Good loans made", "Bad loans made", "Good clients refused", "Bad loans avoided")
    for label, cell in zip(labels, cells, strict=True):
        expect(manager.tile(label)).to_have_text(whole(now["confusion"][cell]))


def test_no_client_is_seen(manager: Tab, lender: Lender) -> None:
    """No Client page in the list, none by its address, and 403 from the API with the same key."""
    assert manager.listed() == ["Campaign", "Portfolio", "Outcomes", "Batches"]
    for name in ("client", "Client"):
        manager.open_address(f"{lender.running.pages}/{name}", lender.keys["risk_manager"])
        assert manager.listed() == ["Campaign", "Portfolio", "Outcomes", "Batches"]
        expect(manager.page.get_by_role("textbox", name="Search by")).to_have_count(0)
    key = lender.figures(f"{PRODUCT}/clients", limit=1)["clients"][0]["key"]
    for path in ("clients", f"clients/{key}"):
        assert lender.ask(f"{PRODUCT}/{path}", "risk_manager").status_code == 403, path
