"""Candidates for a card: bins that always fit, and errors that name the feature."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.binning import BinRules, Trend
from solvent.errors import DataError
from solvent.features import FeatureFrame
from solvent.models._card_draft import Draft
from solvent.models.technique import Training
from tests.models.frames import labels, number


def test_where_bins_that_turn_once_cannot_be_as_many_as_asked_for_those_that_fit_are_taken() -> (
    None
):
    """A rate that goes up and down thrice, in four bins: no single turn has as many."""
    value = np.repeat([1.0, 2.0, 3.0, 4.0], 1000)
    bad = np.concatenate([np.arange(1000) < many for many in (100, 400, 150, 500)])
    order = np.random.default_rng(1).permutation(4000)
    frame = FeatureFrame(rows=4000, columns=(number("value", value[order]),))
    training = Training(
        frame=frame, bad=bad[order], groups=np.arange(4000), fold=np.arange(4000) % 5, seed=1
    )
    found = Draft.of(training, {"value": BinRules(min_bins=4)}).candidates(None)[0]
    assert found.binning.bins.known == 4
    assert found.binning.trend is Trend.NONE
    fewer = Draft.of(training, {"value": BinRules(min_bins=3)}).candidates(None)[0]
    assert fewer.binning.bins.known == 3
    assert fewer.binning.trend in {Trend.PEAK, Trend.VALLEY}


@pytest.mark.parametrize(
    ("name", "rules", "words"),
    [
        ("value", BinRules(min_bins=6), "value: min_bins: 6 bins of at least"),
        ("town", BinRules(min_bins=5), "town: min_bins: 5 bins of at least"),
        ("once", BinRules(min_bins=2), "once: min_bins: 2 bins were asked for; every one of"),
        ("odd", BinRules(), "odd: holds an infinite number"),
        (
            "value", BinRules(edges=(1.0, 2.0, 3.0), trend=Trend.DESCENDING),
            "value: edges: the bad rate is not descending",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_met_is_said_of_the_feature(name: str, rules: BinRules, words: str) -> None:
    """The rule is named as well, and what to do."""
    value = np.repeat([1.0, 2.0, 3.0, 4.0], 200)
    bad = np.concatenate([np.arange(200) < many for many in (20, 40, 60, 80)])
    odd = np.where(np.arange(800) == 3, np.inf, value)
    columns = (
        number("value", value), number("odd", odd), labels("town", value - 1.0, tuple("abcd")),
        labels("once", np.arange(800), tuple(map(str, range(800)))),
    )  # fmt: skip
    training = Training(
        frame=FeatureFrame(rows=800, columns=columns), bad=bad, groups=np.arange(800),
        fold=np.arange(800) % 5, seed=1,
    )  # fmt: skip
    with pytest.raises(DataError, match=words) as caught:
        Draft.of(training, {name: rules}).candidates(None)
    assert caught.value.field == name
    assert caught.value.hint
