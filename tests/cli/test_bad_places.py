"""Full disks, places not to be written in, changed bundles: all of the answer or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.shops import CANARY, Shop, loan_rows, open_shop, read_rows, write_rows

resource = pytest.importorskip("resource", reason="this system cannot play a full disk")
# a first run compiles and keeps kernels, which must not meet a disk that plays full
pytestmark = pytest.mark.usefixtures("trained")

SMALLER_THAN_A_BUNDLE = 20_000
SMALLER_THAN_A_PAGE = 60_000
SMALLER_THAN_ROWS_KEPT_ASIDE = 2_000
FILES = ("manifest.json", "line.json", "encoder.json", "calibration.json")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A sound shop with one registered model."""
    shop = open_shop(tmp_path_factory.mktemp("trained"))
    result = shop.run("train")
    assert result.exit_code == 0, result.output
    return shop


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes: what a disk does that is almost full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def refused(result: Result, *words: str) -> None:
    """Hold a command to have refused in words: what is wrong, where, and what to do."""
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    assert CANARY not in result.output
    assert result.output.count("error: ") == 1
    assert "\n  hint: " in result.output
    for word in words:
        assert word in result.output


def many(folder: Path, count: int = 3_000, **cells: str) -> Path:
    """Write many applications, all but the first with some cells changed."""
    first, second = loan_rows(2)
    rows = [{**second, "loan_id": f"{'x' * 200}{n}", **cells} for n in range(count)]
    return write_rows(folder / "in.csv", [first, *rows])


# ---- full disks


def test_a_bundle_that_does_not_fit_leaves_no_file_and_no_version(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    with room_for(SMALLER_THAN_A_BUNDLE):
        refused(shop.run("train"), "shop/1: the bundle could not be written")
    assert [path.name for path in shop.kept] == ["signing.key"]  # made at first use, whole
    assert shop.run("train").exit_code == 0
    assert {path.parent.name for path in shop.kept if path.stem not in {"latest", "signing"}} == {
        "1"
    }


def test_a_report_that_does_not_fit_leaves_no_page_and_tells_that_the_model_is_there(
    tmp_path: Path,
) -> None:
    shop = open_shop(tmp_path)
    page = shop.folder / "report.html"
    page.write_text("the page of last month", encoding="utf-8")
    with room_for(SMALLER_THAN_A_PAGE):
        result = shop.run("train", "--report", page)
    refused(result, "report: report.html could not be written", "registered", "version 1")
    assert page.read_text(encoding="utf-8") == "the page of last month"
    assert sorted(path.name for path in shop.folder.iterdir()) == [
        "data", "product.py", "report.html"
    ]  # fmt: skip
    assert shop.score(shop.data / "loans.csv", tmp_path / "p.csv").exit_code == 0


def test_predictions_that_do_not_fit_leave_the_old_ones_alone(
    trained: Shop, tmp_path: Path
) -> None:
    table, target = many(tmp_path), tmp_path / "p.csv"
    target.write_text("the predictions of last month", encoding="utf-8")
    with room_for(300_000):
        refused(trained.score(table, target), f"output: {target} could not be written", "disk full")
    assert target.read_text(encoding="utf-8") == "the predictions of last month"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "p.csv"]


def test_predictions_are_not_written_where_their_refused_rows_do_not_fit(
    trained: Shop, tmp_path: Path
) -> None:
    table = many(tmp_path, income="?")
    with room_for(300_000):
        refused(trained.score(table, tmp_path / "p.csv"), "p.refused.csv could not be written")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_full_disk_for_temporary_files_is_told_as_such(trained: Shop, tmp_path: Path) -> None:
    table = many(tmp_path)
    with room_for(SMALLER_THAN_ROWS_KEPT_ASIDE):
        result = trained.score(table, tmp_path / "p.csv")
    refused(result, "TMPDIR: ", "disk for temporary files full")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


# ---- places


@pytest.mark.parametrize("place", ["solvent", "solvent/models", "solvent/models/shop"])
def test_a_home_that_is_a_file_is_refused_before_a_table_is_read(
    tmp_path: Path, place: str
) -> None:
    sound = open_shop(tmp_path)
    shop = Shop(folder=sound.folder, home=tmp_path / "solvent")
    for table in shop.data.iterdir():
        table.unlink()
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("", encoding="utf-8")
    refused(shop.run("train"), "SOLVENT_HOME: ", "a folder you may write in")


def test_a_home_nobody_may_write_in_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(tmp_path)
    shop.home.mkdir()
    asked = os.access
    # the superuser may write anywhere, so the answer is played
    monkeypatch.setattr(os, "access", lambda path, *how: path != shop.home and asked(path, *how))
    refused(shop.run("train"), f"SOLVENT_HOME: {shop.home} is no folder one may write in")
    assert shop.kept == []


@pytest.mark.parametrize(("report", "words"), [("no/r.html", "not there"), ("", "is a folder")])
def test_a_report_without_a_place_is_refused_before_a_model_is_made(
    tmp_path: Path, report: str, words: str
) -> None:
    shop = open_shop(tmp_path)
    refused(shop.run("train", "--report", tmp_path / report), "report: ", words)
    assert shop.kept == []


def test_predictions_without_a_folder_are_refused(trained: Shop, tmp_path: Path) -> None:
    target = tmp_path / "no" / "p.csv"
    refused(trained.score(trained.data / "loans.csv", target), f"the folder of {target} is not")
    (tmp_path / "p.csv").mkdir()
    target = tmp_path / "p.csv"
    refused(trained.score(trained.data / "loans.csv", target), f"output: {target} is a folder")
    assert list(tmp_path.rglob("*")) == [target]


@pytest.mark.parametrize("name", ["in.csv", "in.refused.csv"])
def test_predictions_never_overwrite_the_applications(
    trained: Shop, tmp_path: Path, name: str
) -> None:
    table = write_rows(tmp_path / name, loan_rows(5))
    before = table.read_bytes()
    refused(trained.score(table, tmp_path / "in.csv"), f"{name} ", "another file")
    assert table.read_bytes() == before


def test_a_clean_second_run_takes_the_refused_rows_of_the_first_away(
    trained: Shop, tmp_path: Path
) -> None:
    rows, target = loan_rows(5), tmp_path / "p.csv"
    for income, lost in (("?", 1), ("900", 0)):
        table = write_rows(tmp_path / "in.csv", [{**rows[0], "income": income}, *rows[1:]])
        assert trained.score(table, target).exit_code == 0
        assert len(read_rows(target)) == 5 - lost
        assert (tmp_path / "p.refused.csv").exists() == bool(lost)


# ---- bundles


def _change(path: Path) -> None:
    raw = path.read_bytes()
    place = raw.rindex(b"1")
    path.write_bytes(raw[:place] + b"2" + raw[place + 1 :])


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _link(path: Path) -> None:
    elsewhere = path.parents[4] / f"elsewhere-{path.name}"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", [_change, _cut, _link, Path.unlink])
def test_a_bundle_that_is_not_what_was_saved_scores_nothing(
    trained: Shop, tmp_path: Path, name: str, harm: object
) -> None:
    shop = Shop(folder=trained.folder, home=tmp_path / "home")
    shutil.copytree(trained.home, shop.home)
    assert callable(harm)
    harm(shop.home / "models" / "shop" / "1" / name)
    refused(shop.score(shop.data / "loans.csv", tmp_path / "p.csv"), f"{name}: ", "train again")
    listed = shop.run("models")
    assert listed.exit_code == 0
    assert f"damaged: {name} " in listed.output
    assert not (tmp_path / "p.csv").exists()


def test_a_file_added_to_a_bundle_is_refused(trained: Shop, tmp_path: Path) -> None:
    shop = Shop(folder=trained.folder, home=tmp_path / "home")
    shutil.copytree(trained.home, shop.home)
    (shop.home / "models" / "shop" / "1" / "extra.py").write_text("", encoding="utf-8")
    result = shop.score(shop.data / "loans.csv", tmp_path / "p.csv")
    refused(result, "extra.py: is not part of the bundle")
