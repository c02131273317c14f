"""CatBoost: symmetric trees, categories told out of fold, kept in LightGBM's native text."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from solvent.errors import TechniqueError
from solvent.models._native_text import Symmetric, write_symmetric
from solvent.models._settings import read_settings
from solvent.models.matrix import Draft
from solvent.models.rounds import best_round
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
from solvent.models.techniques.boosted_trees import plan
from solvent.progress import Progress

NAME: Final = "catboost"
MOST_ROUNDS: Final = 2000
PATIENCE: Final = 60
DEFAULTS: Final = {
    "learning_rate": 0.06, "depth": 5, "l2_leaf_reg": 10.0, "random_strength": 1.0, "columns": 0.6,
}  # fmt: skip
Learner = Any  # CatBoost ships no types; what it returns is turned into arrays at once


@dataclass(frozen=True, slots=True, kw_only=True)
class CatBoost:
    """The technique."""

    name: str = NAME
    title: str = "CatBoost"
    directed: bool = True

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning."""
        return {
            "learning_rate": Range(low=0.02, high=0.2, log=True),
            "depth": Range(low=2, high=8, whole=True),
            "l2_leaf_reg": Range(low=1.0, high=100.0, log=True),
            "random_strength": Range(low=0.1, high=10.0, log=True),
            "columns": Range(low=0.1, high=1.0),
        }

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; see `Technique.fit`.

        The model of a fold keeps as many rounds as were best for the other folds, so that no row
        says when the model that judges it stops; the final trees grow as many rounds as were best
        for all, on every row.

        Raises:
            TechniqueError: CatBoost is not installed; or a setting is unknown.
        """
        guidance, bad = training.guidance, training.bad
        told = read_settings(self, guidance.settings, DEFAULTS)
        draft = Draft.of(training.frame, bad, training.fold, plan)
        directions = draft.encoder.directions(guidance.directions)
        settings = _settings(told, directions, training.seed)
        grown, losses = [], []
        with progress.step("growing symmetric trees", training.folds + 1) as step:
            for fold in range(training.folds):
                matrix, out = draft.matrix_without(fold), draft.fold == fold
                grower = _learner(settings, MOST_ROUNDS)
                watched = {"eval_set": (matrix[out], bad[out].astype(int))}
                _grow(grower, matrix[~out], bad[~out], early_stopping_rounds=PATIENCE, **watched)
                grown.append(grower)
                losses.append(np.array(grower.evals_result_["validation"]["Logloss"]))
                step.advance()
            shares = np.bincount(training.fold) / len(bad)
            kept = [best_round(losses, shares, but=fold) for fold in range(training.folds)]
            rounds = best_round(losses, shares)
            final = _grow(_learner(settings, rounds), draft.matrix(), bad)
            step.advance()
        width = len(draft.encoder.owners)
        bag = tuple(
            TreesModel.read_text(export(one, width, kept[fold]), draft.encoder_without(fold), NAME)
            for fold, one in enumerate(grown)
        )
        model = TreesModel.read_text(export(final, width), draft.encoder, NAME)
        ranked = rank_by_gain(model, final.get_feature_importance(), training.frame)
        return Learnt(
            model=replace(model, importances=ranked), margin=out_of_fold(bag, training), bag=bag
        )


def _settings(told: Mapping[str, float], directions: list[int], seed: int) -> dict[str, Any]:
    return {
        "learning_rate": told["learning_rate"],
        "depth": int(told["depth"]),
        "l2_leaf_reg": told["l2_leaf_reg"],
        "random_strength": told["random_strength"],
        "rsm": told["columns"],
        "boosting_type": "Plain",
        "bootstrap_type": "MVS",
        "subsample": 0.8,
        "leaf_estimation_iterations": 10,  # or CatBoost takes one step where rounds are below 200
        "monotone_constraints": directions if any(directions) else None,
        "use_best_model": False,
        "random_seed": seed % 2**31,
        "thread_count": 1,
        "allow_writing_files": False,
        "verbose": False,
    }


def _grow(grower: Any, matrix: FloatArray, bad: BoolArray, **watched: object) -> Any:  # noqa: ANN401 - has no types
    """Let it learn.

    Raises:
        TechniqueError: CatBoost refuses: it does where no column varies.
    """
    from catboost import CatBoostError  # type: ignore[import-untyped]  # has none

    try:
        return grower.fit(matrix, bad.astype(int), **watched)
    except CatBoostError as error:
        raise TechniqueError(
            f"CatBoost cannot learn from this: {str(error).splitlines()[0]}",
            hint="does any feature vary?", field=NAME,
        ) from error  # fmt: skip


def _learner(settings: Mapping[str, Any], rounds: int) -> Learner:
    try:
        from catboost import CatBoostClassifier
    except ImportError as error:
        raise TechniqueError(
            "CatBoost is not installed", hint='install "solvent[catboost]"', field=NAME
        ) from error
    return CatBoostClassifier(iterations=rounds, **settings)


def export(learner: Learner, width: int, rounds: int | None = None) -> str:
    """Return the first trees of a CatBoost model in LightGBM's native text.

    Args:
        learner: Fitted; symmetric trees over numbers alone.
        width: How many columns it reads.
        rounds: How many trees; all where None.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        learner.save_model(str(path), format="json")
        document = json.loads(path.read_bytes())
    values, offset = learner.get_leaf_values(), 0
    scale, (bias,) = document["scale_and_bias"]
    trees: list[Symmetric] = []
    for tree in document["oblivious_trees"][:rounds]:
        asked, size = tree["splits"] or [], len(tree["leaf_values"])
        trees.append(
            Symmetric(
                columns=np.array([one["float_feature_index"] for one in asked], dtype=np.int64),
                borders=np.array([one["border"] for one in asked]),
                values=scale * values[offset : offset + size] + (0.0 if trees else bias),
                rows=np.array(tree["leaf_weights"], dtype=np.int64),
            )
        )
        offset += size
    return write_symmetric(trees, width)


technique: Technique = CatBoost()
