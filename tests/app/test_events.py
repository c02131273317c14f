"""Live rows come in as the files were read: each once, in any order, all of a batch or none."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from solvent.app.decisions import score_application
from solvent.app.events import add_rows, load_files
from solvent.app.intake import RawApplication
from solvent.errors import DataError, MissingFileError, SolventError
from solvent.features.rows import ALWAYS
from solvent.store import LiveRow
from tests.serve.lender import NOW, SAFE, Lender, as_json, loan_rows, open_lender, source_rows

SOURCES = ("payments", "visits", "members")


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    opened = open_lender(tmp_path)
    yield opened
    opened.service.close()


def rows(source: str) -> list[dict[str, Any]]:
    return [as_json(row) for row in source_rows(loan_rows())[source]]


def send_all(lender: Lender, at_once: int, seed: int) -> None:
    live, draw = lender.service.product("shop"), random.Random(seed)  # noqa: S311 - an order
    for source in SOURCES:
        some = rows(source)
        draw.shuffle(some)
        for at in range(0, len(some), at_once):
            batch = f"{seed}:{at}"
            add_rows(lender.service, live, source, some[at : at + at_once], batch=batch)


def pds(lender: Lender) -> list[float]:
    return [
        score_application(
            lender.service, "shop",
            RawApplication(user_id=f"C{n:04}", attributes=SAFE, application_at=at),
        )["pd"]
        for n in range(0, 400, 40)
        for at in ("2023-09-01T00:00:00Z", "2024-04-01T12:30:00Z", None)
    ]  # fmt: skip


def test_files_and_rows_in_any_order_give_the_same_pds(lender: Lender, tmp_path: Path) -> None:
    """A folder loaded, rows one way, rows another way: the same to the last bit."""
    load_files(
        lender.service, lender.service.product("shop"), lender.folder / "data"
    )  # fmt: skip
    loaded = pds(lender)
    assert len(set(loaded)) > 10
    for seed, at_once in ((1, 50), (2, 10_000)):
        other = open_lender(tmp_path / str(seed))
        send_all(other, at_once, seed)
        assert pds(other) == loaded
        other.service.close()


def test_a_folder_loaded_twice_counts_once(lender: Lender) -> None:
    live = lender.service.product("shop")
    for accepted in (True, False):
        for told in load_files(lender.service, live, lender.folder / "data"):
            whole = len(rows(told.source))
            assert (told.accepted, told.repeated) == ((whole, 0) if accepted else (0, whole))
            assert told.refused == 0


def test_a_source_without_ids_needs_the_name_of_the_batch(lender: Lender) -> None:
    live = lender.service.product("shop")
    for source in ("visits", "members"):
        with pytest.raises(DataError) as found:
            add_rows(lender.service, live, source, rows(source)[:1], batch="")
        assert found.value.field == "Idempotency-Key"
    assert add_rows(lender.service, live, "payments", rows("payments")[:1], batch="").accepted == 1


def test_one_bad_row_keeps_the_batch_out(lender: Lender) -> None:
    live, some = lender.service.product("shop"), rows("payments")[:9]
    for bad in (
        {"amount": "much"}, {"payment_id": "P7"}, {"customer": None}, {"paid_at": "soon"},
        {"colour": "red"},
    ):  # fmt: skip
        with pytest.raises(DataError, match=r".") as found:
            add_rows(lender.service, live, "payments", [*some, {**some[0], **bad}], batch="a")
        assert found.value.field.startswith("rows.9")
    assert lender.service.rows.count("shop") == 0


def test_an_unknown_source_is_refused(lender: Lender) -> None:
    with pytest.raises(SolventError, match="no such source"):
        add_rows(lender.service, lender.service.product("shop"), "visitz", [{}], batch="a")


def test_a_file_belongs_to_the_source_its_name_tells(lender: Lender) -> None:
    live, data = lender.service.product("shop"), lender.folder / "data"
    (told,) = load_files(lender.service, live, data / "visits.parquet")
    assert told.source == "visits"
    with pytest.raises(DataError, match="no source reads"):
        load_files(lender.service, live, data / "loans.parquet")
    with pytest.raises(MissingFileError):
        load_files(lender.service, live, data / "nothing.parquet")


def test_clients_are_looked_at_where_the_data_end(lender: Lender) -> None:
    """Windows that end now would be empty where the newest row is a year old."""
    live = lender.service.product("shop")
    assert lender.service.data_clock("shop") == NOW
    add_rows(lender.service, live, "payments", rows("payments")[:50], batch="")
    newest = lender.service.rows.newest_available("shop")
    assert newest is not None
    assert lender.service.data_clock("shop") == newest + 1
    late = {"customer": "C1", "at": "2031-01-01T00:00:00Z"}
    add_rows(lender.service, live, "visits", [late], batch="late")
    assert lender.service.data_clock("shop") == NOW


def test_rows_that_were_always_known_tell_no_time(lender: Lender) -> None:
    always = LiveRow(
        source="members", key="C1", event_id=None, event_time=ALWAYS, available_time=ALWAYS,
        body={"tier": "gold"}, known={},
    )  # fmt: skip
    lender.service.rows.add("shop", [always], arrived_at=NOW, batch="a")
    assert lender.service.data_clock("shop") == NOW
