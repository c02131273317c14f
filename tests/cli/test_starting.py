"""Starting for real: TLS that is spoken, a proxy that is believed, a first key out of a file."""

from __future__ import annotations

import json
import os
import secrets
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.app.starts import write_certificate, write_secret
from tests.cli.shops import Shop, open_live_shop, told_once

SOLVENT = (sys.executable, "-c", "from solvent.cli.main import main; main()")
WHO = """
import sys
from solvent.serve import api
from starlette.requests import Request
from starlette.responses import JSONResponse
made = api.create_api
def with_mirror(service, *, worker=False):
    app = made(service, worker=worker)
    async def mirror(request: Request) -> JSONResponse:
        return JSONResponse([request.client.host, request.url.scheme])
    app.add_route("/mirror", mirror)
    return app
import solvent.serve
solvent.serve.create_api = with_mirror
from solvent.cli.main import main
main()
"""
"""The command itself, with one address more that says whom it believes to be asked by."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop that can decide, without any API key."""
    shop = open_live_shop(tmp_path_factory.mktemp("shop"))
    assert shop.run("policy").exit_code == 0
    return shop


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(
    shop: Shop, url: str, environment: Mapping[str, str], *, program: tuple[str, ...] = SOLVENT,
    verify: ssl.SSLContext | bool = True,
) -> Iterator[tuple[httpx.Client, Path]]:  # fmt: skip
    """Run `solvent serve`; give a client of it, and the file it writes what it prints to."""
    said = shop.home.parent / "said.txt"
    own = {name: value for name, value in os.environ.items() if not name.startswith("SOLVENT_")}
    own |= {"SOLVENT_HOME": str(shop.home), "SOLVENT_API_PORT": url.rpartition(":")[2]}
    with said.open("wb") as file:
        process = subprocess.Popen(
            [*program, "serve"], env={**own, **environment}, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        with httpx.Client(base_url=url, trust_env=False, verify=verify, timeout=30) as client:
            for _ in range(300):
                try:
                    client.get("/health")
                    break
                except httpx.TransportError:
                    assert process.poll() is None, said.read_text()
                    time.sleep(0.1)
            yield client, said
    finally:
        process.terminate()
        process.wait(20)


def test_with_a_certificate_tls_is_spoken_and_nothing_else(
    shop: Shop, tmp_path: Path, port: int
) -> None:
    cert, key = write_certificate(tmp_path)
    environment = {"SOLVENT_TLS_CERT": str(cert), "SOLVENT_TLS_KEY": str(key)}
    trusting = ssl.create_default_context(cafile=str(cert))
    with serving(shop, f"https://localhost:{port}", environment, verify=trusting) as (client, said):
        assert client.get("/ready").status_code == 200
        assert f"https://127.0.0.1:{port}/docs" in said.read_text()
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False)


@pytest.mark.parametrize(
    ("proxy", "believed"),
    [("127.0.0.1", True), ("127.0.0.0/24", True), ("10.9.8.7", False), ("", False)],
)
def test_only_the_declared_proxy_is_believed(
    shop: Shop, port: int, proxy: str, *, believed: bool
) -> None:
    program = (sys.executable, "-c", WHO)
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    environment = {"SOLVENT_TRUSTED_PROXY": proxy}
    url = f"http://127.0.0.1:{port}"
    with serving(shop, url, environment, program=program) as (client, _):
        told = json.loads(client.get("/mirror", headers=forwarded).text)
    assert told == (["203.0.113.9", "https"] if believed else ["127.0.0.1", "http"])


def test_the_first_admin_key_may_come_out_of_a_file_and_is_not_printed(
    shop: Shop, tmp_path: Path, port: int
) -> None:
    plain = f"slv_{secrets.token_urlsafe(32)}"
    file = write_secret(tmp_path / "admin.key", f"{plain}\n")
    url, environment = f"http://127.0.0.1:{port}", {"SOLVENT_ADMIN_KEY_FILE": str(file)}
    for _ in range(2):  # a container that starts again finds its key known
        with serving(shop, url, environment) as (client, said):
            headers = {"Authorization": f"Bearer {plain}"}
            assert client.get("/v1/products", headers=headers).status_code == 200
            assert "slv_" not in said.read_text()
    listed = shop.invoke("keys", "list").output
    assert listed.count("from a file") == 1
    assert plain not in listed


def test_a_file_without_a_key_is_refused(shop: Shop, tmp_path: Path, port: int) -> None:
    file = write_secret(tmp_path / "admin.key", "slv_" + "a" * 43)
    own = Shop(
        folder=shop.folder, home=shop.home,
        environment={"SOLVENT_ADMIN_KEY_FILE": str(file), "SOLVENT_API_PORT": str(port)},
    )  # fmt: skip
    told_once(own.invoke("serve"), "SOLVENT_ADMIN_KEY_FILE: ", "secrets.token_urlsafe(32)")


@pytest.mark.parametrize("command", ["up", "serve", "ui"])
def test_a_public_address_is_refused_by_every_command_before_anything_listens(
    shop: Shop, command: str
) -> None:
    own = Shop(
        folder=shop.folder, home=shop.home,
        environment={"SOLVENT_HOST": "0.0.0.0", "SOLVENT_UI_HOST": "0.0.0.0"},  # noqa: S104
    )  # fmt: skip
    result = own.invoke(command)
    assert result.exit_code == 1
    assert result.output.count("error: ") == 1
    assert "SOLVENT_TRUSTED_PROXY" in result.output


def test_a_check_of_a_start_starts_nothing(shop: Shop) -> None:
    for command in ("up", "serve", "ui"):
        result = shop.invoke(command, "--check")
        assert result.exit_code == 0
        assert result.output == "nothing stands against a start\n"
