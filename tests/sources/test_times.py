# ruff: noqa: DTZ001 - wall times carry no zone: what these tests are about
"""Times: UTC microseconds, a declared zone, days known from their end."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from solvent.errors import DataError, DeclarationError, ZoneError
from solvent.features import DAY, Applications, Attributes, Events, instant, integer, money
from solvent.features import date as day
from solvent.features.rows import known_name
from solvent.sources import ALWAYS, refusals, refused_rows
from solvent.sources.zones import to_local
from tests.sources.tables import duckdb_connection, events, opened, rows, write, write_parquet

ZONES = ("Africa/Casablanca", "Europe/Madrid", "America/Sao_Paulo", "Africa/Lagos", "Asia/Kolkata")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WALL = st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2149, 12, 30))


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def changes(zone: str) -> list[datetime]:
    """Wall times around every change of a zone's clock, found by Python."""
    clock = ZoneInfo(zone)
    found = []
    for number in range(365 * 60):
        here = datetime(1990, 1, 1, 12) + timedelta(days=number)
        after = here + timedelta(days=1)
        if clock.utcoffset(here) != clock.utcoffset(after):
            found += [here + timedelta(minutes=30 * step) for step in range(48)]
    return found


def read_times(zone: str | None, cells: object, **options: object) -> tuple[list[object], ...]:
    with tempfile.TemporaryDirectory() as folder:
        count = len(cells)  # type: ignore[arg-type]
        write_parquet(Path(folder), "e.parquet", {"user": list(range(count)), "at": cells})
        table = events(files="e.parquet", zone=zone, **options)  # type: ignore[arg-type]
        with opened(table, Path(folder)) as one:
            found = sorted(rows(one, "key", "event_time", "available_time"))  # type: ignore[type-var]
            reasons = [row.reason for row in refused_rows(one)]
    return [row[1] for row in found], [row[2] for row in found], reasons


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "Europe/Madrid"])
def test_gaps_and_overlaps_of_a_clock_are_placed_as_zoneinfo_does(zone: str) -> None:
    walls = changes(zone)
    expected = [micros(wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)) for wall in walls]
    assert len(walls) > 4000
    times, _, reasons = read_times(zone, [wall.isoformat(" ") for wall in walls])
    assert (times, reasons) == (expected, [])


@settings(max_examples=8)
@given(walls=st.lists(WALL, min_size=30, max_size=50), zone=st.sampled_from(ZONES))
@example(walls=[datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30)], zone="Europe/Madrid")
def test_wall_times_equal_zoneinfo_in_text_and_in_parquet(walls: list[datetime], zone: str) -> None:
    expected = [micros(wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)) for wall in walls]
    assert read_times(zone, [wall.isoformat() for wall in walls])[0] == expected
    assert read_times(zone, pa.array(walls, pa.timestamp("us")))[0] == expected


@settings(max_examples=8)
@given(walls=st.lists(WALL, min_size=30, max_size=50), zone=st.sampled_from(ZONES))
def test_local_time_of_an_instant_equals_zoneinfo(walls: list[datetime], zone: str) -> None:
    instants = [wall.replace(tzinfo=UTC) for wall in walls]
    listed = ", ".join(f"({index}, {micros(one)})" for index, one in enumerate(instants))
    sql = f"SELECT {to_local(zone, 'u')} FROM (VALUES {listed}) t(i, u)"  # noqa: S608 - numbers
    found = duckdb_connection().execute(f"{sql} ORDER BY i").fetchall()
    shown = [one.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC) for one in instants]
    assert [row[0] for row in found] == [micros(one) for one in shown]


def test_every_width_of_timestamp_gives_the_same_instant() -> None:
    moment = datetime(2024, 5, 1, 10, 30, tzinfo=UTC)
    for unit in ("s", "ms", "us", "ns"):
        assert read_times(None, pa.array([moment], pa.timestamp(unit, "UTC")))[0] == [
            micros(moment)
        ]
        naive = pa.array([moment.replace(tzinfo=None)], pa.timestamp(unit))
        assert read_times("UTC", naive)[0] == [micros(moment)]


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T08:30:00Z",
        "2024-05-01 08:30:00+00:00",
        "2024-05-01T10:30:00+0200",
        "2024-05-01T10:30+02",
        "2024-05-01 05:00:00.000-03:30",
        "2024-05-01 08:30:00 UTC",
        "2024-05-01 10:30:00 +0200",
    ],
)
def test_a_time_with_an_offset_needs_no_zone(text: str) -> None:
    expected = micros(datetime(2024, 5, 1, 8, 30, tzinfo=UTC))
    assert read_times(None, [text]) == ([expected], [expected], [])


def test_microseconds_stay_and_finer_digits_are_cut() -> None:
    times, _, _ = read_times("UTC", ["2024-05-01T08:30:00.123456789"])
    assert times == [micros(datetime(2024, 5, 1, 8, 30, 0, 123456, tzinfo=UTC))]


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2024-02-30", "2024-13-01 00:00", "infinity", "epoch", "2020/01/01", "20200101",
     "2020-01-01 (BC)", "2024-05-01 25:00:00", "2024-05-01 10:00:00 CET",
     "2024-05-01 10:00 Europe/Madrid", "2024-05-01T10:00+99:00"],
)  # fmt: skip
def test_text_that_is_no_time_refuses_the_row(text: str) -> None:
    assert read_times("UTC", [text]) == ([], [], ["at: not a time"])


def test_an_event_without_a_time_is_refused() -> None:
    assert read_times("UTC", ["", None, "2024-01-01 10:00"])[2] == ["at: missing"] * 2


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-05-01T08:30:00Z", "2024-05-01 08:30:00"],
        ["2024-05-01"],
        pa.array([datetime(2024, 5, 1)], pa.timestamp("us")),
        pa.array([date(2024, 5, 1)]),
    ],
)
def test_a_time_without_a_zone_stops_the_table_when_none_is_declared(cells: object) -> None:
    with pytest.raises(ZoneError, match=r'topups\.at: (.|\n)*hint: declare zone="UTC"'):
        read_times(None, cells)


@pytest.mark.parametrize("cells", [["2024-03-31"], pa.array([date(2024, 3, 31)])])
def test_a_bare_day_starts_in_its_zone_and_is_known_from_its_end(cells: object) -> None:
    times, known, _ = read_times("Europe/Madrid", cells)
    assert times == [micros(datetime(2024, 3, 30, 23, tzinfo=UTC))]
    # the day the clock goes forward has 23 hours
    assert known == [micros(datetime(2024, 3, 31, 22, tzinfo=UTC))]


def test_a_declared_day_loses_its_clock_and_is_known_from_its_end() -> None:
    for cells in (["2024-05-01 13:45:00"], ["2024-05-01T16:45:00Z"]):
        times, known, _ = read_times("America/Sao_Paulo", cells, columns={"at": day()})
        assert times == [micros(datetime(2024, 5, 1, 3, tzinfo=UTC))]
        assert known == [micros(datetime(2024, 5, 2, 3, tzinfo=UTC))]


def test_a_declared_day_needs_a_zone_even_where_its_times_carry_one() -> None:
    with pytest.raises(ZoneError):
        read_times(None, ["2024-05-01T16:45:00Z"], columns={"at": day()})


def test_a_pattern_reads_other_spellings() -> None:
    moment = [micros(datetime(2014, 1, 5, tzinfo=UTC))]
    later = [micros(datetime(2014, 1, 6, tzinfo=UTC))]
    for cell, pattern in (
        ("05JAN2014", "%d%b%Y"),
        ("05/01/2014", "%d/%m/%Y"),
        (20140105, "%Y%m%d"),
    ):
        found = read_times("UTC", [cell], columns={"at": instant(format=pattern)})
        assert found == (moment, later, [])
    clock = instant(format="%d/%m/%Y %H:%M %z")
    found = read_times(None, ["05/01/2014 02:00 +0200"], columns={"at": clock})
    assert found == (moment, moment, [])


def test_a_pattern_that_is_none_is_a_declaration_error() -> None:
    with pytest.raises(DeclarationError, match=r"topups\.at: format='%Q'"):
        read_times("UTC", ["x"], columns={"at": instant(format="%Q")})


def test_bare_integers_are_no_times() -> None:
    with pytest.raises(DataError, match=r"whole numbers here, which cannot be read as a time"):
        read_times("UTC", [1700000000])


def test_relative_days_and_months_count_from_the_application(tmp_path: Path) -> None:
    write_parquet(
        tmp_path, "m.parquet", {"user": [1, 2, 3], "m": [-1, -24, 0], "x": ["1", "", "y"]}
    )
    table = Events(
        name="balance", files="m.parquet", key="user", at="m", relative="months",
        columns={"x": integer()},
    )  # fmt: skip
    with opened(table, tmp_path) as one:
        month = round(30.4375 * DAY)
        assert rows(one) == [(1, -month, -month, 1), (2, -24 * month, -24 * month, None)]
    write(tmp_path, "d.csv", "user,d,seen\n1,-437.0,-3\n2,-0.5,\n3,x,1\n")
    table = Events(
        name="bureau", files="d.csv", key="user", at="d", available="seen", relative="days"
    )
    with opened(table, tmp_path) as one:
        assert rows(one) == [("1", -437 * DAY, -3 * DAY)]
        assert [row.reason for row in refused_rows(one)] == ["seen: missing", "d: not a number"]


def test_a_declared_available_time_is_used_and_a_bare_day_of_it_ends_first(tmp_path: Path) -> None:
    write(
        tmp_path, "e.csv", "user,at,seen\n1,2024-05-01,2024-05-03 10:00\n2,2024-05-01,2024-05-03\n"
    )
    with opened(events(zone="UTC", available="seen"), tmp_path) as one:
        assert rows(one, "available_time") == [
            (micros(datetime(2024, 5, 3, 10, tzinfo=UTC)),),
            (micros(datetime(2024, 5, 4, tzinfo=UTC)),),
        ]


def test_a_column_that_others_wait_for_says_when_its_day_was_over(tmp_path: Path) -> None:
    write(tmp_path, "e.csv", "user,at,closed,paid\n1,2024-05-01 10:00,2024-05-09,7\n")
    columns = {"closed": day(), "paid": money(known_at="closed")}
    with opened(events(columns, zone="UTC"), tmp_path) as one:
        ninth = micros(datetime(2024, 5, 9, tzinfo=UTC))
        assert rows(one, "closed", known_name("closed")) == [(ninth, ninth + DAY)]


def test_attributes_without_times_hold_always(tmp_path: Path) -> None:
    write(tmp_path, "p.csv", "user,age\n1,33\n")
    columns = {"age": integer()}
    table = Attributes(name="people", files="p.csv", key="user", columns=columns)
    with opened(table, tmp_path) as one:  # type: ignore[arg-type]
        assert rows(one) == [("1", ALWAYS, ALWAYS, 33)]


def test_an_application_table_without_times_is_decided_at_zero(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "user,id\n1,7\n")
    with opened(Applications(name="a", files="a.csv", key="user", id="id"), tmp_path) as one:
        assert rows(one) == [("1", "7", 0)]
        assert refusals(one).refused == 0
