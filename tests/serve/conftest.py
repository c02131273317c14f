"""A small lender gone live, with a store of each test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serve.lender import Lender, open_lender


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    opened = open_lender(tmp_path)
    yield opened
    opened.service.close()


@pytest.fixture
def api(lender: Lender) -> Iterator[httpx.Client]:
    with lender.serving() as client:
        yield client
