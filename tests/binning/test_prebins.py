"""Pre-bins of a number serve every fold, and no left-out row's outcome has a say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvent.binning import BinRules, Outcomes, Trend, bin_numbers, prebin_numbers
from tests.binning.test_numbering import _sample

RULES = BinRules(special=(-999.0,))


@pytest.mark.parametrize("periods", [False, True])
@pytest.mark.parametrize("held", range(4))
def test_the_whole_without_a_fold_is_the_other_folds_counted_alone(
    held: int, periods: bool
) -> None:
    values, bad = _sample(3)
    fold = np.arange(len(bad)) % 4
    months = (np.arange(len(bad)) // 700) if periods else None
    outcomes = Outcomes(bad=bad, folds=fold, periods=months)
    first = prebin_numbers(values, outcomes, RULES)
    rest = fold != held
    alone = Outcomes(
        bad=bad[rest], folds=fold[rest], periods=None if months is None else months[rest]
    )
    by_hand = replace(RULES, edges=first.bins.edges)
    counted = prebin_numbers(values[rest], alone, by_hand)
    binning, table = first.join(RULES, held)
    expected = counted.join(RULES)
    assert binning == replace(
        expected.binning, bins=replace(expected.binning.bins, whole=binning.bins.whole)
    )
    assert table.tolist() == expected.table.tolist()
    assert binning.homes.rows == tuple(
        np.bincount(table[first.places[rest]], minlength=binning.size).tolist()
    )


def test_what_became_of_a_fold_left_out_changes_nothing() -> None:
    values, bad = _sample(4)
    fold = np.arange(len(bad)) % 5
    other = np.where(fold == 2, ~bad, bad)
    found = [
        prebin_numbers(values, Outcomes(bad=told, folds=fold), RULES).join(RULES, 2)
        for told in (bad, other)
    ]
    assert found[0].binning == found[1].binning
    whole = [
        prebin_numbers(values, Outcomes(bad=told, folds=fold), RULES).join(RULES)
        for told in (bad, other)
    ]
    assert whole[0].binning != whole[1].binning


def test_both_ways_to_bins_of_a_number_are_one() -> None:
    values, bad = _sample(5)
    outcomes = Outcomes(bad=bad)
    for rules in (RULES, replace(RULES, trend=Trend.PEAK, max_bins=3)):
        binned = bin_numbers(values, outcomes, rules)
        first = prebin_numbers(values, outcomes, rules)
        joined = first.join(rules)
        assert joined.binning == binned.binning
        assert joined.table[first.places].tolist() == binned.places.tolist()
        assert binned.places.tolist() == binned.binning.place(values).tolist()
