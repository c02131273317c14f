"""A tab of a real Chromium: what it asked for, what it complained of, and how it is waited for."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.browser.lender import ROOT

WIDTH, HEIGHT = 1440, 900
MOST_BYTES = 250_000
INSIDE = {"data", "blob"}
# No faults: a form sent back because of a wrong answer, and an address that is no page.
NOTED = re.compile(
    r"Failed to load resource: .* status of (404|422)"
    r"|The page that you have requested does not seem to exist"
)


@dataclass(slots=True)
class Tab:
    """One page of a browser, watched.

    Args:
        page: The page.
        folder: Where screenshots go.
        asked: Every address asked for, web sockets included.
        complaints: Errors of the console and of scripts.
    """

    page: Page
    folder: Path
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        self.page.on("console", lambda said: self.complaints.extend(_complaint(said)))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def elsewhere(self) -> list[str]:
        """Return what was asked of any other host than this machine."""
        parts = {url: urlsplit(url) for url in self.asked}
        return [
            url for url, part in parts.items()
            if part.scheme not in INSIDE and part.hostname != "127.0.0.1"
        ]  # fmt: skip

    # ------------------------------------------------------------------ the Streamlit pages

    def sign_in(self, pages: str, key: str) -> None:
        """Open the pages and sign in."""
        self.page.goto(pages)
        self.enter(key)
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()
        self.settle()

    def enter(self, key: str) -> None:
        """Fill in the sign-in page."""
        self.page.get_by_role("textbox", name="API key").fill(key)
        self.page.get_by_role("button", name="Sign in").click()

    def open_address(self, address: str, key: str) -> None:
        """Open a page by its address as somebody who signs in there."""
        self.page.goto(address)
        expect(self.page.get_by_role("textbox", name="API key")).to_be_visible()
        self._close_not_found()
        self.enter(key)
        expect(self.page.get_by_test_id("stSidebarNavLink").first).to_be_visible()
        self.settle()
        self._close_not_found()

    def _close_not_found(self) -> None:
        if self.page.get_by_role("dialog", name="Page not found").count():
            self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def go(self, name: str, heading: str = "") -> None:
        """Go to a page of the sidebar."""
        self.page.get_by_role("link", name=name, exact=True).click()
        expect(self.page.get_by_role("heading", name=heading or name, level=1)).to_be_visible()
        self.settle()

    def choose_product(self, title: str) -> None:
        """Choose a product in the sidebar."""
        self.choose("Product", title)
        self.settle()

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a select box."""
        self.page.get_by_role("combobox", name=label, exact=True).click()
        self.page.get_by_role("option", name=option).first.click()

    def listed(self) -> list[str]:
        """Return the pages the sidebar lists."""
        return self.page.get_by_test_id("stSidebarNavLink").all_inner_texts()

    def tile(self, label: str) -> Locator:
        """Return the figure of a tile."""
        metric = self.page.get_by_test_id("stMetric").filter(
            has=self.page.get_by_text(label, exact=True)
        )
        return metric.get_by_test_id("stMetricValue")

    def table(self) -> Locator:
        """Return the table in sight: it is drawn on a canvas, with its cells as HTML behind it."""
        return self.page.get_by_test_id("stDataFrame").filter(visible=True)

    def cells(self, column: int) -> Locator:
        """Return the cells of one column, counted from 1, of the rows in sight."""
        return self.table().locator(f'td[role=gridcell][aria-colindex="{column}"]')

    def click_row(self, number: int) -> None:
        """Click a row of a table, counted from 0 beneath the heading."""
        canvas = self.table().locator("canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        x, y = box["x"] + 60, box["y"] + 52 + 35 * number
        # As a hand does it: the table notes which cell the mouse is on before it is pressed.
        self.page.mouse.move(x + 20, y)
        self._next_frame()
        self.page.mouse.click(x, y, delay=50)

    def slide(self, share: float) -> float:
        """Click a slider at a share of its length; return where it stands then, in per cent."""
        thumb = self.page.get_by_role("slider")
        before = thumb.input_value()
        rail = self.page.get_by_test_id("stSlider").get_by_role("group")
        rail.scroll_into_view_if_needed()
        track = rail.bounding_box()
        assert track is not None
        self.page.mouse.click(track["x"] + share * track["width"], track["y"] + track["height"] / 2)
        expect(thumb).not_to_have_value(before)
        return float(thumb.input_value())

    def settle(self) -> None:
        """Wait until the script has run and nothing that was drawn before is left."""
        idle = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        self.page.locator(idle).wait_for()
        expect(self.page.locator('[data-stale="true"]')).to_have_count(0)

    # ------------------------------------------------------------------ pictures

    def shot(self, name: str, **clip: Any) -> Path:
        """Take a picture of the whole page; `clip` takes a part of it."""
        # Where it shows no tool of a table or of the sidebar.
        self.page.mouse.move(WIDTH - 4, HEIGHT - 4)
        if self.page.get_by_test_id("stApp").count():
            self._stretch()
        path = self.folder / f"{name}.png"
        self.page.screenshot(path=path, full_page=not clip, animations="disabled", **clip)
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        return path

    def _stretch(self) -> None:
        """Make the window as high as what Streamlit scrolls inside it."""
        high = "document.querySelector('[data-testid=stMain]').scrollHeight"
        self.page.set_viewport_size(
            {"width": WIDTH, "height": max(HEIGHT, self.page.evaluate(high))}
        )
        self.settle()
        self._next_frame()

    def _next_frame(self) -> None:
        """Wait until what was asked of the browser is drawn: charts take a new size late."""
        self.page.evaluate(
            "() => new Promise(r => requestAnimationFrame(() => setTimeout(r, 250)))"
        )


def keep_for_readme(picture: Path) -> None:
    """Put a picture where the README shows it, if that is asked for; it must stay small."""
    assert picture.stat().st_size < MOST_BYTES
    if os.environ.get("SOLVENT_WRITE_SCREENSHOTS") == "1":
        shutil.copyfile(picture, ROOT / "docs" / picture.name)


def _complaint(said: ConsoleMessage) -> list[str]:
    return [said.text] if said.type == "error" and not NOTED.match(said.text) else []


def opened(context: BrowserContext, folder: Path) -> Tab:
    """Open a watched tab."""
    context.set_default_timeout(20_000)
    return Tab(context.new_page(), folder)
