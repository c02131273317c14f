"""Places besides files that tables are read from."""

from tests.places import lake, object_store, postgres, postgres_server, sqlite

__all__ = ["lake", "object_store", "postgres", "postgres_server", "sqlite"]
