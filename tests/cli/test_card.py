"""`solvent card`: printed, or carried elsewhere."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from solvent.scoring import Scale, score
from tests.cli.shops import PRODUCT, Shop, open_shop, told_once

CARD = PRODUCT.replace("import Applications,", "import Applications, Card,").replace(
    'technique="logistic",',
    'technique="scorecard", card=Card(pdo=40, drop=("payments*",), edges={"months": (12, 48)}),',
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a card, and an older model that is none."""
    found = open_shop(tmp_path_factory.mktemp("shop"), product=CARD)
    for technique in ("logistic", "scorecard"):
        result = found.run("train", "--technique", technique)
        assert result.exit_code == 0, result.output
    return found


@pytest.mark.parametrize("kind", ["html", "csv", "json", "sql"])
def test_every_format_is_printed_and_written_alike(shop: Shop, kind: str, tmp_path: Path) -> None:
    printed = shop.run("card", "--format", kind)
    assert printed.exit_code == 0, printed.output
    result = shop.run("card", "--format", kind, "-o", tmp_path / f"card.{kind}")
    assert "version 2" in result.output
    written = (tmp_path / f"card.{kind}").read_text("utf-8")
    assert written == printed.stdout.replace("\r\n", "\n")


def test_what_the_product_says_of_its_card_holds(shop: Shop) -> None:
    told = json.loads(shop.run("card", "--format", "json").stdout)
    assert told["scale"]["pdo"] == 40.0
    names = {one["name"]: one for one in told["characteristics"]}
    assert not [name for name in names if name.startswith("payments")]
    if "months" in names:
        ends = [one["range"]["up_to"] for one in names["months"]["bins"] if one["range"]]
        assert ends == [12.0, 48.0, None]


def test_dialects_differ(shop: Shop) -> None:
    duckdb, postgres = (
        shop.run("card", "--format", "sql", "--dialect", name).stdout
        for name in ("duckdb", "postgres")
    )
    assert "AS DOUBLE" in duckdb
    assert "float8 '" in postgres


def test_a_model_that_is_no_card_is_refused(shop: Shop) -> None:
    told_once(shop.run("card", "--model", "1"), "logistic, which gives no card", "--technique")


def test_a_dialect_without_sql_and_a_wrong_ending_are_refused(shop: Shop, tmp_path: Path) -> None:
    told_once(shop.run("card", "--dialect", "postgres"), "html has no dialect", "--format sql")
    told_once(shop.run("card", "--format", "csv", "-o", tmp_path / "card.txt"), "cannot write .txt")


def test_contradictions_are_told_before_anything_is_read(tmp_path: Path) -> None:
    text = CARD.replace('drop=("payments*",)', 'drop=("months",), keep=("months",)')
    shop = open_shop(tmp_path, product=text)
    told_once(shop.run("train"), "card.keep", "'months' is to be dropped as well")
    shop.declare(CARD.replace('drop=("payments*",)', 'drop=("wealth",)'))
    told_once(shop.run("train"), "card.drop", "'wealth' matches no feature")


def test_scores_of_a_file_stand_on_the_scale_of_the_card(shop: Shop, tmp_path: Path) -> None:
    scored = tmp_path / "scored.csv"
    result = shop.run("score", shop.data / "loans.csv", "--with", "score", "-o", scored)
    assert result.exit_code == 0, result.output
    with scored.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pd = np.array([float(row["prediction_probability"]) for row in rows])
    usual = score(pd, Scale())
    told = np.array([int(row["score"]) for row in rows])
    assert (told == score(pd, Scale(pdo=40.0))).all()
    assert (told != usual).any()
