"""Peers: CatBoost stopped early, and a bag of it over inner folds."""

from __future__ import annotations

import numpy as np
import pandas
from catboost import CatBoostClassifier, Pool  # type: ignore[import-untyped]  # ships none

from benchmarks.peer_learners.inner import (
    SEED,
    FloatArray,
    IntArray,
    Learnt,
    categories,
    inner_folds,
)

_ROUNDS = 2000
_PATIENCE = 50
_RATE = 0.05


def _pool(frame: pandas.DataFrame, bad: IntArray | None = None) -> Pool:
    words = categories(frame)
    told = frame.assign(**{n: frame[n].astype(object).where(frame[n].notna(), "-") for n in words})
    return Pool(told, bad, cat_features=words)


def _stopped(
    train: pandas.DataFrame, bad: IntArray, learnt: IntArray, checked: IntArray
) -> CatBoostClassifier:
    model = CatBoostClassifier(
        iterations=_ROUNDS, learning_rate=_RATE, early_stopping_rounds=_PATIENCE, thread_count=1,
        random_seed=SEED, verbose=False, allow_writing_files=False,
    )  # fmt: skip
    return model.fit(
        _pool(train.iloc[learnt], bad[learnt]), eval_set=_pool(train.iloc[checked], bad[checked])
    )


def single(train: pandas.DataFrame, bad: IntArray) -> Learnt:
    """As it comes, with a rate of 0.05, stopped early on an inner fifth."""
    model = _stopped(train, bad, *inner_folds(bad)[0])
    return (
        lambda frame: model.predict_proba(_pool(frame))[:, 1],
        {"rounds": model.get_best_iteration()},
    )


def bag(train: pandas.DataFrame, bad: IntArray) -> Learnt:
    """Five models, each stopped early on its inner fifth; the mean of their PDs."""
    members = [_stopped(train, bad, *fold) for fold in inner_folds(bad)]

    def score(frame: pandas.DataFrame) -> FloatArray:
        pool = _pool(frame)
        return np.asarray(np.mean([m.predict_proba(pool)[:, 1] for m in members], 0))

    return score, {"rounds": [member.get_best_iteration() for member in members]}


LEARNERS = {"catboost_alone": single, "catboost_bag": bag}
