"""Text of any length is read or refused in time that grows as the text does."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from solvent.errors import DataError
from solvent.features import ColumnType, category, date, flag, instant, integer, money, number
from solvent.features.cells import LONGEST_NUMBER, read_cell, read_name

SHORT, LONG = 50_000, 1_000_000
SHAPES: dict[str, Callable[[int], str]] = {
    "digits, a letter": lambda n: "1" * n + "x",
    "digits": lambda n: "1" * n,
    "points": lambda n: "." * n,
    "exponents": lambda n: "1e" * (n // 2),
    "an exponent": lambda n: "1e" + "1" * n + "x",
    "a fraction": lambda n: "1." + "1" * n + "x",
    "spaces": lambda n: " " * n,
    "spaces within": lambda n: "1" + " " * n + "x",
    "signs": lambda n: "+-" * (n // 2),
    "a time": lambda n: "2024-05-01T10:00:00." + "1" * n + "x",
    "a time, spaces": lambda n: "2024-05-01" + " " * n + "x",
    "no ASCII": lambda n: "\xe9" * n,
    "infinities": lambda n: "inf" * (n // 3),
}
TYPES = (
    money(), integer(), number(), category(), flag(), instant(), date(),
    instant(format="%d/%m/%Y %H:%M:%S.%f"), date(format=" %Y %m %d "),
)  # fmt: skip
NUMBERS = {money(): "not money", integer(): "not a whole number", number(): "not a number"}


def _read(text: str, declared: ColumnType) -> str:
    try:
        read_cell(text, declared, zone="UTC", field="x")
    except DataError as error:
        return error.message
    return ""


def _seconds(text: str, declared: ColumnType) -> float:
    """Return the least processor time of three tries, which other processes do not add to."""
    found = []
    for _ in range(3):
        start = time.process_time()
        _read(text, declared)
        found.append(time.process_time() - start)
    return min(found)


@pytest.mark.parametrize("shape", SHAPES)
def test_text_twenty_times_as_long_takes_no_hundreds_of_times_as_long(shape: str) -> None:
    """Linear work takes 20 times as long, quadratic work 400 times; 50 tells them apart."""
    for declared in TYPES:
        short = max(_seconds(SHAPES[shape](SHORT), declared), 1e-4)
        assert _seconds(SHAPES[shape](LONG), declared) < 50 * short, declared.kind
    with pytest.raises(DataError):
        read_name(SHAPES[shape](LONG), "x")


@pytest.mark.parametrize("declared", NUMBERS, ids=lambda one: str(one.kind))
def test_numbers_are_of_at_most_so_many_signs(declared: ColumnType) -> None:
    for zeros, words in ((LONGEST_NUMBER - 1, ""), (LONGEST_NUMBER, NUMBERS[declared])):
        assert _read("0" * zeros + "7", declared) == words
    for text in ("1" * 5000, "0." + "0" * 5000 + "1", "inf" * 200):
        assert _read(text, declared) == NUMBERS[declared]
    assert _read(" " * LONG + "7" + " " * LONG, declared) == ""
