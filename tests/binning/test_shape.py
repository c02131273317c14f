"""The course of a bad rate: what is planted is found, noise is flat."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from solvent.binning import Shape, shape
from solvent.binning.shape import chi_squared_quantile
from solvent.errors import ShapeError

N = np.full(10, 800)


@pytest.mark.parametrize(
    ("course", "rates"),
    [
        (Shape.RISES, np.linspace(0.05, 0.3, 10)),
        (Shape.FALLS, np.linspace(0.3, 0.05, 10)),
        (Shape.PEAK, 0.3 - np.abs(np.linspace(-0.2, 0.2, 10))),
        (Shape.DIP, 0.1 + np.abs(np.linspace(-0.2, 0.2, 10))),
        (Shape.MIXED, np.tile([0.1, 0.3], 5)),
        (Shape.FLAT, np.full(10, 0.2)),
    ],
)
def test_a_planted_course_is_found_in_nearly_every_sample(course: Shape, rates: np.ndarray) -> None:
    """Of 60 samples of a course at least 50 are called by its name."""
    rng = np.random.default_rng(1)
    found = [shape(N, rng.binomial(N, rates)) for _ in range(60)]
    assert found.count(course) >= 50


@pytest.mark.parametrize("df", [1, 2, 5, 9, 14, 30])
def test_the_quantile_is_near_that_of_scipy(df: int) -> None:
    """Three percent is near enough to judge a course."""
    assert chi_squared_quantile(df, 0.95) == pytest.approx(float(chi2.ppf(0.95, df)), rel=0.03)


def test_one_bin_is_flat_and_none_is_refused() -> None:
    """A course needs two bins; a course of nobody is no course."""
    assert shape([5, 0], [1, 0]) is Shape.FLAT
    with pytest.raises(ShapeError):
        shape([0, 0], [0, 0])
