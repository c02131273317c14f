"""A client is erased with the batches that hold them; one that is under way holds it up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from solvent.app.batches import FOLDER, BatchRequest, accept, new_folder
from solvent.app.erasing import erase_client
from solvent.app.worker import Worker
from solvent.errors import NotServedError, StoreError
from solvent.store import Batch, BatchMode
from tests.serve.lender import NOW, Lender, open_lender

ADA, BOB = "Ada-Lovelace-4711", "Bob"


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    opened = open_lender(tmp_path)
    yield opened
    opened.service.close()


def sent(lender: Lender, key: str, mode: BatchMode) -> Batch:
    folder = new_folder(lender.service)
    body = folder / "body"
    body.write_bytes(f"user_id,amount,income,months\n{key},1000,4800,80\n".encode())
    request = BatchRequest(
        product="shop", name="", mode=mode, reasons=True, owner="me", idempotency_key=None,
        digest="d", kind="csv",
    )  # fmt: skip
    return accept(lender.service, request, folder, body)


def erased(lender: Lender) -> tuple[int, int]:
    service = lender.service
    found, batches = erase_client(service.database, service.settings.home, "shop", ADA, at=NOW)
    return found.decisions, batches


@pytest.mark.parametrize(("mode", "decisions"), [(BatchMode.SCORE, 0), (BatchMode.DECIDE, 1)])
def test_batches_that_hold_a_client_go_and_others_stay(
    lender: Lender, mode: BatchMode, decisions: int
) -> None:
    theirs, other = sent(lender, ADA, mode), sent(lender, BOB, mode)
    with pytest.raises(StoreError, match="under way"):
        erased(lender)
    worker = Worker(lender.service)
    while worker.work_once():
        pass
    assert erased(lender) == (decisions, 1)
    home = lender.root / "home"
    assert not (home / FOLDER / theirs.id).exists()
    assert [one.id for one in lender.service.batches.newest(None)] == [other.id]
    held = [
        path for path in home.rglob("*") if path.is_file() and ADA.encode() in path.read_bytes()
    ]
    assert held == []
    with pytest.raises(NotServedError):
        erased(lender)
