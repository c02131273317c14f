"""Erasing a person leaves nothing of them in any table or in SQLite's files; others stay whole."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from solvent.domain import Verdict
from solvent.errors import NotServedError, StoreError
from solvent.features import Kind
from solvent.features.packed import Ids, Layout, Typing
from solvent.store import Audit, Clients, Database, Decisions, Rows, Standing, Standings
from solvent.store import erasing as erasing_module
from solvent.store.erasing import erase_person, forget_pages
from solvent.store.live_row import LiveRow
from solvent.store.rows import Place
from solvent.store.tables import METADATA
from tests.store.tampering import NOW, decision, forging

ADA, BOB = "Ada-Lovelace-4711", "Bob"
ALONE = "Sunset-Boulevard-99"
"""A word that stands in Ada's rows alone."""
TYPED = Typing(
    name="t", layout=Layout(columns=(("note", Kind.CATEGORY),), ids=Ids.TEXT)
)  # fmt: skip


def row(key: str, event_id: str, note: str, source: str = "loans") -> LiveRow:
    return LiveRow(
        source=source, key=key, event_id=event_id, event_time=1, available_time=2,
        body={"note": note}, known={},
    )  # fmt: skip


def decide(database: Database, number: int, key: str) -> None:
    made = decision(
        number, product="shop", key=key, application=f"of {key}",
        document=json.dumps({"who": key, "note": ALONE if key == ADA else ""}).encode(),
    )  # fmt: skip
    Decisions(database).add(
        made, answer=f"dear {key}".encode(), owner="key", idempotency_key=f"{key}-{number}",
        request_digest=f"{number:064x}",
    )  # fmt: skip


def fill(database: Database, first: int = 1) -> None:
    """Keep rows, decisions and standings of two people."""
    rows = Rows(database)
    for key, notes in ((ADA, ("cash", ALONE)), (BOB, ("cash", "card"))):
        for note in notes:
            loan = f"loan of {key} by {note}"
            rows.add(
                "shop", [row(key, loan, note)], arrived_at=3, batch=f"sent by {key}",
                typing=TYPED, place=Place(is_parent=True),
            )  # fmt: skip
            below = [row(loan, f"paid {loan}", note, "payments")]
            rows.add(
                "shop", below, arrived_at=3, batch="x", typing=TYPED, place=Place(parent="loans")
            )
    for number, key in enumerate((ADA, BOB, ADA), start=first):
        decide(database, number, key)
    told = [
        Standing(key=key, as_of=1, pd=0.1, score=1, verdict=Verdict.REFER) for key in (ADA, BOB)
    ]
    Standings(database).add("shop", 1, told)


def everything(database: Database) -> str:
    """Return all that any table holds."""
    with database.reading() as connection:
        return "\n".join(
            f"{table.name} {value!r}"
            for table in METADATA.sorted_tables
            for found in connection.execute(sa.select(table))
            for value in found
        )


def test_nothing_is_left_of_whom_is_erased_and_others_stay_whole(database: Database) -> None:
    fill(database)
    rows, before = Rows(database), Rows(database).high_water("shop")
    bobs = rows.read("shop", BOB), rows.read("shop", f"loan of {BOB} by card", parent="loans")
    assert all(word in everything(database) for word in (ADA, ALONE))
    found = erase_person(database, "shop", ADA, at=NOW)
    assert (found.decisions, found.rows, found.texts) == (2, 4, 2)  # a text in each of two feeds
    left = everything(database)
    assert not [word for word in ("Ada", "4711", ALONE) if word in left]
    again = Rows(database)
    assert (
        again.read("shop", BOB),
        again.read("shop", f"loan of {BOB} by card", parent="loans"),
    ) == bobs
    assert all(bobs)
    assert (again.count("shop"), again.high_water("shop")) == (4, before)
    assert Clients(database).page("shop", limit=9) == (BOB,)
    assert [one.key for one in Standings(database).of_job(1)] == [BOB]
    kept = Decisions(database).by_key("shop", BOB, 9)
    assert [one.id for one in kept] == [decision(2).id]
    with forging(database, "") as (_, check):
        assert check(Audit(database).checkpoint()).findings == []


def test_a_text_that_comes_again_has_another_number(database: Database) -> None:
    """The number of an erased text is nobody's: rows kept before and after it read as they were."""
    fill(database)
    erase_person(database, "shop", ADA, at=NOW)
    rows = Rows(database)
    rows.add("shop", [row("Cid", "c", ALONE)], arrived_at=4, batch="c", typing=TYPED)
    packed = rows.packed("shop", "Cid")["loans"]
    numbers = [text for text in packed.texts(range(4)) if text]
    assert numbers == ["cash", "card", ALONE]
    (kept,) = rows.read("shop", "Cid")
    assert kept.body == {"note": ALONE}


def test_who_comes_again_is_somebody_new(database: Database) -> None:
    fill(database)
    erase_person(database, "shop", ADA, at=NOW)
    with pytest.raises(NotServedError):
        erase_person(database, "shop", ADA, at=NOW)
    decide(database, 7, ADA)
    assert erase_person(database, "shop", ADA, at=NOW).decisions == 1
    with forging(database, "") as (_, check):
        assert check(Audit(database).checkpoint()).findings == []


def test_who_was_never_decided_can_be_erased(database: Database) -> None:
    rows = Rows(database)
    rows.add("shop", [row(ADA, "a", ALONE)], arrived_at=3, batch="b", typing=TYPED)
    with pytest.raises(NotServedError):
        erase_person(database, "car", ADA, at=NOW)
    assert erase_person(database, "shop", ADA, at=NOW).rows == 1
    assert not [word for word in (ADA, ALONE) if word in everything(database)]


def test_the_files_of_sqlite_hold_nothing_that_its_tables_do_not(tmp_path: Path) -> None:
    """Free pages, the log and its index; while another connection is open, as a server's is."""
    database = Database.open(tmp_path)
    fill(database)

    def held() -> list[str]:
        files = [one for one in tmp_path.iterdir() if one.is_file()]
        return [
            one.name for one in files for word in (ADA, ALONE) if word.encode() in one.read_bytes()
        ]

    assert held()
    erase_person(database, "shop", ADA, at=NOW)
    assert held() == []
    # It is the last step that does it: without it the words are there, in no table.
    fill(database, first=11)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(erasing_module, "forget_pages", lambda _: None)
        erase_person(database, "shop", ADA, at=NOW)
    assert ADA not in everything(database)
    assert held()
    forget_pages(database)
    assert held() == []
    database.close()


def test_who_reads_meanwhile_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database.open(tmp_path)
    fill(database)
    monkeypatch.setattr(erasing_module, "PATIENCE", 0.2)
    reader = sqlite3.connect(tmp_path / "solvent.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM decisions").fetchall()
    with pytest.raises(StoreError) as told:
        erase_person(database, "shop", ADA, at=NOW)
    assert "somebody reads" in told.value.message
    reader.close()
    forget_pages(database)
    database.close()


def test_whoever_was_decided_before_there_was_an_audit_is_erased_as_well(
    database: Database,
) -> None:
    with database.transaction() as connection:
        connection.execute(
            sa.insert(METADATA.tables["decisions"]).values(
                id="a" * 32, product="shop", key=ADA, application=f"of {ADA}", as_of=1,
                decided_at=1, verdict="approve", pd=0.1, score=1, document=f'{{"who": "{ADA}"}}',
            )
        )  # fmt: skip
    assert erase_person(database, "shop", ADA, at=NOW).decisions == 1
    assert ADA not in everything(database)
    with pytest.raises(NotServedError):
        erase_person(database, "shop", ADA, at=NOW)
