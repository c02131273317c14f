"""Calibration by segment against published figures, SciPy and draws of the lender's luck."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from solvent.errors import RangeError, ShapeError
from solvent.metrics import calibration_by_segment, wilson_interval


def _grades() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three rating grades: 1000, 200 and 500 loans of which 15, 8 and 5 went bad."""
    n, bads, pd = (1000, 200, 500), (15, 8, 5), (0.01, 0.025, 0.02)
    bad = np.concatenate([np.arange(a) < b for a, b in zip(n, bads, strict=True)])
    return np.repeat(pd, n), bad, np.repeat(["a", "b", "c"], n)


def test_squared_z_of_grades_sum_to_the_published_statistic_of_hosmer_and_lemeshow() -> None:
    pd, bad, grade = _grades()
    # The expected bads of each grade: 10, 5 and 10, so that each is judged.
    found = calibration_by_segment(pd, bad, grade)
    assert sum(s.z**2 for s in found if s.z is not None) == pytest.approx(6.922426779569636)


def test_each_segment_counts_its_own() -> None:
    pd, bad, grade = _grades()
    for segment in calibration_by_segment(pd, bad, grade):
        inside = grade == segment.segment
        assert (segment.n, segment.bads) == (inside.sum(), bad[inside].sum())
        assert segment.mean_pd == pytest.approx(pd[inside].mean())
        assert (segment.low, segment.high) == wilson_interval(segment.bads, segment.n)
        assert segment.z is not None
        assert segment.p_value == pytest.approx(2.0 * norm.sf(abs(segment.z)))


def test_where_pds_are_true_one_in_twenty_segments_seems_off() -> None:
    rng = np.random.default_rng(5)
    pd = rng.beta(1.0, 6.0, 400_000)
    found = calibration_by_segment(pd, rng.random(400_000) < pd, np.arange(400_000) % 800)
    share = np.mean([s.p_value is not None and s.p_value < 0.05 for s in found])
    assert share == pytest.approx(0.05, abs=0.02)


def test_too_few_expected_bads_or_goods_tell_nothing() -> None:
    bad = np.arange(40) < 4
    for pd in (0.1, 0.9):
        (found,) = calibration_by_segment(np.full(40, pd), bad, np.full(40, "x"))
        assert found.z is None
        assert found.p_value is None


def test_shuffled_rows_and_renamed_segments_change_nothing() -> None:
    pd, bad, grade = _grades()
    order = np.random.default_rng(1).permutation(len(pd))
    found = calibration_by_segment(pd[order], bad[order], np.char.add("grade ", grade[order]))
    for one, other in zip(calibration_by_segment(pd, bad, grade), found, strict=True):
        assert other.segment == f"grade {one.segment}"
        assert other.z == pytest.approx(one.z)


def test_what_cannot_be_segmented_is_refused() -> None:
    with pytest.raises(ShapeError, match="segment"):
        calibration_by_segment([0.5, 0.5], [True, False], ["a"])
    with pytest.raises(RangeError, match="pd"):
        calibration_by_segment([0.5, 2.0], [True, False], ["a", "b"])
