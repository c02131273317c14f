"""The tables: made the same by every way, and never by two at once."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from solvent.errors import StoreError
from solvent.store import Database
from solvent.store.schema import CONNECTION, VERSION_TABLE, configuration, revisions
from solvent.store.tables import METADATA

OPEN = """
import sys, time
from pathlib import Path
from solvent.store import Database, Jobs
time.sleep(max(0.0, float(sys.argv[3]) - time.time()))
database = Database.open(Path(sys.argv[1]), sys.argv[2])
Jobs(database).add("rescore", "shop", {}, 1)
database.close()
"""


def _shape(connection: sa.Connection) -> dict[str, object]:
    """Everything the database says about its tables, apart from how it spells them."""
    inspector = sa.inspect(connection)
    return {
        table: (
            [
                (each["name"], str(each["type"]), each["nullable"], str(each["default"]))
                for each in inspector.get_columns(table)
            ],
            inspector.get_pk_constraint(table),
            sorted(map(repr, inspector.get_foreign_keys(table))),
            sorted(map(_spelt, inspector.get_indexes(table))),
            sorted(map(repr, inspector.get_unique_constraints(table))),
        )
        for table in sorted(inspector.get_table_names())
        if table != VERSION_TABLE
    }


def _spelt(index: Mapping[str, object]) -> str:
    conditions = index.get("dialect_options")
    told = conditions.items() if isinstance(conditions, dict) else ()
    options = sorted((name, str(condition)) for name, condition in told)
    return repr((index["name"], index["column_names"], index["unique"], options))


def test_the_migrations_make_the_tables_that_the_code_uses(database: Database) -> None:
    with database.reading() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def test_migrated_tables_are_those_a_fresh_database_would_have(
    database: Database, tmp_path: Path, url: str
) -> None:
    with database.reading() as connection:
        migrated = _shape(connection)
    if database.dialect == "sqlite":
        fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    else:
        fresh = Database(url)
        with fresh.transaction() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    with fresh.transaction() as connection:
        METADATA.create_all(connection)
    with fresh.reading() as connection:
        assert _shape(connection) == migrated
    fresh.close()


def test_going_up_one_migration_at_a_time_ends_where_a_new_database_begins(tmp_path: Path) -> None:
    """Told by SQLite, which keeps the words its tables were made with."""
    database = Database.open(tmp_path / "home")
    stepwise = Database(f"sqlite:///{tmp_path / 'stepwise.db'}")
    scripts = ScriptDirectory.from_config(configuration())
    for script in reversed(list(scripts.walk_revisions())):
        with stepwise.transaction() as connection:
            config = configuration()
            config.attributes[CONNECTION] = connection
            command.upgrade(config, script.revision)
    told = []
    for one in (database, stepwise):
        with one.reading() as connection:
            everything = sa.text("SELECT name, sql FROM sqlite_master ORDER BY name")
            told.append(connection.execute(everything).all())
    assert told[0] == told[1]
    stepwise.close()
    database.close()


def test_there_is_one_newest_migration_and_files_are_numbered_in_order() -> None:
    scripts = ScriptDirectory.from_config(configuration())
    assert len(scripts.get_heads()) == 1
    walked = [
        (script.revision, Path(script.path).name)
        for script in reversed([*scripts.walk_revisions()])
    ]
    assert [revision for revision, _ in walked] == [f"{n:04d}" for n in range(1, len(walked) + 1)]
    assert all(re.fullmatch(rf"{revision}_\w+\.py", name) for revision, name in walked)


def test_opening_again_changes_nothing(database: Database, url: str, tmp_path: Path) -> None:
    again = Database.open(tmp_path / "home", url)
    with database.reading() as one, again.reading() as other:
        assert revisions(one) == revisions(other) != set()
    again.close()


def test_a_database_made_by_a_newer_solvent_is_refused_and_left_alone(
    database: Database, url: str, tmp_path: Path
) -> None:
    with database.transaction() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))  # noqa: S608
    with pytest.raises(StoreError, match="newer solvent"):
        Database.open(tmp_path / "home", url)
    with database.reading() as connection:
        assert revisions(connection) == {"9999"}


def test_a_migration_that_fails_leaves_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables are made in one transaction; the next start begins where this one began."""
    made = command.upgrade

    def upgrade_and_fail(*arguments: object) -> None:
        made(*arguments)  # type: ignore[arg-type]  # whatever it was called with
        raise RuntimeError("the power fails")

    monkeypatch.setattr(command, "upgrade", upgrade_and_fail)
    with pytest.raises(RuntimeError):
        Database.open(tmp_path / "home", url)
    looked_at = Database(url)
    with looked_at.reading() as connection:
        assert sa.inspect(connection).get_table_names() == []
    looked_at.close()
    monkeypatch.undo()
    Database.open(tmp_path / "home", url).close()


def test_processes_that_open_a_new_database_at_once_all_find_its_tables(
    url: str, tmp_path: Path
) -> None:
    home, at = str(tmp_path / "home"), str(time.time() + 2.5)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, home, url, at], stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    told = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, told
    database = Database.open(Path(home), url)
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM jobs")).scalar() == 1
    database.close()


def test_threads_that_open_databases_at_once_do_not_mix_them_up(tmp_path: Path) -> None:
    homes = [tmp_path / str(n % 4) for n in range(12)]
    with ThreadPoolExecutor(12) as threads:
        opened = list(threads.map(Database.open, homes))
    for database in opened:
        with database.reading() as connection:
            assert set(METADATA.tables) < set(sa.inspect(connection).get_table_names())
        database.close()
