"""One lender and one browser for all tests; every tab is watched, whatever its test is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import lender as lenders
from tests.browser import tab as tabs
from tests.browser.lender import Lender
from tests.browser.tab import HEIGHT, WIDTH, Tab

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
FOLDER = pytest.StashKey[Path]()
OpenTab = Callable[..., Tab]

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    with lenders.opened(tmp_path_factory.mktemp("lender")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Of a module, not of the session: Playwright bears no second one while it runs, and other rooms
    # may have a browser test of their own.
    if not CHROMIUM.exists():
        pytest.fail(f"no Chromium at {CHROMIUM}: apt-get install chromium, as .ci/run does")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screenshots(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screenshots")
    pytestconfig.stash[FOLDER] = folder
    return folder


@pytest.fixture
def open_tab(chromium: Browser, screenshots: Path) -> Iterator[OpenTab]:
    """Open tabs, each a browser of its own; no request leaves this machine, no script fails."""
    open_now: list[Tab] = []

    def opened(**options: Any) -> Tab:
        size = {"width": WIDTH, "height": HEIGHT}
        context = chromium.new_context(**{"viewport": size, "accept_downloads": True, **options})
        open_now.append(tabs.opened(context, screenshots))
        return open_now[-1]

    yield opened
    for tab in open_now:
        tab.page.context.close()
    assert not [url for tab in open_now for url in tab.elsewhere()]
    assert not [words for tab in open_now for words in tab.complaints]


@pytest.fixture
def tab(open_tab: OpenTab) -> Tab:
    return open_tab()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if FOLDER in config.stash:
        terminalreporter.write_line(f"screenshots: {config.stash[FOLDER]}")
