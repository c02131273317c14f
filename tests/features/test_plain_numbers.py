"""A number that is taken as it is is the one its cell reads, or is refused in the same words."""

from __future__ import annotations

import pytest

from solvent.errors import DataError
from solvent.features import Applications, ColumnType, integer, money, number
from solvent.features.cells import read_cell
from solvent.features.live import type_columns


@pytest.mark.parametrize("declared", [number(), number(missing=("7", "-1.5")), integer(), money()])
@pytest.mark.parametrize("value", [7.0, -0.0, 0.0, -1.5, 5e-324, 1e300, float("inf"), float("nan")])
def test_a_number_taken_as_it_is_is_the_one_its_cell_reads(
    declared: ColumnType, value: float
) -> None:
    table = Applications(name="forms", files="f", id="i", key="k", columns={"x": declared})
    told = []
    for read in (
        lambda: type_columns(table, {"x": value})[0]["x"],
        lambda: read_cell(value, declared, zone=None, field="forms.x"),
    ):
        try:
            told.append(repr(read()))
        except DataError as error:
            told.append(str(error))
    assert told[0] == told[1]
