"""Cells of CSVs: nothing starts a formula, numbers come back to the last bit, texts whole."""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.app.csv_cells import (
    FORMULA_SIGNS,
    CsvWriter,
    safe_cell,
    safe_or_number,
    safe_table,
)

APP = Path(__file__).parents[2] / "src" / "solvent"
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.builds(
    "{}{}".format, st.sampled_from(FORMULA_SIGNS), st.text(st.characters(exclude_categories=["Cs"]))
)
CELLS = st.none() | st.integers() | st.floats(allow_nan=False) | TEXTS


def back(text: str) -> str:
    """Return what a cell was before it was made safe."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_SIGNS) else text


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=5))
def test_what_is_written_starts_no_formula_and_comes_back(rows: list[list[Any]]) -> None:
    out = io.StringIO(newline="")
    writer = CsvWriter(out)
    for row in rows:
        writer.write(row)
    read = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert len(read) == len(rows)
    for row, cells in zip(rows, read, strict=True):
        for value, cell in zip(row, cells, strict=True):
            if isinstance(value, str):
                assert not cell.startswith(FORMULA_SIGNS)
                assert cell == value or back(cell) == value
            elif isinstance(value, int):
                assert int(cell) == value
            elif isinstance(value, float):
                assert math.copysign(1.0, float(cell)) == math.copysign(1.0, value)
                assert float(cell) == value
            else:
                assert cell == ""


@given(TEXTS | st.floats().map(repr) | st.integers().map(str))
def test_only_a_plain_number_may_begin_with_a_sign(text: str) -> None:
    cell = safe_or_number(text)
    assert back(cell) == back(text)
    if cell.startswith(FORMULA_SIGNS):
        assert math.isfinite(float(cell)) or abs(float(cell)) == math.inf
        assert re.fullmatch("[-+0-9.eE]+", cell)


@given(st.lists(st.none() | TEXTS | st.integers().map(str), max_size=8))
def test_a_column_of_arrow_is_made_safe_as_cells_are(texts: list[str | None]) -> None:
    table = pa.table({"a": pa.array(texts, pa.string()), "n": pa.array(range(len(texts)))})
    found = safe_table(table)
    assert found["a"].to_pylist() == [None if one is None else safe_or_number(one) for one in texts]
    assert found["n"].equals(table["n"])
    assert found.schema == table.schema


@pytest.mark.parametrize("sign", FORMULA_SIGNS)
def test_every_sign_is_known_to_all_three(sign: str) -> None:
    assert safe_cell(f"{sign}x") == safe_or_number(f"{sign}x") == f"'{sign}x"
    assert safe_table(pa.table({"a": [f"{sign}x"]}))["a"].to_pylist() == [f"'{sign}x"]


def test_nobody_writes_csv_by_another_way() -> None:
    """What writes a CSV is this one class, and what Arrow writes is made safe before."""
    found = {
        str(path.relative_to(APP))
        for path in APP.rglob("*.py")
        if re.search(r"csv\.(writer|DictWriter)\(|CSVWriter|write_csv\(|to_csv\(|COPY .*CSV",
                     path.read_text())
    }  # fmt: skip
    assert found <= {
        "app/csv_cells.py", "app/score.py",
        "app/campaign.py", "app/campaign_file.py",  # their own `write_csv`, by `CsvWriter`
    }, found  # fmt: skip
