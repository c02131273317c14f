"""A file of applications is sent on the page, watched, and its results are taken from there."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.lender import LOANS, Lender
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser

ROWS = 3000


def written(path: Path, lender: Lender) -> None:
    """Write a file in which one row does not fit, and one starts a formula."""
    clients = lender.figures(f"products/{LOANS}/clients", limit=50)["clients"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("user_id", "application_id", "application_at", "amount"))
        for number in range(ROWS):
            key = clients[number % len(clients)]["key"]
            writer.writerow((key, f"A{number}", "2024-12-31T10:00:00Z", 50 + number % 20))
        writer.writerow((clients[0]["key"], "=1+1", "2024-12-31T10:00:00Z", 60))
        writer.writerow((clients[0]["key"], "A-late", "tomorrow", 60))


def test_a_file_is_sent_watched_and_taken(tab: Tab, lender: Lender, tmp_path: Path) -> None:
    tab.sign_in(lender.running.pages, lender.keys["risk_manager"])
    tab.go("Batches")
    page = tab.page
    expect(page.get_by_text("No batch was sent yet")).to_be_visible()
    tab.shot("batches-none")
    file = tmp_path / "may.csv"
    written(file, lender)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("may.csv").first).to_be_visible()
    tab.shot("batches-running")
    expect(page.get_by_text("Done", exact=True)).to_be_visible(timeout=120_000)
    tab.settle()
    expect(page.get_by_text("3,002 applications, 1 set aside, nothing kept")).to_be_visible()
    tab.shot("batches")
    with page.expect_download() as download:
        page.get_by_role("button", name="Results (CSV)").click()
    saved = tmp_path / "results.csv"
    download.value.save_as(saved)
    rows = list(csv.DictReader(io.StringIO(saved.read_text(encoding="utf-8"))))
    assert [row["application_id"] for row in rows[:ROWS]] == [f"A{n}" for n in range(ROWS)]
    assert rows[ROWS]["application_id"] == "'=1+1"
    assert (rows[ROWS + 1]["error_field"], rows[ROWS + 1]["verdict"]) == ("application_at", "")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No batch was sent yet")).to_be_visible()
