"""`solvent simulate`: does the lender make money, in words and on one page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.shops import (
    BORN,
    CANARY,
    POLICY,
    Shop,
    loan_rows,
    open_live_shop,
    read_rows,
    told_once,
    write_rows,
)

LONG = "A loan in cash, " * 300
SMALLER_THAN_DECISIONS = 60_000
SMALLER_THAN_A_PAGE = 60_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a model."""
    return open_live_shop(tmp_path_factory.mktemp("shop"))


@contextmanager
def _room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes: what a disk does that is almost full."""
    resource = pytest.importorskip("resource", reason="this system cannot play a full disk")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_terminal_and_the_page_tell_the_same_money(shop: Shop, tmp_path: Path) -> None:
    page, out = tmp_path / "simulation.html", tmp_path / "decisions.csv"
    result = shop.run("simulate", "--report", page, "-o", out)
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.replace("\u202f", " ").split())
    rows = read_rows(out)
    money = sum(float(row["money"]) for row in rows)
    makes = "makes" if money > 0 else "loses"
    assert f"The policy {makes} money: {abs(money):,.0f} EUR on {len(rows)} applications." in words
    counts = {
        verdict: sum(row["verdict"] == verdict for row in rows)
        for verdict in ("approve", "refer", "decline")
    }
    assert f"approved {counts['approve']} " in words
    assert f"referred {counts['refer']} " in words
    assert f"declined {counts['decline']} " in words
    caught = sum("young_account" in row["rules"] for row in rows)
    assert f"rule young_account {caught} The account is too young" in words
    assert "same first reason" in words
    assert "the first reason holds 100.0 %" in words
    text = page.read_text(encoding="utf-8")
    assert f"{abs(money):,.0f}\u202fEUR" in text
    assert "Whether the reasons hold" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["decisions.csv", "simulation.html"]


def test_the_page_is_one_file_that_asks_nobody_and_names_nobody(shop: Shop, tmp_path: Path) -> None:
    page = tmp_path / "simulation.html"
    assert shop.run("simulate", "--report", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert text.lower().startswith("<!doctype html>")
    wanted = re.findall(r"""(?:src|href|action)\s*=\s*["']([^"'#][^"']*)""", text)
    assert all(place.startswith("data:") for place in wanted), wanted
    assert not re.findall(r"url\(\s*['\"]?(?!data:|#)[a-z]", text)
    assert "<script src" not in text
    assert "@import" not in text
    for person in (CANARY, BORN, *(loan["customer"] for loan in loan_rows())):
        assert person not in text


def test_data_the_model_was_not_trained_on_are_refused(shop: Shop, tmp_path: Path) -> None:
    write_rows(tmp_path / "loans.csv", loan_rows(200))
    shutil.copy(shop.data / "payments.csv", tmp_path)
    told_once(
        shop.run("simulate", "--data", tmp_path), "data: ", "trained and tested on", "train again"
    )


def test_an_output_over_an_input_is_refused(shop: Shop) -> None:
    before = (shop.data / "loans.csv").read_bytes()
    told_once(shop.run("simulate", "-o", shop.data / "loans.csv"), "output: ", "another file")
    told_once(shop.run("simulate", "--report", shop.policy), "report: ", "another file")
    assert (shop.data / "loans.csv").read_bytes() == before
    assert shop.policy.read_text(encoding="utf-8") == POLICY


def test_places_that_are_none_are_refused(shop: Shop, tmp_path: Path) -> None:
    told_once(shop.run("simulate", "-o", tmp_path), "output: ", "is a folder")
    told_once(shop.run("simulate", "-o", tmp_path / "no" / "d.csv"), "output: ", "not there")
    told_once(shop.run("simulate", "--report", tmp_path / "no" / "r.html"), "report: ")
    told_once(shop.run("simulate", "--data", tmp_path / "no"), "data: ", "--data PATH")


def test_a_full_disk_leaves_nothing_half_written(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(shop.folder, folder)
    long = Shop(folder=folder, home=shop.home)
    long.policy.write_text(POLICY.replace('"=Cash"', f'"{LONG}"'), encoding="utf-8")
    full = tmp_path / "full"
    full.mkdir()
    out, page = full / "d.csv", full / "r.html"
    page.write_text("the page of last month", encoding="utf-8")
    with _room_for(SMALLER_THAN_DECISIONS):
        told_once(long.run("simulate", "-o", out), "output: ", "disk full")
    with _room_for(SMALLER_THAN_A_PAGE):
        told_once(shop.run("simulate", "--report", page), "report: ", "could not be written")
    assert [path.name for path in full.iterdir()] == ["r.html"]
    assert page.read_text(encoding="utf-8") == "the page of last month"


def test_without_a_model_the_way_to_one_is_told(shop: Shop, tmp_path: Path) -> None:
    alone = Shop(folder=shop.folder, home=tmp_path)
    told_once(alone.run("simulate"), "solvent train")
