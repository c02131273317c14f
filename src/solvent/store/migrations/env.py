"""Runs the migrations on the connection it is given. Alembic reads this file; nobody imports it."""

from __future__ import annotations

from alembic import context

from solvent.store.schema import CONNECTION, VERSION_TABLE
from solvent.store.tables import METADATA


def migrate() -> None:
    """Run what alembic was asked to run, within the transaction of the connection."""
    context.configure(
        connection=context.config.attributes[CONNECTION],
        target_metadata=METADATA,
        version_table=VERSION_TABLE,
    )
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # what alembic calls this file while it runs it
    migrate()
