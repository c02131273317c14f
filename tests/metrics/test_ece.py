from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import RangeError
from solvent.metrics import Binning, ece
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import Portfolio, portfolios, sampled


def slow_ece(pd: np.ndarray, bad: np.ndarray, bins: int) -> float:
    """Put all accounts of one PD where their middle rank falls; no numpy."""
    rows = sorted(zip(pd.tolist(), bad.tolist(), strict=True), reverse=True)
    values = [value for value, _ in rows]
    held: dict[int, list[tuple[float, bool]]] = {}
    for value, is_bad in rows:
        first, count = values.index(value), values.count(value)
        held.setdefault((2 * first + count) * bins // (2 * len(rows)), []).append((value, is_bad))
    return sum(abs(sum(v - b for v, b in each)) for each in held.values()) / len(rows)


@given(portfolios(), st.integers(1, 12))
def test_ece_agrees_with_its_slow_twin(portfolio: Portfolio, bins: int) -> None:
    assert ece(*portfolio, bins) == pytest.approx(slow_ece(*portfolio, bins), abs=1e-14)


def test_ece_of_the_golden_accounts_is_what_numpy_splits_by_hand() -> None:
    order = np.argsort(PD_A)
    gaps = [abs(PD_A[part].sum() - BAD[part].sum()) for part in np.split(order, 4)]
    assert ece(PD_A, BAD, 4) == pytest.approx(sum(gaps) / 24, abs=1e-15)


@pytest.mark.parametrize("bins", [5, 10])
def test_equal_width_is_the_figure_of_the_literature(bins: int) -> None:
    pd, bad = sampled(4, 2_000, rate=0.4)
    place = np.minimum(np.floor(pd * bins), bins - 1)
    gaps = [abs((pd - bad)[place == each].sum()) for each in range(bins)]
    assert ece(pd, bad, bins, binning=Binning.EQUAL_WIDTH) == pytest.approx(sum(gaps) / 2_000)


@given(portfolios(), st.integers(2, 3), st.sampled_from(Binning))
def test_ece_sees_neither_order_nor_duplication(
    portfolio: Portfolio, times: int, binning: Binning
) -> None:
    pd, bad = portfolio
    again = ece(np.tile(pd, times)[::-1], np.tile(bad, times)[::-1], binning=binning)
    assert again == pytest.approx(ece(pd, bad, binning=binning), abs=1e-14)


@given(portfolios(), st.integers(1, 12))
def test_ece_is_at_least_the_gap_of_one_bin_and_at_most_one(
    portfolio: Portfolio, bins: int
) -> None:
    pd, bad = portfolio
    assert abs(pd.mean() - bad.mean()) - 1e-14 <= ece(pd, bad, bins) <= 1.0


def test_a_constant_pd_at_the_bad_rate_has_no_error() -> None:
    assert ece(np.full(4, 0.25), [True, False, False, False]) == 0.0


@pytest.mark.parametrize("bins", [0, -1, 2.5])
def test_less_than_one_bin_is_refused(bins: object) -> None:
    with pytest.raises(RangeError) as raised:
        ece([0.5], [True], bins)  # type: ignore[arg-type]
    assert raised.value.field == "bins"
