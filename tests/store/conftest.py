"""The databases every contract is held against: SQLite, and a real Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from solvent.store import Database
from tests.postgres import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it, or with tables for who asks for `database`."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'home' / 'solvent.db'}"
        return
    with new_database(tables="database" in request.fixturenames) as address:
        yield address


@pytest.fixture
def database(url: str, tmp_path: Path) -> Iterator[Database]:
    """A database with tables and no row."""
    opened = Database.open(tmp_path / "home", url)
    yield opened
    opened.close()
