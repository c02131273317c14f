from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given

from solvent import metrics
from solvent.errors import MetricError
from solvent.metrics import Validation, validate
from tests.metrics.golden import BAD, PD_A
from tests.metrics.portfolios import GRID, Portfolio, portfolios


def test_the_golden_figures_are_gathered() -> None:
    found = validate(PD_A, BAD, cutoff=0.35)
    assert (found.n, found.bads, found.bad_rate) == (24, 6, 0.25)
    assert found.auc.auc == pytest.approx(0.9351851851851852)
    assert found.gini.gini == pytest.approx(0.8703703703703705)
    assert found.pr_auc == pytest.approx(0.8766233766233766)
    assert found.ks == pytest.approx(0.7222222222222222)
    assert found.brier == pytest.approx(0.10710416666666667)
    assert found.calibration_slope == pytest.approx(3.6783652246174485)
    assert found.calibration_intercept == pytest.approx(1.6693888952785434)
    assert found.calibration_in_the_large == pytest.approx(-0.1012785856114082)
    assert found.calibration_missing == ""
    assert (found.confusion.tp, found.confusion.fn) == (5, 1)


@given(portfolios(of_each=2), GRID)
def test_each_figure_is_that_of_its_own_function(portfolio: Portfolio, cutoff: float) -> None:
    found = validate(*portfolio, cutoff=cutoff, level=0.9, bins=5)
    assert found.auc == metrics.auc_interval(*portfolio, 0.9)
    assert found.gini == metrics.gini_interval(*portfolio, 0.9)
    assert found.pr_auc == metrics.pr_auc(*portfolio)
    assert found.ks == metrics.ks(*portfolio)
    assert found.brier == metrics.brier(*portfolio)
    assert found.log_loss == metrics.log_loss(*portfolio)
    assert found.ece == metrics.ece(*portfolio, 5)
    assert found.ece_bins == 5
    assert found.confusion == metrics.confusion(*portfolio, cutoff)
    assert found.mean_pd == portfolio[0].mean()
    assert (found.calibration_slope is None) == bool(found.calibration_missing)


@given(portfolios(of_each=2), GRID)
def test_a_validation_survives_json(portfolio: Portfolio, cutoff: float) -> None:
    found = validate(*portfolio, cutoff=cutoff)
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert Validation.from_dict(json.loads(text)) == found


def test_a_reader_of_the_json_finds_the_shares_of_the_confusion_table() -> None:
    table = validate(PD_A, BAD, cutoff=0.35).as_dict()["confusion"]
    assert isinstance(table, dict)
    assert table["accuracy"] == pytest.approx(21 / 24)
    assert table["recall"] == pytest.approx(5 / 6)


def test_a_calibration_that_does_not_exist_says_why() -> None:
    separated = validate([0.8, 0.9, 0.1, 0.2], [True, True, False, False], cutoff=0.5)
    assert separated.calibration_slope is None
    assert separated.calibration_in_the_large is not None
    assert "separates" in separated.calibration_missing
    certain = validate([1.0, 0.9, 0.0, 0.2], [True, False, False, True], cutoff=0.5)
    assert certain.calibration_in_the_large is None
    assert "2 of 4 values are exactly 0 or 1" in certain.calibration_missing


def test_a_sample_with_a_single_bad_is_refused() -> None:
    with pytest.raises(MetricError, match="two of either"):
        validate([0.1, 0.2, 0.3], [True, False, False], cutoff=0.2)


@pytest.mark.parametrize("key", list(validate(PD_A, BAD, cutoff=0.35).as_dict()))
def test_a_dict_without_one_of_its_figures_is_refused(key: str) -> None:
    values = validate(PD_A, BAD, cutoff=0.35).as_dict()
    del values[key]
    with pytest.raises(MetricError, match="missing") as raised:
        Validation.from_dict(values)
    assert raised.value.field == key


def test_nothing_from_numpy_is_kept() -> None:
    found = validate(PD_A, BAD, cutoff=float(np.float64(0.35))).as_dict()
    flat = [value for value in found.values() if not isinstance(value, dict)]
    assert {type(value) for value in flat} <= {int, float, str}


def test_the_interval_of_the_auc_knows_customers_who_come_several_times() -> None:
    customer = np.arange(len(BAD)) // 2
    found = validate(PD_A, BAD, cutoff=0.35, clusters=customer)
    assert found.auc == metrics.auc_interval(PD_A, BAD, clusters=customer)
    assert found.gini == metrics.gini_interval(PD_A, BAD, clusters=customer)
    plain = validate(PD_A, BAD, cutoff=0.35)
    assert found.auc.auc == plain.auc.auc
    assert found.auc.standard_error != plain.auc.standard_error
