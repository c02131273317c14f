"""`solvent features`: the catalogue in words, and the very rows behind one value."""

from __future__ import annotations

import csv
import json
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.shops import (
    BORN,
    CANARY,
    PRODUCT,
    Row,
    Shop,
    loan_rows,
    open_shop,
    payment_rows,
    told_once,
    write_rows,
)

RELATIVE = """from solvent import Applications, Events, Product, count, days, equals, last, money
from solvent import number, own, total

clients = Applications(
    name="clients", files="clients.csv", id="id", key="id", columns={"income": money("EUR")},
)
bills = Events(
    name="bills", files="bills.csv", key="id", at="day", relative="days",
    columns={"amount": money("EUR"), "rate": number()},
)
product = Product(
    name="relative", applications=clients, sources=(bills,),
    features=[
        own(clients, clients["income"]), total(bills, bills["amount"], over=days(30)),
        last(bills, bills["rate"]), count(bills, where=bills["amount"] > 5),
    ],
    bad=equals("bad", 1, matured="given"),
)
"""
OPTIONAL = PRODUCT.replace('files="payments.csv"', 'files="payments.csv", optional=True')
SUM = "payments_amount_sum_90d"
ASKED = "L0007"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop whose customer C0007 paid, was corrected, and paid too early and too late."""
    opened = open_shop(tmp_path_factory.mktemp("features"))
    loans = loan_rows()
    at = datetime.fromisoformat(loans[7]["asked_at"])
    more: list[Row] = [
        _paid("X1", at - timedelta(days=1), "2.00"), _paid("X2", at, "9.00"),
        _paid("X3", at + timedelta(hours=1), "11.00"), _paid("X4", at - timedelta(days=91), "5.00"),
        _paid("X5", at - timedelta(days=2), ""), _paid("X1", at - timedelta(days=1), "2.00"),
    ]  # fmt: skip
    write_rows(opened.data / "payments.csv", [*payment_rows(loans), *more])
    return opened


def _paid(name: str, at: datetime, amount: str) -> Row:
    return {
        "payment_id": name, "customer": "C0007", "paid_at": at.isoformat(), "amount": amount,
        "note": "=cash", "payer": CANARY,
    }  # fmt: skip


def ran(result: Result) -> str:
    """What a command that succeeded printed, of nobody it was not asked about."""
    assert result.exit_code == 0, result.output
    assert CANARY not in result.output
    assert BORN not in result.output
    return result.output


# ------------------------------------------------------------------------------------ the catalogue


def test_every_feature_is_listed_in_words_without_data(tmp_path: Path) -> None:
    """Names, meaning, what nothing means and what is read, by source, with counts; no table."""
    bare = open_shop(tmp_path)
    for file in bare.data.iterdir():
        file.unlink()
    bare.data.rmdir()
    told = " ".join(ran(bare.run("features")).split())
    for words in (
        "Loans (loans)", "Payments (payments)", SUM, "Payments: amount summed, last 90 days (EUR)",
        "In the last 90 days before the", "0 when there are none.", "could be read from: at once",
        "protected: never given to a model", "features (as declared): 5 of loans,",
    ):  # fmt: skip
        assert words in told


@pytest.mark.parametrize(
    ("words", "names", "not_names"),
    [
        (("payments_amount_sum*",), [SUM], ["payments_count_90d"]),
        (("NOTE",), ["payments_note_last"], [SUM]),
        (("--source", "loans"), ["ratio", "months"], [SUM]),
        (("*sum*", "--source", "payments"), [SUM], ["ratio "]),
    ],
)
def test_a_pattern_and_a_source_choose(
    shop: Shop, words: tuple[str, ...], names: list[str], not_names: list[str]
) -> None:
    """A pattern, a part of a name and a source leave the features that fit."""
    told = ran(shop.run("features", *words))
    assert "out of" in told
    for name in names:
        assert name in told
    for name in not_names:
        assert name not in told


@pytest.mark.parametrize("ending", [".csv", ".json", ".md", ".html"])
def test_the_catalogue_is_written_as_the_ending_says(
    shop: Shop, tmp_path: Path, ending: str
) -> None:
    """Each kind of file holds every feature with its sentence; a page loads nothing."""
    target = tmp_path / f"catalogue{ending}"
    assert "wrote" in ran(shop.run("features", "-o", target))
    text = target.read_text(encoding="utf-8")
    assert "In the last 90 days before the application; 0 when there are none." in text
    assert SUM in text.replace("<wbr>", "")
    if ending == ".json":
        document = json.loads(text)
        assert {line["name"] for line in document["features"]} >= {SUM, "ratio", "faith"}
    if ending == ".csv":
        lines = list(csv.DictReader(text.splitlines()))
        assert {line["source"] for line in lines} == {"loans", "payments"}
    if ending == ".html":
        assert "<details>" in text
        assert "http" not in text
        assert "<script" not in text


def test_a_models_features_come_with_their_share(tmp_path: Path) -> None:
    """What a registered model uses is listed with what it leans on, protected columns not."""
    shop = open_shop(tmp_path)
    ran(shop.run("train"))
    told = ran(shop.run("features", "--model", "1"))
    assert "model version 1" in told
    assert "share of the spread" in told
    assert "faith" not in told
    assert "%" in told
    target = tmp_path / "catalogue.json"
    ran(shop.run("features", "--model", "1", "-o", target))
    shares = [line["share"] for line in json.loads(target.read_text())["features"]]
    assert sum(shares) == pytest.approx(1.0)
    told_once(shop.run("features", "--model", "9"), "there is no version 9")


# -------------------------------------------------------------------------------------- one value


def test_a_value_is_shown_with_every_row_of_the_customer(shop: Shop, tmp_path: Path) -> None:
    """Those that count add up to the value; the others say why they do not."""
    target = tmp_path / "rows.csv"
    result = shop.run("features", "--explain", SUM, "--application", ASKED, "-o", target)
    told = " ".join(ran(result).split())
    for words in (
        "value 12.25 EUR", "In the last 90 days before the application; 0 when there are none.",
        "adds up 2.00 + 10.25 = 12.25", "2 rows of payments count, newest first",
        "5 rows of this customer did not count", "2 at or after the application",
        "1 outside the window", "1 repeated", "1 no value", "to the last bit",
    ):  # fmt: skip
        assert words in told, words
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    lines = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert len(lines) == 7
    counted = [line for line in lines if line["counted"] == "yes"]
    assert [line["amount"] for line in counted] == ["2.00", "10.25"]
    assert [line["total"] for line in counted] == ["2.00", "12.25"]
    assert sum(line["reason"] == "" for line in lines) == 2


def test_no_cell_is_a_formula(shop: Shop, tmp_path: Path) -> None:
    """A category that a spreadsheet would run is quoted in CSV and left as it is in JSON."""
    rows, document = tmp_path / "rows.csv", tmp_path / "rows.json"
    asked = ("--explain", "payments_note_last", "--application", ASKED)
    ran(shop.run("features", *asked, "-o", rows))
    assert "'=cash" in rows.read_text(encoding="utf-8")
    assert ",=cash" not in rows.read_text(encoding="utf-8")
    ran(shop.run("features", *asked, "-o", document))
    told = json.loads(document.read_text(encoding="utf-8"))
    assert told["feature"]["value"] == "=cash"
    assert stat.S_IMODE(document.stat().st_mode) == 0o600


def test_rows_beyond_the_limit_are_summarised(shop: Shop) -> None:
    """With --rows 1 the newest row of each kind is shown and the others are counted."""
    told = ran(shop.run("features", "--explain", SUM, "--application", ASKED, "--rows", "1"))
    assert "and 1 older row:" in told
    assert "and 4 older rows:" in told
    none = ran(shop.run("features", "--explain", SUM, "--application", ASKED, "--rows", "0"))
    assert "2 rows:" in none


def test_a_ratio_shows_both_its_parts_and_an_own_value_its_column(shop: Shop) -> None:
    """Top and bottom come each with its rows; a value of the application with its column."""
    name = "payments_amount_sum_90d_per_payments_amount_sum"
    told = ran(shop.run("features", "--explain", name, "--application", ASKED))
    assert "12.25 / 17.25 = " in told
    assert SUM in told
    own = " ".join(ran(shop.run("features", "--explain", "income", "--application", ASKED)).split())
    assert "column income" in own
    title = ran(shop.run("features", "--explain", "Income (EUR)", "--application", ASKED))
    assert "column income" in title
    nobodys = next(row["loan_id"] for row in loan_rows() if row["faith"] == "none")
    protected = ran(shop.run("features", "--explain", "faith", "--application", nobodys))
    assert "never given to a model" in protected


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--explain", "payments_amount_sun_90d", "--application", ASKED), ("did you mean", SUM)),
        (("--explain", "payments_amount_*", "--application", ASKED), ("features fit", SUM)),
        (("--explain", "zzzz", "--application", ASKED), ("no feature is called", "lists them all")),
        (("--explain", SUM, "--application", "L99999"), ("no application has the id 'L99999'",
                                                          "loan_id")),
        (("--explain", SUM), ("--application ID", "--decision ID")),
        (("--explain", SUM, "--application", ASKED, "--decision", "0" * 32), ("--decision ID",)),
        (("--application", ASKED), ("--explain NAME",)),
        (("--explain", SUM, "--decision", "0" * 32), ("no such decision",)),
        (("--explain", SUM, "--decision", "x", "--data", "."), ("live rows", "--data")),
        (("pay*", "--explain", SUM, "--application", ASKED), ("only a list",)),
        (("zzzz*",), ("no feature is called 'zzzz*'",)),
        (("--source", "payment"), ("no source 'payment'", "loans, payments")),
        (("income", "--source", "payments"), ("no feature that fits reads this source",)),
        (("-o", "catalogue.xlsx"), ("cannot write .xlsx", ".csv, .json, .md, .html")),
        (("--explain", SUM, "--application", ASKED, "-o", "rows.html"), (".csv, .json",)),
        (("--explain", SUM, "--application", ASKED, "--data", "nowhere"), ("no folder nowhere",)),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_said_in_words(
    shop: Shop, words: tuple[str, ...], told: tuple[str, ...]
) -> None:
    """Every slip of the pen gets one error that names what fits, and a hint."""
    told_once(shop.run("features", *words), *told)


def test_nothing_is_written_over_the_tables_or_the_product(shop: Shop) -> None:
    """A result never replaces what it was made from."""
    for target in (shop.data / "loans.csv", shop.data / "payments.csv"):
        before = target.read_bytes()
        asked = ("--explain", SUM, "--application", ASKED, "-o", target)
        told_once(shop.run("features", *asked), "would be overwritten")
        assert target.read_bytes() == before


def test_a_refused_application_says_why(tmp_path: Path) -> None:
    """An application that no feature was computed for is not called unknown."""
    rows = loan_rows()
    rows[5] = {**rows[5], "asked_at": ""}
    shop = open_shop(tmp_path, rows)
    asked = shop.run("features", "--explain", SUM, "--application", rows[5]["loan_id"])
    told_once(asked, "was refused", "mend its row")


def test_a_missing_optional_source_is_said(tmp_path: Path) -> None:
    """A feature of a source that is not there is told as such; others go on."""
    shop = open_shop(tmp_path, product=OPTIONAL)
    (shop.data / "payments.csv").unlink()
    asked = ("--application", ASKED)
    told_once(shop.run("features", "--explain", SUM, *asked), "payments", "optional", "--data")
    assert "column ratio" in ran(shop.run("features", "--explain", "ratio", *asked))
    alone = OPTIONAL.replace("behaviour(loans), ", "").replace('"faith": category(),', "")
    shop.declare(alone.replace('protected=("faith",), ', ""))
    told_once(shop.run("features", "--explain", SUM, *asked), "payments", "optional")


def test_a_missing_source_that_is_not_optional_is_said(tmp_path: Path) -> None:
    """The table a feature reads must be there."""
    shop = open_shop(tmp_path)
    (shop.data / "payments.csv").unlink()
    told_once(shop.run("features", "--explain", SUM, "--application", ASKED), "payments")


def test_times_that_count_from_the_application_are_told_in_days(tmp_path: Path) -> None:
    """Without dates a row stands so many days before its application, and day 0 does not count."""
    shop = Shop(folder=tmp_path / "relative", home=tmp_path / "home")
    shop.data.mkdir(parents=True)
    shop.declare(RELATIVE)
    write_rows(shop.data / "clients.csv", [{"id": "7", "income": "10", "bad": "0"}])
    days = ("-40", "-30", "-1.5", "0")
    bills = [{"id": "7", "day": day, "amount": "6.10", "rate": "0.5"} for day in days]
    write_rows(shop.data / "bills.csv", bills)
    asked = ("--application", "7")
    told = " ".join(ran(shop.run("features", "--explain", "bills_amount_sum_30d", *asked)).split())
    for words in (
        "time (from the application)", "-1.5 days", "-30 days or later", "6.10 + 6.10 = 12.20",
        "none: these applications have no times", "0 days", "1 outside the window",
    ):  # fmt: skip
        assert words in told, words
    target = tmp_path / "rows.csv"
    ran(shop.run("features", "--explain", "bills_rate_last", *asked, "-o", target))
    lines = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert [(line["event_time"], line["reason"]) for line in lines] == [
        ("0", "at or after the application"), ("-1.5", ""), ("-30", "a newer row counts"),
        ("-40", "a newer row counts"),
    ]  # fmt: skip
    own = " ".join(ran(shop.run("features", "--explain", "income", *asked)).split())
    assert "column income 10.00" in own
