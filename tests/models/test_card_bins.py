"""Effects of bins: the top of likelihood and prior, and the order of woe."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from solvent.models._card_bins import PRECISION, falling, move_bins


def test_effects_are_at_the_top_of_likelihood_and_prior() -> None:
    rng = np.random.default_rng(5)
    places = [rng.integers(0, size, 4000).astype(np.int16) for size in (3, 5)]
    prior = [rng.normal(0.0, 0.5, size) for size in (3, 5)]
    truth = prior[0][places[0]] + prior[1][places[1]] + 0.3 * (places[0] == 1) - 1.0
    bad = rng.random(4000) < 1.0 / (1.0 + np.exp(-truth))

    def minus_log(all_of_them: np.ndarray) -> float:
        first, second, intercept = all_of_them[:3], all_of_them[3:8], all_of_them[8]
        margin = first[places[0]] + second[places[1]] + intercept
        tight = ((all_of_them[:8] - np.concatenate(prior)) ** 2).sum()
        return float(np.logaddexp(0.0, margin).sum() - margin[bad].sum() + PRECISION / 2 * tight)

    moved, intercept = move_bins(np.column_stack(places), prior, -1.0, bad)
    found = np.array([*moved[0], *moved[1], intercept])
    best = minimize(minus_log, np.append(np.concatenate(prior), -1.0), options={"gtol": 1e-6})
    assert found == pytest.approx(best.x, abs=1e-4)


@given(
    st.lists(
        st.tuples(st.integers(-50, 50), st.integers(1, 100), st.integers(-5, 5)),
        min_size=1, max_size=12, unique_by=lambda one: one[2],
    )
)  # fmt: skip
def test_falling_is_isotonic_regression_the_other_way(told: list[tuple[int, int, int]]) -> None:
    effects, rows, woe = (np.array(part, dtype=np.float64) for part in zip(*told, strict=True))
    peer = IsotonicRegression(increasing=False).fit(woe, effects, sample_weight=rows)
    assert falling(effects, woe, rows) == pytest.approx(peer.predict(woe), abs=1e-9)
