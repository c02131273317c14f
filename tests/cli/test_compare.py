"""`solvent compare`: a table, a page, a file; what cannot be trained is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.app.own_techniques import BROKEN, CONSTANT, MINE
from tests.cli.shops import CANARY, PRODUCT, Shop, loan_rows, open_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A corner shop with techniques of its own."""
    opened = open_shop(tmp_path_factory.mktemp("shop"))
    for name, text in {"mine": MINE, "broken": BROKEN, "constant": CONSTANT}.items():
        (opened.folder / f"{name}.py").write_text(text, encoding="utf-8")
    return opened


@pytest.fixture(scope="module")
def compared(shop: Shop) -> Result:
    """What one comparison printed."""
    return shop.run(
        "compare", "--techniques", "logistic, mine,constant,broken", "--folds", "2",
        "--report", shop.folder / "page.html", "-o", shop.folder / "figures.csv",
    )  # fmt: skip


def test_a_table_and_a_verdict_are_shown(compared: Result) -> None:
    assert compared.exit_code == 0, compared.output
    assert "applications no model had seen, 2 folds" in compared.output
    for name in ("logistic", "mine", "constant"):
        assert f"\n{name} " in compared.output
    assert "ranks be" in compared.output
    assert (
        "warning: broken: ZeroDivisionError in broken.py, line 8, while it learnt"
        in compared.output
    )


def test_the_page_and_the_figures_are_written_and_name_nobody(shop: Shop, compared: Result) -> None:
    page = (shop.folder / "page.html").read_text(encoding="utf-8")
    figures = (shop.folder / "figures.csv").read_text(encoding="utf-8")
    assert "Our own line" in page
    assert "ZeroDivisionError in broken.py, line 8, while it learnt" in page
    assert figures.count("\n") == 5
    for text in (page, figures, compared.output):
        assert CANARY not in text


def test_nothing_is_registered(shop: Shop, compared: Result) -> None:
    assert compared.exit_code == 0
    assert not shop.kept


def test_the_techniques_there_are_are_listed_with_what_they_need(shop: Shop) -> None:
    listed = shop.run("compare", "--list")
    assert listed.exit_code == 0
    assert 'install "solvent[train]"' in listed.output
    assert "mine.py, beside product.py" in listed.output
    assert "product.py, beside" not in listed.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--techniques", "magic"), "no such technique: magic"),
        (("--techniques", "broken"), "no technique could be judged"),
        (("--report", "nowhere/page.html"), "the folder of page.html is not there"),
    ],
)
def test_what_cannot_be_done_is_told(shop: Shop, words: tuple[str, ...], said: str) -> None:
    refused = shop.run("compare", *words)
    assert refused.exit_code == 1
    assert said in refused.output


def test_fewer_than_two_folds_are_refused(shop: Shop) -> None:
    assert shop.run("compare", "--folds", "1").exit_code == 2


def test_a_file_that_cannot_be_run_is_said_where_all_are_compared(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    (shop.folder / "typo.py").write_text("technique = 1 / 0\n", encoding="utf-8")
    (shop.folder / "script.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    found = shop.run("compare", "--folds", "2")
    assert found.exit_code == 0, found.output
    assert "warning: typo: typo.py cannot be run: ZeroDivisionError" in found.output
    assert "script" not in found.output


def test_a_product_with_a_chain_is_said_to_have_one_and_its_links_are_told(tmp_path: Path) -> None:
    product = PRODUCT.replace("import Applications,", "import Applications, Link,").replace(
        "product = Product(",
        'product = Product(chain=(Link(name="client", needs=("payments",), words="clients"), '
        'Link(name="newcomer", words="newcomers")), ',
    )
    opened = open_shop(tmp_path, loan_rows(600), product=product)
    page = tmp_path / "page.html"
    told = opened.run(
        "compare", "--techniques", "logistic", "--folds", "2", "--report", str(page)
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    words = " ".join(told.output.split())
    assert "The product is a chain of 2 models, for clients and newcomers." in words
    assert "single models of all features on every application, not chains" in words
    assert "AUC on the applications that each link of the chain scores" in words
    assert "What each link has" in page.read_text(encoding="utf-8")
