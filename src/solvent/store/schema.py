"""Making the tables, and bringing those of an older solvent up to date."""

from __future__ import annotations

import threading
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from solvent.errors import StoreError
from solvent.store.database import Database

VERSION_TABLE: Final = "solvent_schema"
"""Not alembic's own name: a server's database may hold the tables of other programs too."""
CONNECTION: Final = "connection"
# Alembic keeps what it works on in a global.
_TURN: Final = threading.Lock()


def bring_up_to_date(database: Database) -> None:
    """Run every migration the database has not seen, all in one transaction.

    Raises:
        StoreError: It is none of ours, or was made by a newer solvent.
    """
    config = configuration()
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    with database.transaction(alone=VERSION_TABLE) as connection:
        seen = revisions(connection)
        if not seen <= known:
            raise StoreError(
                "the database was made by a newer solvent",
                hint="install that version, or restore a backup made by this one",
                field="database",
            )
        if seen == set(scripts.get_heads()):
            return
        if not seen and database.dialect == "sqlite" and inspect(connection).get_table_names():
            raise StoreError(
                "the file is a database of another program",
                hint="name another file, or a new one", field="database",
            )  # fmt: skip
        config.attributes[CONNECTION] = connection
        with _TURN:
            command.upgrade(config, "head")


def configuration() -> Config:
    """Return alembic's settings; there is no file of them."""
    config = Config()
    config.set_main_option("script_location", "solvent.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def revisions(connection: Connection) -> set[str]:
    """Return the migrations the database has seen last; none where it is new."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return set(context.get_current_heads())
