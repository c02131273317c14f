"""The commands a newcomer types, on real files, from a fresh folder."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from solvent.cli.main import app
from solvent.dataset.matching import Match, require_matches
from solvent.errors import DataError
from solvent.sandbox import simulate
from solvent.store import ModelRegistry
from tests.cli.shops import Shop, loan_rows, open_shop, payment_rows, write_rows

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
    for name in (
        "new",
        "check",
        "train",
        "score",
        "models",
        "sandbox",
        "policy",
        "cutoff",
        "simulate",
    ):
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
    names = sorted(path.name for path in first.iterdir() if path.stem != "manifest")
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
    bundle = broken / "solvent" / "models" / "airtime_loans" / "1"
    model = next(bundle.rglob("*model.txt"))
    model.write_bytes(model.read_bytes().replace(b"leaf_value=", b"leaf_value=9", 1))
    result = _run(
        broken, "score", str(EXAMPLES / "airtime_loans"), str(lender / "loans.parquet"),
        "-o", str(broken / "x.csv"), "--data", str(lender),
    )  # fmt: skip
    assert result.exit_code == 1
    assert "model.txt" in result.output
    assert not (broken / "x.csv").exists()


def test_nothing_half_written_is_left_when_the_disk_is_full(lender: Path, trained: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system cannot play a full disk")
    folder = trained / "full"
    folder.mkdir()
    room = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, room[1]))
    try:
        result = _run(
            trained, "score", str(EXAMPLES / "airtime_loans"), str(lender / "loans.parquet"),
            "-o", str(folder / "p.csv"), "--data", str(lender),
        )  # fmt: skip
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, room)
    assert result.exit_code == 1
    assert "disk full" in result.output
    assert list(folder.iterdir()) == []


# ---- what check and train say loudly


def _told(shop: Shop, command: str, *words: str) -> tuple[int, str]:
    result = shop.run(command, *words)
    assert "Traceback" not in result.output
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize("command", ["check", "train"])
def test_keys_that_never_meet_are_refused(tmp_path: Path, command: str) -> None:
    shop = open_shop(tmp_path)
    rows = payment_rows(loan_rows())
    others = [{**row, "customer": f"0{row['customer']}"} for row in rows]
    write_rows(shop.data / "payments.csv", others)
    code, words = _told(shop, command)
    assert code == 1
    assert "payments: 0 % of applications have a row hint: is key the customer's column" in words
    assert shop.kept == []


def test_only_an_optional_source_may_say_nothing_of_anybody() -> None:
    found = Match(source="payments", applications=9, matched=0, optional=True)
    require_matches((found,))
    for match in (replace(found, optional=False, matched=1), replace(found, applications=0)):
        require_matches((match,))
    with pytest.raises(DataError, match="0 % of applications"):
        require_matches((replace(found, optional=False),))


@pytest.mark.parametrize("command", ["check", "train"])
def test_many_refused_rows_are_said_loudly_and_most_are_refused(
    tmp_path: Path, command: str
) -> None:
    shop = open_shop(tmp_path)
    rows = loan_rows()
    for share, code, told in (
        (0.04, 0, ""),
        (0.10, 0, "warning: loans: 30 of 300 rows were refused (10%)"),
        (0.60, 1, "loans: 180 of 300 applications were refused (180 income: not money)"),
    ):
        lost = round(share * len(rows))
        spoilt = [{**row, "income": "?"} if n < lost else row for n, row in enumerate(rows)]
        write_rows(shop.data / "loans.csv", spoilt)
        found, words = _told(shop, command)
        assert found == code, words
        assert told in words
        assert ("warning" in words) == (share == 0.10)


@pytest.mark.parametrize("command", ["check", "train"])
def test_too_few_bads_are_counted(tmp_path: Path, command: str) -> None:
    rows = [
        {**row, "defaulted": str(int((n < 200 and n % 3 == 0) or n == 280))}
        for n, row in enumerate(loan_rows())
    ]
    code, words = _told(open_shop(tmp_path, rows), command)
    assert code == 1
    assert "too few bads: 1 in the test" in words


def test_training_ends_with_the_verdict_of_the_report(trained: Path, tmp_path: Path) -> None:
    rows = [{**row, "defaulted": str(n * 7 % 11 % 2)} for n, row in enumerate(loan_rows())]
    code, words = _told(open_shop(tmp_path, rows), "train")
    assert code == 0
    assert "the model does not rank risk" in words
    assert "may rank risk no better than chance" in words
    assert "Its PDs" in words


def test_a_seed_below_zero_is_refused_and_help_tells_every_default(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    result = shop.run("train", "--seed", "-1")
    assert result.exit_code == 2
    assert "--seed" in result.output
    shown = CliRunner().invoke(app, ["train", "--help"], env={"COLUMNS": "200"}).output
    shown = " ".join(shown.replace("│", " ").split())  # a cell may break anywhere
    assert "boosted_trees, catboost" in shown
    assert shown.count("[default: as product.py") == 5  # data, technique, split, select, ...


def test_a_missing_data_folder_is_told_with_the_option_that_names_it(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    shutil.rmtree(shop.data)
    for command in ("check", "train"):
        code, words = _told(shop, command)
        assert code == 1
        assert f"there is no folder {shop.data}" in words
        assert "--data" in words


def test_a_model_keeps_what_bad_means_and_how_the_test_was_drawn(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    assert shop.run("train").exit_code == 0
    about = ModelRegistry(shop.home).load("shop").about
    bad, split = about["bad"], about["split"]
    assert (bad["is"], bad["column"], bad["value"]) == ("Equals", "defaulted", "1")
    assert bad["performance"]["length"] == 30 * 86_400_000_000
    assert about["amount"] is None
    assert about["matches"][0]["share"] == 1.0
    rows = [row for row in loan_rows() if _micros(row["asked_at"]) > split["cut_microseconds"]]
    assert split["test"] <= len(rows)
    ids = sorted(row["loan_id"] for row in rows[: split["test"]])
    assert split["test_ids_sha256"] == sha256("\n".join(ids).encode()).hexdigest()


def _micros(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000_000)


def test_a_folder_without_a_product_is_told_how_to_make_one(tmp_path: Path) -> None:
    result = _run(tmp_path, "train", str(tmp_path))
    assert result.exit_code == 1
    assert "solvent new" in result.output


def test_an_unknown_lender_is_told_the_known_ones(tmp_path: Path) -> None:
    result = _run(tmp_path, "sandbox", "pawnshop", "--out", str(tmp_path / "d"))
    assert result.exit_code == 1
    assert "airtime_loans" in result.output
