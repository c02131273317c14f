"""Checks the audit of a database against all it tells of: a program of its own.

It shares no line with the software that writes the audit and needs none of it: this one file,
Python and, for Postgres, psycopg. An auditor keeps a copy, and the checkpoints, where whoever runs
the database cannot reach them:

    SOLVENT_DATABASE_URL=sqlite:////srv/solvent.db python audit_verifier.py --checkpoint FILE

`link` of an entry is SHA-256 over the link of the one before and its own columns, each as kind
(i, s, f, b or n), length (8 bytes, big-endian) and value. `facts` is SHA-256 over a decision's
sequence, id, product, as_of, decided_at, verdict, pd and score; `sealed` is HMAC-SHA-256, by the
secret of its subject, over its key, application and document, the number of fields of its answer
(4 or 0) and those fields. Once a subject is erased, what was personal must be empty.

It ends with 0 where everything holds, 1 where something does not, 2 where it could not look.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import sqlite3
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Rows = Callable[[str], Iterable[tuple[Any, ...]]]
SHOWN = 20
BEGAN, DECIDED, ERASED = "began", "decided", "erased"
ENTRIES = """
SELECT a.number, a.at, a.kind, a.subject, a.decision, a.detail, a.facts, a.sealed, a.link,
    d.sequence, d.id, d.product, d.as_of, d.decided_at, d.verdict, d.pd, d.score,
    d.key, d.application, d.document,
    w.owner, w.idempotency_key, w.request_digest, w.body, s.product, s.key, s.secret
FROM audit a LEFT JOIN decisions d ON d.id = a.decision
LEFT JOIN answers w ON w.decision_id = a.decision LEFT JOIN subjects s ON s.id = a.subject
ORDER BY a.number, d.sequence"""
GONE = "SELECT subject FROM audit WHERE kind = 'erased'"
UNTOLD = """
SELECT id, sequence FROM decisions d
WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.decision = d.id) ORDER BY sequence"""
STRAY_ANSWERS = """
SELECT w.decision_id, d.sequence FROM answers w LEFT JOIN decisions d ON d.id = w.decision_id
WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.decision = w.decision_id)"""
STRAY_SUBJECTS = """
SELECT id FROM subjects s WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject = s.id)"""
TWICE = (
    "SELECT decision FROM audit WHERE decision IS NOT NULL GROUP BY decision HAVING count(*) > 1"
)


@dataclass(slots=True)
class Verdict:
    """What was found.

    Args:
        findings: What does not hold, in words without a person's data.
        entries: How many entries there are.
        decisions: Entries that tell of a decision.
        erased: Persons erased.
        older: Decisions made before the audit began, which it does not cover.
        number: Number of the newest entry.
        link: Digest of the newest entry.
    """

    findings: list[str] = field(default_factory=list)
    entries: int = 0
    decisions: int = 0
    erased: int = 0
    older: int = 0
    number: int = 0
    link: bytes = b""


def verify(rows: Rows, checkpoint: tuple[int, str] | None = None) -> Verdict:
    """Check the chain, all it tells of, and that nothing is there it does not tell of.

    Args:
        rows: Runs a reading statement; all of them must see one state of the database.
        checkpoint: Number and digest (64 hex digits) of an entry as it was once.
    """
    found = Verdict()
    gone = {subject for (subject,) in rows(GONE)}
    found.erased = len(gone)
    last_older, count_older = -1, 0
    marked: bytes | None = None
    for row in rows(ENTRIES):
        entry, decision, answer, person = row[:9], row[9:20], row[20:24], row[24:]
        number, _, kind, *_ = entry
        found.findings += _chained(found, entry)
        if kind == BEGAN and number == 1:
            last_older, count_older = _older(entry[5])
        elif kind == DECIDED:
            found.decisions += 1
            found.findings += _decided(entry, decision, answer, person, entry[3] in gone)
        elif kind == ERASED:
            if any(value is not None for value in person):
                found.findings.append(f"entry {number}: the key it says is erased is there")
        else:
            found.findings.append(f"entry {number}: is of no known kind")
        if checkpoint is not None and number == checkpoint[0]:
            marked = found.link
    if last_older < 0:
        found.findings.append("entry 1: does not tell how the audit began")
    found.older = count_older
    found.findings += _stray(rows, last_older, count_older)
    if checkpoint is not None:
        found.findings += _kept_since(checkpoint, marked, found.number)
    return found


def _chained(found: Verdict, entry: tuple[Any, ...]) -> Iterator[str]:
    """Yield where an entry does not follow from the one before it; move on to it."""
    number, link = entry[0], _bytes(entry[-1])
    if number != found.number + 1:
        yield f"entry {number}: follows entry {found.number}"
    expected = hashlib.sha256(told(found.link, *entry[:-1])).digest()
    if link != expected:
        yield f"entry {number}: was changed, or what it follows was"
    found.number = number if isinstance(number, int) else -1
    found.entries, found.link = found.entries + 1, link


def _decided(
    entry: tuple[Any, ...], decision: tuple[Any, ...], answer: tuple[Any, ...],
    person: tuple[Any, ...], erased: bool,
) -> Iterator[str]:  # fmt: skip
    """Yield where a decision is not what its entry tells."""
    number, at, _, _, _, detail, facts, sealed, _ = entry
    sequence, _, product, _, decided_at, *_ = decision
    if sequence is None:
        yield f"entry {number}: the decision it tells of is gone"
        return
    if facts != hashlib.sha256(told(*decision[:8])).digest() or at != decided_at or detail:
        yield f"entry {number}: the decision's facts were changed"
    key, application, document = personal = decision[8:]
    has_answer = any(value is not None for value in answer)
    if erased:
        if (key, application, document) != ("", "", "") or has_answer:
            yield f"entry {number}: tells of a person erased, of whom something is there"
        return
    if any(value is None for value in person):
        yield f"entry {number}: the person's key is gone, and no entry tells of its erasure"
        return
    if person[:2] != (product, key):
        yield f"entry {number}: the decision and its subject are of different persons"
    fields = (*personal, 4, *answer) if has_answer else (*personal, 0)
    if hmac.digest(_bytes(person[2]), told(*fields), "sha256") != sealed:
        yield f"entry {number}: the decision or its answer was changed"


def _stray(rows: Rows, last_older: int, count_older: int) -> Iterator[str]:
    """Yield what is there though no entry tells of it."""
    older = 0
    for id_, sequence in rows(UNTOLD):
        if 0 < sequence <= last_older:
            older += 1
        else:
            yield f"decision {id_}: no entry tells of it"
    if older != count_older:
        yield f"of {count_older} decisions made before the audit began, {older} are there"
    for id_, sequence in rows(STRAY_ANSWERS):
        if sequence is None or not 0 < sequence <= last_older:
            yield f"decision {id_}: has an answer, and no entry tells of it"
    for (id_,) in rows(STRAY_SUBJECTS):
        yield f"subject {id_}: no entry tells of it"
    for (id_,) in rows(TWICE):
        yield f"decision {id_}: more than one entry tells of it"


def _kept_since(checkpoint: tuple[int, str], marked: bytes | None, newest: int) -> Iterator[str]:
    number, link = checkpoint
    if number > newest:
        yield f"the chain was cut: the checkpoint saw entry {number}, the newest is {newest}"
    elif marked is None or marked.hex() != link:
        yield f"entry {number}: is not the one the checkpoint saw; what was before it was rewritten"


def _older(detail: object) -> tuple[int, int]:
    """Return the newest sequence older than the audit, and how many decisions are older."""
    try:
        last, count = map(int, str(detail).split())
    except ValueError:
        return -1, 0
    return last, count


def _bytes(value: object) -> bytes:
    """Return bytes, none where a column was made to hold something else."""
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def told(*values: object) -> bytes:
    """Return values as the chain hashes them.

    >>> told(1, None).hex()
    '690000000000000001316e0000000000000000'
    """
    parts = []
    for value in values:
        match value:
            case None:
                tag, raw = b"n", b""
            case bytes() | memoryview():
                tag, raw = b"b", bytes(value)
            case str():
                tag, raw = b"s", value.encode(errors="surrogateescape")
            case float():
                tag, raw = b"f", struct.pack(">d", value)
            case int():
                tag, raw = b"i", b"%d" % value
            case _:
                tag, raw = b"?", b""
        parts.append(tag + struct.pack(">Q", len(raw)) + raw)
    return b"".join(parts)


def read_checkpoint(path: Path) -> tuple[int, str]:
    """Return number and digest of a checkpoint's entry.

    Raises:
        ValueError: The file is no checkpoint.
    """
    content = json.loads(path.read_bytes())
    match content:
        case {"solvent_audit_checkpoint": 1, "number": int(number), "link": str(link)}:
            if number > 0 and len(bytes.fromhex(link)) == hashlib.sha256().digest_size:
                return number, link.lower()
    raise ValueError


def opened(address: str) -> tuple[Any, Rows]:
    """Return a connection that sees one state of the database, and what runs a statement on it.

    Args:
        address: sqlite:///PATH or postgresql://USER@HOST/NAME.

    Raises:
        ValueError: It is neither.
    """
    scheme, _, rest = address.partition("://")
    if scheme.startswith("sqlite"):
        uri = f"{Path(rest.removeprefix('/').partition('?')[0]).absolute().as_uri()}?mode=ro"
        held = sqlite3.connect(uri, uri=True, isolation_level=None)
        held.text_factory = lambda raw: raw.decode(errors="surrogateescape")
        held.execute("BEGIN")
        return held, held.execute
    if scheme.startswith("postgres"):
        import psycopg

        connection = psycopg.connect(f"postgresql://{rest}")
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True

        def rows(statement: str) -> Iterator[tuple[Any, ...]]:
            with connection.cursor(name="solvent_audit") as cursor:
                yield from cursor.execute(statement.encode())

        return connection, rows
    raise ValueError


def main() -> int:
    """Check the database `SOLVENT_DATABASE_URL` names; return 0, 1 or 2."""
    parser = argparse.ArgumentParser(description="Check the audit of SOLVENT_DATABASE_URL.")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint kept elsewhere")
    path: Path | None = parser.parse_args().checkpoint
    try:
        checkpoint = None if path is None else read_checkpoint(path)
    except (OSError, ValueError):
        sys.stderr.write("the checkpoint cannot be read: was it cut, is it another file?\n")
        return 2
    try:
        connection, rows = opened(os.environ.get("SOLVENT_DATABASE_URL", ""))
        try:
            found = verify(rows, checkpoint)
        finally:
            connection.close()
    except ImportError:
        sys.stderr.write("the driver psycopg is not installed\n")
        return 2
    except Exception as error:  # noqa: BLE001 - a driver's words may hold a row or a password
        sys.stderr.write(f"SOLVENT_DATABASE_URL cannot be checked ({type(error).__name__})\n")
        return 2
    sys.stdout.write(_words(found, checkpoint))
    return 1 if found.findings else 0


def _words(found: Verdict, checkpoint: tuple[int, str] | None) -> str:
    lines = [f"entries    {found.entries:,}, the newest {found.number:,} {found.link.hex()}"]
    lines.append(f"decisions  {found.decisions:,}, persons erased {found.erased:,}")
    if found.older:
        lines.append(f"           {found.older:,} older than the audit, which does not cover them")
    if checkpoint is None:
        lines.append("checkpoint none: what was cut from the end, or rewritten, cannot be seen")
    else:
        lines.append(f"checkpoint entry {checkpoint[0]:,}")
    lines += [f"FOUND      {one}" for one in found.findings[:SHOWN]]
    if len(found.findings) > SHOWN:
        lines.append(f"           and {len(found.findings) - SHOWN:,} more")
    lines.append(f"findings   {len(found.findings):,}" if found.findings else "all of it holds")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
