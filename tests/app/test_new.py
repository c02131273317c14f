"""`new` makes a working product of a plain table, and every guess in it can be read and judged."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import solvent.app.new as new_module
from solvent.app.scaffold.draft import Fate
from solvent.app.scaffold.source import AFTERWARDS
from solvent.dataset import Equals, Unpaid, equals
from solvent.errors import (
    DataError,
    DuplicateIdError,
    MissingColumnError,
    MissingFileError,
    NoRowsError,
    OneClassError,
    SolventError,
    UnreadableFileError,
    WriteError,
)
from solvent.features import Kind
from solvent.sources import connect
from tests.app.plain_tables import (
    REAL,
    ROWS,
    accepted,
    formatted,
    kinds,
    loans,
    product_of,
    scaffold,
    text_of,
    write_csv,
    write_parquet,
)

# ---- what is guessed


def test_a_csv_becomes_a_product_whose_types_read_every_row(tmp_path: Path) -> None:
    scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", loans()))
    product = product_of(tmp_path / "p")
    assert kinds(product) == {
        "income": "money", "age": "integer", "sex": "category", "region_code": "category",
        "has_car": "flag", "score": "number",
    }  # fmt: skip
    assert (product.applications.id, product.applications.key) == ("loan_id", "loan_id")
    assert product.bad == equals("defaulted", 1, matured="given")
    assert product.applications.as_of is None
    assert accepted(tmp_path / "p") == (ROWS, ROWS)


def test_each_guess_stands_beside_its_reason(tmp_path: Path) -> None:
    scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", loans()))
    text = text_of(tmp_path / "p")
    for line in (
        'id="loan_id",  # guessed: unique and its name says so',
        "# no application time found: the split will be at random",
        '"sex": category(),  # 2 levels: F, M',
        '# protected=("age", "sex"),  # candidates: yours to choose',
        'bad=equals("defaulted", 1, matured="given"),  # guessed: 1 means bad, 0 means good',
        'data="..",',
    ):
        assert line in text


def test_a_protected_attribute_is_never_chosen_for_the_lender(tmp_path: Path) -> None:
    scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", loans()))
    assert product_of(tmp_path / "p").protected == ()
    mended = text_of(tmp_path / "p").replace("# protected=", "protected=")
    (tmp_path / "p" / "product.py").write_text(mended, encoding="utf-8")
    assert product_of(tmp_path / "p").protected == ("age", "sex")


@pytest.mark.parametrize(
    ("separator", "encoding"), [(",", "utf-8-sig"), (";", "latin-1"), ("\t", "utf-16")]
)
def test_however_a_text_table_is_written_every_row_is_read(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    columns = loans()
    comma = separator == ";"
    if comma:
        columns["income"] = [str(value).replace(".", ",") for value in columns["income"]]
        columns["score"] = [str(value).replace(".", ",") for value in columns["score"]]
    columns["città"] = [("Forlì", "Würzburg", "Málaga")[row % 3] for row in range(ROWS)]
    table = write_csv(tmp_path / "t.csv", columns, separator=separator, encoding=encoding)
    scaffold(tmp_path / "p", table)
    product = product_of(tmp_path / "p")
    assert kinds(product)["città"] == "category"
    assert kinds(product)["income"] == "money"
    assert product.applications.csv.decimal == ("," if comma else ".")
    assert accepted(tmp_path / "p") == (ROWS, ROWS)


def test_parquet_needs_no_word_about_how_it_is_written(tmp_path: Path) -> None:
    scaffold(tmp_path / "p", write_parquet(tmp_path / "loans.parquet", loans()))
    assert "Csv" not in text_of(tmp_path / "p")
    assert accepted(tmp_path / "p") == (ROWS, ROWS)


def test_times_give_as_of_zone_and_a_split_by_time(tmp_path: Path) -> None:
    columns = loans()
    days = [f"2024-{1 + row // 28 % 12:02d}-{1 + row % 28:02d}" for row in range(ROWS)]
    columns["birth_date"] = [f"19{60 + row % 37}-05-17" for row in range(ROWS)]
    columns["application_date"] = days
    scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", columns))
    product = product_of(tmp_path / "p")
    assert product.applications.as_of == "application_date"
    assert product.applications.columns["birth_date"].kind is Kind.DATE
    assert 'zone="UTC",  # guessed: the times carry no zone' in text_of(tmp_path / "p")
    assert accepted(tmp_path / "p") == (ROWS, ROWS)


def test_a_date_of_birth_alone_is_no_application_time(tmp_path: Path) -> None:
    columns = {**loans(), "date_of_birth": [f"19{60 + row % 40}-05-17" for row in range(ROWS)]}
    scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", columns))
    assert product_of(tmp_path / "p").applications.as_of is None
    assert "left out, a time, with no application time" in text_of(tmp_path / "p")


def test_times_written_with_days_first_are_read_by_their_pattern(tmp_path: Path) -> None:
    columns = loans()
    columns["created"] = [
        f"{1 + row % 28:02d}/{1 + row // 28 % 12:02d}/2024" for row in range(ROWS)
    ]
    scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", columns))
    assert product_of(tmp_path / "p").applications.as_of == "created"
    assert accepted(tmp_path / "p") == (ROWS, ROWS)


def test_a_customer_column_is_the_key(tmp_path: Path) -> None:
    columns = {**loans(), "customerId": [f"c{row // 2}" for row in range(ROWS)]}
    scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", columns))
    applications = product_of(tmp_path / "p").applications
    assert (applications.id, applications.key) == ("loan_id", "customerId")


def test_what_the_lender_names_is_taken(tmp_path: Path) -> None:
    columns = {**loans(), "who": [f"c{row // 2}" for row in range(ROWS)]}
    columns["seen"] = [f"2024-01-{1 + row % 28:02d} 10:00:00" for row in range(ROWS)]
    columns["other"] = [f"X{row}" for row in range(ROWS)]
    scaffold(
        tmp_path / "p", write_csv(tmp_path / "loans.csv", columns), id="other", key="who",
        as_of="seen",
    )  # fmt: skip
    applications = product_of(tmp_path / "p").applications
    assert (applications.id, applications.key, applications.as_of) == ("other", "who", "seen")


def test_words_for_missing_values_are_declared(tmp_path: Path) -> None:
    columns = loans()
    columns["age"] = ["NA" if row % 9 == 0 else row % 60 + 18 for row in range(ROWS)]
    scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", columns))
    declared = product_of(tmp_path / "p").applications.columns["age"]
    assert (declared.kind, declared.missing) == (Kind.INTEGER, ("NA",))
    assert accepted(tmp_path / "p") == (ROWS, ROWS)


def test_columns_of_no_use_are_left_out_aloud(tmp_path: Path) -> None:
    columns = loans()
    columns["bank"] = ["ours"] * ROWS
    columns["remark"] = [f"the customer said {row} things" for row in range(ROWS)]
    columns["empty"] = [""] * ROWS
    columns["event_time"] = [row % 3 for row in range(ROWS)]
    result = scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", columns))
    left_out = {g.name for g in result.seen.draft.guesses if g.fate is Fate.LEFT_OUT}
    assert left_out == {"bank", "remark", "empty", "event_time"}
    text = text_of(tmp_path / "p")
    assert '# left out, the same on every row: "bank"' in text
    assert not left_out & product_of(tmp_path / "p").applications.columns.keys()


def test_numbers_with_signs_among_their_digits_are_left_out_saying_so(tmp_path: Path) -> None:
    columns = loans()
    columns["limit"] = [f"1.{row + 100},50" for row in range(ROWS)]
    columns["pay"] = [f"$ {row + 100}" for row in range(ROWS)]
    columns["rate"] = [f"{row % 60}%" for row in range(ROWS)]
    columns["size"] = [f"{row % 5 + 36}" for row in range(ROWS)]
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns, separator=";"))
    text = " ".join(text_of(tmp_path / "p").replace("#", "").split())
    for words in (
        'thousands signs: write them plainly in the file (12500.75, not 12,500.75): "limit"',
        'currency signs: write them plainly in the file (99.50, not 99.50 EUR): "pay"',
        'per cent signs: write them plainly in the file (11.70, not 11.70 %): "rate"',
    ):
        assert words in text
    assert product_of(tmp_path / "p").applications.columns["size"].kind is Kind.INTEGER


def test_what_is_known_only_afterwards_is_written_as_a_comment(tmp_path: Path) -> None:
    columns = loans()
    bad = columns["defaulted"]
    columns["loan_status"] = [("open", "done", "sold")[row % 3] for row in range(ROWS)]
    columns["x1"] = [1000 * int(str(one)) + row for row, one in enumerate(bad)]
    columns["x2"] = [7 if one else "" for one in bad]
    columns["app_date"] = ["2024-03-01"] * (ROWS - 1) + ["2024-03-02"]
    columns["touched"] = ["2024-02-01"] * (ROWS - 1) + ["2024-04-01"]
    result = scaffold(tmp_path / "p", write_csv(tmp_path / "loans.csv", columns))
    late = {g.name: g.why for g in result.seen.draft.guesses if g.fate is Fate.AFTERWARDS}
    assert set(late) == {"loan_status", "x1", "x2", "touched"}
    assert "AUC 1.00" in late["x1"]
    assert "empty" in late["x2"]
    assert late["touched"] == "later than the application on 1 rows"
    assert f"# {AFTERWARDS}" in text_of(tmp_path / "p")
    assert not late.keys() & product_of(tmp_path / "p").applications.columns.keys()
    mended = text_of(tmp_path / "p").replace('# "x1"', '"x1"')
    (tmp_path / "p" / "product.py").write_text(mended, encoding="utf-8")
    assert "x1" in product_of(tmp_path / "p").applications.columns


# ---- what bad means


@pytest.mark.parametrize(
    ("name", "bads", "goods", "value"),
    [
        ("flag", "1", "0", "1"), ("target", "Y", "N", "Y"), ("outcome", "Bad", "Good", "Bad"),
        ("good_bad_flag", "Bad", "Good", "Bad"), ("paid_off", "0", "1", "0"),
        ("repaid", "no", "yes", "no"), ("target", "2", "1", "2"), ("y", "red", "green", "red"),
        ("late", "True", "False", "True"), ("calote", "sim", "não", "sim"),
    ],
)  # fmt: skip
def test_the_value_that_means_bad_is_guessed_and_said(
    tmp_path: Path, name: str, bads: str, goods: str, value: str
) -> None:
    columns = loans()
    columns[name] = [bads if one else goods for one in columns.pop("defaulted")]
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns), name)
    bad = product_of(tmp_path / "p").bad
    assert isinstance(bad, Equals)
    assert (bad.column, bad.value, bad.matured) == (name, value, "given")
    assert "# guessed: " in text_of(tmp_path / "p").partition("product = ")[2]


def test_the_exact_column_name_is_tried_before_the_equals_sign(tmp_path: Path) -> None:
    columns = loans()
    columns["TARGET=1"] = columns.pop("defaulted")
    columns["TARGET"] = [3] * ROWS
    table = write_csv(tmp_path / "t.csv", columns)
    scaffold(tmp_path / "a", table, "TARGET=1")
    scaffold(tmp_path / "b", table, "TARGET=1=0")
    assert product_of(tmp_path / "a").bad == equals("TARGET=1", 1, matured="given")
    assert product_of(tmp_path / "b").bad == equals("TARGET=1", 0, matured="given")


def test_column_and_value_may_be_given(tmp_path: Path) -> None:
    columns = loans()
    columns["status"] = ["Bad" if one else "Good" for one in columns.pop("defaulted")]
    columns["status"][1] = "Open"
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns), "status=Bad")
    assert product_of(tmp_path / "p").bad == equals("status", "Bad", matured="given")


def test_a_time_of_repayment_makes_bad_what_was_not_paid(tmp_path: Path) -> None:
    columns = loans()
    columns["created_at"] = [f"2024-01-{1 + row % 28:02d} 09:30:00" for row in range(ROWS)]
    columns["paid_at"] = [
        "" if one else f"2024-03-{1 + row % 28:02d} 12:00:00"
        for row, one in enumerate(columns.pop("defaulted"))
    ]
    columns["paid_at"][1] = "2024-01-09 10:00:00"
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns), "paid_at")
    product = product_of(tmp_path / "p")
    assert product.bad == Unpaid(paid="paid_at", due=None, after=30)
    assert product.applications.as_of == "created_at"


def test_blanks_around_the_bad_value_are_kept_as_the_file_has_them(tmp_path: Path) -> None:
    columns = loans()
    columns["defaulted"] = [" Yes" if one else " No" for one in columns["defaulted"]]
    result = scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    assert product_of(tmp_path / "p").bad == equals("defaulted", " Yes", matured="given")
    assert result.seen.bads == ROWS // 4


def test_of_several_values_the_lender_says_which_is_bad(tmp_path: Path) -> None:
    columns = {**loans(), "status": [("good", "bad", "open")[row % 3] for row in range(ROWS)]}
    table = write_csv(tmp_path / "t.csv", columns)
    with pytest.raises(DataError, match=r"has 3 values.*(?s:.)*--bad status=bad"):
        scaffold(tmp_path / "p", table, "status")
    assert not (tmp_path / "p").exists()


def test_a_value_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="never has the value '7'; it has 0, 1"):
        scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", loans()), "defaulted=7")


def test_an_outcome_with_one_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OneClassError, match="has one value only"):
        scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", {**loans(), "z": [0] * ROWS}), "z")


def test_words_for_missing_in_the_outcome_are_set_aside(tmp_path: Path) -> None:
    columns = loans()
    columns["defaulted"] = ["NA" if row % 9 == 5 else row % 2 for row in range(ROWS)]
    result = scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    expected = equals("defaulted", 1, matured="given", missing=("NA",))
    assert product_of(tmp_path / "p").bad == expected
    assert result.seen.unknown == columns["defaulted"].count("NA")
    assert "means that the outcome is not known: such loans are set aside" in text_of(
        tmp_path / "p"
    )


# ---- what is refused


def test_a_name_that_is_not_there_gets_the_closest_as_a_hint(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "t.csv", loans())
    for options, field in (({"bad": "defualted"}, "--bad"), ({"bad": "defualted=1"}, "--bad")):
        with pytest.raises(MissingColumnError, match="did you mean 'defaulted'") as caught:
            scaffold(tmp_path / "p", table, **options)
        assert caught.value.field == field
    for option in ("id", "as_of", "key"):
        with pytest.raises(MissingColumnError, match="did you mean 'loan_id'"):
            scaffold(tmp_path / "p", table, **{option: "loanid"})


def test_without_an_id_there_is_no_product_and_a_way_to_make_one(tmp_path: Path) -> None:
    columns = loans()
    del columns["loan_id"]
    with pytest.raises(DataError, match="no application has a name") as caught:
        scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    statement = caught.value.hint.partition("DuckDB: ")[2]
    connection = connect()
    connection.execute(statement.replace("'t", f"'{tmp_path}/t"))
    connection.close()
    scaffold(tmp_path / "p", tmp_path / "t_with_id.csv")
    assert product_of(tmp_path / "p").applications.id == "application_id"


def test_an_id_that_names_many_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DuplicateIdError, match="share 2 different values"):
        scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", loans()), id="sex")


def test_an_existing_product_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "product.py").write_text("mine", encoding="utf-8")
    with pytest.raises(WriteError, match="stays as it is"):
        scaffold(tmp_path, write_csv(tmp_path / "t.csv", loans()))
    assert (tmp_path / "product.py").read_text(encoding="utf-8") == "mine"


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_module, "product_source", lambda _: "from solvent import (")
    with pytest.raises(SolventError):
        scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", loans()))
    assert not (tmp_path / "p").exists()


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04" + bytes(99))
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + bytes(99))
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "header.csv").write_bytes(b"loan_id,defaulted\n")
    for name, error, words in (
        ("absent.csv", MissingFileError, "no file 'absent.csv'"),
        (".", MissingFileError, "is a folder"),
        ("book.xlsx", DataError, "spreadsheet"),
        ("cut.parquet", UnreadableFileError, "not a complete Parquet"),
        ("empty.csv", UnreadableFileError, "empty"),
        ("header.csv", NoRowsError, "no rows"),
    ):
        with pytest.raises(error, match=words):
            scaffold(tmp_path / "p", tmp_path / name)
    assert not (tmp_path / "p").exists()


def test_a_table_of_constants_teaches_nothing(tmp_path: Path) -> None:
    columns = {**loans(), **{f"c{n}": [n] * ROWS for n in range(3)}}
    kept = {name: columns[name] for name in ("loan_id", "defaulted", "c0", "c1", "c2")}
    with pytest.raises(DataError, match="no column is left to learn from"):
        scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", kept))


@pytest.mark.long
def test_three_hundred_columns_are_no_trouble(tmp_path: Path) -> None:
    draw = random.Random(1)  # noqa: S311 - made-up rows
    wide = {f"feature_{n}": [draw.randint(0, 50) for _ in range(ROWS)] for n in range(300)}
    scaffold(tmp_path / "p", write_parquet(tmp_path / "t.parquet", {**loans(), **wide}))
    assert len(product_of(tmp_path / "p").applications.columns) == 306


# ---- real tables


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "bad", "id_", "as_of", "columns"),
    [
        ("pakdd2010/applications.parquet", "TARGET_LABEL_BAD=1", "ID_CLIENT", None, 43),
        ("sf_scoring/applications.parquet", "default", "client_id", "app_date", 16),
        ("taiwan/default.parquet", "default.payment.next.month", "ID", None, 23),
    ],
)
def test_real_tables_become_products(
    tmp_path: Path, file: str, bad: str, id_: str, as_of: str | None, columns: int
) -> None:
    if not (REAL / file).is_file():
        pytest.skip("the real data are not here; SOLVENT_REAL_DATA names their folder")
    result = scaffold(tmp_path / "p", REAL / file, bad)
    product = product_of(tmp_path / "p")
    assert product.bad == equals(bad, 1, matured="given")
    assert (product.applications.id, product.applications.as_of) == (id_, as_of)
    assert len(product.applications.columns) == columns
    assert result.seen.refusals.refused == 0
    assert formatted(tmp_path / "p" / "product.py")


@pytest.mark.long
def test_german_credit_wants_an_id_first_and_its_rarer_value_is_bad(tmp_path: Path) -> None:
    file = REAL / "german" / "german.parquet"
    if not file.is_file():
        pytest.skip("the real data are not here; SOLVENT_REAL_DATA names their folder")
    with pytest.raises(DataError, match="no application has a name"):
        scaffold(tmp_path / "p", file, "target")
    table = pq.read_table(file)
    numbered = table.append_column("application_id", pa.array(range(len(table))))
    pq.write_table(numbered, tmp_path / "german.parquet")
    scaffold(tmp_path / "p", tmp_path / "german.parquet", "target")
    product = product_of(tmp_path / "p")
    assert product.bad == equals("target", 2, matured="given")
    assert len(product.applications.columns) == 20
