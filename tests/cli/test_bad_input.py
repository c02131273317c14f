"""Bad tables and bad declarations: refused in words with a hint, or scored with every row counted.

Every table here holds personal values; none may be printed, and none may be kept but an id.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from solvent.cli.main import app
from tests.cli.shops import (
    BORN,
    CANARY,
    PRODUCT,
    ROWS,
    Row,
    Shop,
    loan_rows,
    open_shop,
    payment_rows,
    read_rows,
    write_rows,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A sound shop with one registered model."""
    shop = open_shop(tmp_path_factory.mktemp("trained"))
    result = shop.run("train", "--report", shop.folder / "report.html")
    assert result.exit_code == 0, result.output
    return shop


def tells_nobody(*texts: str) -> None:
    """Hold texts to show no stack and no person."""
    for text in texts:
        assert "Traceback" not in text
        assert CANARY not in text
        assert BORN not in text


def refused(result: Result, *words: str) -> None:
    """Hold a command to have refused in words: what is wrong, where, and what to do."""
    tells_nobody(result.output)
    assert result.exit_code == 1, result.output
    assert result.output.count("error: ") == 1
    assert "\n  hint: " in result.output
    for word in words:
        assert word in result.output


def refuses_to_train(shop: Shop, *words: str) -> None:
    """Hold `train` to refuse, to register nothing and to write no page."""
    page = shop.folder / "report.html"
    refused(shop.run("train", "--report", page), *words)
    assert shop.kept == []
    assert sorted(path.name for path in shop.folder.iterdir()) == ["data", "product.py"]


def accounts(result: Result, target: Path, rows: int) -> dict[str, str]:
    """Hold `score` to give every row a PD or a reason; return the reasons by row number."""
    assert result.exit_code == 0, result.output
    beside = target.with_suffix(".refused.csv")
    scored, left = read_rows(target), read_rows(beside) if beside.exists() else []
    assert len(scored) + len(left) == rows
    assert f"scored   {len(scored):,} applications" in result.output
    assert (f"refused  {len(left):,} rows" in result.output) == bool(left)
    assert all(0 < float(row["prediction_probability"]) < 1 for row in scored)
    assert all(list(row) == ["file", "row", "id", "reason"] for row in left)
    ids = [row["id"] for row in scored]
    assert len(set(ids)) == len(ids)
    shown = beside.read_text(encoding="utf-8") if left else ""
    tells_nobody(result.output, target.read_text(encoding="utf-8"), shown)
    assert not list(target.parent.glob(".*"))
    return {row["row"]: row["reason"] for row in left}


def spoilt(rows: Sequence[Row], **cells: str) -> list[Row]:
    """Return rows with one cell changed in each of the first: `column__number="cell"`."""
    changed = [dict(row) for row in rows]
    for place, cell in cells.items():
        column, _, number = place.rpartition("__")
        changed[int(number)][column] = cell
    return changed


def without(rows: Sequence[Row], column: str) -> list[Row]:
    """Return rows that lack a column."""
    return [{name: cell for name, cell in row.items() if name != column} for row in rows]


def naive(rows: Sequence[Row]) -> list[Row]:
    """Return rows whose times say no zone."""
    return [{**row, "asked_at": row["asked_at"].removesuffix("+00:00")} for row in rows]


def as_parquet(path: Path, rows: Sequence[Row], **columns: object) -> Path:
    """Write rows as Parquet, with some columns given as they are."""
    cells: dict[str, object] = {name: [row[name] for row in rows] for name in rows[0]}
    pq.write_table(pa.table({**cells, **columns}), path)
    return path


# ---- columns


@pytest.mark.parametrize("column", ["loan_id", "customer", "asked_at", "income", "defaulted"])
def test_a_missing_column_is_named_and_what_is_there_is_listed(tmp_path: Path, column: str) -> None:
    shop = open_shop(tmp_path, without(loan_rows(), column))
    refuses_to_train(shop, f"loans.{column}: loans.csv has no column '{column}'", "months")


@pytest.mark.parametrize("column", ["loan_id", "customer", "asked_at", "income"])
def test_a_missing_column_scores_nothing(trained: Shop, tmp_path: Path, column: str) -> None:
    table = write_rows(tmp_path / "in.csv", without(loan_rows(9), column))
    refused(trained.score(table, tmp_path / "p.csv"), f"loans.{column}: in.csv has no column")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_what_scoring_does_not_read_may_be_missing_or_strange(
    trained: Shop, tmp_path: Path
) -> None:
    extra = {f"stranger_{n}": CANARY for n in range(300)}
    rows = [{**row, **extra} for row in without(loan_rows(20), "defaulted")]
    target = tmp_path / "p.csv"
    assert not accounts(trained.score(write_rows(tmp_path / "in.csv", rows), target), target, 20)


def test_three_hundred_declared_columns_train_and_score(tmp_path: Path) -> None:
    names = [f"x{n}" for n in range(300)]
    rows = [
        {**row, **{name: str(i * j % 17) for j, name in enumerate(names)}}
        for i, row in enumerate(loan_rows())
    ]
    declared = '"faith": category(), **{f"x{n}": integer() for n in range(300)},'
    shop = open_shop(tmp_path, rows, product=PRODUCT.replace('"faith": category(),', declared))
    result = shop.run("train", "--technique", "boosted_trees")
    assert result.exit_code == 0, result.output
    target = tmp_path / "p.csv"
    assert not accounts(shop.score(shop.data / "loans.csv", target), target, ROWS)


# ---- rows


@pytest.mark.parametrize("outcome", ["0", "1"])
def test_outcomes_that_are_all_equal_are_refused_with_the_definition(
    tmp_path: Path, outcome: str
) -> None:
    shop = open_shop(tmp_path, [{**row, "defaulted": outcome} for row in loan_rows()])
    refuses_to_train(shop, "bad: ", "by the definition: defaulted is 1")


@pytest.mark.parametrize("text", ["", ",".join(loan_rows(1)[0]) + "\n"])
def test_a_table_without_rows_is_refused(trained: Shop, tmp_path: Path, text: str) -> None:
    shop = open_shop(tmp_path / "new")
    table = shop.data / "loans.csv"
    table.write_text(text, encoding="utf-8")
    refuses_to_train(shop, "loans.csv ")
    refused(trained.score(table, tmp_path / "p.csv"), "loans.csv ")
    assert not (tmp_path / "p.csv").exists()


def test_a_parquet_table_without_rows_is_refused(trained: Shop, tmp_path: Path) -> None:
    table = tmp_path / "in.parquet"
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in loan_rows(1)[0]}), table)
    refused(trained.score(table, tmp_path / "p.csv"), "in.parquet has no rows")
    assert not (tmp_path / "p.csv").exists()


def test_rows_that_all_fail_are_counted_by_reason(trained: Shop, tmp_path: Path) -> None:
    rows = [{**row, "income": CANARY} for row in loan_rows()]
    shop = open_shop(tmp_path / "new", rows)
    refuses_to_train(shop, "loans: no application could be used (300 income: not money)")
    target = tmp_path / "p.csv"
    reasons = accounts(trained.score(shop.data / "loans.csv", target), target, ROWS)
    assert set(reasons.values()) == {"income: not money"}


def test_loans_that_are_all_too_young_are_counted_and_never_called_good(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, product=PRODUCT.replace("days(30)", "days(3000)"))
    refuses_to_train(shop, "bad: ", "300 are not mature yet", "performance window")


def test_a_time_that_lies_ahead_does_not_make_young_loans_old(tmp_path: Path) -> None:
    text = PRODUCT.replace("days(30)", "days(3000)")
    shop = open_shop(tmp_path, product=text)
    rows = spoilt(payment_rows(loan_rows()), paid_at__3="9999-12-31T00:00:00Z")
    write_rows(shop.data / "payments.csv", rows)
    refused(shop.run("check"), "payments: ", "observed_until")
    refuses_to_train(shop, "payments: its latest time, 9999-12-31", "observed_until")
    shop.declare(text.replace("technique=", 'observed_until="2024-01-31T00:00:00Z", technique='))
    refuses_to_train(shop, "300 are not mature yet")
    shop.declare(PRODUCT.replace("performance=days(30)", 'matured="given"'))
    assert shop.run("train").exit_code == 0


def test_refused_rows_of_a_source_are_told_by_every_command(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    rows = payment_rows(loan_rows())
    rows = spoilt(rows, amount__0=CANARY, paid_at__1=CANARY, payment_id__2="", amount__3="1e400")
    write_rows(shop.data / "payments.csv", rows)
    page, target = tmp_path / "report.html", tmp_path / "p.csv"
    commands = [shop.run("check"), shop.run("train", "--report", page)]
    commands.append(shop.score(shop.data / "loans.csv", target))
    for result in commands:
        assert result.exit_code == 0, result.output
        for reason in ("amount: not money", "paid_at: not a time", "payment_id: missing"):
            assert reason in result.output
    accounts(commands[-1], target, ROWS)
    counted = [line.split() for line in commands[0].output.splitlines()]
    assert ["payments", "301", "297", "4"] in counted
    told = [page.read_text(encoding="utf-8"), *(result.output for result in commands)]
    tells_nobody(*told, *shop.kept_texts.values())


# ---- cells


def test_odd_text_is_scored_or_refused_but_never_lost(trained: Shop, tmp_path: Path) -> None:
    rows = spoilt(
        loan_rows(9), city__0="Zürich 東京 🏦", loan_id__1="Ł-ü", city__2="a\0b", loan_id__3="n\0",
        customer__4="x\0y", income__5="12\x003", customer__6="\u202eevil", city__7="\x1b[2J",
    )  # fmt: skip
    table = write_rows(tmp_path / "in.csv", rows, encoding="utf-8-sig")
    target = tmp_path / "p.csv"
    reasons = accounts(trained.score(table, target), target, 9)
    assert reasons == {
        "3": "city: NUL byte", "4": "loan_id: NUL byte", "5": "customer: NUL byte",
        "6": "income: not money",
    }  # fmt: skip
    assert [row["id"] for row in read_rows(target)][:2] == ["L0000", "Ł-ü"]


def test_a_byte_order_mark_changes_no_prediction(trained: Shop, tmp_path: Path) -> None:
    plain, marked = tmp_path / "plain.csv", tmp_path / "marked.csv"
    for target, encoding in ((plain, "utf-8"), (marked, "utf-8-sig")):
        table = write_rows(tmp_path / "in.csv", loan_rows(30), encoding=encoding)
        accounts(trained.score(table, target), target, 30)
    assert plain.read_bytes() == marked.read_bytes()


def test_another_encoding_is_refused_and_told_how_to_declare(trained: Shop, tmp_path: Path) -> None:
    table = write_rows(
        tmp_path / "in.csv", spoilt(loan_rows(3), city__0="Malmö"), encoding="cp1252"
    )
    refused(trained.score(table, tmp_path / "p.csv"), "not written in utf-8", "csv=Csv(encoding=")


def test_numbers_without_an_end_are_refused_by_name(trained: Shop, tmp_path: Path) -> None:
    rows = spoilt(
        loan_rows(12), ratio__0="inf", ratio__1="1e400", ratio__2="-Infinity", ratio__3="nan",
        income__4="inf", income__5="1e400", months__6="1e400", income__7=CANARY, ratio__8="",
    )  # fmt: skip
    target = tmp_path / "p.csv"
    reasons = accounts(trained.score(write_rows(tmp_path / "in.csv", rows), target), target, 12)
    assert sorted(reasons) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert reasons["1"] == "ratio: not finite"
    assert reasons["2"] == "ratio: out of range"
    assert reasons["7"].startswith("months: ")


def test_floats_of_parquet_without_an_end_are_refused_too(trained: Shop, tmp_path: Path) -> None:
    table = as_parquet(
        tmp_path / "in.parquet", loan_rows(4), ratio=[float("inf"), None, 0.5, 0.5],
        income=[1.0, 2.0, float("nan"), 1e300],
    )  # fmt: skip
    target = tmp_path / "p.csv"
    reasons = accounts(trained.score(table, target), target, 4)
    assert set(reasons) == {"1", "3", "4"}


def test_a_category_never_seen_is_scored(trained: Shop, tmp_path: Path) -> None:
    rows = [{**row, "city": "Quito"} for row in loan_rows(40)]
    target = tmp_path / "p.csv"
    assert not accounts(trained.score(write_rows(tmp_path / "in.csv", rows), target), target, 40)


def test_times_without_a_zone_are_refused_until_one_is_declared(
    trained: Shop, tmp_path: Path
) -> None:
    rows = naive(loan_rows())
    shop = open_shop(tmp_path / "new", rows)
    refuses_to_train(shop, "loans.asked_at: ", 'zone="UTC"')
    mixed = write_rows(tmp_path / "in.csv", [*rows[:1], *loan_rows(9)[1:]])
    refused(trained.score(mixed, tmp_path / "p.csv"), "loans.asked_at: ", 'zone="UTC"')
    shop.declare(PRODUCT.replace('as_of="asked_at",', 'as_of="asked_at", zone="UTC",'))
    assert shop.run("train").exit_code == 0


def test_times_that_are_none_are_refused_row_by_row(trained: Shop, tmp_path: Path) -> None:
    rows = spoilt(loan_rows(6), asked_at__0=CANARY, asked_at__1="", asked_at__2="0000-00-00")
    target = tmp_path / "p.csv"
    reasons = accounts(trained.score(write_rows(tmp_path / "in.csv", rows), target), target, 6)
    assert reasons == {
        "1": "asked_at: not a time", "2": "asked_at: missing", "3": "asked_at: not a time"
    }  # fmt: skip


# ---- ids


def test_an_id_twice_counts_once_and_with_two_bodies_not_at_all(
    trained: Shop, tmp_path: Path
) -> None:
    rows = loan_rows(5)
    rows += [rows[0], rows[1], {**rows[2], "income": "1.00"}]
    target = tmp_path / "p.csv"
    reasons = accounts(trained.score(write_rows(tmp_path / "in.csv", rows), target), target, 8)
    assert reasons == {
        "3": "id on several applications", "6": "duplicate id", "7": "duplicate id",
        "8": "id on several applications",
    }  # fmt: skip
    assert [row["id"] for row in read_rows(target)] == ["L0000", "L0001", "L0003", "L0004"]


def test_training_counts_ids_that_stand_twice(tmp_path: Path) -> None:
    rows = loan_rows()
    shop = open_shop(tmp_path, [*rows, rows[0], {**rows[2], "income": "1.00"}])
    result = shop.run("train")
    assert result.exit_code == 0, result.output
    told = [" ".join(line.split()) for line in result.output.splitlines()]
    for line in ("Applications read 302", "loans id on several applications 2"):
        assert line in told
    assert "loans duplicate id 1" in told


def test_ids_kept_as_numbers_here_and_as_text_there_keep_apart_what_differs(
    trained: Shop, tmp_path: Path
) -> None:
    folder, rows = tmp_path / "in", loan_rows(8)
    folder.mkdir()
    as_parquet(folder / "a.parquet", rows[:4], loan_id=[1, 2, 3, 4])
    as_parquet(folder / "b.parquet", rows[4:], loan_id=["A1", "01", "5", "1"])
    target = tmp_path / "p.csv"
    assert accounts(trained.score(folder, target), target, 8)
    assert sorted(row["id"] for row in read_rows(target)) == ["01", "2", "3", "4", "5", "A1"]


# ---- files


def test_a_parquet_cut_in_half_is_refused_by_every_command(trained: Shop, tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "new", product=PRODUCT.replace("loans.csv", "loans.parquet"))
    table = as_parquet(shop.data / "loans.parquet", loan_rows())
    table.write_bytes(table.read_bytes()[: table.stat().st_size // 2])
    words = "loans.parquet is not a complete Parquet file"
    refuses_to_train(shop, words)
    refused(shop.run("check"), words)
    refused(trained.score(table, tmp_path / "p.csv"), words)
    assert not (tmp_path / "p.csv").exists()
    scaffold = ["new", str(tmp_path / "made"), "--applications", str(table), "--bad", "defaulted"]
    refused(CliRunner().invoke(app, scaffold), words)
    assert not (tmp_path / "made").exists()


def test_a_table_that_is_not_there_is_told_what_is(trained: Shop, tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "new")
    (shop.data / "payments.csv").unlink()
    refuses_to_train(shop, "payments: no file 'payments.csv'", "the folder 'data' holds: loans.csv")
    refused(trained.score(tmp_path / "none.csv", tmp_path / "p.csv"), "none.csv")
    shutil.rmtree(shop.data)
    refused(shop.run("train"), f"there is no folder {shop.data}", "--data")


def test_scoring_without_a_table_the_model_learned_from_names_it(tmp_path: Path) -> None:
    shop = open_shop(
        tmp_path, product=PRODUCT.replace('at="paid_at",', 'at="paid_at", optional=True,')
    )
    assert shop.run("train").exit_code == 0
    (shop.data / "payments.csv").unlink()
    refused(shop.score(shop.data / "loans.csv", tmp_path / "p.csv"), "payments: ", "--data")
    assert not (tmp_path / "p.csv").exists()


# ---- leaks


def test_a_column_that_tells_the_outcome_registers_nothing_until_waived_by_name(
    tmp_path: Path,
) -> None:
    rows = [{**row, "recovered": row["defaulted"] * 2} for row in loan_rows()]
    text = PRODUCT.replace('"faith": category(),', '"faith": category(), "recovered": integer(),')
    shop = open_shop(tmp_path, rows, product=text)
    waiver = 'Waiver(check="recovered: tells the outcome", reason="why it is no leak here")'
    refuses_to_train(shop, "AUC of 1.000", f"waivers=({waiver},)")
    checked = shop.run("check")
    assert checked.exit_code == 1
    assert "recovered: tells the outcome" in checked.output
    shop.declare(text.replace("protected=", f"waivers=({waiver},), protected="))
    assert shop.run("train").exit_code == 0


# ---- declarations

FAULTS = {
    "a syntax error": ('name="shop"', 'name="shop', "unterminated string literal", "(line "),
    "a misspelt option": ("technique=", "techniqe=", "'techniqe'", "did you mean 'technique'?"),
    "a misspelt role": ('key="customer", as_of', 'key="customer", as_off', "did you mean 'as_of'?"),
    "a misspelt table": ("behaviour(loans)", "behaviour(loan)", "did you mean 'loans'?"),
    "a sum of a category": (
        "behaviour(payments, over=(90,))", 'total(payments, payments["note"])',
        "payments: the sum of 'note' means nothing", "distinct()",
    ),
    "known_at without a column": (
        '"amount": money("EUR")', '"amount": money("EUR", known_at="closed")',
        "payments.amount: known_at='closed'", "declare 'closed'",
    ),
    "an unknown technique": (
        '"logistic"', '"magic"', "technique: no such technique: magic", "boosted_trees, "
    ),
    "an unknown zone": (
        'as_of="asked_at",', 'as_of="asked_at", zone="Mars/Olympus",',
        "zone: there is no time zone 'Mars/Olympus'", "UTC",
    ),
    "a column not declared": (
        "behaviour(loans)", 'loans["incme"]', "loans: no column 'incme' is declared", "income"
    ),
    "an outcome column that is not there": (
        "defaulted", "defaultd", "loans.defaultd: loans.csv has no column", "did you mean"
    ),
    "a protected column that is not there": ('("faith",)', '("feith",)', "protected: ", "feith"),
    "no product": ("product = Product", "produkt = Product", "declares no product", "Product("),
    "an exit of its own": ("payments = ", "raise SystemExit(0)\npayments = ", "SystemExit"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_product_is_refused_with_the_word_to_mend(tmp_path: Path, fault: str) -> None:
    right, wrong, *words = FAULTS[fault]
    assert right in PRODUCT
    shop = open_shop(tmp_path, product=PRODUCT.replace(right, wrong, 1))
    refuses_to_train(shop, *words)


def test_an_unknown_technique_is_refused_before_a_table_is_read(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    for table in shop.data.iterdir():
        table.unlink()
    refused(shop.run("train", "--technique", "magic"), "technique: ", "boosted_trees, ")


def test_nothing_kept_of_a_training_names_a_person(trained: Shop) -> None:
    texts = trained.kept_texts
    assert {Path(name).name for name in texts} == {
        "latest", "manifest.json", "line.json", "encoder.json", "calibration.json",
        "population_train.zip", "population_test.zip", "manifest.sig", "signing.key",
    }  # fmt: skip
    tells_nobody(*texts.values(), (trained.folder / "report.html").read_text(encoding="utf-8"))
