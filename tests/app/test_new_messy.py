"""`new` on messy tables: one bad cell costs its row, not the guess, and the file says so."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from solvent.app.scaffold.draft import Fate
from solvent.app.scaffold.names import LATER, says
from solvent.dataset import equals
from solvent.errors import DataError, MissingColumnError, MissingFileError
from solvent.features import Kind
from solvent.sources import connect, sniff
from tests.app.plain_tables import (
    ROWS,
    accepted,
    formatted,
    loans,
    product_of,
    scaffold,
    text_of,
    write_csv,
)

MANY = 1_000
Cells = dict[str, list[object]]


def messy() -> Cells:
    """Return a German lender's table with one bad cell in most columns, as text."""
    draw = random.Random(3)  # noqa: S311 - made-up rows
    rows = range(MANY)
    bad = [int(draw.random() < 0.25) for _ in rows]
    columns: Cells = {
        "loan_id": [f"L{row:05}" for row in rows],
        "Kundennummer": [f"K{row // 2:05}" for row in rows],
        "Antragsdatum": [f"{1 + row % 28:02}/{1 + row // 28 % 12:02}/2023" for row in rows],
        "Rückzahlung": ["" if one else f"{1 + row % 28:02}.06.2024" for row, one in enumerate(bad)],
        "Betrag": [f"{draw.randint(100, 9000)},{draw.randint(10, 99)}" for _ in rows],
        "Einkommen": [f"{draw.randint(1, 99)}.{draw.randint(100, 999)},50" for _ in rows],
        "Zins": [f"{draw.randint(2, 19)},{draw.randint(10, 99)} %" for _ in rows],
        "Region": [draw.choice(["Süd", "Nord", "West"]) for _ in rows],
        "Monate": [draw.randint(1, 48) for _ in rows],
        "ausgefallen": list(bad),
    }
    for name, row, cell in (
        ("loan_id", 61, "L00060"), ("Kundennummer", 11, ""), ("Antragsdatum", 22, "31/02/2023"),
        ("Antragsdatum", 23, ""), ("Betrag", 33, "abc"), ("Region", 44, "süd"),
        ("Region", 45, "k.A."), ("Monate", 55, "k.A."), ("ausgefallen", 66, "NA"),
    ):  # fmt: skip
        columns[name][row] = cell
    return columns


def spoken(folder: Path) -> str:
    """Return a product file without comment signs and line ends."""
    return " ".join(text_of(folder).replace("#", "").split())


def dated(cells: list[str], name: str = "application_date") -> Cells:
    return {**loans(), name: [cells[row % len(cells)] for row in range(ROWS)]}


def test_a_bad_cell_costs_its_row_and_no_guess(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", messy(), separator=";", encoding="latin-1")
    result = scaffold(tmp_path / "p", table, "ausgefallen")
    applications = product_of(tmp_path / "p").applications
    assert (applications.id, applications.key) == ("loan_id", "Kundennummer")
    assert applications.as_of == "Antragsdatum"
    assert {name: (one.kind, one.format) for name, one in applications.columns.items()} == {
        "Antragsdatum": (Kind.DATE, "%d/%m/%Y"), "Betrag": (Kind.MONEY, None),
        "Region": (Kind.CATEGORY, None), "Monate": (Kind.INTEGER, None),
    }  # fmt: skip
    refused = dict(result.seen.refusals.reasons)
    assert refused == {
        "id on several applications": 2, "Kundennummer: missing": 1, "Antragsdatum: missing": 1,
        "Antragsdatum: not a time": 1, "Betrag: not money": 1,
    }  # fmt: skip
    assert accepted(tmp_path / "p") == (MANY, MANY - 6)
    assert formatted(tmp_path / "p" / "product.py")


def test_each_bad_cell_is_told_beside_the_guess(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", messy(), separator=";", encoding="latin-1")
    scaffold(tmp_path / "p", table, "ausgefallen")
    text = spoken(tmp_path / "p")
    for words in (
        "by its name; 1 of 1,000 rows repeats another's; rows that share one are refused",
        "1 of 1,000 rows has none and will be refused",
        "all but 1 of 999 are dates; that row will be refused; 1 row has none and will be refused",
        "all but 1 of 1,000 are numbers; that row will be refused",
        '"Süd", "süd" differ only by case or blanks: write one of them in the file',
        "read as empty: k.A.",
        'thousands signs: write them plainly in the file (12500,75, not 12.500,75): "Einkommen"',
        'per cent signs: write them plainly in the file (11,70, not 11,70 %): "Zins"',
        "NA (1 row) means that the outcome is not known: such loans are set aside",
    ):
        assert words in text
    assert 'missing=("k.A.",)' in text
    assert product_of(tmp_path / "p").bad == equals(
        "ausgefallen", 1, matured="given", missing=("NA",)
    )


@pytest.mark.parametrize(
    ("cells", "format_"),
    [
        (["17/05/2024", "03/04/2024"], "%d/%m/%Y"),
        (["05/17/2024", "04/03/2024"], "%m/%d/%Y"),
        (["17.05.2024", "3.4.2024"], "%d.%m.%Y"),
        (["05-17-2024", "04-03-2024"], "%m-%d-%Y"),
        (["20240517", "20240403"], "%Y%m%d"),
        (["17.05.24", "03.04.24"], "%d.%m.%y"),
        (["17.05.2024 09:30", "03.04.2024 10:00"], "%d.%m.%Y %H:%M"),
    ],
)
def test_days_above_12_decide_how_dates_are_written(
    tmp_path: Path, cells: list[str], format_: str
) -> None:
    columns = dated(cells)
    columns["application_date"][7] = "soon"
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    applications = product_of(tmp_path / "p").applications
    assert applications.as_of == "application_date"
    assert applications.columns["application_date"].format == format_
    assert accepted(tmp_path / "p") == (ROWS, ROWS - 1)
    assert "day before month" not in text_of(tmp_path / "p")


def test_where_no_day_is_above_12_the_day_is_first_and_that_is_said(tmp_path: Path) -> None:
    columns = dated(["07/05/2024", "03/04/2024"])
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    declared = product_of(tmp_path / "p").applications.columns["application_date"]
    assert declared.format == "%d/%m/%Y"
    assert "guessed: day before month; no day above 12 seen" in spoken(tmp_path / "p")


@pytest.mark.parametrize(
    "name",
    [
        "repaid_on", "RepaymentDate", "loan_repayment_date", "Rückzahlung", "Rückzahlungsdatum",
        "paid_at", "closed_date", "due_date", "loan_due_date", "settled", "contract_close_date",
        "loan_payment_date", "Fälligkeitsdatum", "payoff_date", "loan_default_date",
    ],
)  # fmt: skip
def test_a_time_of_repayment_is_never_the_application_time(tmp_path: Path, name: str) -> None:
    assert says(name, LATER)
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", dated(["2024-05-17"] * 9, name)))
    assert product_of(tmp_path / "p").applications.as_of is None
    assert "as_of=" not in text_of(tmp_path / "p")


def test_a_column_passed_over_against_its_name_is_warned_of_at_the_top(tmp_path: Path) -> None:
    columns = dated(["2024-05-17", "2024-05-18", "", "next week"])
    columns["customer_id"] = ["" if row % 3 == 0 else f"c{row // 2}" for row in range(ROWS)]
    result = scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    assert [(one.column, one.part) for one in result.seen.draft.roles.passed_over] == [
        ("customer_id", "key"), ("application_date", "as_of"),
    ]  # fmt: skip
    top = " ".join(text_of(tmp_path / "p").partition("from solvent")[0].replace("#", "").split())
    assert 'CAREFUL: "customer_id" is not used as key, though its name says so: 80 of 240' in top
    assert 'CAREFUL: "application_date" is not used as as_of' in top
    assert "only 120 of 180 values are dates" in top
    assert formatted(tmp_path / "p" / "product.py")


def test_what_is_half_dates_or_mostly_numbers_is_no_category(tmp_path: Path) -> None:
    columns = loans()
    columns["seen"] = ["soon" if row % 5 == 0 else f"2024-05-{1 + row % 28}" for row in range(ROWS)]
    columns["size"] = ["big" if row % 5 == 0 else 30 + row % 50 for row in range(ROWS)]
    columns["ward"] = ["A" if row % 5 == 0 else row % 7 for row in range(ROWS)]
    result = scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    why = {g.name: g.why for g in result.seen.draft.guesses if g.fate is Fate.LEFT_OUT}
    assert why["size"] == "only 192 of 240 values are numbers: mend the others in the file"
    assert set(why) == {"seen", "size"}
    assert product_of(tmp_path / "p").applications.columns["ward"].kind is Kind.CATEGORY


def test_a_code_takes_any_text_so_no_row_is_said_to_be_refused(tmp_path: Path) -> None:
    columns = loans()
    columns["zip_code"] = ["#VALUE" if row == 5 else 100 + row % 9 for row in range(ROWS)]
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    assert product_of(tmp_path / "p").applications.columns["zip_code"].kind is Kind.CATEGORY
    assert "will be refused" not in text_of(tmp_path / "p")
    assert accepted(tmp_path / "p") == (ROWS, ROWS)


def test_a_date_column_may_say_a_few_times_that_it_has_none(tmp_path: Path) -> None:
    columns = dated(["2024-05-17", "2024-05-18"])
    columns["application_date"][3] = "n/a"
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    assert product_of(tmp_path / "p").applications.as_of == "application_date"
    assert "all but 1 of 240 are dates; that row will be refused" in spoken(tmp_path / "p")
    assert accepted(tmp_path / "p") == (ROWS, ROWS - 1)


def test_an_id_with_a_few_blanks_or_repeats_is_still_the_id(tmp_path: Path) -> None:
    columns = messy()
    columns["loan_id"][70] = ""
    table = write_csv(tmp_path / "t.csv", columns, separator=";", encoding="latin-1")
    scaffold(tmp_path / "guessed", table, "ausgefallen")
    scaffold(tmp_path / "given", table, "ausgefallen", id="loan_id")
    for folder in ("guessed", "given"):
        assert product_of(tmp_path / folder).applications.id == "loan_id"
        assert "1 of 1,000 rows has none and will be refused" in spoken(tmp_path / folder)


def test_a_customer_who_seldom_applies_again_is_not_the_application(tmp_path: Path) -> None:
    columns = {name: cells for name, cells in loans(MANY).items() if name != "loan_id"}
    columns["customer_id"] = [f"c{row - (row == 5)}" for row in range(MANY)]
    with pytest.raises(DataError, match="no application has a name"):
        scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))


def test_another_spelling_of_the_bad_value_is_warned_of(tmp_path: Path) -> None:
    columns = loans()
    columns["ausgefallen"] = ["Ja" if one else "Nein" for one in columns.pop("defaulted")]
    columns["ausgefallen"][0] = "ja"
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns), "ausgefallen=Ja")
    assert 'careful: "ja" is not "Ja" and counts as good' in text_of(tmp_path / "p")


# ---- messages


@pytest.mark.parametrize(
    ("separator", "encoding"), [(";", "latin-1"), ("\t", "utf-8"), (",", "utf-16")]
)
def test_the_way_to_make_an_id_works_for_any_writing(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    columns = messy()
    del columns["loan_id"]
    if separator == ",":
        columns = {name: columns[name] for name in ("Region", "Monate", "ausgefallen")}
    table = write_csv(tmp_path / "t's.csv", columns, separator=separator, encoding=encoding)
    with pytest.raises(DataError, match="no application has a name") as caught:
        scaffold(tmp_path / "p", table, "ausgefallen")
    statement = caught.value.hint.partition("DuckDB: ")[2]
    connection = connect()
    connection.execute(statement.replace("'t", f"'{tmp_path}/t"))
    connection.close()
    made = tmp_path / "t's_with_id.csv"
    before, after = sniff(table), sniff(made)
    assert [one.looks for one in after.columns[1:]] == [one.looks for one in before.columns]
    scaffold(tmp_path / "p", made, "ausgefallen")
    assert product_of(tmp_path / "p").applications.id == "application_id"


def test_an_encoding_that_duckdb_does_not_read_gets_no_statement(tmp_path: Path) -> None:
    columns = {name: cells for name, cells in loans().items() if name != "loan_id"}
    columns["pay"] = ["€"] * ROWS
    table = write_csv(tmp_path / "t.csv", columns, encoding="cp1252")
    with pytest.raises(DataError, match="no application has a name") as caught:
        scaffold(tmp_path / "p", table)
    assert "save it as that first (it is cp1252)" in caught.value.hint


def test_a_column_that_holds_no_times_is_refused_in_plain_words(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", dated(["2024-05-17"]))
    with pytest.raises(DataError, match="does not hold dates or times: it looks like money") as it:
        scaffold(tmp_path / "p", table, as_of="income")
    assert it.value.hint == "columns of dates here: 'application_date'; or leave --as-of out"


def test_where_no_name_is_close_the_columns_are_listed(tmp_path: Path) -> None:
    with pytest.raises(MissingColumnError) as caught:
        scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", loans()), "nope")
    assert caught.value.hint.startswith("it has: 'loan_id', 'income'")
    (tmp_path / "one.csv").write_text("a:b\n1:2\n3:4\n", encoding="utf-8")
    with pytest.raises(MissingColumnError, match="is the separator right") as caught:
        scaffold(tmp_path / "p", tmp_path / "one.csv", "b")


def test_a_folder_is_called_by_its_name_even_as_a_dot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingFileError, match=f"'{tmp_path.name}' is a folder"):
        scaffold(Path("p"), Path())


@pytest.mark.parametrize(
    ("folder", "title"),
    [("sf", ""), ("p1", ""), ("my-loans 2024", "My loans 2024"), ("credit", "Credit")],
)
def test_a_name_that_is_no_word_is_no_title(tmp_path: Path, folder: str, title: str) -> None:
    scaffold(tmp_path / folder, write_csv(tmp_path / "t.csv", loans()))
    assert product_of(tmp_path / folder).title == title
    assert formatted(tmp_path / folder / "product.py")


def test_a_far_folder_says_how_to_name_another(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", loans())
    scaffold(tmp_path / "a" / "b" / "c", table)
    assert "`--data FOLDER` overrides it" in text_of(tmp_path / "a" / "b" / "c")
    scaffold(tmp_path / "a" / "d", table)
    assert "overrides" not in text_of(tmp_path / "a" / "d")
