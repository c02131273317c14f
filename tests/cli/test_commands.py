"""The commands a newcomer types, on real files, from a fresh folder."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from solvent.cli.main import app
from solvent.sandbox import simulate

EXAMPLES = Path(__file__).parents[2] / "examples"
CUSTOMERS = 1_500


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated airtime lender on disk."""
    folder = tmp_path_factory.mktemp("lender") / "data"
    simulate("airtime_loans", customers=CUSTOMERS, seed=3, out=folder)
    return folder


@pytest.fixture(scope="module")
def trained(lender: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one trained model and its report."""
    home = tmp_path_factory.mktemp("home")
    arguments = ["train", str(EXAMPLES / "airtime_loans"), "--data", str(lender)]
    result = _run(home, *arguments, "--report", str(home / "report.html"))
    assert result.exit_code == 0, result.output
    return home


def _run(home: Path, *arguments: str):
    environment = {"SOLVENT_HOME": str(home / "solvent"), "COLUMNS": "200"}
    return CliRunner().invoke(app, list(arguments), env=environment)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_command_explains_itself_with_an_example() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for name in ("new", "check", "train", "score", "models", "sandbox"):
        assert name in shown
        assert f"solvent {name} " in CliRunner().invoke(app, [name, "--help"]).output


def test_check_counts_rows_and_passes_the_gate_on_honest_data(lender: Path, tmp_path: Path) -> None:
    result = _run(tmp_path, "check", str(EXAMPLES / "airtime_loans"), "--data", str(lender))
    assert result.exit_code == 0, result.output
    assert "nothing stands in the way of training" in result.output
    assert "future rewritten" in result.output


def test_training_registers_a_version_and_writes_a_page(trained: Path) -> None:
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert "Airtime loans" in page
    shown = _run(trained, "models", str(EXAMPLES / "airtime_loans"))
    assert shown.exit_code == 0
    assert "boosted_trees" in shown.output


def test_every_application_comes_out_scored_in_the_file_s_order(
    lender: Path, trained: Path
) -> None:
    target = trained / "predictions.csv"
    result = _run(
        trained, "score", str(EXAMPLES / "airtime_loans"), str(lender / "loans.parquet"),
        "-o", str(target), "--data", str(lender), "--with", "id,score",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    rows = _rows(target)
    assert list(rows[0]) == ["user_id", "application_at", "prediction_probability", "id", "score"]
    import pyarrow.parquet as pq

    loans = pq.read_table(lender / "loans.parquet")
    assert [row["id"] for row in rows] == list(map(str, loans["loan_id"].to_pylist()))
    assert all(0 < float(row["prediction_probability"]) < 1 for row in rows)


def test_the_same_seed_trains_the_same_files_byte_for_byte(lender: Path, trained: Path) -> None:
    again = trained / "again"
    arguments = ["train", str(EXAMPLES / "airtime_loans"), "--data", str(lender)]
    assert _run(again, *arguments).exit_code == 0
    first = trained / "solvent" / "models" / "airtime_loans" / "1"
    second = again / "solvent" / "models" / "airtime_loans" / "1"
    names = sorted(path.name for path in first.iterdir() if path.name != "manifest.json")
    assert names
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_scoring_without_a_model_says_how_to_get_one(lender: Path, tmp_path: Path) -> None:
    result = _run(
        tmp_path, "score", str(EXAMPLES / "airtime_loans"), str(lender / "loans.parquet"),
        "-o", str(tmp_path / "x.csv"), "--data", str(lender),
    )  # fmt: skip
    assert result.exit_code == 1
    assert "solvent train" in result.output
    assert "Traceback" not in result.output


def test_a_changed_bundle_is_refused_before_it_is_read(lender: Path, trained: Path) -> None:
    broken = trained / "broken"
    shutil.copytree(trained / "solvent", broken / "solvent")
    model = broken / "solvent" / "models" / "airtime_loans" / "1" / "model.txt"
    model.write_bytes(model.read_bytes().replace(b"leaf_value=", b"leaf_value=9", 1))
    result = _run(
        broken, "score", str(EXAMPLES / "airtime_loans"), str(lender / "loans.parquet"),
        "-o", str(broken / "x.csv"), "--data", str(lender),
    )  # fmt: skip
    assert result.exit_code == 1
    assert "model.txt" in result.output
    assert not (broken / "x.csv").exists()


def test_nothing_half_written_is_left_when_the_disk_is_full(lender: Path, trained: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full to play a full disk")
    folder = trained / "full"
    folder.mkdir()
    (folder / ".p.csv.draft").symlink_to(full)
    result = _run(
        trained, "score", str(EXAMPLES / "airtime_loans"), str(lender / "loans.parquet"),
        "-o", str(folder / "p.csv"), "--data", str(lender),
    )  # fmt: skip
    assert result.exit_code == 1
    assert "disk full" in result.output
    assert list(folder.iterdir()) == []


def test_a_folder_without_a_product_is_told_how_to_make_one(tmp_path: Path) -> None:
    result = _run(tmp_path, "train", str(tmp_path))
    assert result.exit_code == 1
    assert "solvent new" in result.output


def test_an_unknown_lender_is_told_the_known_ones(tmp_path: Path) -> None:
    result = _run(tmp_path, "sandbox", "pawnshop", "--out", str(tmp_path / "d"))
    assert result.exit_code == 1
    assert "airtime_loans" in result.output
