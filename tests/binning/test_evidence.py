"""Laws of what the labels say about a level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.binning.evidence import WEIGHTS, Evidence, choose_weight
from solvent.metrics import auc
from solvent.models.calibration import to_pd
from solvent.models.folds import deal_folds


def _slow_others(level: np.ndarray, bad: np.ndarray, fold: np.ndarray) -> list[float]:
    """Row by row in plain Python."""
    levels = sorted(set(level.tolist()))
    rows = np.array([float((level == one).sum()) for one in levels])
    bads = np.array([float(bad[level == one].sum()) for one in levels])
    weight = choose_weight(rows, bads)
    said = []
    for place in range(len(level)):
        others = (level == level[place]) & (fold != fold[place])
        elsewhere = fold != fold[place]
        rate = (bad[elsewhere].sum() + 0.5) / (elsewhere.sum() + 1.0)
        mean = (bad[others].sum() + weight * rate) / (others.sum() + weight)
        said.append(float(np.log(mean / (1.0 - mean))))
    return said


@given(seed=st.integers(0, 500), rows=st.integers(4, 60), levels=st.integers(1, 9))
def test_a_row_is_told_by_other_folds_only_as_a_slow_twin_says(
    seed: int, rows: int, levels: int
) -> None:
    rng = np.random.default_rng(seed)
    level, bad = rng.integers(0, levels, rows), rng.random(rows) < 0.4
    fold = rng.integers(0, 3, rows)
    told, _ = Evidence.of(level, bad, fold, levels).others(level, fold)
    assert told == pytest.approx(_slow_others(level, bad, fold), rel=1e-12)


@given(seed=st.integers(0, 500))
def test_flipping_the_labels_of_a_held_fold_changes_nothing_said_without_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    level, bad, fold = rng.integers(0, 6, 40), rng.random(40) < 0.5, np.arange(40) % 4
    flipped = np.where(fold == 2, ~bad, bad)
    said = [Evidence.of(level, one, fold, 6).without(2).table().log_odds for one in (bad, flipped)]
    assert (said[0] == said[1]).all()


@given(seed=st.integers(0, 500))
def test_outcomes_of_a_fold_change_nothing_that_is_said_to_its_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    level, bad, fold = rng.integers(0, 6, 40), rng.random(40) < 0.5, np.arange(40) % 4
    flipped = np.where(fold == 2, ~bad, bad)
    said = [Evidence.of(level, one, fold, 6).mean_elsewhere(8.0) for one in (bad, flipped)]
    assert (said[0][:, 2] == said[1][:, 2]).all()
    assert (said[0][:, 1] != said[1][:, 1]).any()


def test_noise_told_out_of_fold_ranks_nobody() -> None:
    rng = np.random.default_rng(5)
    level, bad = rng.integers(0, 4000, 20_000), rng.random(20_000) < 0.2
    fold = deal_folds(bad, np.arange(20_000), seed=1)
    evidence = Evidence.of(level, bad, fold, 4000)
    told, _ = evidence.others(level, fold)
    naive = evidence.table().log_odds[level]
    assert abs(auc(to_pd(told), bad) - 0.5) < 0.015
    assert auc(to_pd(naive), bad) > 0.7


@pytest.mark.parametrize("levels", [5, 300, 4000])
def test_noise_told_out_of_fold_ranks_nobody_on_average(levels: int) -> None:
    """Over 24 samples the mean AUC is 0.5 within three of its standard errors, on neither side.

    A row that spoke for itself even a little would lift it: in-sample rates of five levels do by
    twice as much.
    """
    told, naive = [], []
    for seed in range(24):
        rng = np.random.default_rng(1000 * levels + seed)
        level, bad = rng.integers(0, levels, 8000), rng.random(8000) < 0.2
        fold = deal_folds(bad, np.arange(8000), seed=seed)
        evidence = Evidence.of(level, bad, fold, levels)
        told.append(auc(to_pd(evidence.others(level, fold)[0]), bad))
        naive.append(auc(to_pd(evidence.table().log_odds[level]), bad))
    error = np.sqrt((1 / 1600 + 1 / 6400) / 12 / 24)
    assert abs(np.mean(told) - 0.5) < 3.0 * error
    assert np.mean(naive) - 0.5 > 6.0 * error


def test_levels_that_differ_by_chance_alone_are_pulled_together() -> None:
    rng = np.random.default_rng(6)
    rows = np.full(500, 40.0)
    same = rng.binomial(40, 0.2, 500).astype(float)
    differing = rng.binomial(40, rng.beta(2.0, 8.0, 500)).astype(float)
    assert choose_weight(rows, same) >= 256
    assert choose_weight(rows, differing) in WEIGHTS[1:4]
