"""Reading since an instant gives what reading everything and filtering afterwards gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.errors import DeclarationError
from solvent.features import Attributes, Database, Events, instant, integer
from solvent.features import date as day
from solvent.sources import connect, open_table, refused_rows
from tests.places import VARIABLE, Lake, run
from tests.sources.tables import applications, rows, write

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = datetime(2024, 3, 28, tzinfo=UTC)
"""A clock change lies in the days after it."""
MOMENTS = st.none() | st.integers(0, 6 * 86_400).map(lambda s: FIRST + timedelta(seconds=s))


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def read(table: Any, data: Path, since: int | None) -> tuple[list[Any], list[str], int | None]:
    """Return accepted rows, reasons of refused ones, and how many were skipped."""
    connection = connect(threads=1)
    with open_table(connection, table, data, since=since) as one:
        found = rows(one), sorted(row.reason for row in refused_rows(one)), one.rows_skipped
    connection.close()
    return found


def log(zone: str | None, kind: str, **place: Any) -> Events:
    declared = {"instant": instant(), "day": day()}[kind]
    return Events(
        name="topups", key="user", at="at", available="known", zone=zone,
        columns={"n": integer(), "known": declared}, **place,
    )  # fmt: skip


def _check(table: Events, data: Path, since: int) -> tuple[list[Any], int | None]:
    """Hold a reading since an instant against a filter of the whole; return it."""
    whole, refused, _ = read(table, data, None)
    part, also_refused, skipped = read(table, data, since)
    place = 2  # key, event_time, available_time, …
    assert part == [row for row in whole if row[place] >= since]
    assert also_refused == refused
    return part, skipped


KEPT = {
    "instant": lambda moment: moment,
    "naive": lambda moment: moment.replace(tzinfo=None),
    "day": lambda moment: moment.date(),
    "text": lambda moment: moment.isoformat(),
    "text day": lambda moment: moment.date().isoformat(),
    "odd text": lambda moment: f" {moment.isoformat()} ",
}
ARROW = {
    "instant": pa.timestamp("us", "UTC"), "naive": pa.timestamp("ns"), "day": pa.date32(),
    "text": pa.string(), "text day": pa.string(), "odd text": pa.string(),
}  # fmt: skip
SQL = {"instant": "timestamptz", "naive": "timestamp", "day": "date"}


@given(
    moments=st.lists(MOMENTS, min_size=1, max_size=12), since=MOMENTS.filter(bool),
    kept=st.sampled_from(list(KEPT)), kind=st.sampled_from(["instant", "day"]),
    zone=st.sampled_from(["UTC", "Europe/Lisbon", "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
)  # fmt: skip
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_parquet_and_text_no_row_is_lost_and_none_too_many(
    tmp_path: Path, moments: list[datetime | None], since: datetime, kept: str, kind: str, zone: str
) -> None:
    known = [None if moment is None else KEPT[kept](moment) for moment in moments]
    size = len(known)
    table = pa.table(
        {
            "user": ["u"] * size, "n": list(range(size)), "known": pa.array(known, ARROW[kept]),
            "at": pa.array([FIRST] * size, pa.timestamp("us", "UTC")),
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "e.parquet", row_group_size=2)
    lines = [f"u,{n},{FIRST.isoformat()},{one or ''}" for n, one in enumerate(known)]
    write(tmp_path, "e.csv", "\n".join(["user,n,at,known", *lines, ""]))
    found = []
    for files in ("e.parquet", "e.csv"):
        part, skipped = _check(log(zone, kind, files=files), tmp_path, micros(since))
        refused = sum(moment is None for moment in moments)
        assert skipped == size - len(part) - refused
        found.append(part)
    if kept != "naive":  # a naive instant at midnight is a day in text
        assert [row[1:] for row in found[0]] == [row[1:] for row in found[1]]


@given(
    moments=st.lists(MOMENTS, min_size=1, max_size=9), since=MOMENTS.filter(bool),
    kept=st.sampled_from(list(KEPT)), kind=st.sampled_from(["instant", "day"]),
    zone=st.sampled_from(["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
)  # fmt: skip
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("place", ["postgres", "sqlite"])
def test_of_a_database_no_row_is_lost_and_none_too_many(
    place: str, request: pytest.FixtureRequest, tmp_path: Path,
    moments: list[datetime | None], since: datetime, kept: str, kind: str, zone: str,
) -> None:  # fmt: skip
    url = request.getfixturevalue(place)
    cells = ["NULL" if moment is None else f"'{KEPT[kept](moment)}'" for moment in moments]
    values = ", ".join(
        f"('u', {n}, '2024-03-28T00:00:00+00:00', {cell})" for n, cell in enumerate(cells)
    )
    known = SQL.get(kept, "text") if place == "postgres" else "text"
    run(
        url, "DROP TABLE IF EXISTS log",
        f'CREATE TABLE log ("user" text, n int, at '
        f'{"timestamptz" if place == "postgres" else "text"}, known {known})',
        f"INSERT INTO log VALUES {values}",  # noqa: S608 - our own words
    )  # fmt: skip
    there = Database(url_from=VARIABLE, table="log")
    _, skipped = _check(log(zone, kind, database=there), tmp_path, micros(since))
    assert skipped is None


def test_a_database_leaves_old_rows_out_itself(
    postgres: str, sqlite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not wanted does not come over the wire."""
    for url, kind in ((postgres, "timestamptz"), (postgres, "text"), (sqlite, "text")):
        run(
            url, "DROP TABLE IF EXISTS log", f'CREATE TABLE log ("user" text, n int, at {kind})',
            "INSERT INTO log VALUES ('u', 1, '2020-01-01 00:00:00+00'), "
            "('u', 2, '2024-01-01 00:00:00+00'), ('u', 3, NULL)",
        )  # fmt: skip
        monkeypatch.setenv(VARIABLE, url)
        table = Events(
            name="topups", key="user", at="at", database=Database(url_from=VARIABLE, table="log")
        )
        connection = connect()
        with open_table(connection, table, tmp_path, since=micros(FIRST) - 10**13) as one:
            fetched = pq.read_metadata(one.parts[0].path).num_rows
            assert (fetched, len(rows(one))) == (2, 1)
        connection.close()


def test_a_partition_that_is_over_is_not_even_fetched(lake: Lake, tmp_path: Path) -> None:
    for number, date in enumerate(("2024-01-01", "2024-03-30", "2024-04-30", "unknown")):
        lake.put(f"log/day={date}/a.csv", f"user,n\nu,{number}\n".encode())
    table = Events(
        name="topups", key="user", at="day", zone="UTC", files=f"s3://{lake.bucket}/log",
        columns={"n": integer()},
    )  # fmt: skip
    connection = connect()
    with open_table(connection, table, tmp_path, since=micros(FIRST) + 4 * 86_400 * 10**6) as one:
        assert [part.keys["day"] for part in one.parts] == ["2024-03-30", "2024-04-30", "unknown"]
        assert rows(one, "n") == [(2,)]
        assert one.rows_skipped is None
    with open_table(connection, replace(table, files=f"s3://{lake.bucket}/log/day=2024-01-01"),
                    tmp_path, since=micros(FIRST)) as one:  # fmt: skip
        assert (one.missing, rows(one)) == (False, [])
    connection.close()


def test_a_row_that_became_available_at_that_very_instant_comes_along(tmp_path: Path) -> None:
    """Others with the same instant may have come since; a store knows what it has."""
    write(tmp_path, "e.csv", "user,at\nu,2024-01-01T00:00:00Z\nv,2024-01-01T00:00:00.000001Z\n")
    table = Events(name="topups", files="e.csv", key="user", at="at")
    at = micros(datetime(2024, 1, 1, tzinfo=UTC))
    assert [len(read(table, tmp_path, at + more)[0]) for more in (-1, 0, 1, 2)] == [2, 2, 1, 0]


def test_what_has_no_times_is_read_whole(tmp_path: Path) -> None:
    write(tmp_path, "f.csv", "user,at,n\nu,-3,1\n")
    whole = Attributes(name="facts", files="f.csv", key="user", columns={"n": integer()})
    relative = Events(name="log", files="f.csv", key="user", at="at", relative="days")
    for table in (whole, relative):
        assert len(read(table, tmp_path, micros(FIRST))[0]) == 1


def test_applications_are_not_read_since_an_instant(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="since an instant"):
        read(applications(), tmp_path, 0)


@pytest.mark.parametrize("since", [-(2**62), -1, 0, 2**62])
def test_any_instant_can_be_asked_for(tmp_path: Path, since: int) -> None:
    moment = pa.array([FIRST], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"user": ["u"], "at": moment}), tmp_path / "e.parquet")
    table = Events(name="topups", files="e.parquet", key="user", at="at")
    assert len(read(table, tmp_path, since)[0]) == (since < micros(FIRST))
