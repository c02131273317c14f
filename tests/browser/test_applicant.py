"""Somebody who applies: six questions, an answer with reasons or an offer, and nothing inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenTab
from tests.browser.lender import CARD, Lender
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser

AGE, INCOME = "How old are you?", "What do you earn a month, after tax?"
EDUCATION = "What is your highest education?"
CAR, PASSPORT = "Do you own a foreign car?", "Do you have a passport for travel abroad?"
HOME = "Where do you live?"
SAFE = {
    EDUCATION: "Academic degree", AGE: "52", INCOME: "150000", CAR: "Yes", PASSPORT: "Yes",
    HOME: "In the city centre",
}  # fmt: skip
POOR = SAFE | {EDUCATION: "School", AGE: "21", INCOME: "9000", CAR: "No", PASSPORT: "No"}
INSIDE_WORDS = re.compile(
    r"\b(pd|scores?|probabilit\w*|default|band|cutoff|model)\b", re.IGNORECASE
)


@pytest.fixture
def form(lender: Lender, open_tab: OpenTab) -> Tab:
    """The plain form, in a browser that runs no scripts."""
    tab = open_tab(java_script_enabled=False)
    tab.page.goto(f"{lender.running.api}/apply")
    tab.page.get_by_role("link", name="Instant card").click()
    return tab


def _question(page: Page, text: str) -> Locator:
    return page.locator(".question").filter(has_text=text)


def _fill(page: Page, answers: Mapping[str, str]) -> None:
    for text, answer in answers.items():
        question = _question(page, text)
        if question.get_by_role("textbox").count():
            question.get_by_role("textbox").fill(answer)
        elif question.get_by_role("combobox").count():
            question.get_by_role("combobox").select_option(label=answer)
        else:
            question.get_by_role("radio", name=answer, exact=True).check()


def _fill_and_send(page: Page, answers: Mapping[str, str]) -> None:
    _fill(page, answers)
    page.get_by_role("button", name="Get my answer").click()


def _decision_at(lender: Lender, address: str) -> dict[str, Any]:
    found = re.search(r"/decisions/([0-9a-f]{32})", address)
    assert found is not None, address
    return lender.figures(f"decisions/{found.group(1)}")


def _assert_nothing_inside(told: str, decision: Mapping[str, Any]) -> None:
    """Neither a word of scoring nor the PD or score of this very decision."""
    assert not INSIDE_WORDS.findall(told)
    for number in (
        f"{100 * decision['pd']:.1f}", f"{100 * (1 - decision['pd']):.1f}",
        f"{decision['pd']:.2f}", f"{decision['score']:.0f}",
    ):  # fmt: skip
        assert not re.search(rf"(?<![\d,.]){re.escape(number)}(?![\d,.])", told), number


def test_a_safe_applicant_gets_an_offer_without_any_script(form: Tab, lender: Lender) -> None:
    """Six answers give the stored decision's offer, in the API's words."""
    assert form.page.locator(".question").count() == 6
    form.shot("form")
    _fill_and_send(form.page, SAFE)
    expect(form.page.get_by_role("heading", level=1)).to_have_text("Approved")
    form.shot("form-approved")
    decision = _decision_at(lender, form.page.url)
    assert decision["verdict"] == "approve"
    told = form.page.inner_text("main")
    assert decision["offer"]["title"] in told
    assert decision["offer"]["amount"]["words"] in told
    _assert_nothing_inside(told, decision)


def test_a_declined_applicant_reads_the_reasons_and_what_can_be_had(
    form: Tab, lender: Lender
) -> None:
    """The reasons shown are the stored ones in their order, and something safer is offered."""
    _fill_and_send(form.page, POOR)
    expect(form.page.get_by_role("heading", level=1)).to_have_text("Not this time")
    form.shot("form-declined")
    decision = _decision_at(lender, form.page.url)
    assert decision["verdict"] == "decline"
    reasons = form.page.locator("ol.reasons li").all_inner_texts()
    assert reasons == [each["text"] for each in decision["reasons"]]
    assert 1 <= len(reasons) <= 4
    assert decision["alternatives"]
    offered = form.page.locator(".offer h2").all_inner_texts()
    assert offered == [each["title"] for each in decision["alternatives"]]
    _assert_nothing_inside(form.page.inner_text("main"), decision)


def test_a_wrong_answer_is_told_beside_its_field_and_the_others_are_kept(form: Tab) -> None:
    """What was typed stays; each fault stands in the question it is about, and only there."""
    _fill_and_send(form.page, {EDUCATION: "School", AGE: "seven", INCOME: "-3", CAR: "No"})
    faults = {
        question: _question(form.page, question).locator(".fault")
        for question in (EDUCATION, AGE, INCOME, CAR, PASSPORT, HOME)
    }
    expect(faults[AGE]).to_have_text("Please give a whole number.")
    expect(faults[INCOME]).to_have_text("Please give a number of at least 0.")
    for unanswered in (PASSPORT, HOME):
        expect(faults[unanswered]).to_have_text("Please answer this question.")
    for right in (EDUCATION, CAR):
        expect(faults[right]).to_have_count(0)
    expect(_question(form.page, AGE).get_by_role("textbox")).to_have_value("seven")
    form.shot("form-wrong")
    _fill_and_send(form.page, SAFE)
    expect(form.page.get_by_role("heading", level=1)).to_have_text("Approved")


def test_an_answer_opens_with_its_own_token_alone(form: Tab) -> None:
    """Another token, or none, at the same address shows nothing of the answer."""
    _fill_and_send(form.page, POOR)
    expect(form.page.get_by_role("heading", level=1)).to_have_text("Not this time")
    address, _, token = form.page.url.partition("?token=")
    reason = form.page.locator("ol.reasons li").first.inner_text()
    assert len(token) >= 20
    other = token[::-1]
    for query in (f"?token={other}", "?token=", ""):
        answer = form.page.goto(address + query)
        assert answer is not None
        assert answer.status == 404
        expect(form.page.get_by_role("heading")).to_have_text("There is no such answer")
        assert reason not in form.page.content()
    form.shot("form-other-token")
    form.page.goto(f"{address}?token={token}")
    expect(form.page.get_by_role("heading", level=1)).to_have_text("Not this time")


def _fill_apply(tab: Tab, answers: Mapping[str, str]) -> None:
    for text, answer in answers.items():
        if text in {EDUCATION, HOME}:
            tab.choose(text, answer)
        elif text in {AGE, INCOME}:
            tab.page.get_by_label(re.compile(re.escape(text))).first.fill(answer)
        else:
            group = tab.page.get_by_role("radiogroup", name=text)
            group.get_by_text(answer, exact=True).click()
    tab.page.get_by_role("button", name="Get the answer").click()


def test_an_applicant_with_a_key_sees_the_form_and_the_answer_alone(
    tab: Tab, lender: Lender
) -> None:
    """One page, no client's number asked for, what is missing marked, an answer without a score."""
    tab.sign_in(lender.running.pages, lender.keys["applicant"])
    assert tab.listed() in ([], ["Apply"])
    tab.choose_product("Instant card")
    expect(tab.page.get_by_role("heading", name="Instant card", level=1)).to_be_visible()
    expect(tab.page.get_by_text("6 questions")).to_be_visible()
    expect(tab.page.get_by_label("number")).to_have_count(0)
    tab.page.get_by_role("button", name="Get the answer").click()
    expect(tab.page.get_by_text("Please answer this question.")).to_have_count(6)
    tab.shot("apply-missing")
    _fill_apply(tab, POOR)
    expect(tab.page.get_by_role("heading", name="Your application is declined")).to_be_visible()
    tab.settle()
    tab.shot("apply-declined")
    told = tab.page.get_by_test_id("stMain").inner_text()
    found = re.search(r"Decision ([0-9a-f]{32})", told)
    assert found is not None
    decision = lender.figures(f"decisions/{found.group(1)}")
    for reason in decision["reasons"]:
        assert reason["text"] in told
    for other in decision["alternatives"]:
        assert other["title"] in told
    _assert_nothing_inside(told, decision)
    assert decision["product"] == CARD
