"""What comes in through the door is typed as files are, or refused by the name of its field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from solvent.app import intake
from solvent.app.intake import RawApplication, read_application, read_row
from solvent.app.live_product import LiveProduct
from solvent.errors import DataError
from tests.serve.lender import CANARY, NOW, SAFE, open_lender

VISIT = {"at": "2025-05-01T10:00:00Z", "minutes": 2}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveProduct]:
    lender = open_lender(tmp_path)
    yield lender.service.product("shop")
    lender.service.close()


def read(live: LiveProduct, **given: Any) -> intake.Application:
    return read_application(live, RawApplication(**given), now=NOW)


def fault(live: LiveProduct, **given: Any) -> DataError:
    with pytest.raises(DataError) as found:
        read(live, **given)
    assert CANARY not in str(found.value)
    return found.value


def test_values_are_typed(live: LiveProduct) -> None:
    typed = read(live, user_id=" C1 ", attributes=SAFE, application_id="A 7")
    assert typed.key == " C1 "
    assert typed.application == "A 7"
    assert typed.attributes["income"] == 480_000  # minor units
    assert typed.attributes["owner"] == 1
    assert typed.attributes["city"] == "Bergen"
    assert read(live, attributes={"income": "4800"}).attributes["income"] == 480_000


def test_somebody_without_a_name_gets_one_nobody_has(live: LiveProduct) -> None:
    assert len({read(live).key for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("at", "micros"),
    [
        (None, NOW), ("2025-06-01T12:00:00Z", NOW), ("2025-06-01T14:00:00+02:00", NOW),
        ("2025-05-31T12:00:00.000001Z", NOW - 86_400_000_000 + 1),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
    ],
)  # fmt: skip
def test_an_instant_has_a_zone_and_does_not_lie_ahead(
    live: LiveProduct, at: str | None, micros: int
) -> None:
    assert read(live, application_at=at).as_of == micros


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"application_at": "2025-06-01T12:00:00"}, "application_at"),
        ({"application_at": "2025-06-01T12:00:00.000001Z"}, "application_at"),
        ({"application_at": "9999-12-31T23:59:59Z"}, "application_at"),
        ({"application_at": " "}, "application_at"),
        ({"user_id": CANARY * 20}, "user_id"),
        ({"application_id": CANARY * 20}, "application_id"),
        ({"application_id": "\0"}, "application_id"),
        ({"attributes": {CANARY: 1}}, "attributes"),
        ({"attributes": {"faith": CANARY}}, "attributes.faith"),
        ({"attributes": {"income": CANARY}}, "attributes.income"),
        ({"events": {CANARY: []}}, "events"),
        ({"events": {"visits": [VISIT, {**VISIT, "minutes": CANARY}]}}, "events.visits.1.minutes"),
        ({"events": {"visits": [{**VISIT, CANARY: 1}]}}, "events.visits.0"),
        ({"events": {"visits": [{**VISIT, "customer": CANARY}]}}, "events.visits.0"),
    ],
)
def test_a_fault_names_its_place_and_no_value(
    live: LiveProduct, given: dict[str, Any], field: str
) -> None:
    assert fault(live, **given).field == field


def test_a_slip_of_the_pen_is_told_what_was_meant(live: LiveProduct) -> None:
    assert "'income'" in fault(live, attributes={"incom": 1}).hint


def test_rows_sent_along_belong_to_the_application(live: LiveProduct) -> None:
    found = read(live, user_id="C1", events={"visits": [VISIT, {**VISIT, "customer": "C1"}]})
    assert [one.row.key for one in found.inline] == ["C1", "C1"]
    assert [one.source for one in found.inline] == ["visits", "visits"]


def test_rows_sent_along_have_a_limit(live: LiveProduct, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_INLINE", 3)
    assert len(read(live, events={"visits": [VISIT] * 3}).inline) == 3
    assert fault(live, events={"visits": [VISIT] * 2, "payments": [{}] * 2}).field == "events"


@pytest.mark.parametrize("sent", [None, "x", "7.5", 7.5, "", "9" * 19, True])
def test_an_id_is_whole_where_training_had_whole_numbers(live: LiveProduct, sent: Any) -> None:
    """Ties between events of one instant are settled by id: by number, as in the files."""
    row = {"customer": "C1", "paid_at": VISIT["at"], "booked_at": VISIT["at"], "payment_id": sent}
    with pytest.raises(DataError) as found:
        read_row(live, "payments", row, "rows.3")
    assert found.value.field == "rows.3.payment_id"
    for fine in (7, "7", 7.0, "-7"):
        assert read_row(live, "payments", {**row, "payment_id": fine}, "rows.3").event_id in {
            "7", "-7",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "hint"),
    [
        ("amount", 99.99, "at least 100 and at most 5000"),
        ("amount", 5_000.01, "at least 100 and at most 5000"),
        ("income", -1, "at least 0"),
        ("months", 601, "at least 0 and at most 600"),
    ],
)
def test_what_the_form_would_refuse_every_door_refuses(
    live: LiveProduct, column: str, value: float, hint: str
) -> None:
    found = fault(live, attributes={column: value})
    assert (found.field, found.hint) == (f"attributes.{column}", hint)
    for limit in (100, 5_000):
        assert read(live, attributes={"amount": limit}).attributes["amount"] == 100 * limit


@pytest.mark.parametrize("amount", [0, -5])
def test_nobody_asks_for_nothing(tmp_path: Path, amount: float) -> None:
    """Where no form sets a limit, too."""
    lender = open_lender(tmp_path)
    found = fault(lender.service.product("trees"), attributes={"amount": amount})
    assert (found.field, found.message) == ("attributes.amount", "must be above 0")
    lender.service.close()
