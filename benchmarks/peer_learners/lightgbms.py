"""Peers: LightGBM as it comes, tuned, and in a bag over inner folds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import lightgbm
import numpy as np
import optuna
import pandas

from benchmarks.peer_learners.inner import (
    SEED,
    FloatArray,
    IntArray,
    Learnt,
    counted,
    inner_folds,
    rated,
)

TRIALS = 30
_MOST_ROUNDS = 2000
_PATIENCE = 60
_FEW_ROWS = 12_000
Callback = Callable[[lightgbm.callback.CallbackEnv], None]
WAYS = ("native", "counts", "rates")
"""How categories with many levels are told."""
_ALIKE = {"objective": "binary", "num_threads": 1, "deterministic": True, "force_row_wise": True,
          "seed": SEED, "verbosity": -1}  # fmt: skip
_CAREFUL = {
    "learning_rate": 0.03, "num_leaves": 15, "min_data_in_leaf": 60, "lambda_l2": 10.0,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1,
}  # fmt: skip


def default(train: pandas.DataFrame, bad: IntArray) -> Learnt:
    """A hundred rounds as the library has it; categories native."""
    model = lightgbm.train(dict(_ALIKE), lightgbm.Dataset(train, bad), 100)
    return lambda frame: _predicted(model, frame), {}


def tuned(train: pandas.DataFrame, bad: IntArray) -> Learnt:
    """The best of some trials on inner folds (few rows) or one of them; learnt again from all."""
    splits = [
        _Inner(train, bad, *fold) for fold in inner_folds(bad)[: 5 if len(bad) < _FEW_ROWS else 1]
    ]

    def loss(trial: optuna.Trial) -> float:
        way = trial.suggest_categorical("categories", WAYS)
        settings = {**_ALIKE, **_suggested(trial), "metric": "binary_logloss"}
        found = [
            split.stopped(settings, way, _pruned(trial) if len(splits) == 1 else None)
            for split in splits
        ]
        trial.set_user_attr("rounds", float(np.mean([model.best_iteration for model in found])))
        return float(np.mean([m.best_score["valid_0"]["binary_logloss"] for m in found]))

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=SEED),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=100),
    )
    for way in WAYS:
        study.enqueue_trial({**_CAREFUL, "cat_smooth": 10.0, "categories": way})
    study.optimize(loss, n_trials=TRIALS)
    best = study.best_trial
    return _again(train, bad, best.params, round(best.user_attrs["rounds"] * 1.1))


class _Inner:
    """One inner split, its long categories told in each way."""

    def __init__(
        self, train: pandas.DataFrame, bad: IntArray, learnt: IntArray, checked: IntArray
    ) -> None:
        inner = _Told(train.iloc[learnt].reset_index(drop=True), bad[learnt])
        self.labels = bad[learnt], bad[checked]
        self.frames = {
            way: (inner.tell(inner.frame, way), inner.tell(train.iloc[checked], way))
            for way in WAYS
        }

    def stopped(
        self,
        settings: dict[str, Any],
        way: str,
        pruned: Callback | None,
    ) -> lightgbm.Booster:
        data = lightgbm.Dataset(self.frames[way][0], self.labels[0])
        stop = lightgbm.early_stopping(_PATIENCE, verbose=False)
        return lightgbm.train(
            settings, data, _MOST_ROUNDS,
            valid_sets=[data.create_valid(self.frames[way][1], self.labels[1])],
            callbacks=[stop, pruned] if pruned else [stop],
        )  # fmt: skip


class _Told:
    """Training rows, and how to tell long categories from them."""

    def __init__(self, frame: pandas.DataFrame, bad: IntArray) -> None:
        self.frame, self.bad = frame, bad

    def tell(self, frame: pandas.DataFrame, way: str) -> pandas.DataFrame:
        if way == "native":
            return frame
        if way == "counts":
            return counted(frame, self.frame)
        return rated(frame, self.frame, self.bad, same=frame is self.frame)


def _suggested(trial: optuna.Trial) -> dict[str, Any]:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.015, 0.1, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 3, 63, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 10, 300, log=True),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.1, 100.0, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.2, 1.0),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
        "cat_smooth": trial.suggest_float("cat_smooth", 1.0, 100.0, log=True),
        "bagging_freq": 1,
    }


def _pruned(trial: optuna.Trial) -> Callback:
    def callback(state: lightgbm.callback.CallbackEnv) -> None:
        found = state.evaluation_result_list
        if found and state.iteration % 20 == 0:
            trial.report(found[0][2], state.iteration)
            if trial.should_prune():
                raise optuna.TrialPruned

    return callback


def _again(
    train: pandas.DataFrame, bad: IntArray, chosen: Mapping[str, Any], rounds: int
) -> Learnt:
    rows, way = _Told(train, bad), chosen["categories"]
    settings = {**_ALIKE, "bagging_freq": 1, **chosen}
    del settings["categories"]
    started = time.process_time()
    model = lightgbm.train(settings, lightgbm.Dataset(rows.tell(train, way), bad), rounds)
    alone = time.process_time() - started
    return lambda frame: _predicted(model, rows.tell(frame, way)), {
        **chosen,
        "rounds": rounds,
        "fit_alone": alone,
    }


def bag(train: pandas.DataFrame, bad: IntArray) -> Learnt:
    """Five models, each stopped early on its inner fifth; the mean of their PDs."""
    members: list[tuple[lightgbm.Booster, _Told]] = []
    settings = {**_ALIKE, **_CAREFUL, "metric": "binary_logloss"}
    for learnt, checked in inner_folds(bad):
        rows = _Told(train.iloc[learnt].reset_index(drop=True), bad[learnt])
        data = lightgbm.Dataset(rows.tell(rows.frame, "rates"), rows.bad)
        valid = data.create_valid(rows.tell(train.iloc[checked], "rates"), bad[checked])
        model = lightgbm.train(
            settings, data, _MOST_ROUNDS, valid_sets=[valid],
            callbacks=[lightgbm.early_stopping(_PATIENCE, verbose=False)],
        )  # fmt: skip
        members.append((model, rows))

    def score(frame: pandas.DataFrame) -> FloatArray:
        each = [_predicted(model, rows.tell(frame, "rates")) for model, rows in members]
        return np.asarray(np.mean(each, 0))

    return score, {"rounds": [model.best_iteration for model, _ in members]}


def _predicted(model: lightgbm.Booster, frame: pandas.DataFrame) -> FloatArray:
    return np.asarray(model.predict(frame), np.float64)


LEARNERS = {"lightgbm_default": default, "lightgbm_tuned": tuned, "lightgbm_bag": bag}
