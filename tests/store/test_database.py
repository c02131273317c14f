"""The database: all or nothing, one writer after the other, and no value in any error."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

import solvent.store
from solvent.errors import MissingExtraError, StoreError
from solvent.store import Database, LiveRow, Rows
from solvent.store import database as database_module
from tests.store.typed import T

PRIVATE = "ada-lovelace-4711"


def row(key: str = PRIVATE, size: int = 0) -> LiveRow:
    return LiveRow(
        source="s", key=key, event_id=None, event_time=1, available_time=1,
        body={"note": PRIVATE + "x" * size}, known={},
    )  # fmt: skip


def told(error: BaseException) -> str:
    """Everything a log would show of an error."""
    return "".join(traceback.format_exception(error))


def test_what_is_listed_can_be_imported() -> None:
    for name in solvent.store.__all__:
        assert getattr(solvent.store, name).__module__.startswith("solvent.store.")
    with pytest.raises(AttributeError, match="Engine"):
        _ = solvent.store.Engine  # type: ignore[attr-defined]  # it is not there


def test_training_does_not_load_the_database() -> None:
    code = "import sys, solvent.store; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    insert = sa.text(
        "INSERT INTO api_keys (id, digest, role, name, created_at) VALUES ('a', 'b', 'c', 'd', 1)"
    )
    with suppress(RuntimeError), database.transaction() as connection:
        connection.execute(insert)
        raise RuntimeError
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM api_keys")).scalar() == 0
    with database.transaction() as connection:
        connection.execute(insert)
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM api_keys")).scalar() == 1


def test_reading_goes_on_while_another_writes(database: Database) -> None:
    rows = Rows(database)
    rows.add("shop", [row()], arrived_at=1, batch="a", typing=T)
    with database.transaction(alone="live_rows shop"), ThreadPoolExecutor(1) as threads:
        assert threads.submit(rows.count, "shop").result(timeout=5) == 1


def test_threads_write_one_after_the_other(database: Database) -> None:
    """What is read in a transaction still holds when it writes: no count is lost."""
    with database.transaction() as connection:
        connection.execute(sa.text("CREATE TABLE tally (n INTEGER)"))
        connection.execute(sa.text("INSERT INTO tally VALUES (0)"))

    def count(_: int) -> None:
        with database.transaction(alone="tally") as connection:
            n = connection.execute(sa.text("SELECT n FROM tally")).scalar_one()
            connection.execute(sa.text("UPDATE tally SET n = :n"), {"n": n + 1})

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(count, range(200)))
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT n FROM tally")).scalar() == 200


def test_more_threads_than_connections_all_get_their_answer(database: Database) -> None:
    rows, gate = Rows(database), threading.Barrier(60)

    def read(_: int) -> int:
        gate.wait()
        return rows.count("shop")

    with ThreadPoolExecutor(60) as threads:
        assert set(threads.map(read, range(60))) == {0}


# ---- SQLite's own promises


def test_the_file_is_for_nobody_else_and_outlives_a_loss_of_power(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "home")
    Rows(database).add("shop", [row()], arrived_at=1, batch="a", typing=T)
    with database.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000,
    }  # fmt: skip
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "home").iterdir()}
    assert files == dict.fromkeys(
        ["solvent.db", "solvent.db-wal", "solvent.db-shm", "solvent.db.lock"], 0o600
    )
    database.close()


def test_a_home_with_odd_letters_holds_a_database(tmp_path: Path) -> None:
    home = tmp_path / "50% a?b#c d:e"
    database = Database.open(home)
    database.close()
    assert (home / "solvent.db").stat().st_size > 0


def test_what_was_kept_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    Rows(database).add("shop", [row()], arrived_at=1, batch="a", typing=T)
    database.close()
    again = Database.open(tmp_path)
    assert Rows(again).read("shop", PRIVATE) == (row(),)
    again.close()


def _limited(database: Database, pragma: str) -> None:
    """Let every connection of a database begin with a pragma."""
    database.close()
    sa.event.listen(
        database._engine, "connect", lambda connection, _: connection.execute(pragma).close()
    )


@pytest.mark.parametrize(
    ("pragma", "words"),
    [
        ("PRAGMA max_page_count=60", "the disk is full.*SQLITE_FULL"),
        ("PRAGMA query_only=ON", "may not be written.*SQLITE_READONLY"),
    ],
)
def test_a_full_or_read_only_disk_is_told_without_a_value(
    tmp_path: Path, pragma: str, words: str
) -> None:
    database = Database.open(tmp_path)
    rows = Rows(database)
    rows.add("shop", [row("before")], arrived_at=1, batch="a", typing=T)
    _limited(database, pragma)
    with pytest.raises(StoreError, match=words) as found:
        rows.add("shop", [row(size=2000) for _ in range(300)], arrived_at=2, batch="b", typing=T)
    assert PRIVATE not in told(found.value)
    assert rows.count("shop") == 1
    database.close()


def test_a_lock_held_by_another_program_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(tmp_path)
    _limited(database, "PRAGMA busy_timeout=50")
    other = sqlite3.connect(tmp_path / "solvent.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        Rows(database).add("shop", [row()], arrived_at=1, batch="a", typing=T)
    other.close()
    monkeypatch.setattr("solvent.store.database.BUSY_SECONDS", 0.05)
    with database.transaction(), pytest.raises(StoreError, match="others were writing"):
        Rows(database).add("shop", [row()], arrived_at=1, batch="a", typing=T)
    assert Rows(database).add("shop", [row()], arrived_at=1, batch="a", typing=T).accepted == 1
    database.close()


def test_a_damaged_file_is_told_without_a_value(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    rows = Rows(database)
    rows.add("shop", [row(size=500) for _ in range(500)], arrived_at=1, batch="a", typing=T)
    database.close()
    file = tmp_path / "solvent.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(StoreError, match="damaged") as found:
        rows.read("shop", PRIVATE)
    assert PRIVATE not in told(found.value)
    database.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"?" * 99])
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "solvent.db").write_bytes(content)
    with pytest.raises(StoreError, match="no database"):
        Database.open(tmp_path)
    assert (tmp_path / "solvent.db").read_bytes() == content


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "solvent.db") as other:
        other.execute("CREATE TABLE bookmarks (name TEXT)")
    other.close()
    with pytest.raises(StoreError, match="another program"):
        Database.open(tmp_path)
    other = sqlite3.connect(tmp_path / "solvent.db")
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    other.close()


def test_tables_of_another_version_are_told_as_that(tmp_path: Path) -> None:
    """Not as a server that does not answer."""
    with closing(Database.open(tmp_path)) as database:
        with database.transaction() as connection:
            connection.execute(sa.text("ALTER TABLE feeds RENAME COLUMN typing TO other"))
        with pytest.raises(StoreError, match="not those this version") as found:
            Rows(database).typings("shop")
    assert "another version" in found.value.hint


@pytest.mark.parametrize("place", ["home", "solvent.db"])
def test_a_place_that_cannot_hold_a_database_is_told(tmp_path: Path, place: str) -> None:
    if place == "home":
        (tmp_path / "home").write_text("a file where a folder should be")
    else:
        (tmp_path / "home" / "solvent.db").mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be opened"):
        Database.open(tmp_path / "home")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("no address", "no address"),
        ("://", "no address"),
        ("mysql://me:secret@host/db", "mysql is no database solvent knows"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite:///file:x?mode=memory&uri=true", "in memory"),
    ],
)
def test_an_address_that_leads_to_no_database_of_ours_is_refused(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as found:
        Database(url)
    assert "secret" not in told(found.value)


def test_a_driver_that_is_not_installed_is_named() -> None:
    with pytest.raises(MissingExtraError, match="psycopg"):
        Database("postgresql+psycopg2cffi://me:secret@host/db")


def test_an_address_of_postgres_needs_no_driver_s_name() -> None:
    database = Database("postgresql://me:secret@host/db")
    assert database.url.drivername == "postgresql+psycopg"
    assert (database.dialect, database.file) == ("postgresql", None)
    database.close()


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me:secret@127.0.0.1:1/db"
    with pytest.raises(StoreError, match="does not answer") as found:
        Database.open(tmp_path, url)
    assert "secret" not in told(found.value)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_opened_before_it_is_asked_for(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'solvent.db'}")
    assert (database.dialect, database.file) == ("sqlite", tmp_path / "solvent.db")
    assert list(tmp_path.iterdir()) == []
    database.close()


def test_who_waits_too_long_for_a_lock_is_told(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Postgres too: a process that hangs with the lock hangs no other for ever."""
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 1)
    monkeypatch.setattr(database_module, "_PATIENCE", {"options": "-c lock_timeout=1s"})
    first = Database.open(tmp_path / "home", url)
    second = Database(url)
    with first.transaction(alone="audit"), pytest.raises(StoreError):
        waited(second)
    first.close()
    second.close()


def waited(database: Database) -> None:
    if database.dialect == "sqlite":
        with database.transaction(alone="audit") as connection:
            connection.exec_driver_sql("PRAGMA user_version = 1")
        return
    with database.transaction(alone="audit"):
        pass


def test_a_server_that_is_away_is_told_by_every_way_of_asking() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError):
        database.fetch("SELECT 1", ())
    with pytest.raises(StoreError), database.reading():
        pass
    with pytest.raises(StoreError):
        database.run_alone("SELECT 1")
