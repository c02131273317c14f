"""Signing in and out, an API that is gone, and the end of `solvent up`."""

from __future__ import annotations

import re
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.browser.lender import Lender, free_port, is_free, started
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser

PAGES = {
    "Client": "Clients", "Apply": "Airtime loans", "Batches": "", "Campaign": "", "Portfolio": "",
    "Outcomes": "",
}  # fmt: skip


def test_an_administrator_walks_every_page_and_nothing_is_asked_elsewhere(
    tab: Tab, lender: Lender
) -> None:
    """All pages draw, for both products; every request, web sockets too, stays here."""
    tab.sign_in(lender.running.pages, lender.keys["admin"])
    assert tab.listed() == [*PAGES]
    for name, heading in PAGES.items():
        tab.go(name, heading)
        expect(tab.page.get_by_test_id("stException")).to_have_count(0)
    tab.choose_product("Instant card")
    tab.shot("portfolio-card")
    for name in ("Campaign", "Client", "Apply"):
        heading = {"Client": "Clients", "Apply": "Instant card"}.get(name, "")
        tab.go(name, heading)
        tab.shot(f"{name.lower()}-card")
    assert [url for url in tab.asked if url.startswith("ws://")]
    assert tab.elsewhere() == []


def test_signing_out_forgets_the_key(tab: Tab, lender: Lender) -> None:
    """After it the sign-in page is there, also after going back, and no store keeps the key."""
    key = lender.keys["admin"]
    tab.sign_in(lender.running.pages, key)
    tab.go("Portfolio")
    tab.page.get_by_role("button", name="Sign out").click()
    field = tab.page.get_by_role("textbox", name="API key")
    expect(field).to_be_visible()
    expect(field).to_have_value("")
    tab.page.go_back()
    expect(field).to_be_visible()
    expect(tab.page.get_by_test_id("stMetric")).to_have_count(0)
    stores = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    assert key not in tab.page.evaluate(stores)
    assert key not in tab.page.content()
    assert not [url for url in tab.asked if key in url]


@pytest.mark.parametrize("key", ["slv_not-a-key-of-anybody", "  "])
def test_a_wrong_key_is_told(tab: Tab, lender: Lender, key: str) -> None:
    """The sign-in page says so and stays."""
    tab.page.goto(lender.running.pages)
    tab.enter(key)
    words = "This key is not known" if key.strip() else "Enter your API key"
    expect(tab.page.get_by_text(words)).to_be_visible()
    expect(tab.page.get_by_role("button", name="Sign in")).to_be_visible()
    tab.shot(f"sign-in-{'wrong' if key.strip() else 'empty'}")


def test_an_api_that_is_gone_is_told_with_what_to_start(tab: Tab, lender: Lender) -> None:
    """Pages and API run apart; the API ends, the page says so; it comes back, and so do they."""
    api, ui = free_port(), free_port()
    with started(lender.home, "ui", api=api, ui=ui) as pages:
        with started(lender.home, "serve", api=api, ui=ui):
            tab.sign_in(pages.pages, lender.keys["admin"])
        tab.page.get_by_role("link", name="Portfolio").click()
        expect(tab.page.get_by_text("The API does not answer")).to_be_visible()
        expect(tab.page.get_by_text(re.compile(r"What to do: .*solvent"))).to_be_visible()
        tab.shot("api-gone")
        with started(lender.home, "serve", api=api, ui=ui):
            tab.page.get_by_role("button", name="Try again").click()
            expect(tab.page.get_by_role("heading", name="Portfolio", level=1)).to_be_visible()


def test_sigterm_ends_api_and_pages(lender: Lender, open_tab: OpenTab) -> None:
    """One signal to `solvent up` ends both; the ports are free and the page says it is alone."""
    api, ui = free_port(), free_port()
    with started(lender.home, "up", api=api, ui=ui) as running:
        assert not is_free(api)
        assert not is_free(ui)
        assert "admin key" not in running.said
        tab = open_tab()
        tab.sign_in(running.pages, lender.keys["admin"])
        tab.page.close()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=20) in {0, 128 + signal.SIGTERM, -signal.SIGTERM}
        assert is_free(api)
        assert is_free(ui)
