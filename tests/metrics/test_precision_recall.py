from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve as sklearn_curve

from solvent.errors import RangeError
from solvent.metrics import pr_auc, precision_recall_curve
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import Portfolio, portfolios


@given(portfolios())
def test_the_curve_agrees_with_scikit_learn(portfolio: Portfolio) -> None:
    """Theirs runs the other way and ends in a made-up point of precision 1; ours has none."""
    pd, bad = portfolio
    precision, recall, cutoffs = sklearn_curve(bad, pd)
    curve = precision_recall_curve(pd, bad)[::-1]
    assert [point.cutoff for point in curve] == cutoffs.tolist()
    assert [point.precision for point in curve] == pytest.approx(precision[:-1].tolist())
    assert [point.recall for point in curve] == pytest.approx(recall[:-1].tolist())


@given(portfolios())
def test_steps_between_the_points_enclose_the_average_precision(portfolio: Portfolio) -> None:
    curve = precision_recall_curve(*portfolio)
    steps = np.diff([point.recall for point in curve], prepend=0.0)
    area = float(np.dot(steps, [point.precision for point in curve]))
    assert area == pytest.approx(pr_auc(*portfolio), abs=1e-12)


@given(portfolios(), st.integers(2, 10))
def test_a_thinned_curve_keeps_true_points_and_both_ends(portfolio: Portfolio, most: int) -> None:
    pd, bad = portfolio
    whole = precision_recall_curve(pd, bad, points=1_000)
    thinned = precision_recall_curve(pd, bad, points=most)
    assert len(thinned) <= most
    assert set(thinned) <= set(whole)
    assert (thinned[0], thinned[-1]) == (whole[0], whole[-1])
    assert whole[-1].recall == 1.0
    assert whole[-1].precision == pytest.approx(bad.mean())


def test_fewer_than_two_points_are_refused() -> None:
    with pytest.raises(RangeError):
        precision_recall_curve(PD_A, BAD, points=1)
