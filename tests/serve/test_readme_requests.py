"""The requests of the first page, sent by curl as they stand there, in their order."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from solvent.app.bootstrap import open_service
from solvent.app.settings import Settings
from solvent.cli.main import app
from solvent.sandbox import simulate
from solvent.store import Role
from tests.serve.lender import Lender

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PRODUCT = ROOT / "examples" / "airtime_loans"
ADDRESS = "http://127.0.0.1:8000"
PATIENCE = 60.0


def requests() -> list[str]:
    """Return every curl command of the first page, on one line each."""
    joined = README.replace("\\\n", " ")
    return [re.sub(r" +", " ", one) for one in re.findall(r"^    (curl .*)$", joined, re.MULTILINE)]


@dataclass(slots=True)
class Shell:
    """A folder, an API, and what earlier answers said, for commands to use."""

    folder: Path
    address: str
    key: str
    known: dict[str, str] = field(default_factory=dict)

    def run(self, command: str) -> tuple[int, Any]:
        """Run a command of the page; return the status and the answer."""
        for name, value in {ADDRESS: self.address, **self.known}.items():
            command = command.replace(name, value)
        ran = subprocess.run(
            ["bash", "-c", f"{command} --silent --show-error --write-out '\\n%{{http_code}}'"],
            check=True, capture_output=True, text=True, cwd=self.folder,
            env={**os.environ, "KEY": self.key, "no_proxy": "*"},
        )  # fmt: skip
        body, _, status = ran.stdout.rpartition("\n")
        try:
            return int(status), json.loads(body)
        except ValueError:
            return int(status), body


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    root = tmp_path_factory.mktemp("readme")
    simulate("airtime_loans", customers=500, seed=3, out=root / "data")

    def run(*words: str | Path) -> None:
        done = CliRunner().invoke(
            app, [str(word) for word in words], env={"SOLVENT_HOME": str(root / "home")}
        )
        assert done.exit_code == 0, done.output

    run("train", PRODUCT, "--data", root / "data", "--technique", "logistic")
    run("events", "load", "airtime_loans", root / "data")
    service = open_service(Settings(home=root / "home"), folders=[PRODUCT])
    _, key = service.keys.create(Role.ADMIN, name="readme", created_at=1)
    lender = Lender(root=root, service=service)
    try:
        with lender.serving(worker=True) as client:
            client_id = client.get(
                "/v1/products/airtime_loans/clients", headers={"Authorization": f"Bearer {key}"}
            ).json()["clients"][0]["key"]
            yield Shell(root, str(client.base_url).rstrip("/"), key, {"CLIENT": client_id})
    finally:
        service.close()
