"""The database the contracts are held against: SQLite, and Postgres where an address is given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from solvent.store import Database

POSTGRES = os.environ.get("SOLVENT_TEST_POSTGRES", "")
"""Address of a server's database which the tests may empty."""


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'solvent.db'}"
    engine = sa.create_engine(POSTGRES)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return POSTGRES


@pytest.fixture
def database(url: str, tmp_path: Path) -> Iterator[Database]:
    """A database with tables and no row."""
    opened = Database.open(tmp_path / "home", url)
    yield opened
    opened.close()
