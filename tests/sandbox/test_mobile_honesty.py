"""The mobile lender is honest: outcomes follow the true PD, and what is visible tells its part."""

from __future__ import annotations

from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from solvent.sandbox import simulate
from solvent.sandbox._block import block_rng
from solvent.sandbox._clock import owners_of, times_of
from solvent.sandbox._mobile.loans import Book, lend
from solvent.sandbox._mobile.masked import draw_traits
from solvent.sandbox._mobile.people import draw_people
from solvent.sandbox._mobile.positions import Positions, draw_positions
from solvent.sandbox._mobile.taps import draw_taps
from tests.sandbox.deviation import deviation
from tests.sandbox.signals import broker, mature_loans, positions_after, recency, signals

SAFER = {"positions", "positions_30", "positions_7", "speed", "moving", "terms", "wifi",
         "sessions_30", "taps", "before", "feature_2", "feature_3", "feature_7"}  # fmt: skip
"""Signals of which more is meant to be safer."""


@pytest.fixture(scope="module", params=[1, 2, 3])
def big(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp("honest") / "mobile"
    written = simulate("mobile_lender", customers=20_000, seed=request.param, out=out)
    assert sum(table.path.stat().st_size for table in written.tables.values()) < 150e6
    return out


def test_outcomes_follow_the_true_pd_and_signals_find_their_part_of_it(big: Path) -> None:
    """One law per line below, on one sandbox of 20,000 customers, for each of three seeds."""
    loans = mature_loans(big)
    pd, bad = loans["true_pd"].to_numpy(), loans["bad"].to_numpy()
    assert 0.20 <= bad.mean() <= 0.26
    assert 0.74 <= _auc(pd, bad) <= 0.78
    assert abs(deviation(pd, bad)) < 3.5
    seen = signals(big, loans)
    groups = np.array_split(np.argsort(pd), 10)
    groups += np.array_split(np.argsort(loans["application_at"].to_numpy()), 4)
    for name in seen.columns:
        groups += np.array_split(np.argsort(seen[name].to_numpy(), kind="stable"), 5)
    assert max(abs(deviation(pd[rows], bad[rows])) for rows in groups) < 4.2
    alone = {name: _auc_alone(seen, name, bad) for name in seen.columns}
    assert max(alone, key=lambda name: alone[name]) == "recency", alone
    assert 0.60 <= alone["recency"] <= 0.65
    reached, oracle = _out_of_sample(seen, loans, bad)
    assert 0.64 <= reached <= 0.71
    assert reached > alone["recency"] + 0.01
    assert oracle > reached + 0.04


def test_whoever_looks_ahead_finds_more_than_there_is_to_know(big: Path) -> None:
    loans = mature_loans(big)
    bad = loans["bad"].to_numpy()
    assert _auc(-positions_after(big, loans).to_numpy(), bad) > 0.65
    first = loans["before"].to_numpy() == 0
    ahead, known = (
        _auc_alone(broker(big, loans, honest=honest), "feature_6", bad, loans, first)
        for honest in (False, True)
    )
    assert ahead > 0.60
    assert abs(known - 0.5) < 0.02, "before the first default the number tells nothing"


def test_positions_that_came_late_are_not_needed_for_the_strongest_signal(big: Path) -> None:
    """Waiting for late uploads tells little more: the honest recency is not a weak copy."""
    loans = mature_loans(big)
    bad = loans["bad"].to_numpy()
    known, all_of_it = (
        _auc(recency(big, loans, honest=honest).to_numpy(), bad) for honest in (True, False)
    )
    assert abs(known - all_of_it) < 0.01


def test_outcomes_do_not_depend_on_the_outcomes_before_beyond_the_true_pd() -> None:
    loans = _lend_one_block()[1].loans
    for nth in range(3):
        rows = loans.nth == nth
        assert abs(deviation(loans.pd[rows], loans.bad[rows])) < 4.0


def test_only_a_default_changes_what_the_phone_tells_and_only_afterwards() -> None:
    free, book = _lend_one_block()
    gone = free.keys[~np.isin(free.keys, book.positions.keys)]
    assert len(gone) > 1_000
    assert np.isin(book.positions.keys, free.keys).all()
    loans = book.loans
    first = np.full(int(owners_of(free.keys).max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, loans.owner[loans.bad], loans.created[loans.bad])
    assert (times_of(gone) >= first[owners_of(gone)]).all()


def test_blocks_and_seeds_tell_of_unrelated_people() -> None:
    """The same place in another block or seed is as good as another person."""
    one, block, seed = (_reliability(*place) for place in ((5, 0), (5, 1), (6, 0)))
    for other in (block, seed):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4.0 / np.sqrt(len(one))


def _reliability(seed: int, block: int) -> np.ndarray:
    return draw_people(block_rng(seed, block, 0)).reliability


def _lend_one_block() -> tuple[Positions, Book]:
    """Positions as they would be without a loan, and the block as it was lent to."""
    people = draw_people(block_rng(11, 0, 0))
    positions = draw_positions(block_rng(11, 0, 1), people)
    taps = draw_taps(block_rng(11, 0, 2), people)
    traits = draw_traits(block_rng(11, 0, 3), people)
    return positions, lend(block_rng(11, 0, 4), people, positions, taps, traits)


def _auc_alone(
    seen: pl.DataFrame, name: str, bad: np.ndarray, loans: pl.DataFrame | None = None,
    only: np.ndarray | None = None,
) -> float:  # fmt: skip
    """AUC of one signal with missing values in its middle, in the direction it is meant to have."""
    if loans is not None:
        keys = loans.select("loan_id")
        seen = keys.join(seen, on="loan_id", how="left", maintain_order="left")
    values = seen[name].cast(pl.Float64)
    filled = values.fill_nan(None).fill_null(values.median()).to_numpy()
    kept = np.ones(len(bad), dtype=np.bool_) if only is None else only
    return _auc(-filled[kept] if name in SAFER else filled[kept], bad[kept])


def _out_of_sample(seen: pl.DataFrame, loans: pl.DataFrame, bad: np.ndarray) -> tuple[float, float]:
    """AUC of boosted trees and of the true PD, on customers the trees were not fitted on."""
    fitted = (loans["user_id"].hash(3) % 3 != 0).to_numpy()
    matrix = seen.cast(pl.Float64).to_numpy()
    trees = lgb.LGBMClassifier(
        n_estimators=150, num_leaves=8, learning_rate=0.05, min_child_samples=100, num_threads=1,
        verbose=-1,
    )  # fmt: skip
    trees.fit(matrix[fitted], bad[fitted])
    guess = np.asarray(trees.booster_.predict(matrix[~fitted]))
    return _auc(guess, bad[~fitted]), _auc(loans["true_pd"].to_numpy()[~fitted], bad[~fitted])


def _auc(signal: np.ndarray, bad: np.ndarray) -> float:
    return float(roc_auc_score(bad, signal))
