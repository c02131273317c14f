"""Peer: optbinning's card, with the share below which levels are pooled tuned on an inner fifth."""

from __future__ import annotations

import numpy as np
import pandas
from optbinning import (  # type: ignore[import-not-found]  # in an environment of its own
    BinningProcess,
    Scorecard,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.peer_learners.inner import FloatArray, IntArray, Learnt, categories, inner_folds

CUTOFFS = (None, 0.002, 0.005, 0.01, 0.02, 0.05)


def _plain(frame: pandas.DataFrame) -> pandas.DataFrame:
    words = categories(frame)
    return frame.assign(**{n: frame[n].astype(object).where(frame[n].notna(), None) for n in words})


def _fitted(
    train: pandas.DataFrame, bad: IntArray, words: list[str], cutoff: float | None
) -> Scorecard:
    process = BinningProcess(
        list(train.columns), categorical_variables=words,
        binning_fit_params={
            name: {"cat_cutoff": min(cutoff, _largest(train[name]))}
            for name in words
            if cutoff is not None
        },
    )  # fmt: skip
    card = Scorecard(
        binning_process=process, estimator=LogisticRegression(max_iter=1000),
        scaling_method="pdo_odds",
        scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
    )  # fmt: skip
    return card.fit(train, bad)


def _largest(levels: pandas.Series) -> float:
    """Return a cutoff that keeps the commonest level: it refuses to pool all."""
    return (float(levels.value_counts().max()) - 0.5) / float(levels.notna().sum())


def card(train: pandas.DataFrame, bad: IntArray) -> Learnt:
    """The card of the cutoff that ranks an inner fifth best, learnt again from all rows."""
    plain, words, best = _plain(train), categories(train), None
    if words:
        learnt, checked = inner_folds(bad)[0]
        reached = {}
        for cutoff in CUTOFFS:
            tried = _fitted(plain.iloc[learnt].reset_index(drop=True), bad[learnt], words, cutoff)
            reached[cutoff] = roc_auc_score(bad[checked], _pd(tried, plain.iloc[checked]))
        best = max(reached, key=lambda cutoff: reached[cutoff])
    made = _fitted(plain, bad, words, best)
    return lambda frame: _pd(made, _plain(frame)), {"cat_cutoff": best}


def _pd(card: Scorecard, plain: pandas.DataFrame) -> FloatArray:
    """Return what `predict_proba` does, but for levels never seen, whose WOE may come out NaN."""
    woe = card.binning_process_.transform(plain, metric="woe").fillna(0.0)
    return np.asarray(card.estimator_.predict_proba(woe)[:, 1], np.float64)


LEARNERS = {"optbinning_card": card}
