"""Candidates for a card: bins that always fit, and errors that name the feature."""

from __future__ import annotations

import numpy as np

from solvent.binning import BinRules, Trend
from solvent.features import FeatureFrame
from solvent.models._card_draft import draft, outcomes_of
from tests.models.frames import number


def test_where_bins_that_turn_once_cannot_be_as_many_as_asked_for_those_that_fit_are_taken() -> (
    None
):
    """A rate that goes up and down thrice, in four bins: no single turn has as many."""
    value = np.repeat([1.0, 2.0, 3.0, 4.0], 1000)
    bad = np.concatenate([np.arange(1000) < many for many in (100, 400, 150, 500)])
    order = np.random.default_rng(1).permutation(4000)
    frame = FeatureFrame(rows=4000, columns=(number("value", value[order]),))
    outcomes = outcomes_of(bad[order], np.arange(4000) % 5, None, 1)
    found = draft(frame, {"value": BinRules(min_bins=4)}, outcomes, judged=True)[0]
    assert found.binning.bins.known == 4
    assert found.binning.trend is Trend.NONE
    fewer = draft(frame, {"value": BinRules(min_bins=3)}, outcomes, judged=True)[0]
    assert fewer.binning.bins.known == 3
    assert fewer.binning.trend in {Trend.PEAK, Trend.VALLEY}
