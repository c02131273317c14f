"""Folders named `key=value` give columns, and only what is data is read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from solvent.errors import MissingColumnError
from solvent.features import Events, category, date, instant, integer, money
from solvent.sources import open_table, refused_rows
from solvent.sources.parts import partition_keys
from tests.sources.tables import duckdb_connection, opened, rows, write


def events(columns: dict[str, object], *, files: str = "events", at: str = "day") -> Events:
    return Events(
        name="topups", files=files, key="user", at=at, zone="UTC", columns=columns,  # type: ignore[arg-type]
    )  # fmt: skip


def part(folder: Path, user: int, amount: float = 1.0, name: str = "part-0.parquet") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"user": [user], "amount": [amount]}), folder / name)


def test_partition_keys_are_columns_typed_as_declared(tmp_path: Path) -> None:
    """A day is a time, a number a number, a word a word; Hive's null is missing."""
    for day, region, user in (
        ("2024-01-31", "7", 1), ("2024-02-01", "S%C3%A3o%20Paulo", 2),
        ("2024-02-02", "__HIVE_DEFAULT_PARTITION__", 3), ("soon", "x", 4),
    ):  # fmt: skip
        part(tmp_path / "events" / f"day={day}" / f"region={region}", user, user / 4)
    table = events({"region": category(), "amount": money(), "day": date()})
    with opened(table, tmp_path) as one:
        found = rows(one, "key", "event_time", "available_time", "region", "amount")
        assert found == [
            (1, 1_706_659_200_000_000, 1_706_745_600_000_000, "7", 25),
            (2, 1_706_745_600_000_000, 1_706_832_000_000_000, "São Paulo", 50),
            (3, 1_706_832_000_000_000, 1_706_918_400_000_000, None, 75),
        ]
        (refused,) = refused_rows(one)
        assert refused.reason == "day: not a time"
        assert refused.file == "events/day=soon/region=x/part-0.parquet"


def test_a_set_written_by_arrow_is_read_back(tmp_path: Path) -> None:
    """The values are those of the table that was written, whatever its keys hold."""
    table = pa.table(
        {
            "user": list(range(60)), "amount": [n / 4 for n in range(60)],
            "day": [f"2024-01-{1 + n % 7:02}" for n in range(60)],
            "place": [("a/b", "ü=?", "c d", "%41")[n % 4] for n in range(60)],
        }
    )  # fmt: skip
    partitioning = ds.partitioning(
        pa.schema([("day", pa.string()), ("place", pa.string())]), flavor="hive"
    )
    ds.write_dataset(table, tmp_path / "events", format="parquet", partitioning=partitioning)
    pq.write_table(table, tmp_path / "whole.parquet")
    columns = {"place": category(), "amount": money()}
    found = []
    for files in ("events", "whole.parquet"):
        with opened(events(dict(columns), files=files), tmp_path) as one:
            found.append(rows(one, "key", "event_time", "place", "amount"))
    assert found[0] == found[1]
    assert len(found[0]) == 60


def test_what_stands_in_the_file_counts_before_its_folder(tmp_path: Path) -> None:
    part(tmp_path / "events" / "day=2024-01-01" / "amount=9", 1, 2.5)
    with opened(events({"amount": money()}), tmp_path) as one:
        assert rows(one, "amount") == [(250,)]


def test_hidden_files_and_folders_are_not_data(tmp_path: Path) -> None:
    """Writers leave markers, checksums and half-done work beside the data."""
    part(tmp_path / "events" / "day=2024-01-01", 1)
    for place in ("_temporary/0/day=2024-01-01", "day=2024-01-01/.staging", "_delta_log"):
        part(tmp_path / "events" / place, 2)
    part(tmp_path / "events" / "day=2024-01-01", 3, name="._part.parquet")
    write(tmp_path / "events", "_SUCCESS", "")
    write(tmp_path / "events" / "day=2024-01-01", ".part-0.parquet.crc", "x")
    for files in ("events", "events/**/*.parquet"):
        with opened(events({}, files=files), tmp_path) as one:
            assert rows(one, "key") == [(1,)]
    with opened(events({}, files="events/day=*/.staging/*.parquet"), tmp_path) as one:
        assert rows(one, "key") == [(2,)]


def test_text_and_parquet_share_a_partitioned_table(tmp_path: Path) -> None:
    part(tmp_path / "events" / "day=2024-01-01", 1, 2.5)
    write(tmp_path / "events" / "day=2024-01-02", "a.csv", "note,amount,user\nx,1.75,2\ny,2\n")
    with opened(events({"amount": money(), "day": date()}), tmp_path) as one:
        assert rows(one, "key", "amount", "day") == [
            ("1", 250, 1_704_067_200_000_000), ("2", 175, 1_704_153_600_000_000)
        ]  # fmt: skip


def test_a_missing_partition_is_a_missing_column(tmp_path: Path) -> None:
    part(tmp_path / "events" / "day=2024-01-01", 1)
    part(tmp_path / "events" / "dya=2024-01-02", 2)
    with (
        pytest.raises(MissingColumnError, match="no column 'day'") as found,
        opened(events({}), tmp_path),
    ):
        pass
    assert "did you mean 'dya'?" in found.value.hint


def test_many_parts_are_one_table(tmp_path: Path) -> None:
    """Years of days are read as the one file that holds them."""
    for number in range(150):
        folder = tmp_path / "events" / f"n={number}"
        folder.mkdir(parents=True)
        at = pa.array([number * 10**12], pa.timestamp("us", "UTC"))
        pq.write_table(pa.table({"user": [number], "at": at, "x": [number]}), folder / "a.parquet")
    table = events({"n": integer(), "x": integer(), "at": instant()}, at="at")
    connection = duckdb_connection()
    with open_table(connection, table, tmp_path) as one:
        found = rows(one, "key", "event_time", "n", "x")
    connection.close()
    assert found == sorted(((n, n * 10**12, n, n) for n in range(150)), key=repr)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("a.parquet", {}), ("x=1/a", {"x": "1"}), ("x=1/y=/a", {"x": "1", "y": ""}),
        ("=1/a", {}), ("x=a=b/a", {"x": "a=b"}), ("a b=c%2Fd/f", {"a b": "c/d"}),
        ("plain/x=__HIVE_DEFAULT_PARTITION__/a=1.csv", {"x": None}),
    ],
)  # fmt: skip
def test_keys_are_read_from_folders_and_not_from_files(
    name: str, keys: dict[str, str | None]
) -> None:
    assert partition_keys(name) == keys
