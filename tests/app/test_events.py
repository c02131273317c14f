"""Live rows come in as the files were read: each once, in any order, all of a batch or none."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent.app import events
from solvent.app.bootstrap import open_service
from solvent.app.decisions import score_application
from solvent.app.events import add_rows, load_files
from solvent.app.intake import RawApplication
from solvent.app.train import TrainRequest, train
from solvent.errors import DataError, MissingFileError, SolventError, StoreError
from solvent.features.rows import ALWAYS
from solvent.product import load_product
from solvent.store import LiveRow, Rows
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


def test_a_log_that_grew_adds_what_is_new(lender: Lender, tmp_path: Path) -> None:
    """Rows without an id are known by what they say, and by how often the file says it."""
    live, log = lender.service.product("shop"), source_rows(loan_rows())["visits"]
    equal = [log[0]] * 2
    for told, accepted in (
        (log[:100], 100), (log[:100], 0), (log[:150], 50), ([*log[:150], *equal], 2),
        ([*equal, *reversed(log)], len(log) - 150), (log, 0),
    ):  # fmt: skip
        pq.write_table(pa.Table.from_pylist(told), tmp_path / "visits.parquet")
        (found,) = load_files(lender.service, live, tmp_path / "visits.parquet")
        assert (found.accepted, found.repeated) == (accepted, len(told) - accepted)
    assert lender.service.rows.count("shop") == len(log) + 2


def test_equal_rows_count_each_wherever_the_reading_is_cut(
    lender: Lender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "ROWS_AT_ONCE", 7)
    live, log = lender.service.product("shop"), source_rows(loan_rows())["visits"][:5] * 12
    for told, accepted in ((log[:40], 40), (log, 20)):
        pq.write_table(pa.Table.from_pylist(told), tmp_path / "visits.parquet")
        (found,) = load_files(lender.service, live, tmp_path / "visits.parquet")
        assert (found.accepted, found.repeated) == (accepted, len(told) - accepted)


def test_rows_typed_under_another_declaration_keep_its_model_from_going_live(
    lender: Lender,
) -> None:
    """Kept in cents, read in thousandths, every payment would count a tenth of itself."""
    service, retrained = lender.service, _retrained(lender)
    held = service.product("shop")
    add_rows(service, held, "payments", rows("payments")[:9], batch="a")
    retrained('money("EUR")', 'money("EUR", scale=3)')
    assert not service.refresh()
    assert service.product("shop") is held
    told = service.not_live["shop"]
    assert "payments: its rows are kept under another declaration" in told
    assert "keep the declaration, or load the rows into a new SOLVENT_HOME" in told
    assert add_rows(service, held, "payments", rows("payments")[9:20], batch="b").accepted == 11
    again = open_service(service.settings)
    assert "shop" not in again.live
    again.close()
    retrained('money("EUR", scale=3)', 'money("EUR", title="paid")')
    assert service.refresh()
    assert service.product("shop") is not held
    assert "shop" not in service.not_live


def test_a_model_goes_live_once_the_store_can_be_read_again(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise StoreError("the database is busy")

    service, held = lender.service, lender.service.product("shop")
    _retrained(lender)('money("EUR")', 'money("EUR", title="paid")')
    with monkeypatch.context() as patched:
        patched.setattr(Rows, "typings", busy)
        assert not service.refresh()
        assert service.product("shop") is held
    assert service.refresh()
    assert service.product("shop") is not held


def test_a_source_without_rows_may_be_declared_anew(lender: Lender) -> None:
    service, retrained = lender.service, _retrained(lender)
    add_rows(service, service.product("shop"), "payments", rows("payments")[:9], batch="a")
    retrained('number("minutes", ', 'integer("minutes", missing=("9",), ', whole=("visits",))
    assert service.refresh()


def _retrained(lender: Lender) -> Callable[..., None]:
    """Return what changes the payments and visits of the product and trains it again."""
    file, started = lender.folder / "product.py", count(1)

    def retrain(old: str, new: str, *, whole: tuple[str, ...] = ()) -> None:
        before, after = file.read_text(encoding="utf-8").split("payments = ", 1)
        assert old in after
        file.write_text(f"{before}payments = {after.replace(old, new, 1)}", encoding="utf-8")
        for name in whole:
            made = [{**row, "minutes": int(row["minutes"])} for row in rows_of(name)]
            pq.write_table(pa.Table.from_pylist(made), lender.folder / "data" / f"{name}.parquet")
        train(
            TrainRequest(
                loaded=load_product(lender.folder), data=lender.folder / "data", technique=None,
                seed=0, home=lender.root / "home", report=None,
                created_at=f"2025-05-0{1 + next(started)}T00:00:00+00:00",
            )
        )  # fmt: skip

    return retrain


def rows_of(source: str) -> list[dict[str, Any]]:
    return source_rows(loan_rows())[source]


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
    typing = lender.service.product("shop").typings["members"]
    lender.service.rows.add("shop", [always], arrived_at=NOW, batch="a", typing=typing)
    assert lender.service.data_clock("shop") == NOW
