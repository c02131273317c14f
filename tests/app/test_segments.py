"""Bands of PD are named by as many as there are."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.app.segments import pd_bands


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
