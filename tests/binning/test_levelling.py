"""Categories in optimal bins: nobody speaks for himself, and noise has nothing to say."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from solvent.binning import (
    BinRules,
    Home,
    LevelBinning,
    Outcomes,
    Trend,
    bin_counts,
    bin_levels,
    binning_from_json,
    woe,
)
from solvent.errors import DataError, RangeError, ShapeError

RULES = BinRules()


def _sample(
    seed: int, levels: int, spread: float, n: int = 20_000
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Codes of levels whose log-odds differ by `spread`, outcomes, and labels."""
    rng = np.random.default_rng(seed)
    own = np.random.default_rng(99).normal(-1.8, spread, levels)
    codes = rng.integers(0, levels, n).astype(np.int32)
    bad = rng.random(n) < 1.0 / (1.0 + np.exp(-own[codes]))
    return codes, bad, [f"level {number}" for number in range(levels)]


def test_levels_of_noise_have_no_iv_in_training_nor_on_new_rows() -> None:
    """Two thousand levels that differ by chance alone; in-sample rates would give them IV 0.6."""
    codes, bad, levels = _sample(1, 2000, 0.0)
    found = bin_levels(codes, levels, Outcomes(bad=bad), RULES).binning
    new, told, _ = _sample(2, 2000, 0.0)
    assert found.iv < 0.005
    assert found.table(found.place(new, levels), told).total_iv < 0.005


@pytest.mark.parametrize("levels", [4, 40, 2000])
def test_woe_of_noise_lies_within_a_hair_of_nothing(levels: int) -> None:
    """In 20 samples of 20,000 rows no row is moved by more than chance lets a bin, nor on average.

    The mean woe that bads are given less that of goods would be the IV if rows spoke for
    themselves; told by others it is as often below 0 as above.
    """
    gaps, ivs = [], []
    for seed in range(20):
        codes, bad, labels = _sample(100 * levels + seed, levels, 0.0)
        found, places = bin_levels(codes, labels, Outcomes(bad=bad, seed=seed), RULES)
        new, told, _ = _sample(100 * levels + seed + 50, levels, 0.0)
        there = found.woe[found.place(new, labels)]
        gaps.append(float(there[~told].mean() - there[told].mean()))
        ivs.append(found.iv)
        assert np.abs(found.woe[places]).mean() < 0.1
    assert np.mean(ivs) < 0.004
    assert abs(np.mean(gaps)) < 0.002


@pytest.mark.parametrize(("levels", "spread"), [(12, 0.5), (500, 0.8), (2000, 0.8)])
def test_iv_on_new_rows_is_that_seen_in_training(levels: int, spread: float) -> None:
    """Within 15 %, from a dozen levels to ten rows a level."""
    ratios = []
    for seed in range(3):
        codes, bad, labels = _sample(10 + seed, levels, spread)
        new, told, _ = _sample(20 + seed, levels, spread)
        found = bin_levels(codes, labels, Outcomes(bad=bad, seed=seed), RULES).binning
        ratios.append(found.table(found.place(new, labels), told).total_iv / found.iv)
    assert 0.85 <= np.mean(ratios) <= 1.15


def test_rare_levels_new_levels_and_missing_ones_have_a_stated_home() -> None:
    """A level seen once is rare, and so is one never seen; too few of them say nothing."""
    codes, bad, levels = _sample(4, 20, 0.8, n=5000)
    codes[:100] = -1
    codes[100], codes[101:103] = 20, 21
    levels = [*levels, "once", "twice"]
    found, places = bin_levels(codes, levels, Outcomes(bad=bad), RULES)
    assert found.labels[-2:] == ("rare or not seen before", "missing")
    rare, missing = found.size - 2, found.size - 1
    assert found.place(np.array([0, 1, -1]), ["once", "never seen"]).tolist() == [
        *(rare, rare, missing)
    ]
    assert places[100] == rare
    assert (places[:100] == missing).all()
    assert found.woe[rare] == 0.0
    assert "once" not in {label for group in found.bins.groups for label in group}


def test_many_rare_levels_have_the_woe_of_their_own_rows() -> None:
    """Levels seen once or twice share a bin, and what that bin holds counts."""
    codes, bad, levels = _sample(5, 10, 0.5, n=8000)
    codes[:1000], bad[:1000] = np.arange(1000) + 10, np.arange(1000) % 2 == 0
    levels += [f"once {number}" for number in range(1000)]
    found = bin_levels(codes, levels, Outcomes(bad=bad), RULES).binning
    rare = found.size - 2
    assert found.homes.rows[rare] == 1000
    assert found.woe[rare] < -0.8


def test_places_counts_and_woe_agree() -> None:
    """What the fitted bins say they held is what the training places hold."""
    codes, bad, levels = _sample(6, 200, 0.8)
    found, places = bin_levels(codes, levels, Outcomes(bad=bad), RULES)
    goods, bads = bin_counts(places.astype(np.int64), bad, found.size)
    assert found.homes.rows == tuple((goods + bads).tolist())
    expected = woe(goods, bads)
    expected[list(found.homes.neutral)] = 0.0
    assert found.woe.tolist() == expected.tolist()
    rate = (bads / np.maximum(goods + bads, 1))[: found.bins.ordered]
    assert (np.diff(rate) > 0).all()
    assert 3 <= found.bins.ordered <= 8


def test_special_labels_and_policies_are_those_of_numbers() -> None:
    """A declared label has its own bin; missing ones join the nearest rate."""
    codes, bad, levels = _sample(7, 30, 0.8)
    codes[:500] = -1
    rules = replace(RULES, special=("level 3",), missing=Home.NEAREST)
    found = bin_levels(codes, levels, Outcomes(bad=bad), rules).binning
    assert "level 3" in found.labels
    home = int(found.place(np.array([-1]), levels)[0])
    assert found.labels[home].endswith("missing")
    assert home < found.bins.ordered


def test_groups_by_hand_are_the_bins_and_merged_levels_stay_together() -> None:
    """What was decided by hand is kept on any sample."""
    codes, bad, levels = _sample(8, 6, 0.8)
    outcomes = Outcomes(bad=bad)
    by_hand = replace(RULES, groups=(("level 1", "level 4"), ("level 0",)))
    found, places = bin_levels(codes, levels, outcomes, by_hand)
    assert found.labels[:3] == ("level 1, level 4", "level 0", "rare or not seen before")
    assert (places == found.place(codes, levels)).all()
    assert found.trend is Trend.NONE
    for pair in (("level 0", "level 5"), ("level 2", "level 3")):
        merged = bin_levels(codes, levels, outcomes, replace(RULES, merge=(pair,))).binning
        one, other = merged.place(np.array([0, 1]), list(pair)).tolist()
        assert one == other


def test_merges_that_share_a_level_are_one() -> None:
    for seed in range(8):
        codes, bad, levels = _sample(seed, 6, 0.8)
        chain = (("level 0", "level 5"), ("level 2", "level 3"), ("level 5", "level 3"))
        merged = bin_levels(codes, levels, Outcomes(bad=bad), replace(RULES, merge=chain)).binning
        kept = ["level 0", "level 2", "level 3", "level 5"]
        assert len(set(merged.place(np.arange(4), kept).tolist())) == 1


def test_weights_make_a_level_what_its_copies_would() -> None:
    """Bad rows that weigh double raise the rate of their level as two rows each do."""
    codes, bad, levels = _sample(9, 8, 0.6)
    rules = replace(RULES, groups=tuple((label,) for label in levels))
    weight = np.where(bad, 2.0, 1.0)
    copies = np.repeat(np.arange(len(bad)), weight.astype(int))
    weighed = bin_levels(codes, levels, Outcomes(bad=bad, weights=weight), rules).binning
    copied = bin_levels(codes[copies], levels, Outcomes(bad=bad[copies]), rules).binning
    assert weighed.woe.tolist() == pytest.approx(copied.woe.tolist())
    free = bin_levels(codes, levels, Outcomes(bad=bad, weights=weight), RULES).binning
    assert free.bins.ordered >= 3


def test_the_order_of_rates_holds_in_every_period() -> None:
    """Levels that change places in one month are not told apart; those that do not are."""
    rng = np.random.default_rng(14)
    codes, month = rng.integers(0, 3, 12_000).astype(np.int32), np.arange(12_000) % 4
    rate = np.array([0.05, 0.2, 0.3])[codes]
    rate = np.where((month == 2) & (codes > 0), 0.5 - rate, rate)
    bad, labels = rng.random(12_000) < rate, ["low", "one", "other"]
    ignored = bin_levels(codes, labels, Outcomes(bad=bad), RULES).binning
    found, places = bin_levels(codes, labels, Outcomes(bad=bad, periods=month), RULES)
    assert ignored.bins.groups == (("low",), ("one",), ("other",))
    assert found.bins.groups == (("low",), ("one", "other"))
    assert found.stability(places, bad, month).held.all()


def test_the_order_of_labels_and_rows_does_not_matter() -> None:
    """Another coding of the same category, in another order of rows, has the same bins."""
    codes, bad, levels = _sample(10, 300, 0.7)
    fold = np.arange(len(bad)) % 5
    one = bin_levels(codes, levels, Outcomes(bad=bad, folds=fold), RULES).binning
    rng = np.random.default_rng(0)
    relabelled, rows = rng.permutation(300), rng.permutation(len(bad))
    named = [levels[int(np.flatnonzero(relabelled == at)[0])] for at in range(300)]
    two = bin_levels(
        relabelled[codes][rows], named, Outcomes(bad=bad[rows], folds=fold[rows]), RULES
    ).binning
    assert one.to_json() == two.to_json()


def test_a_category_all_missing_or_of_one_level_has_nothing_to_say() -> None:
    """No levels, one level and levels all seen once are no trouble."""
    bad = np.arange(300) % 4 == 0
    outcomes = Outcomes(bad=bad)
    nothing = bin_levels(np.full(300, -1, np.int32), [], outcomes, RULES).binning
    assert nothing.labels == ("rare or not seen before", "missing")
    assert nothing.iv == pytest.approx(0.0)
    one = bin_levels(np.zeros(300, np.int32), ["only"], outcomes, RULES).binning
    assert one.labels[0] == "only"
    assert one.iv == pytest.approx(0.0)
    each = bin_levels(np.arange(300), [str(n) for n in range(300)], outcomes, RULES).binning
    assert each.bins.groups == ()
    assert each.iv == pytest.approx(0.0)


def test_a_million_levels_take_seconds() -> None:
    """A million levels over two million rows; their bins are found in a few CPU-seconds."""
    rng = np.random.default_rng(11)
    codes = rng.integers(0, 1_000_000, 2_000_000).astype(np.int32)
    bad = rng.random(2_000_000) < np.where(codes % 2 == 0, 0.1, 0.3)
    levels = np.arange(1_000_000).astype(str).tolist()
    outcomes = Outcomes(bad=bad)
    started = time.process_time()
    found = bin_levels(codes, levels, outcomes, RULES).binning
    assert time.process_time() - started < 10.0
    assert found.bins.ordered >= 2


def test_bins_that_rare_levels_cannot_make_are_refused() -> None:
    """Where every level is rare there is no bin, and two were asked for."""
    bad = np.arange(300) % 4 == 0
    with pytest.raises(DataError, match="every one of the 300 levels is too rare") as refused:
        bin_levels(
            np.arange(300), [str(n) for n in range(300)], Outcomes(bad=bad), BinRules(min_bins=2)
        )
    assert refused.value.field == "min_bins"


def test_codes_and_labels_that_do_not_fit_are_refused() -> None:
    """Lengths, codes without a label, and one label twice."""
    bad = np.array([True, False, True, False])
    outcomes, codes = Outcomes(bad=bad), np.array([0, 1, 0, 1])
    with pytest.raises(ShapeError):
        bin_levels(codes[1:], ["a", "b"], outcomes, RULES)
    with pytest.raises(RangeError, match="one per label"):
        bin_levels(codes, ["a"], outcomes, RULES)
    with pytest.raises(RangeError, match="twice"):
        bin_levels(codes, ["a", "a"], outcomes, RULES)


def test_bins_survive_json() -> None:
    """What is read back places and weighs the same."""
    codes, bad, levels = _sample(12, 100, 0.8)
    found = bin_levels(codes, levels, Outcomes(bad=bad), RULES).binning
    again = binning_from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    assert isinstance(again, LevelBinning)
    assert (again.place(codes, levels) == found.place(codes, levels)).all()
