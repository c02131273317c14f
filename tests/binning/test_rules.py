"""Rules that contradict themselves, and targets that are none, are refused by name."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.binning import BinRules, Outcomes, OverTime
from solvent.errors import (
    DataError,
    DeclarationError,
    NoRowsError,
    OneClassError,
    RangeError,
    ShapeError,
)


@pytest.mark.parametrize(
    ("field", "rules"),
    [
        ("max_bins", {"max_bins": 0}),
        ("min_bins", {"min_bins": 0}),
        ("min_bins", {"min_bins": 5, "max_bins": 4}),
        ("min_share", {"min_share": 1.0}),
        ("min_share", {"min_share": 0.3, "min_bins": 4}),
        ("min_gain", {"min_gain": -0.1}),
        ("min_gain", {"min_gain": float("nan")}),
        ("significance", {"significance": 0.0}),
        ("prebins", {"prebins": 1}),
        ("special", {"special": (float("nan"),)}),
        ("special", {"special": (-999.0, -999.0)}),
        ("edges", {"edges": (2.0, 1.0)}),
        ("edges", {"edges": (1.0, float("inf"))}),
        ("groups", {"groups": (("a",), ("a", "b"))}),
        ("groups", {"groups": ((),)}),
        ("groups", {"groups": (("a",),), "special": ("a",)}),
        ("groups", {"groups": (("a",),), "edges": (1.0,)}),
        ("max_bins", {"edges": (1.0,), "max_bins": 4}),
        ("min_bins", {"edges": (1.0,), "min_bins": 2}),
        ("min_share", {"groups": (("a",),), "min_share": 0.1}),
        ("over_time", {"edges": (1.0,), "over_time": OverTime.STRICT}),
        ("min_gain", {"edges": (1.0,), "min_gain": 0.01}),
        ("significance", {"groups": (("a",),), "significance": 0.05}),
        ("prebins", {"edges": (1.0,), "prebins": 20}),
        ("merge", {"merge": (("a",),)}),
        ("merge", {"merge": ((3.0, 1.0),)}),
        ("merge", {"merge": ((1.0, "a"),)}),
        ("merge", {"merge": ((1.0, 3.0),), "edges": (2.0,)}),
        ("merge", {"merge": ((1.0, 3.0),), "edges": (1.0,)}),
        ("merge", {"merge": (("a", "b"),), "groups": (("a",), ("b",))}),
        ("merge", {"merge": (("a", "b"),), "special": ("b",)}),
    ],
)
def test_rules_that_cannot_hold_are_refused_by_field(field: str, rules: dict[str, object]) -> None:
    """The error names the rule."""
    with pytest.raises(DeclarationError) as refused:
        BinRules(**rules)  # type: ignore[arg-type]  # the parameters are as they are declared
    assert refused.value.field == field


def test_rules_by_hand_that_agree_are_taken() -> None:
    """An edge at the end of what is kept together parts nothing of it."""
    BinRules(merge=((1.0, 3.0),), edges=(0.5, 3.0))
    BinRules(merge=(("a", "b"),), groups=(("a", "b"), ("c",)))
    BinRules(min_share=0.25, min_bins=4)


def test_targets_that_are_missing_or_no_target_are_counted() -> None:
    """NaN is never good, and 2 is neither good nor bad."""
    with pytest.raises(DataError, match="of 5 targets 2 are missing and 1 are neither"):
        Outcomes(bad=np.array([0.0, 1.0, np.nan, np.nan, 2.0]))
    with pytest.raises(DataError, match="must be 0 or 1"):
        Outcomes(bad=np.array(["yes", "no"]))
    with pytest.raises(OneClassError, match="all 3 accounts are good"):
        Outcomes(bad=np.zeros(3, bool))
    with pytest.raises(NoRowsError):
        Outcomes(bad=np.zeros(0, bool))
    with pytest.raises(ShapeError):
        Outcomes(bad=np.zeros((2, 2), bool))


def test_what_goes_with_outcomes_is_checked() -> None:
    """Weights, periods and folds are as many as rows and in their range."""
    bad = np.array([True, False, True, False])
    with pytest.raises(ShapeError):
        Outcomes(bad=bad, weights=np.ones(3))
    with pytest.raises(RangeError, match="2 weights"):
        Outcomes(bad=bad, weights=np.array([1.0, 0.0, np.nan, 2.0]))
    with pytest.raises(ShapeError):
        Outcomes(bad=bad, periods=np.zeros(5, int))
    with pytest.raises(RangeError):
        Outcomes(bad=bad, folds=np.array([0, 1, -1, 0]))
    with pytest.raises(RangeError):
        Outcomes(bad=bad, periods=np.array([0.5, 1.0, 1.0, 0.0]))
    with pytest.raises(RangeError, match="two folds"):
        Outcomes(bad=bad, folds=np.zeros(4, int))


def test_folds_are_dealt_evenly_within_each_kind_and_by_the_seed() -> None:
    """Five folds hold goods and bads alike; the same seed deals the same."""
    bad = np.arange(1000) % 10 == 0
    one, two, three = (Outcomes(bad=bad, seed=seed) for seed in (1, 1, 2))
    assert (one.fold == two.fold).all()
    assert (one.fold != three.fold).any()
    assert np.bincount(one.fold[bad]).tolist() == [20] * 5
    assert np.bincount(one.fold[~bad]).tolist() == [180] * 5


def test_the_unit_of_weights_does_not_matter_and_they_sum_to_what_they_are_worth() -> None:
    """Weights of one size are as good as none; unequal ones are worth fewer rows."""
    bad = np.arange(100) % 4 == 0
    even = Outcomes(bad=bad, weights=np.full(100, 7.0))
    assert even.weights is not None
    assert even.weights == pytest.approx(np.ones(100))
    uneven = Outcomes(bad=bad, weights=np.where(np.arange(100) < 50, 1.0, 3.0))
    assert uneven.weights is not None
    assert uneven.weights.sum() == pytest.approx(200.0**2 / 500.0)
