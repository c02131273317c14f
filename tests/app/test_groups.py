"""From a protected column to groups a person can read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.app.groups import BANDS, FEWEST, MOST_GROUPS, NOT_STATED, Groups, others
from solvent.app.groups import groups_of as groups_tested
from solvent.features import (
    CategoryColumn,
    ColumnType,
    NumberColumn,
    category,
    date,
    flag,
    integer,
    number,
)
from tests.models.frames import labels
from tests.models.frames import number as numbers


def groups_of(column: NumberColumn | CategoryColumn, declared: ColumnType) -> Groups:
    """Return the groups where every application is tested."""
    rows = len(column.values if isinstance(column, NumberColumn) else column.codes)
    return groups_tested(column, declared, np.ones(rows, dtype=bool))


def _counts(found: Groups) -> dict[str, int]:
    return {name: int((found.labels == name).sum()) for name in found.names}


def test_levels_stand_most_frequent_first_and_who_has_none_last() -> None:
    codes = np.repeat([2, 0, -1], [160, 190, 25])
    found = groups_of(labels("sex", codes, ("F", "never", "M")), category())
    assert _counts(found) == {"F": 190, "M": 160, NOT_STATED: 25}
    assert list(found.names) == ["F", "M", NOT_STATED]


def test_a_level_of_few_tested_applications_is_never_named() -> None:
    codes = np.concatenate([np.zeros(200), np.repeat([1, 2], [FEWEST - 1, 5 * FEWEST])])
    faith = labels("faith", codes, ("common", "rare", "name of one"))
    tested = np.arange(len(codes)) < 200 + FEWEST - 1 + 10
    found = groups_tested(faith, category(), tested)
    assert _counts(found) == {"common": 200, others(2, "level"): 6 * FEWEST - 1}


def test_a_value_of_few_tested_applications_is_never_named_either() -> None:
    """Two persons with seven children are among those with "other" numbers of children."""
    children = np.repeat([0.0, 1.0, 2.0, 7.0, 9.0], [300, FEWEST, FEWEST - 1, 2, 3])
    found = groups_of(numbers("children", children), integer("children"))
    assert _counts(found) == {
        "0 children": 300, "1 children": FEWEST, others(3, "value"): FEWEST + 4,
    }  # fmt: skip
    assert found.names[-1] == "other (3 values)"


def test_a_level_called_like_those_who_have_none_is_one_group_with_them() -> None:
    codes = np.repeat([0, 1, -1], [200, 150, 25])
    found = groups_of(labels("sex", codes, ("F", NOT_STATED)), category())
    assert found.names == ("F", NOT_STATED)
    assert _counts(found) == {"F": 200, NOT_STATED: 175}


def test_many_levels_become_eight_and_the_rest() -> None:
    codes = np.repeat(np.arange(12), np.arange(150, 162))
    found = groups_of(labels("town", codes, tuple(f"t{k}" for k in range(12))), category())
    assert len(found.names) == MOST_GROUPS + 1
    assert _counts(found) == {
        **{f"t{k}": 150 + k for k in range(11, 3, -1)},
        others(4, "level"): 150 + 151 + 152 + 153,
    }


def test_ages_fall_into_bands_that_read_and_hold_a_fifth_each() -> None:
    years = np.random.default_rng(1).integers(18, 78, 6000).astype(float)
    years[:100] = np.nan
    found = groups_of(numbers("age", years), integer("years"))
    assert len(found.names) == BANDS + 1
    assert found.names[0] == "below 29 years"
    assert found.names[1].startswith("29 to 4")
    assert found.names[-2].endswith("years or more")
    counts = _counts(found)
    assert counts.pop(NOT_STATED) == 100
    assert all(900 < count < 1500 for count in counts.values())
    assert set(years[found.labels == found.names[0]]) == set(range(18, 29))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_every_number_falls_into_a_named_band_and_bands_keep_its_order(
    values: list[float],
) -> None:
    found = groups_of(numbers("x", np.array(values)), number())
    place = [found.names.index(label) for label in found.labels.tolist()]
    ranked = [p for _, p in sorted(zip(values, place, strict=True))]
    assert ranked == sorted(ranked)


def test_few_values_are_groups_of_their_own_and_flags_read_yes_and_no() -> None:
    of_each = np.repeat([0.0, 2.0, 0.0, 1.0], FEWEST)
    children = groups_of(numbers("n", of_each), integer("children"))
    assert children.names == ("0 children", "1 children", "2 children")
    told = groups_of(numbers("old", np.array([1.0, 0.0, np.nan])), flag())
    assert told.names == ("no", "yes", NOT_STATED)
    assert told.labels.tolist() == ["yes", "no", NOT_STATED]


def test_a_date_of_birth_counts_in_years() -> None:
    days = 365.25 * np.random.default_rng(1).uniform(20, 70, 2000)
    found = groups_of(numbers("born", days), date())
    assert found.names[0] == "below 30 years" or found.names[0] == "below 29 years"


def test_nobody_with_a_value_is_one_group() -> None:
    assert groups_of(numbers("age", np.full(5, np.nan)), integer()).names == (NOT_STATED,)
    assert groups_of(labels("sex", np.full(5, -1), ()), category()).names == (NOT_STATED,)


@pytest.mark.parametrize("whole", [True, False])
def test_bands_of_measured_numbers_say_under_and_of_whole_ones_do_not(whole: bool) -> None:
    values = np.arange(1000, dtype=float) / (1.0 if whole else 7.0)
    found = groups_of(numbers("x", values), number())
    assert any("under" in name for name in found.names) is not whole
