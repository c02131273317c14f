"""`solvent card`: printed, or carried elsewhere."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from solvent.models import points_card
from solvent.models.chain import chain_of
from solvent.scoring import Scale, score
from solvent.store import ModelRegistry
from tests.cli.shops import (
    PRODUCT,
    Shop,
    loan_rows,
    open_shop,
    payment_rows,
    told_once,
    write_rows,
)

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


CHAIN = (
    CARD.replace("import Applications, Card,", "import Applications, Card, Link,")
    .replace('drop=("payments*",), ', "")
    .replace(
        'protected=("faith",),',
        """protected=("faith",), chain=(
        Link(name="payer", needs=("payments",), words="who paid before"),
        Link(name="newcomer", technique="logistic"),
    ),""",
    )
)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a card for those who paid before, and a line for the others."""
    rows = loan_rows(600)
    found = open_shop(tmp_path_factory.mktemp("chain"), rows, product=CHAIN)
    write_rows(found.data / "payments.csv", payment_rows(rows)[::2])
    result = found.run("train", "--report", str(found.folder / "report.html"))
    assert result.exit_code == 0, result.output
    return found


def test_the_card_of_a_link_is_that_of_the_applications_it_scores(chain: Shop) -> None:
    told = json.loads(chain.run("card", "--link", "payer", "--format", "json").stdout)
    assert told["title"] == "shop: who paid before"
    registry = ModelRegistry(chain.home)
    registered = registry.load("shop", None)
    model = chain_of(registered.model)
    assert model is not None
    card = points_card(model.links[0].trained)
    assert told["start_points"] == card.start
    assert [one["name"] for one in told["characteristics"]] == [line.name for line in card.lines]
    page = chain.run("card", "--link", "payer").stdout
    facts = {one["name"]: one for one in registered.about["links"]}["payer"]
    assert f"<dd>{facts['learnt']} applications</dd>" in page
    assert f"<dd>{facts['test']['auc']['auc']:.3f}</dd>" in page
    known = int((model.places(registry.population("shop", 1, "test").frame) == 0).sum())
    assert f"Whole points on {known} applications" in page
    report = (chain.folder / "report.html").read_text(encoding="utf-8")
    assert ">The scorecard for who paid before<" in report
    assert "The scorecard for everybody" not in report  # the other link is no card
    assert "Its bins from month to month" in report


def test_a_chain_asks_which_link_and_a_link_that_is_no_card_is_refused(chain: Shop) -> None:
    told_once(chain.run("card"), "chain of several", "--link payer, --link newcomer")
    told_once(chain.run("card", "--link", "client"), "'client' is none", "--link payer")
    told_once(chain.run("card", "--link", "newcomer"), "logistic, which gives no card")


def test_a_link_of_a_single_model_is_refused(shop: Shop) -> None:
    told_once(shop.run("card", "--link", "payer"), "no chain of models", "leave it out")
