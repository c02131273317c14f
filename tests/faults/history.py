"""What clients saw, kept by them in a file of their own, and whether what was kept agrees with it.

The checker believes no part of the system: it reads the file and the database, with nothing of
ours but the auditor's own program.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from solvent.store import audit_verifier

DECIDED: Final = 201
ANSWERS = "SELECT idempotency_key, decision_id, body FROM answers WHERE idempotency_key IS NOT NULL"
TOLD = "SELECT decision, count(*) FROM audit WHERE kind = 'decided' GROUP BY decision"


class History:
    """A file of every attempt and every answer, written before anything else is done with them.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab")
        self._turn = threading.Lock()

    def note(self, kind: str, **what: Any) -> None:
        """Append a line: that something was sent, was answered, or was done to a part."""
        line = json.dumps({"kind": kind, **what}).encode() + b"\n"
        with self._turn:
            self._file.write(line)
            self._file.flush()

    def close(self) -> None:
        """Make sure it is all there."""
        os.fsync(self._file.fileno())
        self._file.close()

    def lines(self) -> list[dict[str, Any]]:
        """Return all of it."""
        return [json.loads(line) for line in self.path.read_bytes().splitlines()]


@dataclass(slots=True)
class Found:
    """What the checker found.

    Args:
        sent: Keys that were sent.
        acknowledged: Keys of which a client was told a decision.
        attempts: Requests.
        unknown: Attempts whose answer never came.
        refused: Attempts answered with another status than that of a decision, by status.
        faults: What does not agree.
    """

    sent: int = 0
    acknowledged: int = 0
    attempts: int = 0
    unknown: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def digest(body: bytes) -> str:
    """Return what an answer is remembered by."""
    return hashlib.sha256(body).hexdigest()


def rows(address: str, statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, read by the plain driver."""
    if address.startswith("sqlite:///"):
        with sqlite3.connect(f"file:{address.removeprefix('sqlite:///')}?mode=ro", uri=True) as own:
            return own.execute(statement).fetchall()
    with psycopg.connect(address) as connection:
        return connection.execute(statement.encode()).fetchall()


def check(history: Iterable[dict[str, Any]], address: str, batches: Iterable[str] = ()) -> Found:
    """Compare what clients saw with what is kept.

    Args:
        history: What they noted.
        address: Of the database.
        batches: Decisions that results of batches name.

    Each acknowledged key has exactly one decision and one audit entry, every answer to it was the
    same, byte for byte; a key never acknowledged has one decision or none; nothing is kept that
    nobody sent.
    """
    found, sent = Found(), set[str]()
    answers, bodies = defaultdict[str, Counter[str]](Counter), defaultdict[str, set[str]](set)
    for line in history:
        if line["kind"] == "sent":
            found.attempts += 1
            sent.add(line["key"])
            bodies[line["key"]].add(line["body"])
        elif line["kind"] == "answered":
            if line["status"] == DECIDED:
                answers[line["key"]][line["answer"]] += 1
            elif line["status"] == 0:
                found.unknown += 1
            else:
                found.refused[line["status"]] += 1
                if line["status"] == 422 and len(bodies[line["key"]]) == 1:
                    found.faults.append(f"{line['key']}: refused, though every body was the same")
    found.sent, found.acknowledged = len(sent), len(answers)
    found.faults += _differing(answers)
    found.faults += _kept(address, sent, set(answers))
    found.faults += _nothing_else(address, Counter(batches))
    found.faults += _audited(address)
    return found


def _differing(answers: dict[str, Counter[str]]) -> list[str]:
    return [
        f"{key}: {len(told)} different answers" for key, told in answers.items() if len(told) > 1
    ]


def _kept(address: str, sent: set[str], acknowledged: set[str]) -> list[str]:
    """Return what is kept too much, and what is not kept though it was acknowledged."""
    decisions = Counter(id_ for (id_,) in rows(address, "SELECT id FROM decisions"))
    told = dict(rows(address, TOLD))
    by_key = defaultdict[str, list[str]](list)
    for key, decision, _ in rows(address, ANSWERS):
        by_key[key].append(decision)
    faults = [
        f"{key}: acknowledged, and kept {len(by_key[key])} times"
        for key in acknowledged
        if len(by_key[key]) != 1
    ]
    faults += [f"{key}: kept, and nobody sent it" for key in by_key if key not in sent]
    faults += [
        f"{key}: {decisions[decision]} decisions, {told.get(decision, 0)} audit entries"
        for key, kept in by_key.items()
        for decision in kept
        if (decisions[decision], told.get(decision, 0)) != (1, 1)
    ]
    return faults


def _nothing_else(address: str, batches: Counter[str]) -> list[str]:
    """Return decisions that no answer and no batch names, and those that are named twice."""
    named = Counter(one for _, one, _ in rows(address, ANSWERS)) + batches
    kept = Counter(id_ for (id_,) in rows(address, "SELECT id FROM decisions"))
    return [
        f"decision {one}: kept {kept[one]} times, named {named[one]} times"
        for one in kept.keys() | named.keys()
        if (kept[one], named[one]) != (1, 1)
    ]


def _audited(address: str) -> list[str]:
    """Return what the auditor's own program finds, run as an auditor would."""
    ran = subprocess.run(
        [sys.executable, audit_verifier.__file__], check=False, capture_output=True, text=True,
        env={**os.environ, "SOLVENT_DATABASE_URL": address},
    )  # fmt: skip
    return [] if ran.returncode == 0 else [f"the audit: {ran.stdout}{ran.stderr}"]
