from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_curve as sklearn_curve

from solvent.errors import RangeError
from solvent.metrics import auc, confusion, roc_curve
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import Portfolio, portfolios, sampled


@given(portfolios())
def test_the_curve_agrees_with_scikit_learn(portfolio: Portfolio) -> None:
    pd, bad = portfolio
    rates, recalls, cutoffs = sklearn_curve(bad, pd, drop_intermediate=False)
    curve = roc_curve(pd, bad)
    assert [point.false_positive_rate for point in curve] == pytest.approx(rates.tolist())
    assert [point.recall for point in curve] == pytest.approx(recalls.tolist())
    assert [point.cutoff for point in curve[1:]] == cutoffs[1:].tolist()
    assert curve[0].cutoff is None


@given(portfolios())
def test_straight_lines_between_the_points_enclose_the_auc(portfolio: Portfolio) -> None:
    curve = roc_curve(*portfolio)
    area = np.trapezoid([p.recall for p in curve], [p.false_positive_rate for p in curve])
    assert area == pytest.approx(auc(*portfolio), abs=1e-12)


@given(portfolios(), st.integers(2, 10))
def test_a_thinned_curve_keeps_true_points_and_both_ends(portfolio: Portfolio, most: int) -> None:
    whole, thinned = roc_curve(*portfolio, points=1_000), roc_curve(*portfolio, points=most)
    assert len(thinned) <= most
    assert set(thinned) <= set(whole)
    assert (thinned[0], thinned[-1]) == (whole[0], whole[-1])
    assert (whole[-1].false_positive_rate, whole[-1].recall) == (1.0, 1.0)


def test_two_hundred_points_draw_the_area_to_a_thousandth() -> None:
    pd, bad = sampled(7, 20_000)
    curve = roc_curve(pd, bad)
    area = np.trapezoid([p.recall for p in curve], [p.false_positive_rate for p in curve])
    assert len(curve) <= 200
    assert area == pytest.approx(auc(pd, bad), abs=1e-3)


def test_a_point_says_what_the_confusion_table_says_at_its_cutoff() -> None:
    for point in roc_curve(PD_A, BAD)[1:]:
        assert point.cutoff is not None
        table = confusion(PD_A, BAD, point.cutoff)
        assert point.recall == table.recall
        assert point.false_positive_rate == pytest.approx(table.fp / (table.fp + table.tn))


def test_a_constant_pd_has_only_the_ends() -> None:
    assert len(roc_curve(np.full(5, 0.5), np.arange(5) < 2)) == 2


def test_fewer_than_two_points_are_refused() -> None:
    with pytest.raises(RangeError):
        roc_curve(PD_A, BAD, points=1)
