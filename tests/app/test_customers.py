"""A file of customers completed to a file of applications."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent.app.customers import completed
from solvent.errors import MissingColumnError, MissingFileError, UnreadableFileError
from solvent.features import Applications, Csv, category, instant, money, number
from tests.cli.shops import CANARY

AS_OF = datetime(2024, 12, 31, tzinfo=UTC)
MICROSECONDS = 1_735_603_200_000_000
LOANS = Applications(
    name="loans", files=("loans.csv",), id="loan_id", key="customer", as_of="asked_at",
    columns={"income": money("EUR"), "ratio": number(), "city": category()},
)  # fmt: skip
TIMELESS = Applications(
    name="loans", files=("loans.csv",), id="loan_id", key="customer",
    columns={"city": category(), "closed": instant()},
)  # fmt: skip


def _read(path: Path, table: Applications = LOANS) -> tuple[list[dict[str, object]], int]:
    with completed(path, table, MICROSECONDS) as found:
        assert found.path.name == path.name
        return pq.read_table(found.path).to_pylist(), found.ragged


def test_the_key_alone_names_the_row_and_everything_else_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("customer,full_name\nC1,Ada\nC2,\n", encoding="utf-8")
    unknown = {"income": None, "ratio": None, "city": None}
    assert _read(path) == (
        [
            {"customer": key, "loan_id": key, "asked_at": AS_OF, **unknown} for key in ("C1", "C2")
        ],
        0,
    )  # fmt: skip
    assert _read(path, TIMELESS)[0] == [
        {"customer": key, "loan_id": key, "city": None, "closed": None} for key in ("C1", "C2")
    ]


def test_what_the_file_knows_is_kept_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"
    pq.write_table(
        pa.table({"customer": [7, 8], "ratio": [0.5, None], "asked_at": [AS_OF, AS_OF]}), path
    )
    assert _read(path)[0] == [
        {"customer": key, "loan_id": key, "asked_at": AS_OF, "income": None, "ratio": ratio,
         "city": None}
        for key, ratio in ((7, 0.5), (8, None))
    ]  # fmt: skip


def test_a_file_that_lacks_nothing_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("customer,loan_id,asked_at,income,ratio,city\n", encoding="utf-8")
    with completed(path, LOANS, MICROSECONDS) as found:
        assert found.path == path


def test_it_is_read_as_the_table_is_declared_to_be_written(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv.gz"
    text = "customer;city\n'A;1';Malmö\n'B\n2';x\n"
    path.write_bytes(gzip.compress(text.encode("latin-1")))
    table = Applications(
        name="loans", files=("loans.csv",), id="loan_id", key="customer", as_of="asked_at",
        columns={"city": category()}, csv=Csv(separator=";", quote="'", encoding="latin-1"),
    )  # fmt: skip
    assert [(row["customer"], row["city"]) for row in _read(path, table)[0]] == [
        ("A;1", "Malmö"), ("B\n2", "x")
    ]  # fmt: skip


def test_records_with_another_number_of_cells_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("customer,city\nC1,Lima\nC2\nC3,Lima,Peru\nC4,Bergen\n", encoding="utf-8")
    rows, ragged = _read(path)
    assert ([row["customer"] for row in rows], ragged) == (["C1", "C4"], 2)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("custmer\nC1\n", MissingColumnError, "did you mean 'custmer'"),
        ("who,where\nC1,x\n", MissingColumnError, "it has: who, where"),
        ("", UnreadableFileError, "is empty"),
        ("customer,city,city\nC1,a,b\n", UnreadableFileError, "has the column 'city' 2 times"),
        ('customer\n"C1\nC2\n', UnreadableFileError, "never closed"),
    ],
)
def test_what_is_no_file_of_customers_is_refused(
    tmp_path: Path, text: str, kind: type[Exception], words: str
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(kind, match=words):
        _read(path)


def test_a_damaged_parquet_file_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"
    pq.write_table(pa.table({"customer": [CANARY] * 5000}), path, compression="none")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFileError, match="not a complete Parquet file"):
        _read(path)
    path.write_bytes(whole[:4] + b"\xff" * 40 + whole[44:])  # whole at both ends, damaged inside
    with pytest.raises(UnreadableFileError, match="not a complete Parquet file") as caught:
        _read(path)
    assert CANARY not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="there is no file"):
        _read(tmp_path / "none.csv")
