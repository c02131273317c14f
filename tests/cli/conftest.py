"""Places besides files that a lender's tables lie in."""

from tests.places import lake, object_store, postgres, postgres_server, sqlite

__all__ = ["lake", "object_store", "postgres", "postgres_server", "sqlite"]
