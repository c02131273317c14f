"""What every metric refuses, and how it says so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from solvent import metrics
from solvent.errors import MetricError, OneClassError, RangeError, ShapeError
from solvent.metrics.accounts import check_accounts, check_count, check_cutoff

Metric = Callable[[object, object], object]

RANKING: dict[str, Metric] = {
    "auc": metrics.auc,
    "auc_interval": metrics.auc_interval,
    "auc_difference": lambda pd, bad: metrics.auc_difference(pd, pd, bad),
    "gini": metrics.gini,
    "gini_interval": metrics.gini_interval,
    "pr_auc": metrics.pr_auc,
    "ks": metrics.ks,
    "calibration": metrics.calibration,
    "calibration_in_the_large": metrics.calibration_in_the_large,
    "gains": metrics.gains,
    "roc_curve": metrics.roc_curve,
    "precision_recall_curve": metrics.precision_recall_curve,
    "cutoff_for_recall": lambda pd, bad: metrics.cutoff_for_recall(pd, bad, 0.8),
    "cutoff_for_best_f1": metrics.cutoff_for_best_f1,
    "cutoff_for_best_accuracy": metrics.cutoff_for_best_accuracy,
    "validate": lambda pd, bad: metrics.validate(pd, bad, cutoff=0.5),
}
ERRORS_OF_PD: dict[str, Metric] = {
    "brier": metrics.brier,
    "log_loss": metrics.log_loss,
    "ece": metrics.ece,
    "calibration_curve": metrics.calibration_curve,
    "confusion": lambda pd, bad: metrics.confusion(pd, bad, 0.5),
    "by_period": lambda pd, bad: metrics.by_period(pd, bad, np.zeros(np.size(bad), dtype=int)),
}
EVERY = RANKING | ERRORS_OF_PD


@pytest.mark.parametrize("metric", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize(
    ("pd", "bad", "error", "field"),
    [
        ([], [], ShapeError, "pd"),
        ([0.1, 0.2], [True], ShapeError, "bad"),
        ([[0.1, 0.9]], [True], ShapeError, "pd"),
        ([0.1, 0.2], [[True], [False]], ShapeError, "bad"),
        (0.5, True, ShapeError, "pd"),
        ([[0.1], [0.1, 0.2]], [True, False], ShapeError, "pd"),
        ([0.1, np.nan], [True, False], RangeError, "pd"),
        ([0.1, np.inf], [True, False], RangeError, "pd"),
        ([0.1, 1.01], [True, False], RangeError, "pd"),
        ([-0.1, 0.5], [True, False], RangeError, "pd"),
        (["0.1", "0.2"], [True, False], RangeError, "pd"),
        ([None, 0.2], [True, False], RangeError, "pd"),
        ([True, False], [True, False], RangeError, "pd"),
        ([0.1, 0.2], [1, 0], RangeError, "bad"),
        ([0.1, 0.2], [1.0, np.nan], RangeError, "bad"),
        ([0.1, 0.2], [True, None], RangeError, "bad"),
    ],
)
def test_every_metric_refuses_what_is_no_account(
    metric: Metric, pd: object, bad: object, error: type[MetricError], field: str
) -> None:
    with pytest.raises(error) as raised:
        metric(pd, bad)
    assert raised.value.field == field


@pytest.mark.parametrize("metric", RANKING.values(), ids=RANKING)
@pytest.mark.parametrize("bad", [[True], [False], [True] * 5, [False] * 5])
def test_ranking_one_class_is_refused(metric: Metric, bad: list[bool]) -> None:
    with pytest.raises(OneClassError):
        metric(np.linspace(0.1, 0.9, len(bad)), np.array(bad))


@pytest.mark.parametrize("metric", ERRORS_OF_PD.values(), ids=ERRORS_OF_PD)
@pytest.mark.parametrize("bad", [True, False])
def test_one_account_is_enough_for_an_error_of_the_pd(metric: Metric, bad: bool) -> None:
    assert metric(np.array([0.25]), np.array([bad])) is not None


@pytest.mark.parametrize("metric", EVERY.values(), ids=EVERY)
def test_no_metric_changes_what_it_was_given(metric: Metric) -> None:
    pd = np.array([0.6, 0.2, 0.4, 0.4, 0.1, 0.3])
    bad = np.array([True, False, False, True, False, True])
    pd.flags.writeable = bad.flags.writeable = False
    before = pd.copy(), bad.copy()
    metric(pd, bad)
    assert np.array_equal(pd, before[0])
    assert np.array_equal(bad, before[1])


def test_a_message_counts_and_names_no_person() -> None:
    with pytest.raises(RangeError) as raised:
        check_accounts([0.1, 731.0, np.nan], [True, False, False])
    assert "2 of 3 values" in raised.value.message
    assert "1 of them are NaN" in raised.value.message
    assert "731" not in str(raised.value)
    assert raised.value.hint


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8", "uint8", "int64"])
def test_any_numeric_type_of_pd_will_do(dtype: str) -> None:
    pd, _ = check_accounts(np.array([0, 1], dtype=dtype), [True, False])
    assert pd.dtype == np.float64
    assert pd.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("wrong", [0, -1, 2.5, True, "ten", None, np.nan])
def test_a_count_is_a_whole_number_from_its_least(wrong: object) -> None:
    with pytest.raises(RangeError) as raised:
        check_count(wrong, "bins")  # type: ignore[arg-type]
    assert raised.value.field == "bins"


def test_a_count_may_come_from_numpy() -> None:
    assert check_count(np.int64(7), "bins") == 7  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [-0.1, 1.1, 25, np.nan, np.inf, True, "0.5", None])
def test_a_cutoff_is_a_probability(wrong: object) -> None:
    with pytest.raises(RangeError) as raised:
        check_cutoff(wrong)  # type: ignore[arg-type]
    assert raised.value.field == "cutoff"
