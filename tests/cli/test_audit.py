"""`solvent audit`: a checkpoint to keep, and a check that ends with what it found."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.cli.shops import Shop, told_once


def test_an_audit_that_holds_ends_with_0(bank: Shop, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoint.json"
    written = bank.invoke("audit", "checkpoint", "--out", str(kept))
    assert written.exit_code == 0, written.output
    assert "entry    33" in written.output
    assert json.loads(kept.read_bytes())["number"] == 33
    assert kept.stat().st_mode & 0o777 == 0o600
    checked = bank.invoke("audit", "verify", "--checkpoint", str(kept))
    assert checked.exit_code == 0, checked.output
    assert "all of it holds" in checked.output
    alone = bank.invoke("audit", "verify")
    assert alone.exit_code == 0
    assert "cannot be seen" in alone.output  # what no checkpoint was given for is said


def test_a_falsified_one_ends_with_1_and_names_entry_and_no_person(bank: Shop) -> None:
    file = sqlite3.connect(bank.home / "solvent.db")
    file.execute("DROP TRIGGER decisions_refuse_update")
    file.execute("UPDATE decisions SET pd = 0.01 WHERE key = 'Ada 1'")
    file.commit()
    file.close()
    checked = bank.invoke("audit", "verify")
    assert checked.exit_code == 1
    assert "facts were changed" in checked.output
    assert "Ada" not in checked.output
    assert "findings   " in checked.output


def test_what_cannot_be_looked_at_ends_with_2(bank: Shop, tmp_path: Path) -> None:
    torn = tmp_path / "torn.json"
    for text in ("", "{}", '{"solvent_audit_checkpoint":1,"number":1,"link":"00"}', "[1]"):
        torn.write_text(text, encoding="utf-8")
        checked = bank.invoke("audit", "verify", "--checkpoint", str(torn))
        assert checked.exit_code == 2, checked.output
        assert "the checkpoint cannot be read" in checked.output
    nowhere = Shop(folder=tmp_path / "none", home=tmp_path / "nowhere")
    assert nowhere.invoke("audit", "verify").exit_code == 2


def test_a_checkpoint_is_never_written_over(bank: Shop, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoint.json"
    bank.invoke("audit", "checkpoint", "--out", str(kept))
    before = kept.read_bytes()
    told_once(bank.invoke("audit", "checkpoint", "--out", str(kept)), "is there")
    assert kept.read_bytes() == before
    missing = bank.invoke("audit", "checkpoint", "--out", str(tmp_path / "no" / "c.json"))
    told_once(missing, "cannot be written")
