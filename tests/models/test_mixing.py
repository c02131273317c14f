"""Laws of weighing margins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from solvent.models.calibration import mean_gain, to_pd
from solvent.models.calibrators import row_losses
from solvent.models.calibrators.line import fit_line
from solvent.models.mixing import (
    FAINT,
    LEAST,
    PULL,
    _descend,
    cross_fitted,
    learn_mix,
)


def _said(seed: int, rows: int = 600, members: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Members that each see the truth through noise of their own; the last sees none of it."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(-1.0, 1.0, rows)
    bad = rng.random(rows) < 1.0 / (1.0 + np.exp(-truth))
    noise = rng.normal(size=(rows, members)) * np.linspace(0.3, 2.0, members)
    said = truth[:, None] + noise
    said[:, -1] = rng.normal(size=rows)
    return said * rng.uniform(0.5, 2.0, members), bad


@pytest.mark.parametrize("seed", range(8))
def test_the_weights_are_those_scipy_finds(seed: int) -> None:
    said, bad = _said(seed, members=3 + seed % 4)
    design = np.column_stack([np.ones(len(bad)), said])
    prior = np.array([0.0, *np.full(said.shape[1], 0.25)])
    precision = np.array([FAINT, *np.full(said.shape[1], PULL)])

    def cost(at: np.ndarray) -> tuple[float, np.ndarray]:
        margin, away = design @ at, at - prior
        slope = design.T @ (to_pd(margin) - bad) + precision * away
        return float(row_losses(margin, bad).sum() + 0.5 * (precision * away) @ away), slope

    bounds = [(None, None), *[(0.0, None)] * said.shape[1]]
    wanted = minimize(
        cost, prior, jac=True, bounds=bounds, method="L-BFGS-B",
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000},
    )  # fmt: skip
    found = _descend(said, bad, 0.25, PULL)
    assert cost(found)[0] <= wanted.fun + 1e-8
    assert found == pytest.approx(wanted.x, abs=1e-4)


@given(seed=st.integers(0, 200))
def test_weights_are_never_negative_and_no_worse_than_the_best_member(seed: int) -> None:
    said, bad = _said(seed, rows=300)
    mix = learn_mix(said, bad)
    assert (mix.weights >= 0.0).all()
    alone = [row_losses(fit_line(one, bad).log_odds(one), bad).mean() for one in said.T]
    assert row_losses(mix.margin(said), bad).mean() <= min(alone) + PULL / (2 * len(bad))


def test_a_member_that_says_the_same_shares_the_weight() -> None:
    said, bad = _said(1)
    twice = learn_mix(np.column_stack([said[:, 0], said[:, 0]]), bad)
    assert twice.weights[0] == pytest.approx(twice.weights[1])


def test_a_members_scale_does_not_matter() -> None:
    said, bad = _said(2, rows=5000)
    plain, scaled = learn_mix(said, bad), learn_mix(said * np.array([1.0, 5.0, 0.2, 1.0]), bad)
    assert scaled.margin(said * np.array([1.0, 5.0, 0.2, 1.0])) == pytest.approx(
        plain.margin(said), abs=0.01
    )


def test_where_none_ranks_none_is_singled_out() -> None:
    said, bad = _said(3)
    upside_down = -said[:, :2]
    assert learn_mix(upside_down, bad).weights.tolist() == [LEAST, LEAST]


def test_a_folds_labels_do_not_speak_for_it() -> None:
    """Turning round the labels of a fold changes nothing that is said of that fold."""
    said, bad = _said(4)
    fold = np.arange(len(bad)) % 5
    turned = np.where(fold == 2, ~bad, bad)
    before, after = cross_fitted(said, bad, fold), cross_fitted(said, turned, fold)
    assert (before[fold == 2] == after[fold == 2]).all()
    assert (before[fold != 2] != after[fold != 2]).any()


def test_the_standard_error_is_that_of_means_of_customers() -> None:
    """Against the spread of the gap over fresh samples of customers with ten rows each."""
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(200), 10)

    def drawn() -> tuple[float, float]:
        own = np.repeat(rng.normal(size=200), 10)
        return mean_gain(own + rng.normal(size=2000), np.zeros(2000), groups)

    found = np.array([drawn() for _ in range(400)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.12)
