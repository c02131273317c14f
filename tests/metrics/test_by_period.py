from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import RangeError, ShapeError
from solvent.metrics import auc, by_period
from tests.metrics.portfolios import Portfolio, portfolios

LABELS = ["2023-12", "2024-01", "2024-02"]


@given(portfolios(), st.data())
def test_a_period_is_measured_as_if_it_stood_alone(
    portfolio: Portfolio, data: st.DataObject
) -> None:
    pd, bad = portfolio
    n = pd.size
    period = np.array(data.draw(st.lists(st.sampled_from(LABELS), min_size=n, max_size=n)))
    rows = by_period(pd, bad, period)
    assert [row.period for row in rows] == sorted(set(period.tolist()))
    assert sum(row.n for row in rows) == n
    for row in rows:
        held = period == row.period
        assert (row.n, row.bads) == (held.sum(), bad[held].sum())
        assert row.bad_rate == row.bads / row.n
        assert row.mean_pd == pytest.approx(pd[held].mean(), abs=1e-14)
        if 0 < row.bads < row.n:
            assert (row.auc, row.auc_missing) == (auc(pd[held], bad[held]), "")
        else:
            assert row.auc is None
            assert row.auc_missing


def test_a_period_of_one_class_says_why_it_has_no_auc() -> None:
    none, every = by_period([0.1, 0.2, 0.3], [False, True, True], [1, 2, 2])
    assert none.auc_missing == "no account of 1 is bad"
    assert every.auc_missing == "every account of 2 is bad"


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ([202410, 202402], ["202402", "202410"]),
        (np.array(["2024-10", "2024-02"], dtype="datetime64[M]"), ["2024-02", "2024-10"]),
        (np.array(["b", "a"], dtype=object), ["a", "b"]),
    ],
)
def test_labels_may_be_numbers_dates_or_text(period: object, expected: list[str]) -> None:
    rows = by_period([0.1, 0.2], [True, False], period)  # type: ignore[arg-type]
    assert [row.period for row in rows] == expected


@pytest.mark.parametrize(
    ("period", "error"),
    [
        (["a"], ShapeError),
        ([["a"], ["b"]], ShapeError),
        (np.array(["a", None], dtype=object), RangeError),
        ([1.0, 2.0], RangeError),
        ([True, False], RangeError),
        (np.array(["2024-01", "NaT"], dtype="datetime64[M]"), RangeError),
    ],
)
def test_labels_that_cannot_name_a_period_are_refused(
    period: object, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        by_period([0.1, 0.2], [True, False], period)  # type: ignore[arg-type]
    assert raised.value.field == "period"  # type: ignore[attr-defined]
