"""Numbers in optimal bins: rules hold, what was planted is found, odd columns are no trouble."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.binning import (
    BinRules,
    Home,
    NumberBinning,
    NumberBins,
    Outcomes,
    OverTime,
    Trend,
    bin_counts,
    bin_numbers,
    binning_from_json,
    iv,
    woe,
)
from solvent.binning.homes import find_homes
from solvent.errors import DataError, RangeError, ShapeError

RULES = BinRules()


def _sample(seed: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """A number with missing values and a code, whose risk rises."""
    rng = np.random.default_rng(seed)
    value = rng.lognormal(3.0, 1.0, n).round(1)
    value[rng.random(n) < 0.1] = np.nan
    value[rng.random(n) < 0.05] = -999.0
    log = np.log(np.where(np.isnan(value) | (value < 0), 20.0, value) + 1.0)
    return value, rng.random(n) < 1.0 / (1.0 + np.exp(4.0 - 0.8 * log))


@given(
    seed=st.integers(0, 10_000), n=st.integers(60, 600), trend=st.sampled_from(list(Trend)),
    most=st.integers(1, 6), share=st.sampled_from([0.0, 0.05, 0.2]),
    missing=st.sampled_from(list(Home)),
)  # fmt: skip
@settings(max_examples=150)
def test_bins_keep_the_rules_and_agree_with_plain_counts(
    seed: int, n: int, trend: Trend, most: int, share: float, missing: Home
) -> None:
    """Number, size and trend of bins are as asked; counts, woe and IV are those of the places."""
    value, bad = _sample(seed, n)
    if bad.all() or not bad.any():
        return
    rules = BinRules(
        trend=trend, max_bins=most, min_share=share, special=(-999.0,), missing=missing,
        significance=None,
    )  # fmt: skip
    found, places = bin_numbers(value, Outcomes(bad=bad), rules)
    known = found.bins.known
    assert (found.place(value) == places).all()
    assert 1 <= known <= most
    goods, bads = bin_counts(places.astype(np.int64), bad, found.size)
    assert found.homes.rows == tuple((goods + bads).tolist())
    assert known == 1 or min(found.homes.rows[:known]) >= share * n
    rate = (bads / np.maximum(goods + bads, 1))[:known]
    assert _follows(rate, found.trend if trend is Trend.AUTO else trend)
    expected = woe(goods, bads)
    expected[list(found.homes.neutral)] = 0.0
    assert found.woe.tolist() == expected.tolist()
    assert np.isfinite(found.woe).all()
    if not found.homes.neutral:
        assert found.iv == pytest.approx(iv(goods, bads))


def _follows(rate: np.ndarray, trend: Trend) -> bool:
    """A joined bin of missing values moves a rate, but never past its neighbours."""
    rising, falling = ([a <= b for a, b in pairwise(rate)], [a >= b for a, b in pairwise(rate)])
    tops = range(len(rate) + 1)
    return {
        Trend.ASCENDING: all(rising),
        Trend.DESCENDING: all(falling),
        Trend.PEAK: any(all(rising[:top]) and all(falling[top:]) for top in tops),
        Trend.VALLEY: any(all(falling[:top]) and all(rising[top:]) for top in tops),
        Trend.NONE: True,
    }[trend]


@pytest.mark.parametrize(
    ("trend", "risk"),
    [
        (Trend.ASCENDING, lambda x: 0.1 + 0.3 * x),
        (Trend.DESCENDING, lambda x: 0.4 - 0.3 * x),
        (Trend.PEAK, lambda x: 0.4 - 1.2 * np.abs(x - 0.5) ** 2),
        (Trend.VALLEY, lambda x: 0.1 + 1.2 * np.abs(x - 0.5) ** 2),
        (Trend.NONE, lambda x: 0.25 + 0.2 * np.sin(12.0 * x)),
    ],
)
def test_a_planted_trend_is_chosen(trend: Trend, risk) -> None:  # type: ignore[no-untyped-def]
    """Of 20 samples of a course, at least 18 are given its name."""
    rng = np.random.default_rng(3)
    named = 0
    for seed in range(20):
        value = rng.random(4000)
        bad = rng.random(4000) < risk(value)
        named += bin_numbers(value, Outcomes(bad=bad, seed=seed), RULES).binning.trend is trend
    assert named >= 18


def test_a_number_of_noise_is_given_next_to_no_iv() -> None:
    """On 40 columns of noise the IV on new rows is not below zero by much, nor in training high."""
    rng = np.random.default_rng(5)
    bad = rng.random(3000) < 0.2
    ivs = [bin_numbers(rng.random(3000), Outcomes(bad=bad), RULES).binning.iv for _ in range(40)]
    assert np.mean(ivs) < 0.015


def test_a_trend_must_hold_in_every_period() -> None:
    """A number that turned round in one month is given no bins across which it did."""
    rng = np.random.default_rng(6)
    n = 12_000
    value, month = rng.random(n), np.arange(n) % 6
    tilt = np.where(month == 4, -0.15, 0.15)
    bad = rng.random(n) < 0.25 + tilt * (value - 0.5) * 2
    outcomes = Outcomes(bad=bad, periods=month)
    ignored = bin_numbers(value, outcomes, replace(RULES, over_time=OverTime.IGNORED))
    held = bin_numbers(value, outcomes, replace(RULES, trend=Trend.ASCENDING)).binning
    strict = replace(RULES, over_time=OverTime.STRICT, trend=Trend.ASCENDING)
    assert ignored.binning.bins.known >= 4
    assert not ignored.binning.stability(ignored.places, bad, month).held_within_chance[4]
    assert held.bins.known == 1
    assert bin_numbers(value, outcomes, strict).binning.bins.known == 1
    steady = rng.random(n) < 0.15 + 0.3 * value
    for rules, held_at in ((RULES, "held_within_chance"), (strict, "held")):
        found = bin_numbers(value, Outcomes(bad=steady, periods=month), rules)
        table = found.binning.stability(found.places, steady, month)
        assert found.binning.bins.known >= 3
        assert getattr(table, held_at).all()


def test_a_period_too_small_to_judge_is_not_asked() -> None:
    """Thirty rows in each bin are needed to speak against a step."""
    rng = np.random.default_rng(7)
    value = rng.random(4000)
    bad = rng.random(4000) < 0.05 + 0.4 * value
    month = np.zeros(4000, int)
    month[:40] = 1
    bad[:40] = value[:40] < 0.5
    strict = BinRules(over_time=OverTime.STRICT)
    with_time = bin_numbers(value, Outcomes(bad=bad, periods=month), strict).binning
    assert with_time.bins == bin_numbers(value, Outcomes(bad=bad), strict).binning.bins


def test_missing_and_special_values_go_where_the_policy_says() -> None:
    """Own bin, the bin of the nearest rate, or a bin that counts neither way."""
    value, bad = _sample(8)
    outcomes = Outcomes(bad=bad)
    own = bin_numbers(value, outcomes, BinRules(special=(-999.0,))).binning
    assert own.labels[-2:] == ("-999", "missing")
    assert own.place(np.array([-999.0, np.nan])).tolist() == [own.size - 2, own.size - 1]
    near = bin_numbers(value, outcomes, BinRules(special=(-999.0,), missing=Home.NEAREST)).binning
    home = int(near.place(np.array([np.nan]))[0])
    assert home < near.bins.known
    assert near.labels[home].endswith(", missing")
    gaps = [
        abs(b / (g + b) - own.homes.bads[-1] / own.homes.rows[-1])
        for g, b in zip(own.homes.goods, own.homes.bads, strict=True)
    ][: own.bins.known]
    assert home == int(np.argmin(gaps))
    neutral = bin_numbers(value, outcomes, BinRules(missing=Home.NEUTRAL)).binning
    assert neutral.woe[-1] == 0.0


def test_too_few_missing_rows_say_nothing() -> None:
    """Below 40 rows a bin of missing values is neutral under every policy."""
    value, bad = _sample(9)
    value = np.where(np.isnan(value), 5.0, value)
    value[:39], bad[:39] = np.nan, True
    for policy in Home:
        found = bin_numbers(value, Outcomes(bad=bad), BinRules(missing=policy)).binning
        assert found.homes.rows[-1] == 39
        assert found.woe[-1] == 0.0
    value[39], bad[39] = np.nan, True
    assert bin_numbers(value, Outcomes(bad=bad), RULES).binning.woe[-1] < -1.0


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_constant_or_missing_column_has_one_bin(value: float) -> None:
    """There is nothing to cut; IV is 0 and a value seen later is placed all the same."""
    bad = np.arange(200) % 5 == 0
    found, places = bin_numbers(np.full(200, value), Outcomes(bad=bad), RULES)
    assert found.bins.known == 1
    assert found.iv == pytest.approx(0.0)
    assert len(set(places.tolist())) == 1
    assert found.place(np.array([7.0])).tolist() == [0]
    assert found.trend is Trend.NONE


def test_what_cannot_be_met_is_refused_with_figures() -> None:
    """More bins than the rows, or the values, allow."""
    value, bad = _sample(10, 400)
    with pytest.raises(DataError, match="4 bins of at least 100 rows") as refused:
        bin_numbers(value, Outcomes(bad=bad), BinRules(min_bins=4, min_share=0.25))
    assert refused.value.field == "min_bins"
    with pytest.raises(DataError, match="in 1 distinct"):
        bin_numbers(np.ones(400), Outcomes(bad=bad), BinRules(min_bins=2))
    with pytest.raises(RangeError, match="2 infinite numbers of 400"):
        bin_numbers(np.append(value[2:], [np.inf, -np.inf]), Outcomes(bad=bad), RULES)
    with pytest.raises(ShapeError):
        bin_numbers(value[1:], Outcomes(bad=bad), RULES)


def test_edges_by_hand_are_kept_and_their_trend_is_checked() -> None:
    """Given edges are the edges; a trend that they contradict by more than chance is refused."""
    value, bad = _sample(11)
    rules = BinRules(edges=(10.0, 20.0, 40.0), special=(-999.0,))
    found = bin_numbers(value, Outcomes(bad=bad), rules).binning
    assert found.bins.edges == (10.0, 20.0, 40.0)
    assert found.trend is Trend.ASCENDING
    contrary = replace(rules, trend=Trend.DESCENDING)
    with pytest.raises(DataError, match="is not descending along the edges") as refused:
        bin_numbers(value, Outcomes(bad=bad), contrary)
    assert refused.value.field == "edges"
    assert "across 10, 20, 40 it goes" in refused.value.message
    assert bin_numbers(value, Outcomes(bad=bad), contrary, strict=False).binning.bins.edges == ()


def test_edges_by_hand_that_chance_turned_round_are_dropped_and_no_other() -> None:
    """Of five bins two stand in the wrong order by a hair: they are one, the others stay."""
    rates = {1.0: 0.10, 2.0: 0.21, 3.0: 0.20, 4.0: 0.30, 5.0: 0.40}
    value = np.repeat(list(rates), 500)
    bad = np.concatenate([np.arange(500) < 500 * rate for rate in rates.values()])
    edges = (1.0, 2.0, 3.0, 4.0)
    rules = BinRules(edges=edges, trend=Trend.ASCENDING)
    found, places = bin_numbers(value, Outcomes(bad=bad), rules)
    assert found.bins.edges == (1.0, 3.0, 4.0)
    assert found.homes.rows == (500, 1000, 500, 500, 0)
    assert (places == found.place(value)).all()
    free = bin_numbers(value, Outcomes(bad=bad), BinRules(edges=edges)).binning
    assert free.bins.edges == edges
    peak = bin_numbers(value, Outcomes(bad=bad), replace(rules, trend=Trend.PEAK)).binning
    assert len(peak.bins.edges) == 3
    assert _follows(np.array(peak.homes.bads[:4]) / peak.homes.rows[:4], Trend.PEAK)
    unseen = replace(rules, edges=(-5.0, *edges, 9.0))
    assert bin_numbers(value, Outcomes(bad=bad), unseen).binning.bins.known == 4


def test_edges_and_a_trend_that_agree_in_truth_are_next_to_never_refused() -> None:
    """Of 300 samples of a flat number none, where a third of them turn round somewhere."""
    rng = np.random.default_rng(21)
    rules, joined = BinRules(edges=(0.2, 0.5, 0.7), trend=Trend.ASCENDING), 0
    for _ in range(300):
        value, bad = rng.random(800), rng.random(800) < 0.2
        joined += bin_numbers(value, Outcomes(bad=bad), rules).binning.bins.known < 4
    assert joined > 100


def test_missing_values_join_the_nearest_bin_that_leaves_the_trend_as_it_is() -> None:
    """Of two bins of one rate the one that may rise, and none that would fall below a pure bin."""
    bins, rules = NumberBins(edges=(1.0, 2.0)), BinRules(missing=Home.NEAREST)
    alike = np.array([[1000.0, 1000.0, 1000.0, 500.0], [0.0] * 4, [10.0, 10.0, 100.0, 10.0]])
    alike[1] = alike[0] - alike[2]
    assert find_homes(bins, alike, rules, Trend.ASCENDING).joins == (0, 1, 2, 1)
    assert find_homes(bins, alike, rules, Trend.NONE).joins == (0, 1, 2, 0)
    pure = np.array([[40.0, 1000.0, 1000.0, 10_000.0], [0.0] * 4, [0.0, 20.0, 100.0, 110.0]])
    pure[1] = pure[0] - pure[2]
    assert find_homes(bins, pure, rules, Trend.ASCENDING).joins == (0, 1, 2, 0)
    assert find_homes(bins, pure, rules, Trend.NONE).joins == (0, 1, 2, 1)
    peak = np.array([[100.0, 100.0, 100.0, 50.0], [0.0] * 4, [50.0, 49.0, 48.0, 0.0]])
    peak[1] = peak[0] - peak[2]
    valley = find_homes(bins, peak, rules, Trend.VALLEY)
    assert valley.joins == (0, 1, 2, 2)


def test_what_is_kept_together_is_not_parted() -> None:
    """No edge lies inside a merged range, on any sample."""
    for seed in range(10):
        value, bad = _sample(seed)
        found = bin_numbers(value, Outcomes(bad=bad), BinRules(merge=((10.0, 60.0),))).binning
        assert not [edge for edge in found.bins.edges if 10.0 <= edge < 60.0]
        whole = np.minimum(np.round(value / 10.0), 9.0)
        found = bin_numbers(whole, Outcomes(bad=bad), BinRules(merge=((2.0, 3.0),))).binning
        one, other = found.place(np.array([2.0, 3.0])).tolist()
        assert one == other


def test_every_further_bin_brings_the_gain_asked_for() -> None:
    """One bin fewer loses at least the gain, one more wins less."""
    value, bad = _sample(12)
    outcomes, rules = Outcomes(bad=bad), BinRules(trend=Trend.ASCENDING, significance=None)
    found = bin_numbers(value, outcomes, replace(rules, min_gain=0.01)).binning
    worth = [
        bin_numbers(value, outcomes, replace(rules, max_bins=most)).binning.iv
        for most in range(1, 9)
    ]
    steps = np.diff(worth)
    assert found.bins.known == 1 + int((steps >= 0.01).sum())


def test_weights_count_as_copies_of_rows_do() -> None:
    """Weight 3 on a row gives a bin the rate that three rows give it."""
    value, bad = _sample(13)
    weight = np.where(np.arange(len(value)) % 2 == 0, 1.0, 3.0)
    copies = np.repeat(np.arange(len(value)), weight.astype(int))
    rules = BinRules(edges=(10.0, 20.0, 40.0))
    weighed = bin_numbers(value, Outcomes(bad=bad, weights=weight), rules).binning
    copied = bin_numbers(value[copies], Outcomes(bad=bad[copies]), rules).binning
    assert weighed.woe.tolist() == pytest.approx(copied.woe.tolist())
    table = weighed.table(weighed.place(value), bad, weight)
    assert table.total_iv == pytest.approx(copied.iv)
    assert table.rows.sum() == len(value)


def test_bins_are_the_same_whatever_the_order_of_rows_and_the_run() -> None:
    """Shuffled rows give the same bins where folds and the sample go with them."""
    value, bad = _sample(14)
    fold = np.arange(len(bad)) % 5
    shuffled = np.random.default_rng(0).permutation(len(bad))
    one = bin_numbers(value, Outcomes(bad=bad, folds=fold), RULES).binning
    two = bin_numbers(
        value[shuffled], Outcomes(bad=bad[shuffled], folds=fold[shuffled]), RULES
    ).binning
    assert one.to_json() == two.to_json()


def test_bins_found_by_threads_are_those_found_one_by_one() -> None:
    """Eight columns at once, four at a time: the same bins and places."""
    columns = [_sample(seed) for seed in range(20, 28)]
    outcomes = Outcomes(bad=columns[0][1])
    values = [value for value, _ in columns]
    alone = [bin_numbers(value, outcomes, RULES) for value in values]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda value: bin_numbers(value, outcomes, RULES), values))
    for one, other in zip(alone, together, strict=True):
        assert one.binning == other.binning
        assert (one.places == other.places).all()


@pytest.mark.parametrize("significance", [1e-17, 5e-324])
def test_a_significance_that_nothing_reaches_leaves_one_bin_and_one_that_is_reached_more(
    significance: float,
) -> None:
    """However small it is, it is a number of standard errors."""
    rng = np.random.default_rng(22)
    value = rng.random(20_000)
    rules = BinRules(significance=significance)
    bad = rng.random(20_000) < 0.2 + 0.02 * value
    assert bin_numbers(value, Outcomes(bad=bad), rules).binning.bins.known == 1
    bad = rng.random(20_000) < np.where(value < 0.5, 0.1, 0.9)
    assert bin_numbers(value, Outcomes(bad=bad), rules).binning.bins.known == 2


def test_the_greatest_numbers_there_are_have_bins() -> None:
    """No rounder edge lies beyond all numbers."""
    rng = np.random.default_rng(23)
    most = np.finfo(np.float64).max
    value = rng.choice([-most, -most / 3.0, 0.0, 5e-324, most], 3000)
    bad = rng.random(3000) < np.where(value < 0.0, 0.1, 0.4)
    found = bin_numbers(value, Outcomes(bad=bad), RULES).binning
    assert found.bins.known >= 2
    assert found.bins.place(np.array([-most, most])).tolist() == [0, found.bins.known - 1]


def test_whole_numbers_are_named_as_such() -> None:
    """No bin of a count is said to run from 1 to 2; one fraction among the rows and it does."""
    rng = np.random.default_rng(17)
    value = rng.poisson(1.0, 4000).astype(float)
    value[:100] = np.nan
    bad = rng.random(4000) < np.nan_to_num(0.05 + 0.15 * value)
    labels = bin_numbers(value, Outcomes(bad=bad), RULES).binning.labels
    assert labels == ("up to 0", "1", "2", "3 or more", "missing")
    value[200] = 0.5
    assert bin_numbers(value, Outcomes(bad=bad), RULES).binning.labels[-2] == "above 2"


def test_a_sparse_number_is_cut_by_all_its_values() -> None:
    """One row in fifty has a value, and the sample alone would hardly show how they lie."""
    rng = np.random.default_rng(16)
    value = np.where(rng.random(200_000) < 0.02, rng.random(200_000), np.nan)
    bad = rng.random(200_000) < np.where(value > 0.95, 0.9, 0.1)
    found = bin_numbers(value, Outcomes(bad=bad), BinRules(min_share=0.0)).binning
    assert any(0.94 <= edge <= 0.96 for edge in found.bins.edges)


def test_bins_survive_json(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """What is read back places and weighs the same."""
    value, bad = _sample(15)
    rules = BinRules(special=(-999.0,), missing=Home.NEAREST)
    found = bin_numbers(value, Outcomes(bad=bad), rules).binning
    again = binning_from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    assert isinstance(again, NumberBinning)
    assert again.woe.tolist() == found.woe.tolist()
    assert (again.place(value) == found.place(value)).all()
