"""Segments of the test side: how bands are named, and which levels are."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.app.segments import main_levels, pd_bands
from solvent.metrics import calibration_by_segment
from solvent.report import FEWEST_SHOWN, SegmentCheck
from tests.models.frames import labels


def test_five_bands_of_equally_many_where_no_two_pds_are_equal() -> None:
    bands = pd_bands(np.arange(100) / 200)
    names, counts = np.unique(bands, return_counts=True)
    assert names.tolist() == ["1 of 5, safest", "2 of 5", "3 of 5", "4 of 5", "5 of 5, riskiest"]
    assert counts.tolist() == [20] * 5


@pytest.mark.parametrize(
    ("pd", "names"),
    [
        ([0.1] * 60 + [0.2] * 40, ["1 of 2, safest", "2 of 2, riskiest"]),
        ([0.1] * 90 + [0.2] * 10, ["1 of 2, safest", "2 of 2, riskiest"]),
        ([0.1] * 50 + [0.2] * 20 + [0.3] * 30,
         ["1 of 3, safest", "2 of 3", "3 of 3, riskiest"]),
        ([0.1] * 100, ["all, of one PD"]),
        ([0.1] + [0.2] * 99, ["all"]),
    ],
)  # fmt: skip
def test_equal_pds_share_a_band_and_no_band_is_told_that_is_not_there(
    pd: list[float], names: list[str]
) -> None:
    """Else the safest of all could be called `3 of 5`, and no band the riskiest."""
    bands = pd_bands(np.array(pd))
    assert np.unique(bands).tolist() == names
    low = [float(np.array(pd)[bands == name].min()) for name in names]
    assert low == sorted(low)


def test_a_level_of_few_rows_is_never_named_in_a_small_test() -> None:
    """Of 40 rows two are a twentieth, and two persons."""
    codes = np.repeat([0, 1, 2, -1], [34, 2, 3, 1])
    found = main_levels(labels("town", codes, ("A", "B", "C", "D")), np.ones(40, dtype=bool))
    assert dict(zip(*np.unique(found, return_counts=True), strict=True)) == {
        "A": 34, "other (2 levels)": 5, "not known": 1,
    }  # fmt: skip


def test_levels_are_named_from_the_least_size_on_and_from_a_twentieth_on() -> None:
    for rows, share in ((FEWEST_SHOWN, 200), (FEWEST_SHOWN - 1, 200), (49, 951), (50, 950)):
        codes = np.repeat([0, 1], [share, rows])
        found = main_levels(labels("town", codes, ("A", "B")), np.ones(share + rows, dtype=bool))
        assert ("B" in found) is (rows in {FEWEST_SHOWN, 50})


def test_a_segment_so_small_is_marked() -> None:
    for rows in (FEWEST_SHOWN - 1, FEWEST_SHOWN):
        (found,) = calibration_by_segment(
            np.full(rows, 0.4), np.arange(rows) < 3, np.full(rows, "a")
        )
        assert SegmentCheck(by="Town", found=found, p_value=None).few is (rows < FEWEST_SHOWN)
