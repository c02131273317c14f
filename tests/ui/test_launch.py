"""How the pages are started, for real: one process, this machine only, nothing from elsewhere."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright

from solvent.ui import command, environment
from solvent.ui.launch import APP
from tests.ui.fake_api import FakeApi

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def test_the_command_line_keeps_the_pages_to_this_machine() -> None:
    """No usage statistics, no file watcher, XSRF protection, no traceback to the reader."""
    line = command(port=8501, address="127.0.0.1")
    assert line[4] == str(APP)
    for flag in (
        "--server.address=127.0.0.1", "--server.port=8501", "--server.headless=true",
        "--browser.gatherUsageStats=false", "--server.fileWatcherType=none",
        "--server.enableXsrfProtection=true", "--client.showErrorDetails=none",
        "--client.toolbarMode=minimal", "--theme.base=light", "--theme.primaryColor=#1d4f7c",
    ):  # fmt: skip
        assert flag in line
    assert not [flag for flag in line if "http" in flag or "url" in flag.lower()]


def test_the_environment_names_the_api_and_no_key() -> None:
    """The pages get the API's address; a key never stands in an environment."""
    assert environment("http://127.0.0.1:9000/") == {
        "SOLVENT_API_URL": "http://127.0.0.1:9000",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }


@pytest.fixture
def url(api: FakeApi) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        command(port=port, address="127.0.0.1"),
        env={**os.environ, **environment(api.url)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/_stcore/health", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.browser
@pytest.mark.long
def test_a_browser_asks_no_other_host(url: str) -> None:
    """Signing in and looking at a page asks this machine alone."""
    if not CHROMIUM.exists():
        pytest.fail(f"no Chromium at {CHROMIUM}: apt-get install chromium, as .ci/run does")
    asked: set[str] = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        page = browser.new_page()
        page.on("request", lambda request: asked.add(request.url))
        page.goto(url)
        page.get_by_role("textbox", name="API key").fill("manager-key")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Clients").wait_for()
        page.wait_for_timeout(1000)
        browser.close()
    here = re.compile(rf"{re.escape(url)}/|data:|blob:")
    assert asked
    assert not [each for each in asked if not here.match(each)]
