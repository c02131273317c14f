"""A kept history, and every way somebody with the database's password could falsify it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from solvent.store import Audit, Checkpoint, Database, Decisions, StoredDecision
from solvent.store.audit_verifier import Verdict, verify

NOW = 1_700_000_000_000_000
TABLES = {
    "audit": (
        "number", "at", "kind", "subject", "decision", "detail", "facts", "sealed", "link",
    ),
    "decisions": (
        "sequence", "id", "product", "key", "application", "as_of", "decided_at", "verdict", "pd",
        "score", "document",
    ),
    "answers": ("owner", "idempotency_key", "request_digest", "decision_id", "body"),
    "subjects": ("id", "product", "key", "secret"),
}  # fmt: skip
NAMES = {"audit": "number", "decisions": "id", "answers": "decision_id", "subjects": "id"}
Row = dict[str, Any]


def decision(number: int, **changes: Any) -> StoredDecision:
    """Return a decision, each number's another."""
    fields: Row = {
        "id": f"{number:032x}", "product": "shop" if number % 5 else "car",
        "key": f"{'Ada' if number % 5 else 'Bob'} {number % 7}",
        "application": f"A{number}" if number % 2 else "",
        "as_of": NOW + number, "decided_at": NOW + 2 * number,
        "verdict": ("approve", "refer", "decline")[number % 3], "pd": 0.1 + number % 800 / 1000,
        "score": 500 + number, "document": json.dumps({"number": number}).encode(),
    }  # fmt: skip
    return StoredDecision(**{**fields, **changes})


def keep(decisions: Decisions, numbers: Iterable[int]) -> None:
    """Keep decisions; two of three have an idempotency key."""
    for number in numbers:
        decisions.add(
            decision(number), answer=b"answer %d" % number, owner=f"key {number % 2}",
            idempotency_key=f"request-{number}" if number % 3 else None,
            request_digest=f"{number:064x}",
        )  # fmt: skip


def keep_history(database: Database) -> Checkpoint:
    """Keep thirty decisions of some ten persons, two of whom are erased; return a checkpoint."""
    decisions, audit = Decisions(database), Audit(database)
    keep(decisions, range(1, 13))
    audit.erase("shop", "Ada 3", at=NOW + 100)
    keep(decisions, range(13, 25))
    audit.erase("car", "Bob 5", at=NOW + 200)
    keep(decisions, range(25, 31))
    return audit.checkpoint()


@dataclass
class Forger:
    """Somebody who may write to the database what they like.

    Args:
        run: Runs a statement whose values are written %s.
        draw: Where chance comes from.
    """

    run: Callable[[str, Sequence[object]], Any]
    draw: random.Random

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table."""
        columns, name = TABLES[table], NAMES[table]
        statement = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {name}"  # noqa: S608
        found = self.run(statement, ())
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def tables(self) -> list[str]:
        """Return the tables that hold a row."""
        return [table for table in TABLES if self.rows(table)]

    def change(self, table: str, row: Row, **changes: object) -> None:
        """Change one row."""
        told = ", ".join(f"{name} = %s" for name in changes)
        statement = f"UPDATE {table} SET {told} WHERE {NAMES[table]} = %s"  # noqa: S608
        self.run(statement, (*changes.values(), row[NAMES[table]]))

    def insert(self, table: str, row: Row) -> None:
        """Insert a row."""
        marks = ", ".join("%s" for _ in row)
        statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608
        self.run(statement, tuple(row.values()))

    def remove(self, table: str, row: Row) -> None:
        """Remove a row."""
        statement = f"DELETE FROM {table} WHERE {NAMES[table]} = %s"  # noqa: S608
        self.run(statement, (row[NAMES[table]],))

    def other(self, value: Any) -> Any:
        """Return another value of the same type."""
        if isinstance(value, float):
            return value + self.draw.choice((-1e-12, 1e-9, 0.01))
        if isinstance(value, int):
            return value + self.draw.choice((-1, 1, 1_000_003))
        if isinstance(value, bytes) and value:
            at = self.draw.randrange(len(value))
            return value[:at] + bytes([value[at] ^ 1 << self.draw.randrange(8)]) + value[at + 1 :]
        if isinstance(value, bytes):
            return b"\0"
        text = value or ""
        at = self.draw.randrange(len(text) + 1)
        return text[:at] + self.draw.choice("xyz") + text[at + self.draw.randrange(2) :]


def edit(forger: Forger) -> None:
    """Change one value anywhere to one no row has there."""
    table = forger.draw.choice(forger.tables())
    rows = forger.rows(table)
    row, name = forger.draw.choice(rows), forger.draw.choice(TABLES[table])
    value = forger.other(row[name])
    while value in [each[name] for each in rows]:
        value = forger.other(value)
    forger.change(table, row, **{name: value})


def delete(forger: Forger) -> None:
    """Remove one row anywhere."""
    table = forger.draw.choice(forger.tables())
    forger.remove(table, forger.draw.choice(forger.rows(table)))


def swap(forger: Forger) -> None:
    """Let two rows trade the values of one column."""
    table = forger.draw.choice(["decisions", "answers", "audit", "subjects"])
    one, other = forger.draw.sample(forger.rows(table), 2)
    name = forger.draw.choice([name for name in TABLES[table] if one[name] != other[name]])
    forger.remove(table, one)
    forger.remove(table, other)
    forger.insert(table, {**one, name: other[name]})
    forger.insert(table, {**other, name: one[name]})


def reorder(forger: Forger) -> None:
    """Let two entries change places, all but their numbers."""
    one, other = forger.draw.sample(forger.rows("audit"), 2)
    forger.remove("audit", one)
    forger.remove("audit", other)
    forger.insert("audit", {**one, "number": other["number"]})
    forger.insert("audit", {**other, "number": one["number"]})


def plant(forger: Forger) -> None:
    """Add a decision, an answer, an entry or a person nobody decided about."""
    table = forger.draw.choice(["decisions", "answers", "audit", "subjects"])
    row = forger.draw.choice(forger.rows(table))
    newest = max(one["number"] for one in forger.rows("audit"))
    changes: dict[str, Row] = {
        "decisions": {"id": "f" * 32, "sequence": forger.draw.choice((-3, 900))},
        "answers": {"idempotency_key": "planted"},
        "audit": {"number": newest + 1, "decision": forger.draw.choice((None, "f" * 32))},
        "subjects": {"id": "f" * 32, "key": "Eve"},
    }
    forger.insert(table, {**row, **changes[table]})


def _cut(forger: Forger) -> list[Row]:
    """Remove the newest entries with everything they tell of; return them."""
    entries = forger.rows("audit")
    newest_erasure = max(n for n, entry in enumerate(entries) if entry["kind"] == "erased")
    lost = entries[forger.draw.randrange(newest_erasure + 1, len(entries)) :]
    decisions = {row["id"]: row for row in forger.rows("decisions")}
    answers = {row["decision_id"]: row for row in forger.rows("answers")}
    for entry in lost:
        forger.remove("audit", entry)
        for table, rows in (("answers", answers), ("decisions", decisions)):
            if entry["decision"] in rows:
                forger.remove(table, rows[entry["decision"]])
    told = {row["subject"] for row in forger.rows("audit")}
    for subject in forger.rows("subjects"):
        if subject["id"] not in told:
            forger.remove("subjects", subject)
    return lost


def cut_tail(forger: Forger) -> None:
    """Cut the end without a trace: the shorter history is one that might have been."""
    _cut(forger)


def cut_and_go_on(forger: Forger) -> None:
    """Cut the end, and let as many or more honest decisions follow."""
    lost = _cut(forger)
    rewrite(forger, more=len(lost) + forger.draw.randrange(3))


def rewrite(forger: Forger, more: int = 0) -> None:
    """Change a decision and compute every digest anew, as one who read our code can."""
    from solvent.store import audit

    subjects = {row["id"]: row for row in forger.rows("subjects")}
    kept = forger.rows("decisions")
    alive = [row for row in kept if row["document"]]
    if not more and alive:
        one = forger.draw.choice(alive)
        forger.change("decisions", one, pd=forger.other(one["pd"]))
    for number in range(more):
        who = forger.draw.choice(list(subjects.values()))
        made = decision(1_000 + number, key=who["key"], product=who["product"])
        columns = {name: getattr(made, name) for name in TABLES["decisions"]}
        columns |= {"document": made.document.decode(), "sequence": 1_000 + number}
        forger.insert("decisions", columns)
        newest = forger.rows("audit")[-1]["number"]
        blank = {"detail": "", "facts": b"", "sealed": b"", "link": b""}
        forger.insert(
            "audit",
            {
                "number": newest + 1, "at": made.decided_at, "kind": "decided",
                "subject": who["id"], "decision": made.id, **blank,
            },
        )  # fmt: skip
    decisions = {row["id"]: row for row in forger.rows("decisions")}
    answers = {row["decision_id"]: tuple(row.values()) for row in forger.rows("answers")}
    link = b""
    for entry in forger.rows("audit"):
        if entry["decision"] is not None:
            row = decisions[entry["decision"]]
            entry["facts"] = audit.facts_of(row)
            if entry["subject"] in subjects:
                owner, key, digest, _, body = answers.get(row["id"], (None,) * 5)
                answer = () if owner is None else (owner, key, digest, body)
                person = audit.Subject(id="", secret=subjects[entry["subject"]]["secret"])
                entry["sealed"] = audit.sealed_of(person, row, answer)
        link = entry["link"] = audit.linked(link, entry)
        forger.change("audit", entry, **{name: entry[name] for name in ("facts", "sealed", "link")})


def hide_erasure(forger: Forger) -> None:
    """Erase a key with no entry that tells of it, or put something where one was erased."""
    subject = forger.draw.choice(forger.rows("subjects"))
    emptied = [row for row in forger.rows("decisions") if not row["document"]]
    if forger.draw.random() < 0.5 and emptied:
        name = forger.draw.choice(("key", "application", "document"))
        forger.change("decisions", forger.draw.choice(emptied), **{name: "planted"})
        return
    forger.remove("subjects", subject)
    for row in forger.rows("decisions"):
        if (row["product"], row["key"]) == (subject["product"], subject["key"]):
            forger.change("decisions", row, key="", application="", document="")


SEEN_ALONE = (edit, delete, swap, reorder, plant, hide_erasure)
SEEN_BY_CHECKPOINT = (cut_tail, cut_and_go_on, rewrite)
"""What leaves a history that might have been; only one who noted how it was can tell."""


@contextmanager
def forging(database: Database, seed: str) -> Iterator[tuple[Forger, Callable[..., Verdict]]]:
    """Give somebody who may write past every guard, and what checks; all is undone at the end."""
    held = database._engine.raw_connection()
    cursor: Any = held.cursor()
    if database.dialect == "sqlite":
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("BEGIN IMMEDIATE")
        names = cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            cursor.execute(f"DROP TRIGGER {name}")
    else:
        cursor.execute("SET LOCAL session_replication_role = replica")

    def run(statement: str, values: Sequence[object] = ()) -> Any:
        if database.dialect == "sqlite":
            return cursor.execute(statement.replace("%s", "?"), values)
        return cursor.execute(statement, values)

    def check(checkpoint: Checkpoint | None = None) -> Verdict:
        mark = None if checkpoint is None else (checkpoint.number, checkpoint.link)
        return verify(lambda statement: run(statement).fetchall(), mark)

    chance = random.Random(seed)  # noqa: S311 - no secret
    try:
        yield Forger(run=run, draw=chance), check
    finally:
        held.rollback() if database.dialect != "sqlite" else cursor.execute("ROLLBACK")
        if database.dialect == "sqlite":
            cursor.execute("PRAGMA foreign_keys = ON")
        held.close()
