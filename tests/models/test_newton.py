"""The one logistic regression of our own, against SciPy and in hard cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from solvent.errors import TrainingError
from solvent.models.newton import fit_weights, second_derivative


def _loss(weights: np.ndarray, design: np.ndarray, bad: np.ndarray) -> float:
    log_odds = design @ weights
    rows = np.logaddexp(0.0, np.where(bad, -log_odds, log_odds))
    return float(rows.sum() + (0.01 * weights[0] ** 2 + (weights[1] - 1.0) ** 2) / 2.0)


PRIOR = np.array([0.0, 1.0]), np.array([0.01, 1.0])


@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(-4.0, 6.0),
    middle=st.floats(-1e3, 1e3),
    rows=st.integers(2, 60),
)
def test_nothing_is_likelier_whatever_the_scale(
    seed: int, scale: float, middle: float, rows: int
) -> None:
    rng = np.random.default_rng(seed)
    margin = rng.normal(middle, 10.0**scale, rows)
    bad = rng.random(rows) < 0.3
    bad[:2] = [True, False]
    design = np.column_stack([np.ones(rows), margin])
    found = fit_weights(design, bad, *PRIOR)
    starts = (found, np.array([0.0, 1.0]), np.zeros(2))
    best = min(minimize(_loss, at, (design, bad), method="Nelder-Mead").fun for at in starts)
    assert _loss(found, design, bad) <= best + 1e-8
    pd = 1.0 / (1.0 + np.exp(-np.clip(design @ found, -700.0, 700.0)))
    gradient = design.T @ (pd - bad) + PRIOR[1] * (found - PRIOR[0])
    step = np.linalg.solve(second_derivative(design, pd, PRIOR[1]), gradient)
    assert float(gradient @ step) < 1e-9


def test_a_bad_start_is_walked_away_from() -> None:
    design = np.column_stack([np.ones(200), np.linspace(-3.0, 3.0, 200)])
    bad = np.random.default_rng(1).random(200) < 0.5
    near = fit_weights(design, bad, *PRIOR)
    far = fit_weights(design, bad, *PRIOR, start=np.array([500.0, -4000.0]))
    assert far == pytest.approx(near, abs=1e-7)


def test_an_offset_stands() -> None:
    margin = np.random.default_rng(2).normal(size=500)
    bad = np.random.default_rng(3).random(500) < 1.0 / (1.0 + np.exp(1.0 - margin))
    alone = np.ones((500, 1))
    found = fit_weights(alone, bad, np.zeros(1), np.zeros(1), margin)
    pd = 1.0 / (1.0 + np.exp(-found[0] - margin))
    assert pd.mean() == pytest.approx(bad.mean(), abs=1e-10)


def test_columns_that_say_the_same_without_a_prior_are_refused() -> None:
    twice = np.ones((10, 2))
    with pytest.raises(TrainingError, match="no single best") as raised:
        fit_weights(twice, np.arange(10) < 3, np.zeros(2), np.zeros(2))
    assert raised.value.hint
