"""Logistic regression of our own against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from solvent.models.irls import fit_curve


def _rows(n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(n, 4)) * np.array([1.0, 0.2, 3.0, 1.0])
    odds = columns @ np.array([0.8, -1.0, 0.1, 0.0]) - 2.0
    return columns, rng.random(n) < 1.0 / (1.0 + np.exp(-odds))


@pytest.mark.parametrize("precision", [1e-2, 20.0])
def test_weights_are_those_of_scikit_learn(precision: float) -> None:
    columns, bad = _rows()
    found = fit_curve(columns, bad, precision=precision)
    peer = LogisticRegression(C=1.0 / precision, tol=1e-10, max_iter=1000).fit(columns, bad)
    assert found.weights[0] == pytest.approx(peer.intercept_[0], abs=1e-5)
    assert found.weights[1:] == pytest.approx(peer.coef_[0], abs=1e-5)


def test_a_prior_around_a_value_is_a_prior_around_zero_moved() -> None:
    columns, bad = _rows(300)
    tight = fit_curve(columns, bad, towards=0.5, precision=1e9)
    assert tight.weights[1:] == pytest.approx(np.full(4, 0.5), abs=1e-4)


def test_errors_are_the_spread_of_weights_over_samples() -> None:
    found = [fit_curve(*_sample(seed)) for seed in range(300)]
    spread = np.std([one.weights for one in found], axis=0)
    assert found[0].errors == pytest.approx(spread, rel=0.15)


def _sample(seed: int) -> tuple[np.ndarray, np.ndarray]:
    columns, _ = _rows(800)
    odds = columns @ np.array([0.8, -1.0, 0.1, 0.0]) - 1.0
    return columns, np.random.default_rng(seed).random(800) < 1.0 / (1.0 + np.exp(-odds))


def test_a_column_that_parts_all_keeps_a_finite_weight() -> None:
    bad = np.arange(40) < 20
    found = fit_curve(np.where(bad, 1.0, -1.0)[:, None], bad)
    assert np.isfinite(found.weights).all()
    assert found.weights[1] > 2.0
