"""A sheet is read as the same table in a text file is; what cannot be a table is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.errors import (
    DeclarationError,
    MissingColumnError,
    MissingExtraError,
    UnreadableFileError,
    ZoneError,
)
from solvent.features import (
    Applications,
    ColumnType,
    Excel,
    category,
    flag,
    instant,
    integer,
    money,
    number,
)
from solvent.features import date as day
from solvent.sources import fingerprint, refused_rows
from tests.sources.tables import opened, rows, write

HEADER = ["id", "user"]


def book(
    folder: Path, table: Sequence[Sequence[Any]], name: str = "a.xlsx", sheet: str = "Loans"
) -> Any:
    """Write a spreadsheet of one sheet; return it to be changed and saved again."""
    made = openpyxl.Workbook()
    made.active.title = sheet
    for row in table:
        made.active.append(list(row))
    made.save(folder / name)
    return made


def loans(
    columns: dict[str, ColumnType] | None = None, *, excel: Excel | None = None,
    files: str = "a.xlsx", zone: str | None = "UTC",
) -> Applications:  # fmt: skip
    """Applications in a spreadsheet."""
    return Applications(
        name="loans", files=files, key="user", id="id", zone=zone, columns=columns or {},
        excel=excel or Excel(),
    )  # fmt: skip


COLUMNS = {
    "amount": money(), "kids": integer(), "ratio": number(), "word": category(), "ok": flag(),
    "born": day(), "seen": instant(),
}  # fmt: skip


def test_a_sheet_gives_the_values_of_the_same_table_in_text(tmp_path: Path) -> None:
    seen = datetime(2024, 3, 31, 2, 30, 15)  # noqa: DTZ001 - cells carry no zone
    book(
        tmp_path,
        [
            [*HEADER, *COLUMNS, None, "unused"],
            [1, "ann", 1234.5, 2, 0.1, "x", True, date(1980, 2, 29), seen, None, "note"],
            [2, "bob", -0.05, None, None, None, None, None, None],
            [],
            [3, "eve", 7, 0, 3, " ", False, date(2000, 1, 1), datetime(2024, 1, 1)],  # noqa: DTZ001
        ],
    )
    write(
        tmp_path, "a.csv",
        "id,user,amount,kids,ratio,word,ok,born,seen\n"
        "1,ann,1234.5,2,0.1,x,true,1980-02-29,2024-03-31T02:30:15\n"
        "2,bob,-0.05,,,,,,\n3,eve,7,0,3, ,false,2000-01-01,2024-01-01T00:00:00\n",
    )  # fmt: skip
    for zone in ("UTC", "Europe/Lisbon"):
        with (
            opened(loans(COLUMNS, zone=zone), tmp_path) as sheet,
            opened(loans(COLUMNS, files="a.csv", zone=zone), tmp_path) as csv,
        ):
            names = ["key", *COLUMNS]
            assert rows(sheet, *names) == rows(csv, *names)
            assert len(rows(sheet)) == 3
            assert sheet.fingerprint() == fingerprint([tmp_path / "a.xlsx"])


def test_ids_are_whole_numbers_and_never_have_a_fraction(tmp_path: Path) -> None:
    book(tmp_path, [HEADER, [7, 12345678901], [8, 5]])
    with opened(loans(), tmp_path) as one:
        assert one.whole_names == {"id", "key"}
        assert rows(one, "id", "key") == [(7, 12345678901), (8, 5)]
    book(tmp_path, [HEADER, [7, "007"], [8, 5]])
    with opened(loans(), tmp_path) as one:
        assert rows(one, "id", "key") == [(7, "007"), (8, "5")]


CELL = (
    st.none() | st.integers(-(10**12), 10**12) | st.booleans()
    | st.floats(-1e9, 1e9).map(lambda x: round(x, 3)) | st.text("abc,\"'\n;", max_size=4)
    | st.dates(date(1905, 1, 1), date(2100, 1, 1))
)  # fmt: skip


@given(st.lists(CELL, min_size=1, max_size=6), st.sampled_from([money(), category(), integer()]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_cells_are_judged_as_their_text_is(
    tmp_path: Path, cells: list[Any], declared: ColumnType
) -> None:
    """A column of mixed cells has the values and the refusals of the same column as text."""
    from solvent.sources.excel import cell_text

    # a word keeps the column mixed, so that every cell is read as text
    cells = [*cells, "word"]
    book(tmp_path, [[*HEADER, "x"], *([n, "u", cell] for n, cell in enumerate(cells))])
    texts = ["" if cell is None or cell == "" else cell_text(_as_read(cell)) for cell in cells]
    quoted = [text.replace('"', '""') for text in texts]
    lines = [f'{n},u,"{text}"' for n, text in enumerate(quoted)]
    write(tmp_path, "a.csv", "\n".join(["id,user,x", *lines, ""]))
    found = []
    for file in ("a.xlsx", "a.csv"):
        with opened(loans({"x": declared}, files=file), tmp_path) as one:
            values = sorted((int(str(row[0])), row[1]) for row in rows(one, "id", "x"))
            found.append((values, [(row.row, row.reason) for row in refused_rows(one)]))
    assert found[0] == found[1]


def _as_read(cell: Any) -> Any:
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def test_a_sheet_and_a_header_are_chosen(tmp_path: Path) -> None:
    made = book(tmp_path, [["nothing", "here"]])
    other = made.create_sheet("2024")
    other["B1"] = "Loans of the year"
    other.merge_cells("B1:D1")
    for place, row in enumerate([["id", "user", "amount"], [1, "a", 2.5]], 3):
        for column, cell in zip("BCD", row, strict=True):
            other[f"{column}{place}"] = cell
    made.save(tmp_path / "a.xlsx")
    with opened(loans({"amount": money()}, excel=Excel(sheet="2024", header=3)), tmp_path) as one:
        assert rows(one, "id", "amount") == [(1, 250)]
    with pytest.raises(UnreadableFileError, match=r"row 1 of a\.xlsx holds merged cells"):
        rows_of(loans(excel=Excel(sheet="2024")), tmp_path)
    with pytest.raises(UnreadableFileError, match=r"row 2 of a\.xlsx names no column"):
        rows_of(loans(excel=Excel(sheet="2024", header=2)), tmp_path)
    with pytest.raises(UnreadableFileError, match="names no column"):
        rows_of(loans(excel=Excel(header=99)), tmp_path)
    with pytest.raises(DeclarationError, match="no sheet 'Loan'") as found:
        rows_of(loans(excel=Excel(sheet="Loan")), tmp_path)
    assert found.value.hint == "it has: Loans, 2024"
    with pytest.raises(MissingColumnError, match=r"a\.xlsx has no column 'user'"):
        rows_of(loans(), tmp_path)
    with pytest.raises(DeclarationError, match="no row 0"):
        Excel(header=0)


def rows_of(table: Applications, data: Path) -> list[tuple[object, ...]]:
    with opened(table, data) as one:
        return rows(one)


def test_a_name_on_two_columns_is_told(tmp_path: Path) -> None:
    book(tmp_path, [["id", "user", "x", "x"], [1, "a", 1, 2]])
    with pytest.raises(UnreadableFileError, match="the column 'x' 2 times"):
        rows_of(loans({"x": integer()}), tmp_path)
    assert len(rows_of(loans(), tmp_path)) == 1


def test_times_need_a_zone_and_clock_times_are_no_instants(tmp_path: Path) -> None:
    moment = datetime(2024, 1, 1, 10)  # noqa: DTZ001 - cells carry no zone
    book(tmp_path, [[*HEADER, "at"], [1, "a", moment]])
    with pytest.raises(ZoneError):
        rows_of(loans({"at": instant()}, zone=None), tmp_path)
    book(tmp_path, [[*HEADER, "at"], [1, "a", time(10, 30)]])
    with opened(loans({"at": instant()}), tmp_path) as one:
        assert [row.reason for row in refused_rows(one)] == ["at: not a time"]


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods", "a.xlsb"])
def test_what_is_no_spreadsheet_is_told(tmp_path: Path, name: str) -> None:
    book(tmp_path, [HEADER, [1, 2]], name="whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    for body in (b"", b"id,user\n1,2\n", whole[: len(whole) // 2]):
        (tmp_path / name).write_bytes(body)
        with pytest.raises(UnreadableFileError, match=f"{name} cannot be read as a spreadsheet"):
            rows_of(loans(files=name), tmp_path)


def test_a_sheet_without_rows_or_without_anything(tmp_path: Path) -> None:
    book(tmp_path, [])
    with pytest.raises(UnreadableFileError, match="names no column"):
        rows_of(loans(), tmp_path)


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(tmp_path, [HEADER, [1, 2]])
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(MissingExtraError) as found:
        rows_of(loans(), tmp_path)
    assert "solvent[excel]" in found.value.hint


def test_a_folder_does_not_read_the_spreadsheet_that_explains_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    book(tmp_path / "in", [["about"], ["these data"]], name="about.xlsx")
    write(tmp_path / "in", "a.csv", "id,user\n1,2\n")
    assert len(rows_of(loans(files="in"), tmp_path)) == 1


def test_several_books_are_one_table(tmp_path: Path) -> None:
    for name in ("1.xlsx", "2.xlsx"):
        book(tmp_path, [HEADER, [int(name[0]), "a"]], name=name)
    assert len(rows_of(loans(files="*.xlsx"), tmp_path)) == 2
