"""A relationship manager: finds a client, reads the score against the cutoff, compares values."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.lender import CARD, LOANS, Lender
from tests.browser.tab import WIDTH, Tab, keep_for_readme

pytestmark = pytest.mark.browser

WHERE = f"products/{LOANS}/clients"
HIDDEN = ("campaign", "portfolio", "outcomes", "Portfolio", "Campaign")


@pytest.fixture
def manager(tab: Tab, lender: Lender) -> Tab:
    tab.sign_in(lender.running.pages, lender.keys["relationship_manager"])
    return tab


def _client_to_show(lender: Lender) -> dict[str, Any]:
    """Return a client the policy refuses for the score: there is most to explain."""
    never_decided = (
        each for each in lender.figures(WHERE, limit=60)["clients"] if each["verdict"] is None
    )
    for each in never_decided:
        found = lender.figures(f"{WHERE}/{each['key']}")
        now = found["standing"]
        against = [one for one in now["effects"] if one["effect"] > 0]
        if now["verdict"] == "decline" and now["score"] < now["approve_score"] and against:
            return found
    raise AssertionError("nobody of the first sixty is declined for the score")


def _open(tab: Tab, key: str) -> None:
    tab.page.get_by_role("textbox", name="Search by customer number").fill(key)
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("button", name=f"Open customer number {key}").click()
    expect(tab.page.get_by_role("tab", name="Score and reasons")).to_be_visible()
    tab.settle()


def test_a_client_is_found_by_the_beginning_of_the_number(manager: Tab, lender: Lender) -> None:
    """The list holds the numbers the API finds for it; a click on a row opens that client."""
    some = lender.figures(WHERE, limit=1)["clients"][0]["key"]
    begins = some[:1]
    expected = [each["key"] for each in lender.figures(WHERE, search=begins, limit=50)["clients"]]
    assert len(expected) > 1
    manager.shot("clients")
    manager.page.get_by_role("textbox", name="Search by customer number").fill(begins)
    manager.page.keyboard.press("Enter")
    total = lender.figures(WHERE, search=begins)["total"]
    expect(manager.page.get_by_text(f"{total} clients, showing 1 to")).to_be_visible()
    manager.settle()
    for place, key in enumerate(expected[:5]):
        expect(manager.cells(1).nth(place)).to_have_text(key)
    assert all(each.startswith(begins) for each in manager.cells(1).all_text_contents())
    manager.click_row(1)
    heading = manager.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(f"Customer number {expected[1]}")


def test_the_score_stands_against_the_cutoff_with_reasons_for_and_against(
    manager: Tab, lender: Lender
) -> None:
    """Sentence, meaning, chart and reasons are the API's standing of this client."""
    found = _client_to_show(lender)
    now = found["standing"]
    _open(manager, found["key"])
    page = manager.page
    main = page.get_by_test_id("stMain")
    expect(page.get_by_role("heading", name=now["sentence"])).to_be_visible()
    expect(main).to_contain_text(now["meaning"])
    assert f"{now['score']:.0f}" in now["sentence"]
    assert f"{now['approve_score']:.0f}" in now["sentence"]
    expect(page.get_by_text("● Spoke against")).to_be_visible()
    for reason in now["reasons"]:
        expect(main).to_contain_text(reason["text"])
    for other in now["alternatives"]:
        expect(main).to_contain_text(other["title"])
    picture = manager.shot("client", clip={"x": 0, "y": 0, "width": WIDTH, "height": 930})
    keep_for_readme(picture)
    for hint in now["hints"]:
        expect(main).to_contain_text(hint["text"])
    page.get_by_text("Against the other reference group").click()
    expect(page.get_by_text(f"Compared with {now['second_reference']}:")).to_be_visible()


def test_values_are_filtered_and_compared_with_another_group(manager: Tab, lender: Lender) -> None:
    """Theme, search and group draw the API's values; a row clicked shows its distribution."""
    key = _client_to_show(lender)["key"]
    whole = lender.figures(f"{WHERE}/{key}")
    group = next(each for each in whole["groups"] if each["name"] != whole["group"]["name"])
    theme = whole["themes"][0]
    _open(manager, key)
    page = manager.page
    page.get_by_role("tab", name="Values").click()
    count = len(whole["values"])
    expect(page.get_by_text(f"{count} values, what counted most first")).to_be_visible()
    manager.choose("Theme", theme)
    of_theme = [each for each in whole["values"] if each["theme"] == theme]
    expect(page.get_by_text(re.compile(rf"^{len(of_theme)} values?, what"))).to_be_visible()
    manager.settle()
    assert {*manager.cells(1).all_text_contents()} <= {each["title"] for each in of_theme}
    manager.choose("Theme", "All themes")
    manager.choose("Compare with", group["words"][:1].upper() + group["words"][1:])
    expect(page.get_by_text(f"{count} values, what counted most first")).to_be_visible()
    beside = lender.figures(f"{WHERE}/{key}", group=group["name"])
    first, second = sorted(beside["values"], key=lambda each: -abs(each["effect"] or 0.0))[:2]
    expect(manager.cells(1).first).to_have_text(first["title"])
    typical = re.sub(r"(?<=\d)%", " %", first["typical_text"] or "")
    expect(manager.cells(4).first).to_contain_text(typical)
    manager.settle()
    manager.click_row(1)
    told = f"{second['title']}: {second['text']} for this client"
    expect(page.get_by_test_id("stMarkdown").filter(has_text=told)).to_be_visible()
    expect(
        page.get_by_text(re.compile("All clients.*" + re.escape(group["words"]), re.IGNORECASE))
    ).to_be_visible()
    manager.shot("client-values")
    page.get_by_role("tab", name="Decisions").click()
    expect(page.get_by_text("Nothing was decided about this client yet.")).to_be_visible()


def test_a_client_is_decided_on_the_spot_and_opened(manager: Tab, lender: Lender) -> None:
    """Apply with a known number decides it; staff read the score, and the decision is listed."""
    key = lender.figures(WHERE, limit=3)["clients"][2]["key"]
    manager.go("Apply", "Airtime loans")
    manager.page.get_by_role("textbox", name="Customer number").fill(key)
    manager.page.get_by_role("button", name="Get the answer").click()
    expect(manager.page.get_by_role("button", name="Open this client")).to_be_visible()
    expect(manager.page.get_by_text("approved from")).to_be_visible()
    manager.settle()
    manager.shot("apply-staff")
    manager.page.get_by_role("button", name="Open this client").click()
    manager.page.get_by_role("tab", name="Decisions").click()
    expect(manager.page.get_by_text("1 decision, newest first")).to_be_visible()
    decided = lender.figures(f"{WHERE}/{key}")["decisions"]
    expect(manager.cells(5)).to_have_text([decided[0]["id"][:8]])
    manager.shot("client-decisions")


def test_nothing_of_portfolio_or_campaign_is_seen(manager: Tab, lender: Lender) -> None:
    """No page in the list, none by its address, and 403 from the API with the same key."""
    assert manager.listed() == ["Client", "Apply", "Batches"]
    for name in HIDDEN:
        # A new address is a new session: a key is asked for, and its pages are all there is.
        manager.open_address(f"{lender.running.pages}/{name}", lender.keys["relationship_manager"])
        assert manager.listed() == ["Client", "Apply", "Batches"]
        expect(manager.page.get_by_role("slider")).to_have_count(0)
        expect(manager.page.get_by_test_id("stMetric")).to_have_count(0)
        shown = manager.page.get_by_test_id("stMain").inner_text()
        assert "Portfolio" not in shown
        assert "Campaign" not in shown
    manager.shot("portfolio-by-address")
    for product in (LOANS, CARD):
        for path in ("portfolio", "campaign", "campaign.csv"):
            answer = lender.ask(f"products/{product}/{path}", "relationship_manager")
            assert answer.status_code == 403, path
