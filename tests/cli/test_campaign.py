"""`solvent campaign`: a file of customers in, the eligible out, the rest accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shops import (
    CANARY,
    Shop,
    loan_rows,
    open_live_shop,
    read_rows,
    told_once,
    write_rows,
)

AS_OF = ("--as-of", "2023-11-20T00:00:00Z")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a model."""
    return open_live_shop(tmp_path_factory.mktemp("shop"))


def _words(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").split())


def test_the_funnel_and_the_outlook_are_said_in_words(shop: Shop, tmp_path: Path) -> None:
    rows = loan_rows()
    rows[0]["income"] = CANARY
    out = tmp_path / "e.csv"
    customers = write_rows(tmp_path / "in.csv", rows)
    result = shop.run("campaign", customers, "-o", out, "--confidence", "0.8")
    assert result.exit_code == 0, result.output
    words = _words(result.output)
    eligible = len(read_rows(out))
    for told in (
        "Rows read 300",
        "Customers scored 299 refused: 1 income: not money",
        "the account is too young",
        f"Repay with at least 80.0 % confidence {eligible}",
        f"customers {eligible} ",
        f"lent {eligible * 100:,} EUR",
        "decided with policy first, model version 1",
    ):
        assert told in words
    assert CANARY not in result.output + out.read_text(encoding="utf-8")


def test_a_row_s_pd_is_the_one_score_gives_it(shop: Shop, tmp_path: Path) -> None:
    out, scored = tmp_path / "e.csv", tmp_path / "s.csv"
    table = write_rows(tmp_path / "in.csv", loan_rows(80))
    assert shop.run("campaign", table, "-o", out, "--confidence", "0.6").exit_code == 0
    assert shop.score(table, scored).exit_code == 0
    pd = {row["user_id"]: row["prediction_probability"] for row in read_rows(scored)}
    eligible = read_rows(out)
    assert len(eligible) > 10
    for row in eligible:
        assert float(row["probability_of_default"]) == float(pd[row["user_id"]])


def test_windows_that_end_long_after_the_data_are_warned_of(shop: Shop, tmp_path: Path) -> None:
    customers = write_rows(tmp_path / "in.csv", [{"customer": "C0001"}])
    late = shop.run("campaign", customers, "-o", tmp_path / "e.csv", "--as-of", "2025-11-20T00:00Z")
    assert "the newest row of the sources is of" in _words(late.output)
    assert "give --as-of" in _words(late.output)
    right = shop.run("campaign", customers, "-o", tmp_path / "e.csv", *AS_OF)
    assert "warning" not in right.output


def test_keys_alone_and_ragged_rows_are_counted(shop: Shop, tmp_path: Path) -> None:
    customers = tmp_path / "in.csv"
    customers.write_text("customer,city\nC0001,Lima\nC0002\nC0003,Lima\nC0003,Lima\n", "utf-8")
    result = shop.run("campaign", customers, "-o", tmp_path / "e.csv", *AS_OF)
    assert result.exit_code == 0, result.output
    words = _words(result.output)
    assert "Rows read 4" in words
    assert "Customers scored 2 refused: 1 duplicate id; 1 row: wrong number of cells" in words


@pytest.mark.parametrize("confidence", ["0", "1", "1.5", "nan"])
def test_a_confidence_outside_is_refused(shop: Shop, tmp_path: Path, confidence: str) -> None:
    told_once(
        shop.run(
            "campaign", shop.data / "loans.csv", "-o", tmp_path / "e.csv",
            "--confidence", confidence,
        ),
        "confidence: must lie between 0 and 1",
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_named(shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "e.csv"
    nobody = write_rows(tmp_path / "in.csv", [{"custommer": CANARY}])
    told_once(shop.run("campaign", nobody, "-o", out), "CUSTOMERS: ", "did you mean 'custommer'?")
    told_once(shop.run("campaign", tmp_path / "none.csv", "-o", out), "CUSTOMERS: ", "none.csv")
    empty = write_rows(tmp_path / "empty.csv", [{"customer": "C1"}])
    empty.write_text("customer\n", encoding="utf-8")
    told_once(shop.run("campaign", empty, "-o", out), "empty.csv has no rows")
    keys = write_rows(tmp_path / "keys.csv", [{"customer": "C1"}])
    told_once(shop.run("campaign", keys, "-o", out, "--as-of", "soon"), "as-of: ")
    told_once(shop.run("campaign", keys, "-o", out, "--data", tmp_path), "payments")
    alone = Shop(folder=shop.folder, home=tmp_path / "empty-home")
    told_once(alone.run("campaign", keys, "-o", out), "solvent train")
    assert not out.exists()


def test_an_output_that_would_be_read_as_data_is_refused(shop: Shop, tmp_path: Path) -> None:
    keys = write_rows(tmp_path / "keys.csv", [{"customer": "C0001"}])
    for place in (keys, shop.data / "loans.csv", shop.data / "payments.csv", shop.policy):
        before = place.read_bytes()
        told_once(shop.run("campaign", keys, "-o", place, *AS_OF), "output: ", "another file")
        assert place.read_bytes() == before
