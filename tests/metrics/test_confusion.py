from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)

from solvent.errors import MetricError
from solvent.metrics import Confusion, confusion
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import GRID, Portfolio, portfolios


def test_the_golden_accounts_fall_where_counting_by_hand_puts_them() -> None:
    table = confusion(PD_A, BAD, 0.35)
    assert (table.tp, table.fp, table.tn, table.fn) == (5, 2, 16, 1)


@given(portfolios(), GRID)
def test_the_table_agrees_with_scikit_learn(portfolio: Portfolio, cutoff: float) -> None:
    pd, bad = portfolio
    table, predicted = confusion(pd, bad, cutoff), pd >= cutoff
    expected = confusion_matrix(bad, predicted, labels=[False, True]).ravel().tolist()
    assert [table.tn, table.fp, table.fn, table.tp] == expected
    assert table.accuracy == pytest.approx(accuracy_score(bad, predicted))
    assert table.recall == pytest.approx(recall_score(bad, predicted))
    assert table.specificity == pytest.approx(recall_score(~bad, ~predicted))
    assert table.f1 == pytest.approx(f1_score(bad, predicted))
    if predicted.any():
        assert table.precision == pytest.approx(precision_score(bad, predicted))
    else:
        assert table.precision is None


@given(portfolios(), GRID, GRID)
def test_a_higher_cutoff_never_catches_more(portfolio: Portfolio, one: float, two: float) -> None:
    low, high = sorted([one, two])
    strict, lenient = confusion(*portfolio, high), confusion(*portfolio, low)
    assert strict.tp <= lenient.tp
    assert strict.fp <= lenient.fp


def test_an_account_at_the_cutoff_is_predicted_bad() -> None:
    assert confusion([0.25], [True], 0.25).tp == 1


def test_a_cutoff_of_zero_predicts_everybody_bad() -> None:
    table = confusion([0.0, 1.0], [True, False], 0.0)
    assert (table.tp, table.fp, table.tn, table.fn) == (1, 1, 0, 0)


def test_the_number_above_one_predicts_nobody_bad() -> None:
    table = confusion([1.0, 0.5], [True, False], float(np.nextafter(1.0, 2.0)))
    assert (table.tp, table.fp, table.tn, table.fn) == (0, 0, 1, 1)
    assert (table.precision, table.recall) == (None, 0.0)


def test_a_share_of_nobody_does_not_exist() -> None:
    nobody = Confusion(cutoff=0.5, tp=0, fp=0, tn=3, fn=0)
    assert (nobody.recall, nobody.precision, nobody.f1) == (None, None, None)
    assert Confusion(cutoff=0.5, tp=1, fp=0, tn=0, fn=0).specificity is None


@given(portfolios(), GRID)
def test_a_table_reads_back_what_it_wrote(portfolio: Portfolio, cutoff: float) -> None:
    table = confusion(*portfolio, cutoff)
    assert Confusion.from_dict(table.as_dict()) == table


def test_a_table_without_its_counts_is_refused() -> None:
    with pytest.raises(MetricError, match="missing"):
        Confusion.from_dict({"cutoff": 0.5, "tp": 1})
