"""The database: one engine, SQLite in a file of the home or Postgres by its address."""

from __future__ import annotations

import math
import os
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, QueuePool, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from solvent.errors import MissingExtraError, StoreError
from solvent.store._faults import told
from solvent.store.writing import OWN_FILE, own_folder

DATABASE_FILE: Final = "solvent.db"
BUSY_SECONDS: Final = 10
"""How long a transaction waits for the one before it."""
CONNECTIONS: Final = 40
"""As many as a web server's threads; one more waits."""
IDLE_SECONDS: Final = 1.0
"""A connection to a server that rested longer is tried before it is used."""
# The order says: wait for others first, since the next one may have to.
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)
_BEGIN: Final = "solvent_begin"
_DRIVER: Final = "postgresql+psycopg"

_PATIENCE: Final = {
    "connect_timeout": BUSY_SECONDS, "tcp_user_timeout": BUSY_SECONDS * 1000,
    "options": f"-c lock_timeout={BUSY_SECONDS}s "
    f"-c idle_in_transaction_session_timeout={3 * BUSY_SECONDS}s",
}  # fmt: skip
"""A server that does not answer, or a transaction that holds the others up, is an error in time."""

Insert = sqlite.Insert | postgresql.Insert


class Database:
    """Connections to one database, for as many threads as want them.

    Nothing is opened here; `Database.open` also makes the tables.

    Args:
        url: Its address: sqlite:///PATH, or postgresql://USER@HOST/NAME.

    Raises:
        MissingExtraError: The driver the address names is not installed.
        StoreError: It is no address of a database we know.
    """

    def __init__(self, url: str | URL) -> None:
        self.url: Final = _parsed(url)
        self.dialect: Final = self.url.get_backend_name()
        self._engine = _engine(self.url)
        self._reader = self._engine if self.dialect == "sqlite" else _server(self.url, reader=True)
        # Threads of this process queue here: SQLite itself lets them sleep and try again.
        self._turn: Final = threading.Lock()

    @classmethod
    def open(cls, home: Path, url: str | None = None) -> Database:
        """Return a database that is there, with all tables this software knows.

        Args:
            home: The folder solvent keeps things in; made, for nobody else, where it is not there.
            url: Address of the database; `home`/solvent.db by default.

        Raises:
            MissingExtraError: The driver the address names is not installed.
            StoreError: It cannot be made or read, is none of ours, or was made by a newer solvent.
        """
        from solvent.store.schema import bring_up_to_date  # alembic takes a while to import

        database = cls(url or URL.create("sqlite", database=str(home / DATABASE_FILE)))
        try:
            with _alone(database.file):
                bring_up_to_date(database)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def file(self) -> Path | None:
        """The file the database is in; None where a server has it."""
        return Path(self.url.database or "") if self.dialect == "sqlite" else None

    @contextmanager
    def transaction(self, *, alone: str = "") -> Iterator[Connection]:
        """Give a connection for reading and writing; all of it is kept at the end, or nothing.

        On SQLite transactions run one after the other. Do not begin one within another.

        Args:
            alone: Name of what only one transaction at a time may write, so that its sequence is
                the order of commits; reading goes on. SQLite needs no telling.

        Raises:
            StoreError: The database cannot be written or read.
        """
        if self.dialect != "sqlite":
            with self._connected("BEGIN") as connection:
                if alone:
                    number = zlib.crc32(alone.encode())
                    connection.execute(select(func.pg_advisory_xact_lock(number)))
                yield connection
            return
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise StoreError(
                f"the database: others were writing for more than {BUSY_SECONDS} seconds",
                hint="try again",
            )
        try:
            with self._connected("BEGIN IMMEDIATE") as connection:
                yield connection
        finally:
            self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading, beside any writer.

        Raises:
            StoreError: The database cannot be read.
        """
        with self._connected("BEGIN", self._reader) as connection:
            yield connection

    @property
    def mark(self) -> str:
        """What stands for a value in a statement for `fetch` or the driver."""
        return "?" if self.dialect == "sqlite" else "%b"

    def fetch(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """Return all rows of one reading statement, by the shortest way there is.

        Nothing but the driver is between: no transaction is begun, the server keeps the plan, and
        values come in binary form.

        Args:
            statement: SQL for this database, `mark` where a value stands.
            values: The values.

        Raises:
            StoreError: The database cannot be read.
        """
        found = self._fetched(statement, values, again=True)
        return self._fetched(statement, values) or [] if found is None else found

    def _fetched(
        self, statement: str, values: Sequence[object], *, again: bool = False
    ) -> list[tuple[Any, ...]] | None:
        """Return the rows; None where the server was lost and it is worth asking `again`."""
        try:
            held = self._reader.raw_connection()
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            raise told(error) from None
        driver: Any = held.driver_connection
        try:
            if self.dialect == "sqlite":
                rows: list[tuple[Any, ...]] = driver.execute(statement, values).fetchall()
                return rows
            with driver.cursor(binary=True) as cursor:
                rows = cursor.execute(statement, values, prepare=True).fetchall()
                return rows
        except (self._engine.dialect.loaded_dbapi.Error, OverflowError, UnicodeError) as error:
            if again and getattr(driver, "closed", False):
                held.invalidate()
                return None
            raise told(error) from None  # their words may hold a row
        finally:
            held.close()

    def run_alone(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement that no transaction may hold, and return its rows.

        Raises:
            StoreError: It cannot be done.
        """
        try:
            with self._reader.connect() as opened:
                driver: Any = opened.connection.driver_connection
                done = driver.execute(statement)
                found: list[tuple[Any, ...]] = done.fetchall() if done.description else []
                return found
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            raise told(error) from None

    def insert(self, table: Table) -> Insert:
        """Return an INSERT that can say what happens ON CONFLICT."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    def insert_missing(self, table: Table) -> Insert:
        """Return an INSERT that leaves out rows which are there; `rowcount` tells how many came."""
        statement = self.insert(table).on_conflict_do_nothing()
        return statement.execution_options(preserve_rowcount=True)  # for Postgres it is forgotten

    def insert_or_replace(self, table: Table, *, by: Sequence[str] = ()) -> Insert:
        """Return an INSERT that replaces what rows say that are there.

        Args:
            table: The table.
            by: Columns that tell rows apart; the primary key by default.
        """
        statement = self.insert(table)
        keys = [column.name for column in table.primary_key]
        names = by or keys
        changed = {
            column.name: statement.excluded[column.name]
            for column in table.columns
            if column.name not in {*names, *keys}
        }
        return statement.on_conflict_do_update(index_elements=names, set_=changed)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
        self._reader.dispose()

    @contextmanager
    def _connected(self, begin: str, engine: Engine | None = None) -> Iterator[Connection]:
        try:
            with (engine or self._engine).connect() as opened:
                connection = opened.execution_options(**{_BEGIN: begin})
                with connection.begin():
                    yield connection
        except (SQLAlchemyError, OverflowError, UnicodeError) as error:
            raise told(error) from None  # their words may hold a row


def _parsed(url: str | URL) -> URL:
    hint = "write sqlite:///PATH or postgresql://USER@HOST/NAME"
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise StoreError("this is no address of a database", hint=hint) from None
    if backend not in {"sqlite", "postgresql"}:
        raise StoreError(f"{backend} is no database solvent knows", hint=hint)
    if backend == "sqlite" and (parsed.database or ":memory:").startswith((":memory:", "file:")):
        raise StoreError("a database in memory keeps nothing", hint=hint)
    # without a driver's name the one we know is meant, whichever SQLAlchemy would take
    return parsed.set(drivername=_DRIVER) if parsed.drivername == "postgresql" else parsed


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(
                url, hide_parameters=True, poolclass=QueuePool, pool_size=CONNECTIONS,
                max_overflow=0, connect_args={"check_same_thread": False},
            )  # fmt: skip
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
            return engine
        return _server(url)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"the driver {error.name} of this database is not installed",
            hint="pip install 'psycopg[binary]'", field="database",
        ) from error  # fmt: skip
    except SQLAlchemyError as error:
        raise told(error) from None


def _server(url: URL, *, reader: bool = False) -> Engine:
    """Return an engine for a server; a reader's has no transactions, each statement is one."""
    engine = create_engine(
        url, hide_parameters=True, pool_size=5, max_overflow=CONNECTIONS - 5,
        connect_args=_PATIENCE,
        isolation_level="AUTOCOMMIT" if reader else "READ COMMITTED",
        pool_reset_on_return=None if reader else "rollback",
    )  # fmt: skip
    event.listen(engine, "checkin", _rest)
    event.listen(engine, "checkout", _try)
    return engine


def _rest(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _try(
    connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Ask a connection that rested whether the server is still there; a new one is made else."""
    if time.monotonic() - record.info.get("rests_since", math.inf) > IDLE_SECONDS:
        cursor = connection.cursor()
        try:
            cursor.execute("SELECT 1")
        except Exception as error:
            raise DisconnectionError from error
        finally:
            cursor.close()


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    # The driver would begin transactions of its own making, and too late.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options()[_BEGIN])


@contextmanager
def _alone(file: Path | None) -> Iterator[None]:
    """Make the file, and let no other process make or change its tables meanwhile.

    Args:
        file: Where SQLite keeps the database; None for a server, which has locks of its own.
    """
    if file is None:
        yield
        return
    import fcntl

    try:
        own_folder(file.parent)
        lock = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT, OWN_FILE)
    except OSError as error:
        raise _unopenable(file, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, OWN_FILE))
        except OSError as error:
            raise _unopenable(file, error) from error
        yield
    finally:
        os.close(lock)


def _unopenable(file: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the database {file} cannot be opened: {error.strerror}",
        hint="is the folder yours, is the disk full?", field="database",
    )  # fmt: skip
