"""Boosted trees: LightGBM, held back, stopped on log loss, categories told out of fold.

The model is the mean of the folds' models: steadier than trees grown once more on every row, and
quicker to learn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from solvent.features import CategoryColumn
from solvent.models._boosting import Grower, Rows, Settings
from solvent.models._native_text import add_up
from solvent.models._settings import read_settings
from solvent.models.bags import Spread, ask, bag_spread, fold_of_asked
from solvent.models.matrix import Draft, Encoder
from solvent.models.plans import AnyColumn, Plain, Plan
from solvent.models.rounds import best_round
from solvent.models.scorers.blend import BlendModel, Part
from solvent.models.scorers.trees import TreesModel
from solvent.models.technique import (
    BoolArray,
    FloatArray,
    Learnt,
    Range,
    Technique,
    Training,
    out_of_fold,
    rank_importances,
    sample_rows,
)
from solvent.progress import Progress

NAME: Final = "boosted_trees"
MOST_ROUNDS: Final = 3000
PATIENCE: Final = 1.8
"""How far trees grow past the best round before they stop: rounds times the learning rate."""
FEWEST_MORE: Final = 15
MOST_MORE: Final = 60
NAMES: Final = {
    "leaves": "num_leaves", "leaf_rows": "min_data_in_leaf", "columns": "feature_fraction",
    "rows": "bagging_fraction", "lambda_l2": "lambda_l2", "learning_rate": "learning_rate",
}  # fmt: skip
"""Ours and LightGBM's names of the settings worth tuning."""
FEW_ROWS: Final = 10_000
MANY_ROWS: Final = 50_000
EXPLAINED_ROWS: Final = 200
"""Enough to tell a direction; Shapley values of more would cost as much as growing the trees."""
HUGE: Final = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostedTrees:
    """The technique."""

    name: str = NAME
    title: str = "boosted trees"
    directed: bool = True

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning."""
        return {
            "leaves": Range(low=4, high=64, whole=True, log=True),
            "leaf_rows": Range(low=10, high=400, whole=True, log=True),
            "columns": Range(low=0.1, high=1.0),
            "rows": Range(low=0.5, high=0.95),
            "lambda_l2": Range(low=0.1, high=100.0, log=True),
            "learning_rate": Range(low=0.01, high=0.2, log=True),
        }

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; see `Technique.fit`.

        The folds grow in step. Each keeps as many rounds as were best for the other folds, so that
        no row says when the model that judges it stops; the model is their mean, made as bold as
        each was out of fold.
        """
        frame, bad = training.frame, training.bad
        draft = Draft.of(frame, bad, training.fold, plan)
        guidance = training.guidance
        settings = choose_settings(*draft.fixed.shape, seed=training.seed)
        told = read_settings(self, guidance.settings, {})
        settings = settings | {NAMES[name]: _plain(value) for name, value in told.items()}
        patience = _patience(float(settings["learning_rate"]))
        settings |= one_sided(draft.encoder, guidance.directions)
        growers = _start_folds(draft, bad, settings)
        shares = np.bincount(training.fold) / len(bad)
        losses = _grow(growers, shares, patience, progress)
        rounds = [best_round(losses, shares, but=fold) for fold in range(training.folds)]
        bag = tuple(
            TreesModel.read_text(grower.text(rounds[fold]), draft.encoder_without(fold), NAME)
            for fold, grower in enumerate(growers)
        )
        model = _mean(bag, draft, bag_spread(ask(bag, training), fold_of_asked(training)))
        width = len(draft.encoder.owners)
        gain = np.sum(
            [grower.gain(width, kept) for grower, kept in zip(growers, rounds, strict=True)], axis=0
        )
        some = frame.take(sample_rows(frame.rows, EXPLAINED_ROWS))
        ranked = rank_importances(
            draft.encoder.sum_by_feature(gain[None, :])[0], some,
            model.contributions(some)[:, :-1],
        )  # fmt: skip
        return Learnt(
            model=replace(model, importances=ranked), margin=out_of_fold(bag, training), bag=bag
        )


def _mean(bag: Sequence[TreesModel], draft: Draft, spread: Spread) -> TreesModel | BlendModel:
    """Return the mean of a bag: one booster where its encoders are the same."""
    part = spread.factor / len(bag)
    if not draft.heard:
        text = add_up([one.text for one in bag], factor=part, shift=spread.shift)
        return TreesModel.read_text(text, draft.encoder, NAME)
    return BlendModel(
        technique=NAME, intercept=spread.shift, features=draft.encoder.features,
        parts=tuple(Part(weight=part, model=one) for one in bag),
    )  # fmt: skip


def plan(column: AnyColumn) -> Plan | None:
    """Return how a column is encoded: numbers as they are, categories by evidence."""
    return None if isinstance(column, CategoryColumn) else Plain(name=column.name)


def choose_settings(rows: int, width: int, *, seed: int) -> dict[str, str | int | float | bool]:
    """Return LightGBM's settings for a matrix of this size.

    A leaf needs more rows where there are more, a tree is offered a smaller part of many columns
    and a split half of these. Fewer rows need fewer bins, which cost time in every node. The
    learning rate is higher where rows are few, as the mean of the folds makes up for it, and where
    a matrix is huge, so that it does not take hours.
    """
    return {
        "learning_rate": 0.06 if rows >= FEW_ROWS and rows * width < HUGE else 0.1,
        "num_leaves": 15,
        "min_data_in_leaf": min(max(rows // 200, 10), 100),
        "feature_fraction": 0.8 if width <= 60 else max(0.3, 48.0 / width),
        "feature_fraction_bynode": 0.5,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 10.0,
        **still(seed),
        "max_bin": 63 if rows < MANY_ROWS else 255,
    }


def still(seed: int) -> dict[str, str | int | float | bool]:
    """Return LightGBM's settings under which it gives the same bits each time, and says nothing."""
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "max_bin": 255,
        "feature_pre_filter": False,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": seed % 2**31,
        "verbosity": -1,
    }


def one_sided(encoder: Encoder, declared: Mapping[str, int]) -> dict[str, str]:
    """Return LightGBM's settings that hold declared directions; none where none is declared."""
    directions = encoder.directions(declared)
    if not any(directions):
        return {}
    return {"monotone_constraints": ",".join(map(str, directions))}


def _patience(learning_rate: float) -> int:
    """Return after how many rounds without a better one trees stop growing."""
    return int(np.clip(round(PATIENCE / learning_rate), FEWEST_MORE, MOST_MORE))


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value


def _start_folds(draft: Draft, bad: BoolArray, settings: Settings) -> list[Grower]:
    """Return for each fold a booster that learns from the others and is watched on the fold."""
    growers = []
    for fold in range(int(draft.fold.max()) + 1):
        matrix, out = draft.matrix_without(fold), draft.fold == fold
        train = Rows(matrix[~out], bad[~out], settings)
        growers.append(Grower(train, settings, Rows(matrix[out], bad[out], settings, train)))
    return growers


def _grow(
    growers: list[Grower], shares: FloatArray, patience: int, progress: Progress
) -> list[FloatArray]:
    """Grow every fold in step until their mean log loss has not improved for a while.

    Returns:
        The log loss of each fold's rows after each round.
    """
    losses: list[list[float]] = []
    best, best_loss = 1, np.inf
    with progress.step("growing trees, fold by fold") as step:
        for number in range(1, MOST_ROUNDS + 1):
            grew = [grower.grow() for grower in growers]
            losses.append([grower.log_loss() for grower in growers])
            loss = float(shares @ losses[-1])
            step.advance()
            if loss < best_loss:
                best, best_loss = number, loss
            if number - best >= patience or not any(grew):
                break
    return list(np.array(losses).T)


technique: Technique = BoostedTrees()
