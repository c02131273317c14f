"""A first look at a file guesses how it is written and what each column is, and says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from solvent.errors import MissingFileError, UnreadableFileError
from solvent.features import Applications, Csv, money
from solvent.sources import Looks, sniff
from solvent.sources.files import FileKind
from tests.sources.tables import opened, rows, write, write_parquet

DAY_ONE = datetime(2024, 1, 28, 9, 30, tzinfo=UTC)
PEOPLE = ["María", "João", "Ana", "Inês"]


def table(separator: str = ",", decimal: str = ".") -> str:
    """Three hundred loans as text."""
    head = [
        "loan_id",
        "customerid",
        "created",
        "day",
        "amount",
        "rate",
        "age",
        "bad",
        "name",
        "note",
    ]
    lines = [separator.join(head)]
    for n in range(300):
        then = DAY_ONE + timedelta(hours=7 * n)
        cells = [
            f"L{n:05}", f"c{n // 2:05}", f"{then:%Y-%m-%d %H:%M:%S}", f"{then:%d/%m/%Y}",
            f"{n % 7}{decimal}{n % 90 + 10}", f"0{decimal}{n + 1000}", str(20 + n % 40),
            "yes" if n % 5 else "no", PEOPLE[n % 4], f"she said {n} and {n * n}",
        ]  # fmt: skip
        lines.append(separator.join(cells))
    return "\n".join(lines) + "\n"


LOOKS = {
    "loan_id": Looks.ID, "customerid": Looks.ID, "created": Looks.INSTANT, "day": Looks.DATE,
    "amount": Looks.MONEY, "rate": Looks.NUMBER, "age": Looks.INTEGER, "bad": Looks.FLAG,
    "name": Looks.CATEGORY, "note": Looks.TEXT,
}  # fmt: skip


@pytest.mark.parametrize(
    ("separator", "decimal", "encoding", "expected"),
    [
        (",", ".", "utf-8", "utf-8"),
        (",", ".", "utf-8-sig", "utf-8"),
        (";", ",", "latin-1", "latin-1"),
        ("\t", ",", "utf-16", "utf-16"),
        ("|", ".", "utf-16-le", "utf-16-le"),
        (";", ".", "utf-8", "utf-8"),
    ],
)
def test_the_writing_and_every_column_are_recognised(
    tmp_path: Path, separator: str, decimal: str, encoding: str, expected: str
) -> None:
    found = sniff(write(tmp_path, "a.csv", table(separator, decimal), encoding))
    assert found.csv == Csv(separator=separator, decimal=decimal, encoding=expected)
    assert (found.kind, found.rows, found.ragged) == (FileKind.TEXT, 300, 0)
    assert {one.name: one.looks for one in found.columns} == LOOKS
    assert all(one.why for one in found.columns)


def test_a_reason_names_what_was_seen(tmp_path: Path) -> None:
    found = {one.name: one for one in sniff(write(tmp_path, "a.csv", table())).columns}
    assert found["amount"].why == "guessed: 2 decimals everywhere and 'amount' in the name"
    assert found["loan_id"].why == "guessed: 'id' in the name and each value is there once"
    assert found["day"].why == "every value is a day as %d/%m/%Y"
    assert (found["age"].minimum, found["age"].maximum, found["age"].distinct) == ("20", "59", 40)


def test_what_was_guessed_can_be_declared_and_opened(tmp_path: Path) -> None:
    found = sniff(write(tmp_path, "a.csv", table(";", ","), "latin-1"))
    declared = {one.name: one.declaration for one in found.columns}
    columns = {name: one for name, one in declared.items() if one is not None}
    assert set(LOOKS) - set(columns) == {"loan_id", "customerid", "note"}
    loans = Applications(
        name="loans", files="a.csv", key="customerid", id="loan_id", as_of="created", zone="UTC",
        columns=columns, csv=found.csv,
    )  # fmt: skip
    with opened(loans, tmp_path) as one:
        assert len(rows(one, "id")) == 300


def test_windows_signs_are_told_from_latin_1(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("id,price\n1,5 €\n2,6 €\n".encode("cp1252"))
    assert sniff(path).csv.encoding == "cp1252"


def test_spelt_out_missing_values_do_not_hide_a_number(tmp_path: Path) -> None:
    lines = [f"{n},{'NA' if n % 3 else n * 1.25}" for n in range(60)]
    found = sniff(write(tmp_path, "a.csv", "\n".join(["id,income", *lines])))
    income = found.columns[1]
    assert (income.looks, income.nulls, income.missing) == (Looks.MONEY, 40, ("NA",))
    assert income.declaration == money(scale=2, missing=("NA",))


@pytest.mark.parametrize(
    ("cells", "looks", "odd", "seen"),
    [
        (["31/02/2023"] + ["17/05/2023"] * 99, Looks.DATE, 1, "%d/%m/%Y"),
        (["2023-02-31"] + ["2023-05-17", "2023-05-18"] * 50, Looks.DATE, 1, None),
        (["soon"] + ["05/17/2023"] * 99, Looks.DATE, 1, "%m/%d/%Y"),
        (["abc"] + ["1.25", "2.5"] * 50, Looks.NUMBER, 1, None),
        (["abc"] * 5 + ["1.25", "2.5"] * 50, Looks.CATEGORY, 0, None),
    ],
)
def test_a_guess_stands_where_nearly_all_values_fit_and_the_others_are_counted(
    tmp_path: Path, cells: list[str], looks: Looks, odd: int, seen: str | None
) -> None:
    found = sniff(write(tmp_path, "a.csv", "\n".join(["x,y", *(f"{one},1" for one in cells)])))
    column = found.columns[0]
    assert (column.looks, column.odd, column.format) == (looks, odd, seen)
    assert not column.odd or column.why.startswith("all but 1 of ")


def test_signs_among_digits_are_named_and_decide_the_decimal_sign(tmp_path: Path) -> None:
    lines = [f"{n}.5{n % 10}0,75;1{n % 9},50 %;{n % 9 + 1},50 €" for n in range(1, 60)]
    found = sniff(write(tmp_path, "a.csv", "\n".join(["a;b;c", *lines])))
    assert found.csv.decimal == ","
    marks = [one.marks for one in found.columns]
    assert marks == [("thousands",), ("per cent",), ("currency",)]


def test_parquet_types_are_believed(tmp_path: Path) -> None:
    naive = [DAY_ONE.replace(tzinfo=None, hour=0, minute=0)] * 3
    path = write_parquet(
        tmp_path,
        "a.parquet",
        {
            "x": [1, 2, 3], "seen": pa.array([DAY_ONE] * 3, pa.timestamp("us", "UTC")),
            "day": pa.array(naive, pa.timestamp("us")), "ok": [True, False, None],
            "nothing": pa.array([None] * 3, pa.string()), "lists": [[1], [2], [3]],
        },
    )  # fmt: skip
    found = {one.name: one for one in sniff(path).columns}
    assert {name: one.looks for name, one in found.items()} == {
        "x": Looks.ID, "seen": Looks.INSTANT, "day": Looks.DATE, "ok": Looks.FLAG,
        "nothing": Looks.EMPTY,
    }  # fmt: skip
    assert found["seen"].zoned
    assert not found["day"].zoned
    assert found["ok"].nulls == 1


def test_single_quotes_are_seen(tmp_path: Path) -> None:
    lines = "\n".join(f"'{n}','a, b'" for n in range(20))
    found = sniff(write(tmp_path, "a.csv", f"'id','word'\n{lines}\n"))
    assert found.csv.quote == "'"
    assert found.columns[1].levels == ("a, b",)


def test_a_file_that_is_no_table_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        sniff(tmp_path / "none.csv")
    with pytest.raises(UnreadableFileError, match="is empty"):
        sniff(write(tmp_path, "a.csv", ""))
    with pytest.raises(UnreadableFileError, match="same name"):
        sniff(write(tmp_path, "b.csv", "a,a\n1,2\n"))
    with pytest.raises(UnreadableFileError, match="never closed"):
        sniff(write(tmp_path, "c.csv", 'a,b\n1,2\n3,"4\n5,6\n7,8\n'))


def test_a_header_alone_has_empty_columns(tmp_path: Path) -> None:
    found = sniff(write(tmp_path, "a.csv", "id,word\n"))
    assert (found.rows, [one.looks for one in found.columns]) == (0, [Looks.EMPTY] * 2)
