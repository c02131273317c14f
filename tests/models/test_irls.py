"""Logistic regression of our own against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from solvent.models.irls import Binned, fit_curve


def _binned(columns: np.ndarray, bad: np.ndarray) -> Binned:
    """The same numbers, each row by the place of its value."""
    told = [np.unique(column, return_inverse=True) for column in columns.T]
    values = np.zeros((len(told), max(len(names) for names, _ in told)))
    for at, (names, _) in enumerate(told):
        values[at, : len(names)] = names
    places = np.column_stack([place for _, place in told]).astype(np.int16)
    return Binned(places=places, values=values, bad=bad)


def _rows(n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(n, 4)) * np.array([1.0, 0.2, 3.0, 1.0])
    odds = columns @ np.array([0.8, -1.0, 0.1, 0.0]) - 2.0
    return columns, rng.random(n) < 1.0 / (1.0 + np.exp(-odds))


@pytest.mark.parametrize(("precision", "rows"), [(1e-2, 3001), (20.0, 3000), (20.0, 60_002)])
def test_weights_are_those_of_scikit_learn(precision: float, rows: int) -> None:
    columns, bad = _rows(rows)
    columns = columns.round(2)
    found = fit_curve(_binned(columns, bad), precision=precision)
    peer = LogisticRegression(C=1.0 / precision, tol=1e-10, max_iter=1000).fit(columns, bad)
    assert found.weights[0] == pytest.approx(peer.intercept_[0], abs=1e-5)
    assert found.weights[1:] == pytest.approx(peer.coef_[0], abs=1e-5)


def test_a_prior_around_a_value_is_a_prior_around_zero_moved() -> None:
    columns, bad = _rows(300)
    tight = fit_curve(_binned(columns, bad), towards=0.5, precision=1e9)
    assert tight.weights[1:] == pytest.approx(np.full(4, 0.5), abs=1e-4)


def test_errors_are_the_spread_of_weights_over_samples() -> None:
    found = [fit_curve(_binned(*_sample(seed))) for seed in range(300)]
    spread = np.std([one.weights for one in found], axis=0)
    assert found[0].errors == pytest.approx(spread, rel=0.15)


def _sample(seed: int) -> tuple[np.ndarray, np.ndarray]:
    columns, _ = _rows(800)
    odds = columns @ np.array([0.8, -1.0, 0.1, 0.0]) - 1.0
    return columns, np.random.default_rng(seed).random(800) < 1.0 / (1.0 + np.exp(-odds))


def test_a_column_that_parts_all_keeps_a_finite_weight() -> None:
    bad = np.arange(40) < 20
    found = fit_curve(_binned(np.where(bad, 1.0, -1.0)[:, None], bad))
    assert np.isfinite(found.weights).all()
    assert found.weights[1] > 2.0


def test_where_it_starts_does_not_move_the_weights() -> None:
    rows = _binned(*_rows())
    near = fit_curve(rows, start=np.array([-1.5, 0.5, -0.5, 0.0, 0.3]))
    assert near.weights == pytest.approx(fit_curve(rows).weights, abs=1e-7)


def test_correlations_are_those_of_numpy() -> None:
    columns, bad = _rows()
    columns[:, 3] = columns[:, 0] + 0.1 * columns[:, 1]
    found = _binned(columns, bad).alike()
    assert found == pytest.approx(np.corrcoef(columns, rowvar=False), abs=1e-12)
    columns[:, 2] = 7.0
    assert not np.delete(_binned(columns, bad).alike()[2], 2).any()


def test_the_last_rows_count_as_the_others_do() -> None:
    columns, bad = _rows(11)
    weights = np.array([-1.0, 0.4, -0.5, 0.1, 0.2])
    loss, gradient, second = _binned(columns, bad).sums(weights)
    design = np.column_stack([np.ones(11), columns])
    pd = 1.0 / (1.0 + np.exp(-design @ weights))
    assert loss == pytest.approx(-np.log(np.where(bad, pd, 1.0 - pd)).sum())
    assert gradient == pytest.approx(design.T @ (pd - bad))
    assert second == pytest.approx((design.T * (pd * (1.0 - pd))) @ design)
