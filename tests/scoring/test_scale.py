"""The score scale."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import DeclarationError, RangeError
from solvent.scoring import Scale, score

PDS = st.floats(1e-6, 1 - 1e-6)


@given(PDS)
def test_a_score_equals_the_formula_written_with_plain_logarithms(pd: float) -> None:
    odds = (1 - pd) / pd
    assert abs(score(np.array([pd]))[0] - (600 + 20 * math.log2(odds / 30))) <= 0.5 + 1e-6


@given(st.lists(PDS, min_size=2, max_size=20))
def test_a_riskier_applicant_never_scores_higher(pds: list[float]) -> None:
    ordered = np.sort(np.array(pds))
    assert (np.diff(score(ordered)) <= 0).all()


def test_pdo_points_double_the_odds() -> None:
    scale = Scale(base_score=500, base_odds=10, pdo=40)
    assert score(np.array([1 / 11, 1 / 21, 1 / 41]), scale).tolist() == [500, 540, 580]


@pytest.mark.parametrize("pd", [0.0, 1.0, -0.1, float("nan")])
def test_a_pd_outside_the_open_unit_interval_is_refused(pd: float) -> None:
    with pytest.raises(RangeError, match="pd"):
        score(np.array([pd]))


@pytest.mark.parametrize("field", ["base_score", "base_odds", "pdo"])
@pytest.mark.parametrize("value", [-math.inf, math.nan])
def test_a_scale_that_is_none_is_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(DeclarationError, match=field):
        Scale(**{field: value})


@pytest.mark.parametrize("field", ["base_odds", "pdo"])
def test_a_scale_without_odds_or_points_is_refused_by_name(field: str) -> None:
    with pytest.raises(DeclarationError, match=field):
        Scale(**{field: 0.0})
