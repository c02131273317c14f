from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import RangeError
from solvent.metrics import (
    Confusion,
    confusion,
    cutoff_for_best_accuracy,
    cutoff_for_best_f1,
    cutoff_for_recall,
)
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import Portfolio, portfolios


def every_table(pd: np.ndarray, bad: np.ndarray) -> list[Confusion]:
    """Return a table for each distinct PD, riskiest first, after one that predicts nobody bad."""
    cutoffs = [float(np.nextafter(pd.max(), 2.0)), *sorted(set(pd.tolist()), reverse=True)]
    return [confusion(pd, bad, cutoff) for cutoff in cutoffs]


def test_the_golden_accounts_are_cut_where_reading_them_says() -> None:
    """Five of six bads lie at 0.35 and above among seven accounts; the sixth is at 0.28."""
    assert cutoff_for_recall(PD_A, BAD, 0.8) == 0.35
    assert cutoff_for_recall(PD_A, BAD, 1.0) == 0.28
    assert cutoff_for_best_f1(PD_A, BAD) == cutoff_for_best_accuracy(PD_A, BAD) == 0.44


@given(portfolios(), st.floats(0.01, 1.0))
def test_recall_is_reached_at_the_cutoff_and_missed_just_above(
    portfolio: Portfolio, recall: float
) -> None:
    reached = [t for t in every_table(*portfolio) if t.recall is not None and t.recall >= recall]
    assert cutoff_for_recall(*portfolio, recall) == reached[0].cutoff


@given(portfolios())
def test_no_cutoff_has_a_better_f1(portfolio: Portfolio) -> None:
    figures = [(table.f1 or 0.0, table.cutoff) for table in every_table(*portfolio)]
    assert cutoff_for_best_f1(*portfolio) == max(figures)[1]


@given(portfolios())
def test_no_cutoff_has_a_better_accuracy(portfolio: Portfolio) -> None:
    figures = [(table.accuracy, table.cutoff) for table in every_table(*portfolio)]
    assert cutoff_for_best_accuracy(*portfolio) == max(figures)[1]


@pytest.mark.parametrize("highest", [0.3, 1.0])
def test_where_bads_are_few_the_best_accuracy_predicts_nobody_bad(highest: float) -> None:
    pd, bad = np.array([highest, 0.2, 0.1]), np.array([False, True, False])
    table = confusion(pd, bad, cutoff_for_best_accuracy(pd, bad))
    assert (table.tp, table.fp) == (0, 0)


def test_a_constant_pd_has_one_cutoff() -> None:
    pd, bad = np.full(4, 0.3), np.array([True, False, False, False])
    assert cutoff_for_recall(pd, bad, 0.5) == cutoff_for_best_f1(pd, bad) == 0.3


@pytest.mark.parametrize("recall", [0.0, -0.5, 1.1, 80, float("nan")])
def test_a_recall_that_cannot_be_is_refused(recall: float) -> None:
    with pytest.raises(RangeError) as raised:
        cutoff_for_recall(PD_A, BAD, recall)
    assert raised.value.field == "recall"
