"""Laws of calibration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import OneClassError, RangeError, ShapeError
from solvent.models.calibration import Calibration, fit_calibration


def test_a_known_line_is_found_again() -> None:
    rng = np.random.default_rng(1)
    margin = rng.normal(-1.0, 1.0, 100_000)
    bad = rng.random(100_000) < 1.0 / (1.0 + np.exp(-(0.4 + 0.7 * margin)))
    found = fit_calibration(margin, bad)
    assert found.slope == pytest.approx(0.7, abs=0.03)
    assert found.intercept == pytest.approx(0.4, abs=0.03)


def test_the_mean_pd_is_the_bad_rate() -> None:
    rng = np.random.default_rng(2)
    margin, bad = rng.normal(size=5000), rng.random(5000) < 0.3
    assert fit_calibration(margin, bad).pd(margin).mean() == pytest.approx(bad.mean(), abs=1e-5)


@given(
    margin=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40),
    labels=st.lists(st.booleans(), min_size=40, max_size=40),
)
def test_a_pd_lies_strictly_inside_and_never_falls_as_margins_rise(
    margin: list[float], labels: list[bool]
) -> None:
    bad = np.array(labels[: len(margin)])
    if bad.all() or not bad.any():
        bad[0] = not bad[0]
    found = fit_calibration(np.array(margin), bad)
    pd = found.pd(np.sort(margin))
    assert found.slope > 0.0
    assert ((pd > 0.0) & (pd < 1.0)).all()
    assert (np.diff(pd) >= 0.0).all()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_few_rows_ranked_perfectly_or_upside_down_still_give_a_finite_rising_line(
    sign: float,
) -> None:
    found = fit_calibration(sign * np.array([-3.0, -2.0, 2.0, 3.0]), np.arange(4) > 1)
    assert 0.0 < found.slope < 10.0
    assert abs(found.intercept) < 1.0


def test_a_line_survives_its_document() -> None:
    from solvent.models.documents import Document

    line = Calibration(intercept=0.1 + 0.2, slope=1.0 / 3.0)
    assert Calibration.read(Document(line.document(), "calibration.json")) == line


def test_what_cannot_be_calibrated_is_refused() -> None:
    with pytest.raises(OneClassError, match="every account"):
        fit_calibration(np.zeros(3), np.ones(3, dtype=bool))
    with pytest.raises(RangeError, match="margin"):
        fit_calibration(np.array([0.0, np.nan]), np.array([True, False]))
    with pytest.raises(ShapeError, match="3"):
        fit_calibration(np.zeros(3), np.array([True, False]))
