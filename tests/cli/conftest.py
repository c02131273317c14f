"""Places besides files that a lender's tables lie in, and a home with decisions."""

from pathlib import Path

import pytest

from solvent.store import Database
from tests.cli.shops import Shop
from tests.places import lake, object_store, postgres, postgres_server, sqlite
from tests.store.tampering import keep_history

__all__ = ["lake", "object_store", "postgres", "postgres_server", "sqlite"]


@pytest.fixture
def bank(tmp_path: Path) -> Shop:
    """A home with decisions."""
    database = Database.open(tmp_path / "home")
    keep_history(database)
    database.close()
    return Shop(folder=tmp_path / "none", home=tmp_path / "home")
