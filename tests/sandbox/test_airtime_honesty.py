"""The airtime lender is honest: outcomes follow the true PD, and naive counts do not find it."""

from __future__ import annotations

from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from solvent.sandbox import simulate
from solvent.sandbox._airtime.book import Book
from solvent.sandbox._airtime.loans import lend
from solvent.sandbox._airtime.people import draw_people
from solvent.sandbox._airtime.streams import draw_loyalty, draw_top_ups
from solvent.sandbox._block import NULL, block_rng
from tests.sandbox.deviation import deviation
from tests.sandbox.folders import DAY, Folder

COUNTED = [
    ("top_ups", "topped_up_at", "uploaded_at"),
    ("usage", "at", "uploaded_at"),
    ("repayments", "paid_on", "paid_on"),
    ("loyalty", "valid_from", "recorded_at"),
]


@pytest.fixture(scope="module", params=[1, 2, 3])
def big(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    out: Path = tmp_path_factory.mktemp("honest") / "airtime"
    written = simulate("airtime_loans", customers=20_000, seed=request.param, out=out)
    assert sum(table.path.stat().st_size for table in written.tables.values()) < 150e6
    return Folder(out)


def test_outcomes_are_drawn_from_the_true_pd_and_naive_counts_do_not_find_it(big: Folder) -> None:
    """One law per line below, on one sandbox of 20,000 customers, for each of three seeds."""
    mature, pd, bad = big.outcomes()
    assert 0.12 <= bad.mean() <= 0.20
    assert 0.75 <= roc_auc_score(bad, pd) <= 0.82
    assert abs(deviation(pd, bad)) < 3.5
    deciles = np.array_split(np.argsort(pd), 10)
    assert max(abs(deviation(pd[rows], bad[rows])) for rows in deciles) < 4.0
    counts = _count_before(big, mature)
    for name in range(counts.shape[1]):
        fifths = np.array_split(np.argsort(counts[:, name], kind="stable"), 5)
        assert max(abs(deviation(pd[rows], bad[rows])) for rows in fifths) < 4.0
    months = np.array_split(np.argsort(big.column("loans", "created_at")[mature]), 4)
    assert pd[months[3]].mean() > pd[months[0]].mean()
    assert max(abs(deviation(pd[rows], bad[rows])) for rows in months) < 4.0
    reached = _out_of_sample(counts, bad, big.column("loans", "uuid")[mature])
    assert all(0.5 < auc <= 0.70 for auc in reached)


def test_the_life_after_a_loan_agrees_with_the_outcome_drawn() -> None:
    book = _lend_one_block()
    loans = book.loans
    late = (loans.paid == NULL) | (loans.paid > loans.created + 30 * DAY)
    assert 0.05 < loans.bad.mean() < 0.3
    assert (late == loans.bad).all()


def test_outcomes_do_not_depend_on_the_outcomes_before_beyond_the_true_pd() -> None:
    loans = _lend_one_block().loans
    for nth in range(4):
        rows = loans.nth == nth
        assert abs(deviation(loans.pd[rows], loans.bad[rows])) < 4.0


def _lend_one_block() -> Book:
    people = draw_people(block_rng(11, 0, 0))
    loyalty = draw_loyalty(block_rng(11, 0, 3), people)
    return lend(block_rng(11, 0, 4), people, draw_top_ups(block_rng(11, 0, 1), people), loyalty)


def _count_before(folder: Folder, mature: np.ndarray) -> np.ndarray:
    """Five naive counts known before each mature loan, shape (loans, 5)."""
    owner = folder.column("loans", "uuid")[mature]
    created = folder.column("loans", "created_at")[mature]
    counts = [
        _earlier(folder.column(table, "uuid"), _latest(folder, table, event, known), owner, created)
        for table, event, known in COUNTED
    ]
    lent = [
        (folder.column(t, "uuid"), folder.column(t, "created_at"))
        for t in ("loans", "previous_loans")
    ]
    counts.append(sum(_earlier(who, when, owner, created) for who, when in lent))
    return np.column_stack(counts).astype(np.float64)


def _latest(folder: Folder, table: str, event: str, known: str) -> np.ndarray:
    return np.maximum(folder.column(table, event), folder.column(table, known))


def _earlier(who: np.ndarray, when: np.ndarray, owner: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Rows of each owner strictly before an instant."""
    start = int(at.max()) - 400 * DAY  # before any loan: so long ago, only the order matters
    first = owner * 2**48
    keys = np.sort(who * 2**48 + np.maximum(when - start, 0))
    return np.searchsorted(keys, first + (at - start)) - np.searchsorted(keys, first)


def _out_of_sample(counts: np.ndarray, bad: np.ndarray, owner: np.ndarray) -> list[float]:
    """AUC of two models of the counts, on customers they were not fitted on."""
    fitted = owner % 3 != 0
    logs = np.log1p(counts)
    line = LogisticRegression().fit(logs[fitted], bad[fitted])
    trees = lgb.LGBMClassifier(n_estimators=80, num_leaves=8, num_threads=1, verbose=-1)
    trees.fit(counts[fitted], bad[fitted])
    guesses = (line.predict_proba(logs[~fitted]), trees.booster_.predict(counts[~fitted]))
    return [
        float(roc_auc_score(bad[~fitted], guess[:, 1] if guess.ndim == 2 else guess))
        for guess in guesses
    ]
