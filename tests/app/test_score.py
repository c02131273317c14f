"""Scoring: what may be written where, in which format, and what is told of other applicants."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

from solvent.app._targets import whole_file
from solvent.errors import WriteError
from tests.cli.shops import PRODUCT, Row, Shop, loan_rows, open_shop, read_rows, write_rows

OLD = "the predictions of last month"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A sound shop with one registered model."""
    shop = open_shop(tmp_path_factory.mktemp("trained"))
    result = shop.run("train")
    assert result.exit_code == 0, result.output
    return shop


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Ten applications."""
    return write_rows(tmp_path / "in.csv", loan_rows(10))


def told(result: Result) -> str:
    """Return the whole output, wrapped lines joined."""
    return " ".join(result.output.split())


def refused(result: Result, *words: str) -> None:
    """Hold a command to have refused in words."""
    assert result.exit_code == 1, result.output
    for word in (*words, "hint: "):
        assert word in told(result)


# ---- targets


def test_a_link_is_followed_and_stays_a_link(trained: Shop, table: Path, tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text(OLD, encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    assert trained.score(table, link).exit_code == 0
    assert link.is_symlink()
    assert len(read_rows(real)) == 10
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_what_is_no_plain_file_is_refused_and_left(
    trained: Shop, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "null.csv").symlink_to("/dev/null")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    with socket.socket(socket.AF_UNIX) as place:
        place.bind("socket.csv")
    names = ("pipe", "folder", "null", "loop", "socket")
    before = {name: (tmp_path / f"{name}.csv").lstat() for name in names}
    for name in names:
        refused(trained.score(table, Path(f"{name}.csv")), f"output: {name}.csv ")
    assert {name: (tmp_path / f"{name}.csv").lstat().st_ino for name in names} == {
        name: found.st_ino for name, found in before.items()
    }


@pytest.mark.parametrize("name", ["loans.csv", "payments.csv"])
@pytest.mark.parametrize("way", ["itself", "symlink", "hardlink"])
def test_no_table_of_the_product_is_overwritten(
    trained: Shop, table: Path, tmp_path: Path, name: str, way: str
) -> None:
    file = trained.data / name
    before, target = file.read_bytes(), file
    if way != "itself":
        target = tmp_path / "t.csv"
        target.symlink_to(file) if way == "symlink" else target.hardlink_to(file)
    refused(trained.score(table, target), "belongs to the table ", "another file")
    assert file.read_bytes() == before


def test_nothing_is_written_into_the_registry_or_the_folder_of_applications(
    trained: Shop, table: Path, tmp_path: Path
) -> None:
    inside = trained.home / "models" / "shop" / "1" / "p.csv"
    refused(trained.score(table, inside), "lies in the registry of models")
    folder = tmp_path / "many"
    folder.mkdir()
    table.rename(folder / "in.csv")
    refused(trained.score(folder, folder / "p.csv"), "lies in the folder of the applications")
    assert not inside.exists()
    assert [path.name for path in folder.iterdir()] == ["in.csv"]


def test_a_strangers_refused_file_is_neither_replaced_nor_removed(
    trained: Shop, table: Path, tmp_path: Path
) -> None:
    beside = tmp_path / "p.refused.csv"
    beside.write_text("my,own,notes\n", encoding="utf-8")
    refused(trained.score(table, tmp_path / "p.csv"), "was not written by solvent")
    assert beside.read_text(encoding="utf-8") == "my,own,notes\n"
    assert not (tmp_path / "p.csv").exists()


def test_a_planted_draft_is_not_written_through(trained: Shop, table: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text(OLD, encoding="utf-8")
    (tmp_path / ".p.csv.draft").symlink_to(victim)
    assert trained.score(table, tmp_path / "p.csv").exit_code == 0
    assert victim.read_text(encoding="utf-8") == OLD


# ---- formats


def test_parquet_holds_what_csv_holds(trained: Shop, table: Path, tmp_path: Path) -> None:
    for name in ("p.csv", "p.parquet"):
        assert trained.score(table, tmp_path / name).exit_code == 0
    rows = pq.read_table(tmp_path / "p.parquet").to_pylist()
    plain = read_rows(tmp_path / "p.csv")
    assert [{key: str(value) for key, value in row.items()} for row in rows] == [
        {**row, "prediction_probability": str(float(row["prediction_probability"]))}
        for row in plain
    ]


@pytest.mark.parametrize("name", ["p.xlsx", "p.json", "p", "p.csv.gz"])
def test_a_name_that_promises_another_format_is_refused(
    trained: Shop, table: Path, tmp_path: Path, name: str
) -> None:
    refused(trained.score(table, tmp_path / name), "output: ", ".parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_parquet_on_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system cannot play a full disk")
    noise = pa.table({"pd": np.random.default_rng(0).random(10_000)})
    room = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, room[1]))
    try:
        with (
            pytest.raises(WriteError, match=r"p\.parquet could not be written"),
            whole_file(tmp_path / "p.parquet") as draft,
            pq.ParquetWriter(draft, noise.schema) as writer,
        ):
            writer.write_table(noise)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, room)
    assert list(tmp_path.iterdir()) == []


# ---- applications


def test_a_folder_without_a_table_is_told_as_such(trained: Shop, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(trained.score(tmp_path / "empty", tmp_path / "p.csv"), "holds no table")
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "product.py").write_text("", encoding="utf-8")
    result = trained.score(tmp_path / "good", tmp_path / "p.csv")
    refused(result, "holds no table but a product.py", "name the file of applications")


def test_the_file_is_read_as_the_product_of_today_says(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    assert shop.run("train").exit_code == 0
    header, *lines = (shop.data / "loans.csv").read_text(encoding="utf-8").splitlines()
    table = tmp_path / "in.csv"
    written = "\n".join(line.replace(",", ";") for line in (header, *lines))
    table.write_text(written, encoding="utf-8")
    said = 'name="loans", csv=Csv(separator=";"),'
    shop.declare(
        PRODUCT.replace('name="loans",', said).replace("Applications, ", "Applications, Csv, ", 1)
    )
    result = shop.score(table, tmp_path / "p.csv")
    assert result.exit_code == 0, result.output
    assert len(read_rows(tmp_path / "p.csv")) == len(lines)
    assert "product.py differs from the one version 1 was trained with" in told(result)


# ---- what is not as it was in training


def _scored(shop: Shop, folder: Path, rows: list[Row]) -> str:
    result = shop.score(write_rows(folder / "in.csv", rows), folder / "p.csv")
    assert result.exit_code == 0, result.output
    return told(result)


def test_sound_applications_bring_no_warning(trained: Shop, tmp_path: Path) -> None:
    words = _scored(trained, tmp_path, loan_rows())
    assert "payments: 100 % of applications have a row" in words
    assert "warning" not in words


def test_customers_without_rows_are_warned_of(trained: Shop, tmp_path: Path) -> None:
    rows = [{**row, "customer": f"0{row['customer']}"} for row in loan_rows(40)]
    words = _scored(trained, tmp_path, rows)
    assert "warning: payments: 0 % of applications have a row; in training 100 % had one" in words


def test_levels_the_model_never_saw_are_counted(trained: Shop, tmp_path: Path) -> None:
    rows = loan_rows(20)
    for row in rows[:12]:
        row["city"] = "Oslo"
    for row in rows[12:15]:
        row["city"] = ""
    words = _scored(trained, tmp_path, rows)
    assert "city: 12 rows hold a level never seen in training" in words


def test_another_mean_pd_is_told(trained: Shop, tmp_path: Path) -> None:
    rows = [{**row, "income": "9000.00"} for row in loan_rows(50)]
    assert "warning: the mean PD is" in _scored(trained, tmp_path, rows)
