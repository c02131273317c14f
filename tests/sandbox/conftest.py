"""One small sandbox for every test that only reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from solvent.sandbox import simulate
from tests.sandbox.folders import Folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    out: Path = tmp_path_factory.mktemp("sandbox") / "airtime"
    simulate("airtime_loans", customers=5000, seed=7, out=out)
    return Folder(out)
