from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from solvent.errors import RangeError
from solvent.metrics.normal import two_sided_p, two_sided_z


@given(st.floats(0.001, 0.999))
def test_the_quantile_agrees_with_scipy(level: float) -> None:
    assert two_sided_z(level) == pytest.approx(norm.isf((1 - level) / 2), rel=1e-9, abs=1e-12)


@given(st.floats(-37, 37))
def test_the_p_value_agrees_with_scipy_into_the_far_tail(z: float) -> None:
    assert two_sided_p(z) == pytest.approx(2 * norm.sf(abs(z)), rel=1e-9)


@given(st.floats(0.001, 0.999))
def test_quantile_and_p_value_undo_each_other(level: float) -> None:
    assert two_sided_p(two_sided_z(level)) == pytest.approx(1 - level, abs=1e-12)


def test_the_level_next_to_one_still_has_a_quantile() -> None:
    assert 8.0 < two_sided_z(1 - 2**-53) < 9.0


@pytest.mark.parametrize("level", [0, 1, 1.5, -1, float("nan"), "0.95", None])
def test_what_is_no_level_is_refused(level: object) -> None:
    with pytest.raises(RangeError):
        two_sided_z(level)  # type: ignore[arg-type]
