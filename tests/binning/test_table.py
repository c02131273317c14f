"""Tables of bins on any sample, and bins from period to period."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from solvent.binning import (
    BinRules,
    NumberBinning,
    NumberBins,
    Outcomes,
    Trend,
    bin_levels,
    bin_numbers,
    iv,
)
from solvent.binning.homes import Homes
from solvent.errors import DataError, OneClassError, ShapeError
from solvent.metrics import psi, wilson_interval


def _fitted(seed: int = 1, n: int = 6000):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    value = rng.random(n)
    value[::10] = np.nan
    bad = rng.random(n) < 0.1 + 0.3 * np.nan_to_num(value)
    return value, bad, bin_numbers(value, Outcomes(bad=bad), BinRules())


def test_the_table_of_another_sample_is_counted_as_with_a_pencil() -> None:
    """Rows, rates, intervals, woe and IV of new rows, bin by bin."""
    _, _, (binning, _) = _fitted()
    value, bad, _ = _fitted(seed=2, n=900)
    place = binning.place(value)
    table = binning.table(place, bad)
    assert table.labels == binning.labels
    for at in range(binning.size):
        here = place == at
        rows, bads = int(here.sum()), int(bad[here].sum())
        assert table.rows[at] == rows
        assert table.share[at] == rows / 900
        assert (table.goods[at], table.bads[at]) == (rows - bads, bads)
        assert table.bad_rate[at] == pytest.approx(bads / rows)
        assert (table.low[at], table.high[at]) == pytest.approx(wilson_interval(bads, rows))
        assert table.woe[at] == pytest.approx(
            np.log(((rows - bads) / (~bad).sum()) / (bads / bad.sum()))
        )
    assert table.total_iv == pytest.approx(iv(table.goods, table.bads))


def test_an_empty_bin_has_no_rate_and_says_nothing() -> None:
    """NaN for the rate, 0 for woe and IV; nothing is infinite."""
    _, _, (binning, _) = _fitted()
    value = np.array([0.1, 0.1, 0.9, 0.9])
    table = binning.table(binning.place(value), np.array([True, False, False, False]))
    assert np.isnan(table.bad_rate[-1])
    assert np.isnan(table.low[-1])
    assert table.woe[-1] == table.iv[-1] == 0.0
    assert np.isfinite(table.woe).all()


def test_tables_of_one_class_or_other_lengths_are_refused() -> None:
    """There is nothing to tell apart, or no telling which row is which."""
    _, _, (binning, _) = _fitted()
    with pytest.raises(OneClassError):
        binning.table(np.array([0, 1]), np.array([True, True]))
    with pytest.raises(DataError):
        binning.table(np.array([0, 1]), np.array([0.0, np.nan]))
    with pytest.raises(ShapeError):
        binning.table(np.array([0, 1]), np.array([True, False, True]))
    with pytest.raises(ShapeError):
        binning.stability(np.array([0, 1]), np.array([True, False]), np.array([1]))


def test_stability_is_that_of_each_period_by_itself() -> None:
    """Shares, rates and PSI of a month are those of its rows."""
    _, bad, (binning, places) = _fitted()
    month = np.arange(len(bad)) // 2000 + 3
    found = binning.stability(places, bad, month)
    assert found.periods.tolist() == [3, 4, 5]
    for at, name in enumerate(found.periods):
        rows = month == name
        counts = np.bincount(places[rows], minlength=binning.size)
        assert found.rows[at].tolist() == counts.tolist()
        assert found.share[at].sum() == pytest.approx(1.0)
        assert found.psi[at] == pytest.approx(psi(binning.homes.rows, counts))
        table = binning.table(places[rows], bad[rows])
        assert found.bad_rate[at] == pytest.approx(table.bad_rate, nan_ok=True)
        rates = table.bad_rate[: binning.bins.ordered]
        assert found.held[at] == (np.diff(rates) >= 0).all()


def test_a_month_that_turns_round_in_small_steps_is_seen() -> None:
    """Each step back may be chance; all of them together are not."""
    value, bad, (binning, places) = _fitted(n=20_000)
    rng = np.random.default_rng(3)
    turned = rng.random(20_000) < 0.4 - 0.3 * np.nan_to_num(value)
    month = np.arange(20_000) % 20
    outcome = np.where(month == 7, turned, bad)
    found = binning.stability(places, outcome, month)
    assert not found.held_within_chance[7]
    assert found.held_within_chance.sum() >= 15


def test_levels_are_judged_in_the_order_of_their_rates() -> None:
    """The bin of rare levels and that of missing ones stand outside the order."""
    rng = np.random.default_rng(4)
    codes = rng.integers(0, 5, 5000)
    bad = rng.random(5000) < 0.05 + 0.1 * codes
    binning, places = bin_levels(codes, list("abcde"), Outcomes(bad=bad), BinRules())
    found = binning.stability(places, bad, np.arange(5000) % 2)
    assert binning.bins.ordered == 5
    assert found.held.all()
    assert found.held_within_chance.all()


def test_every_month_has_the_figures_a_pencil_gives() -> None:
    """Counts, shares, rates, woe and PSI of three months, cell by cell, as polars counts them."""
    value, bad, (binning, _) = _fitted()
    rng = np.random.default_rng(8)
    value = np.where(rng.random(len(value)) < 0.3, value**2, value)
    place, month = binning.place(value), np.arange(len(bad)) // 2000 + 640
    found = binning.stability(place, bad, month)
    counted = (
        pl.DataFrame({"month": month, "bin": place, "bad": bad})
        .group_by("month", "bin").agg(rows=pl.len(), bads=pl.col("bad").sum())
        .with_columns(
            all_rows=pl.col("rows").sum().over("month"), all_bads=pl.col("bads").sum().over("month")
        )
    )  # fmt: skip
    trained = np.array(binning.homes.rows) / sum(binning.homes.rows)
    drift = dict.fromkeys(range(640, 643), 0.0)
    assert counted.height == 3 * binning.size
    for row in counted.iter_rows(named=True):
        at, bin_ = row["month"] - 640, row["bin"]
        goods, all_goods = row["rows"] - row["bads"], row["all_rows"] - row["all_bads"]
        share = row["rows"] / row["all_rows"]
        drift[row["month"]] += (share - trained[bin_]) * math.log(share / trained[bin_])
        assert (found.rows[at, bin_], found.bads[at, bin_]) == (row["rows"], row["bads"])
        assert found.share[at, bin_] == pytest.approx(share)
        assert found.bad_rate[at, bin_] == pytest.approx(row["bads"] / row["rows"])
        expected = math.log((goods / all_goods) / (row["bads"] / row["all_bads"]))
        assert found.woe[at, bin_] == pytest.approx(expected)
    assert found.psi.tolist() == pytest.approx(list(drift.values()))
    assert found.psi.min() > 0.001


def test_a_month_without_a_bad_has_no_woe_and_an_empty_bin_says_nothing() -> None:
    """NaN where nothing can be told apart, 0 for a bin where nobody is."""
    _, _, (binning, _) = _fitted()
    month = np.array([0, 0, 0, 1, 1, 1])
    bad = np.array([False, False, False, True, False, False])
    found = binning.stability(binning.place(np.array([0.1, 0.1, 0.9] * 2)), bad, month)
    assert np.isnan(found.woe[0]).all()
    assert np.isfinite(found.woe[1]).all()
    assert found.woe[1, -1] == 0.0
    assert np.isnan(found.bad_rate[:, -1]).all()


def test_the_order_of_training_is_that_of_smoothed_rates_and_empty_bins_have_none() -> None:
    """A small bin without a bad is riskier than a large one with one; an empty one is neither."""
    homes = Homes(
        joins=(0, 1, 2, 3, 4), rows=(40, 1001, 0, 100, 0), goods=(40.0, 1000.0, 0.0, 80.0, 0.0),
        bads=(0.0, 1.0, 0.0, 20.0, 0.0), neutral=(4,),
    )  # fmt: skip
    bins = NumberBins(edges=(1.0, 2.0, 3.0))
    binning = NumberBinning(bins=bins, trend=Trend.NONE, homes=homes)
    place = np.repeat([0, 1, 2, 3], [100, 100, 100, 100])
    for bads, held in (((10, 5, 90, 20), True), ((5, 10, 0, 20), False)):
        bad = np.concatenate([np.arange(100) < many for many in bads])
        assert binning.stability(place, bad, np.zeros(400, int)).held.tolist() == [held]
