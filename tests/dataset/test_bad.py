"""Bad definitions and maturity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent import days, equals, unpaid
from solvent.dataset.bad import STANDINGS, Standing
from solvent.errors import DeclarationError
from solvent.features import DAY, NULL, Values

NOW = 1_000 * DAY


def _standing(bad: object, as_of: int, outcomes: dict[str, Values], until: int = NOW) -> Standing:
    return STANDINGS[bad.standings(np.array([as_of]), outcomes, until)[0]]  # type: ignore[attr-defined]


def _time(value: int) -> Values:
    return Values(array=np.array([value]))


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        (10 * DAY, Standing.GOOD),
        (30 * DAY, Standing.GOOD),
        (30 * DAY + 1, Standing.BAD),
        (NULL, Standing.BAD),
    ],
)
def test_a_loan_is_bad_when_paid_later_than_the_days_allowed(paid: int, expected: Standing) -> None:
    assert _standing(unpaid("paid", after=30), 0, {"paid": _time(paid)}) is expected


def test_days_count_from_the_due_date_where_one_is_declared() -> None:
    outcomes = {"paid": _time(50 * DAY), "due": _time(45 * DAY)}
    assert _standing(unpaid("paid", after=10, due="due"), 0, outcomes) is Standing.GOOD
    assert _standing(unpaid("paid", after=4, due="due"), 0, outcomes) is Standing.BAD


def test_a_loan_without_a_due_date_has_no_known_outcome() -> None:
    outcomes = {"paid": _time(50 * DAY), "due": _time(NULL)}
    assert _standing(unpaid("paid", after=10, due="due"), 0, outcomes) is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (unpaid("paid", after=30), [130 * DAY, 107 * DAY]),
        (unpaid("paid", after=4, due="due"), [49 * DAY, 4 * DAY]),
        (equals("flag", 1, performance=days(90)), [190 * DAY, 167 * DAY]),
        (equals("flag", 1, matured="given"), [100 * DAY, 77 * DAY]),
    ],
)
def test_from_when_on_an_outcome_could_be_trusted(bad: object, expected: list[int]) -> None:
    """The instant at which it matures: a moment before, the application is immature."""
    as_of = np.array([100 * DAY, 77 * DAY])
    outcomes = {
        "paid": Values(array=np.array([NULL, NULL])),
        "due": Values(array=np.array([45 * DAY, NULL])),
        "flag": Values(array=np.array([0, 0]), levels=("1",)),
    }
    told = bad.matured_at(as_of, outcomes)  # type: ignore[attr-defined]
    assert told.tolist() == expected
    immature, mature = (
        STANDINGS[bad.standings(as_of, outcomes, expected[0] - early)[0]]  # type: ignore[attr-defined]
        for early in (1, 0)
    )
    given_as_final = expected[0] == as_of[0]
    assert (immature is Standing.IMMATURE) is not given_as_final
    assert mature is Standing.BAD


@given(st.integers(0, 60), st.booleans())
def test_an_application_whose_window_is_not_over_is_immature_never_good(
    age: int, paid: bool
) -> None:
    outcomes = {"paid": _time(NOW - age * DAY if paid else NULL)}
    standing = _standing(unpaid("paid", after=30), NOW - age * DAY, outcomes)
    assert (standing is Standing.IMMATURE) == (age < 30)


@pytest.mark.parametrize("level", ["1", "1.0", "01"])
def test_a_flag_means_bad_however_its_number_is_written(level: str) -> None:
    outcomes = {"flag": Values(array=np.array([0]), levels=(level,))}
    assert _standing(equals("flag", 1, matured="given"), 0, outcomes) is Standing.BAD


def test_an_empty_flag_is_an_unknown_outcome() -> None:
    outcomes = {"flag": Values(array=np.array([NULL]), levels=("1",))}
    assert _standing(equals("flag", 1, matured="given"), 0, outcomes) is Standing.UNKNOWN


def test_a_flag_with_a_performance_window_matures_with_time() -> None:
    bad = equals("flag", "x", performance=days(90))
    outcomes = {"flag": Values(array=np.array([0]), levels=("y",))}
    assert _standing(bad, NOW - 90 * DAY, outcomes) is Standing.GOOD
    assert _standing(bad, NOW - 90 * DAY + 1, outcomes) is Standing.IMMATURE


@pytest.mark.parametrize(
    "arguments", [{}, {"matured": "given", "performance": days(9)}, {"matured": "yes"}]
)
def test_a_flag_must_say_when_it_can_be_trusted(arguments: dict[str, object]) -> None:
    with pytest.raises(DeclarationError, match="bad"):
        equals("flag", 1, **arguments)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("after", [-1, 0])
def test_a_loan_must_be_given_time_to_pay(after: float) -> None:
    with pytest.raises(DeclarationError, match="time to pay"):
        unpaid("paid", after=after)


def test_a_declared_spelling_of_nothing_is_an_unknown_outcome_not_a_good_one() -> None:
    bad = equals("flag", "bad", matured="given", missing=("NA",))
    assert bad.columns["flag"].missing == ("NA",)


def test_what_counts_as_good_is_told_value_by_value() -> None:
    given = Values(array=np.array([0, 0, 1, 2, NULL]), levels=("paid", "written off", "open"))
    told = equals("status", "written off", matured="given").told({"status": given})
    assert told == "bad: 'written off' (1); good: 'paid' (2), 'open' (1)"
