"""Money, numbers, flags and categories: exact, or refused with a reason."""

from __future__ import annotations

import math
import tempfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.errors import DataError
from solvent.features import category, flag, integer, money, number
from solvent.features.rows import MAX_EXACT
from tests.sources.tables import typed

AMOUNT_WORDS = st.one_of(
    st.decimals(min_value=-(10**13), max_value=10**13, places=3, allow_nan=False).map(str),
    st.decimals(min_value=-100, max_value=100, places=2, allow_nan=False).map(str),
    st.from_regex(r"\A[+-]?[0-9]{0,14}\.?[0-9]{0,8}\Z"),
    st.sampled_from(
        ["1e3", "1,5", "--1", "1.2.3", "½", "\uff11\uff12", "0x1", ".", "-", "+.5", "5."]
    ),
)


def money_by_decimal(text: str, scale: int) -> int | None:
    """The slow twin: minor units by Python's decimal arithmetic, None where refused."""
    body = text.strip().lstrip("+-")
    if not body.isascii() or not body.replace(".", "", 1).isdigit() or len(text) - len(body) > 1:
        return None
    minor = Decimal(text.strip()).scaleb(scale)
    if minor != minor.to_integral_value() or abs(minor) > MAX_EXACT:
        return None
    return int(minor)


@settings(max_examples=25)
@given(texts=st.lists(AMOUNT_WORDS, min_size=1, max_size=80), scale=st.integers(0, 6))
def test_money_in_text_equals_decimal_arithmetic_or_is_refused(
    texts: list[str], scale: int
) -> None:
    cells = [f"{text}" for text in texts if text]
    with tempfile.TemporaryDirectory() as folder:
        values, reasons = typed(Path(folder), [*cells, "1"], money(scale=scale))
    for row, text in enumerate(cells):
        expected = money_by_decimal(text, scale)
        if expected is None:
            assert row in reasons, text
        else:
            assert values[row] == expected, text


@settings(max_examples=20)
@given(minors=st.lists(st.integers(-MAX_EXACT, MAX_EXACT), min_size=1), scale=st.integers(0, 6))
def test_money_kept_as_floats_comes_back_to_the_very_minor_unit(
    minors: list[int], scale: int
) -> None:
    cells: list[object] = [float(Decimal(minor).scaleb(-scale)) for minor in minors]
    with tempfile.TemporaryDirectory() as folder:
        values, reasons = typed(Path(folder), cells, money(scale=scale))
    assert reasons == {}
    assert [values[row] for row in range(len(minors))] == minors


@settings(max_examples=20)
@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_in_text_are_the_floats_python_reads(numbers: list[float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        values, _ = typed(Path(folder), [repr(value) for value in numbers], number())
    assert [values[row] for row in range(len(numbers))] == numbers


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1234.565", "x: more decimals than scale"),
        ("inf", "x: not money"),
        ("1 234", "x: not money"),
        ("1e400", "x: not money"),
        ("99999999999999999999", "x: out of range"),
        ("1234,50", "x: not money"),
    ],
)
def test_money_that_cannot_be_exact_is_refused_in_words_without_its_value(
    tmp_path: Path, text: str, reason: str
) -> None:
    assert typed(tmp_path, [text], money()) == ({}, {0: reason})


def test_zeros_beyond_the_scale_lose_nothing(tmp_path: Path) -> None:
    values, _ = typed(tmp_path, [" 1234.5600 ", "7", "-.5", "", None], money())
    assert list(values.values()) == [123456, 700, -50, None, None]


def test_the_largest_exact_amount_stays_and_the_next_is_refused(tmp_path: Path) -> None:
    values, reasons = typed(tmp_path, [MAX_EXACT, MAX_EXACT + 1, -MAX_EXACT], money(scale=0))
    assert values == {0: MAX_EXACT, 2: -MAX_EXACT}
    assert reasons == {1: "x: out of range"}


def test_floats_off_the_minor_unit_are_refused(tmp_path: Path) -> None:
    cells: list[object] = [10.25, 10.255, math.inf, 1e300, math.nan]
    values, reasons = typed(tmp_path, cells, money())
    assert values == {0: 1025, 4: None}
    assert reasons == {
        1: "x: more decimals than scale", 2: "x: not finite", 3: "x: out of range"
    }  # fmt: skip


def test_short_floats_take_the_nearest_minor_unit(tmp_path: Path) -> None:
    values, reasons = typed(tmp_path, pa.array([1234.56, 0.07], pa.float32()), money())  # type: ignore[arg-type]
    assert (values, reasons) == ({0: 123456, 1: 7}, {})


def test_decimals_kept_by_parquet_are_exact(tmp_path: Path) -> None:
    values, reasons = typed(tmp_path, [Decimal("1.10"), Decimal("-99999999.99")], money())
    assert (values, reasons) == ({0: 110, 1: -9999999999}, {})


def test_whole_numbers_may_have_a_zero_fraction_but_no_other(tmp_path: Path) -> None:
    values, reasons = typed(tmp_path, ["12", "12.0", ".0", "12.5", "x", "1e3"], integer())
    assert values == {0: 12, 1: 12, 2: 0}
    assert set(reasons.values()) == {"x: not a whole number"}
    values, reasons = typed(tmp_path, [12.0, 12.5, None], integer())
    assert values == {0: 12, 2: None}
    assert reasons == {1: "x: not a whole number"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("inf", "x: not finite"),
        ("-Infinity", "x: not finite"),
        ("nan", "x: not finite"),
        ("1e400", "x: out of range"),
        ("abc", "x: not a number"),
        ("1_000", "x: not a number"),
    ],
)
def test_numbers_that_are_none_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    assert typed(tmp_path, [text], number()) == ({}, {0: reason})


def test_infinite_floats_are_refused_and_nan_is_missing(tmp_path: Path) -> None:
    values, reasons = typed(tmp_path, [1.5, math.inf, math.nan, None], number())
    assert values == {0: 1.5, 2: None, 3: None}
    assert reasons == {1: "x: not finite"}


def test_a_decimal_comma_is_read_where_declared_and_a_point_is_then_refused(
    tmp_path: Path,
) -> None:
    values, reasons = typed(tmp_path, ["1234,50", "1.234,50"], money(), decimal=",")
    assert (values, reasons) == ({0: 123450}, {1: "x: not money"})


def test_declared_spellings_of_missing_are_null_whatever_the_type(tmp_path: Path) -> None:
    assert typed(tmp_path, [365243, 5], integer(missing=("365243",)))[0] == {0: None, 1: 5}
    assert typed(tmp_path, [-1.0, 5.0], number(missing=("-1",)))[0] == {0: None, 1: 5.0}
    assert typed(tmp_path, ["XNA", "F"], category(missing=("XNA",)))[0] == {0: None, 1: "F"}


def test_flags_mean_yes_for_every_declared_spelling(tmp_path: Path) -> None:
    assert typed(tmp_path, ["Y", " no", "TRUE", ""], flag())[0] == {0: 1, 1: 0, 2: 1, 3: None}
    assert typed(tmp_path, [1.0, 0.0, None], flag())[0] == {0: 1, 1: 0, 2: None}
    assert typed(tmp_path, [True, False], flag())[0] == {0: 1, 1: 0}


def test_categories_stay_as_they_stand_and_whole_floats_lose_their_fraction(
    tmp_path: Path,
) -> None:
    assert typed(tmp_path, [" Açúcar ", "", "\U0001f600"], category())[0] == {
        0: " Açúcar ", 1: None, 2: "\U0001f600"
    }  # fmt: skip
    assert typed(tmp_path, [1.0, 2.5], category())[0] == {0: "1", 1: "2.5"}


def test_a_nul_byte_in_a_category_refuses_the_row(tmp_path: Path) -> None:
    assert typed(tmp_path, ["a\0b", "ab"], category()) == ({1: "ab"}, {0: "x: NUL byte"})


@pytest.mark.parametrize("declared", [money(), number(), integer()])
def test_a_type_that_cannot_hold_what_is_declared_is_named(
    tmp_path: Path, declared: object
) -> None:
    days = np.array(["2024-01-01"], "datetime64[D]")
    with pytest.raises(DataError, match=r"loans\.x: the file keeps days here"):
        typed(tmp_path, pa.array(days), declared)  # type: ignore[arg-type]
