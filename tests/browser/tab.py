"""A tab of a real Chromium: what it asked for, what it complained of, and how it is waited for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

WIDTH, HEIGHT = 1440, 900
INSIDE = {"data", "blob"}
# A page sent with another status than 200, such as a form with a wrong answer, is noted as one.
STATUS_NOTED = re.compile(r"Failed to load resource: .* status of (404|422)")


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
        box = self.table().locator("canvas").first.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + 60, box["y"] + 52 + 35 * number)
        self.settle()

    def slide(self, share: float) -> float:
        """Click a slider at a share of its length; return where it stands then, in per cent."""
        thumb = self.page.get_by_role("slider")
        before = thumb.input_value()
        track = self.page.get_by_test_id("stSlider").get_by_role("group").bounding_box()
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
        # Charts take the new width in a later frame.
        self.page.evaluate(
            "() => new Promise(r => requestAnimationFrame(() => setTimeout(r, 250)))"
        )


def _complaint(said: ConsoleMessage) -> list[str]:
    return [said.text] if said.type == "error" and not STATUS_NOTED.match(said.text) else []


def opened(context: BrowserContext, folder: Path) -> Tab:
    """Open a watched tab."""
    context.set_default_timeout(20_000)
    return Tab(context.new_page(), folder)
