"""The requests of the first page, sent by curl as they stand there, in their order."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import time
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
    run("policy", PRODUCT)
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


def test_the_requests_of_the_first_page_do_what_it_says(shell: Shell) -> None:
    """Decided, read again, its outcome told; a file sent, watched and taken."""
    decide, read, outcome, send, watch, take = requests()
    status, decision = shell.run(decide)
    assert (status, decision["product"], bool(decision["rows_read"])) == (
        201,
        "airtime_loans",
        True,
    )
    assert shell.run(decide) == (201, decision)
    shell.known["DECISION"] = decision["id"]
    assert shell.run(read) == (200, decision)
    status, told = shell.run(outcome)
    assert (status, told["accepted"], told["refused"]) == (200, 1, [])
    assert shell.run(outcome)[1]["repeated"] == 1
    client = shell.known["CLIENT"]
    rows = [f"{client},A{number},2024-12-31T10:00:00Z" for number in range(20)]
    rows.append("=cmd(),A20,2024-12-31T10:00:00Z")
    rows.append(f"{client},A21,yesterday")
    heading = "user_id,application_id,application_at"
    (shell.folder / "applications.csv").write_text("\n".join([heading, *rows]), encoding="utf-8")
    status, batch = shell.run(send)
    assert (status, batch["rows"]) == (202, len(rows))
    shell.known["BATCH"] = batch["id"]
    until = time.monotonic() + PATIENCE
    while (now := shell.run(watch)[1])["state"] != "done":
        assert time.monotonic() < until, now
        time.sleep(0.1)
    assert (now["done"], now["set_aside"]) == (len(rows), 1)
    status, results = shell.run(take)
    out = list(csv.DictReader(io.StringIO(results)))
    assert status == 200
    assert [row["application_id"] for row in out] == [f"A{number}" for number in range(len(rows))]
    assert {float(row["pd"]) for row in out[:20]} == {decision["pd"]}
    assert out[20]["user_id"] == "'=cmd()"
    assert (out[21]["verdict"], out[21]["error_field"]) == ("", "application_at")
