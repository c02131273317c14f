"""The fake API, running, for every test of the pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ui.fake_api import FakeApi


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    with FakeApi() as running:
        monkeypatch.setenv("SOLVENT_API_URL", running.url)
        yield running
