"""A random forest: LightGBM's own, leaves of 20 rows or more that say their log-odds of bad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from solvent.models._boosting import Grower, Rows, Settings
from solvent.models._native_text import say_log_odds
from solvent.models._settings import read_settings
from solvent.models.matrix import Draft
from solvent.models.scorers.trees import TreesModel, rank_by_gain
from solvent.models.technique import (
    BoolArray,
    FloatArray,
    Learnt,
    Range,
    Technique,
    Training,
    out_of_fold,
)
from solvent.models.techniques.boosted_trees import one_sided, plan, still
from solvent.progress import Progress, Step

NAME: Final = "random_forest"
DEFAULTS: Final = {"trees": 200, "leaf_rows": 20, "columns": 0.4, "rows": 0.632}
MOST_LEAVES: Final = 128
PULL: Final = 0.2
"""Weight of the portfolio's bad rate in a leaf, beside the leaf's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomForest:
    """The technique."""

    name: str = NAME
    title: str = "random forest"
    directed: bool = True

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning: trees, rows of a leaf, parts tried of each."""
        return {
            "trees": Range(low=10, high=1000, whole=True, log=True),
            "leaf_rows": Range(low=20, high=400, whole=True, log=True),
            "columns": Range(low=0.1, high=1.0),
            "rows": Range(low=0.3, high=0.9),
        }

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; see `Technique.fit`."""
        guidance = training.guidance
        told = read_settings(self, guidance.settings, DEFAULTS)
        draft = Draft.of(training.frame, training.bad, training.fold, plan)
        settings = {
            **_settings(told, training.seed),
            **one_sided(draft.encoder, guidance.directions),
        }
        bad, trees = training.bad, int(told["trees"])
        bag = []
        with progress.step("growing forests", trees * (training.folds + 1)) as step:
            for fold in range(training.folds):
                rest = draft.fold != fold
                text, _ = _grow(draft.matrix_without(fold)[rest], bad[rest], settings, trees, step)
                bag.append(TreesModel.read_text(text, draft.encoder_without(fold), NAME))
            text, gain = _grow(draft.matrix(), bad, settings, trees, step)
        model = TreesModel.read_text(text, draft.encoder, NAME)
        ranked = rank_by_gain(model, gain, training.frame)
        return Learnt(
            model=replace(model, importances=ranked), margin=out_of_fold(bag, training),
            bag=tuple(bag),
        )  # fmt: skip


def _settings(told: Mapping[str, float], seed: int) -> Settings:
    """Return LightGBM's settings for its forest: trees of few enough leaves to explain quickly."""
    return {
        "boosting": "rf",
        "num_leaves": MOST_LEAVES,
        "min_data_in_leaf": int(told["leaf_rows"]),
        "min_sum_hessian_in_leaf": 0.0,
        "feature_fraction_bynode": told["columns"],
        "bagging_fraction": told["rows"],
        "bagging_freq": 1,
        **still(seed),
    }


def _grow(
    matrix: FloatArray, bad: BoolArray, settings: Settings, trees: int, step: Step
) -> tuple[str, FloatArray]:
    """Return the native text of a forest and the training gain of each column."""
    grower = Grower(Rows(matrix, bad, settings), settings)
    for _ in range(trees):
        grower.grow()
        step.advance()
    text = say_log_odds(grower.text(), float(bad.mean()), pull=PULL)
    return text, grower.gain(matrix.shape[1])


technique: Technique = RandomForest()
