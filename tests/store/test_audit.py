"""The audit: nobody changes, removes, reorders or adds anything without being seen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from solvent.errors import NotServedError, StoreError
from solvent.store import Audit, Database, Decisions, audit_verifier
from tests.store.tampering import (
    NOW,
    SEEN_ALONE,
    SEEN_BY_CHECKPOINT,
    Forger,
    decision,
    forging,
    keep,
    keep_history,
)

TAMPERS, MANY = 400, 10_000


def test_an_honest_history_holds(database: Database) -> None:
    checkpoint = keep_history(database)
    with forging(database, "") as (_, check):
        found = check(checkpoint)
    assert found.findings == []
    assert (found.entries, found.decisions, found.erased, found.older) == (33, 30, 2, 0)
    assert (found.number, found.link.hex()) == (checkpoint.number, checkpoint.link)


def tamper(database: Database, times: int) -> Counter[str]:
    """Falsify a history many times, each time another way; return how often each was tried."""
    checkpoint = keep_history(database)
    ways, tried = (*SEEN_ALONE, *SEEN_BY_CHECKPOINT), Counter[str]()
    for number in range(times):
        way = ways[number % len(ways)]
        with forging(database, f"{way.__name__} {number}") as (forger, check):
            way(forger)
            tried[way.__name__] += 1
            mark = None if way in SEEN_ALONE and number % 2 else checkpoint
            assert check(mark).findings, f"{way.__name__} {number} was not seen"
    with forging(database, "") as (_, check):
        assert check(checkpoint).findings == []  # all was undone: each was seen by itself
    return tried


def test_every_random_falsification_is_found(database: Database) -> None:
    tried = tamper(database, TAMPERS)
    assert min(tried.values()) >= TAMPERS // len(tried) - 1


@pytest.mark.long
def test_ten_thousand_random_falsifications_are_found(database: Database) -> None:
    assert sum(tamper(database, MANY).values()) == MANY


@pytest.mark.parametrize("way", SEEN_BY_CHECKPOINT)
def test_a_history_that_might_have_been_is_told_by_the_checkpoint_alone(
    database: Database, way: type[Forger]
) -> None:
    """So the test above would fail if the checkpoint were not looked at."""
    checkpoint = keep_history(database)
    for number in range(5):
        with forging(database, f"{number}") as (forger, check):
            way(forger)
            assert check(None).findings == []
            assert check(checkpoint).findings


def test_what_came_after_the_checkpoint_does_not_trouble_it(database: Database) -> None:
    checkpoint = keep_history(database)
    keep(Decisions(database), range(31, 36))
    with forging(database, "") as (_, check):
        assert check(checkpoint).findings == []


def test_two_databases_have_chains_of_their_own(database: Database, tmp_path: Path) -> None:
    other = Database.open(tmp_path / "other")
    assert Audit(other).checkpoint().link != Audit(database).checkpoint().link
    other.close()


def test_who_was_erased_is_gone_and_the_chain_holds(database: Database) -> None:
    decisions, audit = Decisions(database), Audit(database)
    keep(decisions, range(1, 15))
    assert audit.erase("shop", "Ada 1", at=NOW) == 2
    for number in (1, 8):
        found = decisions.get(decision(number).id)
        assert found is not None
        assert (found.key, found.application, found.document) == ("", "", b"")
        assert found.pd == decision(number).pd
    assert decisions.by_key("shop", "Ada 1", 9) == ()
    assert decisions.replay("key 1", "request-1", f"{1:064x}") is None
    with database.reading() as connection:
        for table in ("decisions", "answers", "subjects", "audit"):
            told = str(connection.execute(sa.text(f"SELECT * FROM {table}")).all())  # noqa: S608
            assert "Ada 1" not in told
            assert '"number": 8' not in told
    with pytest.raises(NotServedError):
        audit.erase("shop", "Ada 1", at=NOW)
    keep(decisions, [22])  # the same person comes again, as somebody new
    with forging(database, "") as (_, check):
        assert check(audit.checkpoint()).findings == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET detail = 'x'",
        "DELETE FROM audit WHERE number = 2",
        "UPDATE decisions SET document = ''",
        "UPDATE decisions SET key = '', application = '', document = '', pd = 0.5",
        {
            "sqlite": "INSERT OR REPLACE INTO audit SELECT * FROM audit",
            "postgresql": "TRUNCATE audit",
        },
    ],
)
def test_the_database_itself_refuses_to_change_the_audit(
    database: Database, statement: str | dict[str, str]
) -> None:
    if isinstance(statement, dict):
        statement = statement[database.dialect]
    checkpoint = keep_history(database)
    with pytest.raises(StoreError), database.transaction() as connection:
        connection.execute(sa.text(statement))
    with forging(database, "") as (_, check):
        assert check(checkpoint).findings == []


def test_without_a_chain_nothing_is_decided(database: Database) -> None:
    decisions = Decisions(database)
    with database.transaction() as connection:
        for guard in ("refuse_delete", "refuse_change"):
            if database.dialect == "sqlite" and guard == "refuse_delete":
                connection.execute(sa.text(f"DROP TRIGGER audit_{guard}"))
            if database.dialect != "sqlite" and guard == "refuse_change":
                connection.execute(sa.text(f"DROP TRIGGER audit_{guard} ON audit"))
        connection.execute(sa.text("DELETE FROM audit"))
    with pytest.raises(StoreError, match="the audit is gone"):
        keep(decisions, [1])
    assert decisions.get(decision(1).id) is None


def test_threads_and_two_openers_write_one_chain(database: Database, url: str) -> None:
    """As two processes would: 2 x 4 threads keep 160 decisions, and the chain holds."""
    other = Database(url)
    both = [Decisions(database), Decisions(other)]
    gate = threading.Barrier(8)

    def send(thread: int) -> None:
        gate.wait()
        keep(both[thread % 2], range(1 + 20 * thread, 21 + 20 * thread))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, range(8)))
    other.close()
    with forging(database, "") as (_, check):
        found = check(Audit(database).checkpoint())
    assert (found.findings, found.decisions) == ([], 160)


def run_alone(url: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the program where nothing of solvent can be imported."""
    folder.mkdir(exist_ok=True)
    program = Path(shutil.copy(audit_verifier.__file__, folder / "verifier.py"))
    environment = {"SOLVENT_DATABASE_URL": url, "PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-I", str(program), *words], env=environment, cwd=folder, check=False,
        capture_output=True, text=True,
    )  # fmt: skip


def test_the_verifier_is_a_program_of_its_own(database: Database, url: str, tmp_path: Path) -> None:
    checkpoint = keep_history(database)
    file, alone = tmp_path / "checkpoint.json", tmp_path / "alone"
    told = {"number": checkpoint.number, "link": checkpoint.link}
    file.write_text(json.dumps({"solvent_audit_checkpoint": 1, **told}), encoding="utf-8")
    done = run_alone(url, alone, "--checkpoint", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert "all of it holds" in done.stdout
    assert "30" in done.stdout
    told["number"] += 5
    file.write_text(json.dumps({"solvent_audit_checkpoint": 1, **told}), encoding="utf-8")
    done = run_alone(url, alone, "--checkpoint", str(file))
    assert (done.returncode, done.stderr) == (1, "")
    assert "the chain was cut" in done.stdout
    file.write_text("{}", encoding="utf-8")
    assert run_alone(url, alone, "--checkpoint", str(file)).returncode == 2
    gone = run_alone(url + "_not_there", alone)
    assert gone.returncode == 2
    assert "cannot be checked" in gone.stderr


def test_the_verifier_shares_no_line_with_what_it_checks() -> None:
    source = Path(audit_verifier.__file__).read_text(encoding="utf-8")
    assert "import solvent" not in source
    assert "from solvent" not in source
    assert "sqlalchemy" not in source
