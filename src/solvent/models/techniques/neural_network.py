"""A neural network: numbers in pieces, one smooth hidden layer, stopped on log loss out of fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from solvent.features import FeatureFrame, NumberColumn
from solvent.metrics import log_loss
from solvent.models._descent import Columns, Habits, Lesson, Pupils
from solvent.models._settings import read_settings
from solvent.models.calibration import to_pd
from solvent.models.levels import Levels
from solvent.models.matrix import Draft
from solvent.models.plans import FEW_LEVELS, AnyColumn, OneHot, Pieces, Plan, Scored
from solvent.models.scorers.network import Network, NetworkModel
from solvent.models.technique import (
    BoolArray,
    IntArray,
    Learnt,
    Range,
    Settings,
    Technique,
    Training,
    importances_of,
    out_of_fold,
    sample_rows,
)
from solvent.progress import Progress

NAME: Final = "neural_network"
DEFAULTS: Final = {"hidden": 32, "rate": 1e-3, "decay": 0.1, "blanked": 0.2, "dropout": 0.2}
NETWORKS: Final = 4
MOST_ROUNDS: Final = 60
PATIENCE: Final = 5
BENDS: Final = 7
MOST_COLUMNS: Final = 600
MOST_CELLS: Final = 100_000_000
ROUND: Final = 30_000
WATCHED: Final = 20_000
"""Rows of each fold, at most, on which log loss is watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeuralNetwork:
    """The technique."""

    name: str = NAME
    title: str = "neural network"
    directed: bool = False

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning."""
        return {
            "hidden": Range(low=8, high=64, whole=True, log=True),
            "rate": Range(low=2e-4, high=3e-3, log=True),
            "decay": Range(low=1e-3, high=0.3, log=True),
            "blanked": Range(low=0.0, high=0.5),
            "dropout": Range(low=0.0, high=0.5),
        }

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; see `Technique.fit`.

        The folds learn in step and stop together, where their log loss on what they do not learn
        from was best; the final networks learn that many rounds from every row.

        Raises:
            TechniqueError: JAX is not installed, or a setting is unknown.
        """
        frame, bad = training.frame, training.bad
        draft = Draft.of(frame, bad, training.fold, choose_plan(frame))
        told = read_settings(self, training.guidance.settings, DEFAULTS)
        habits = choose_habits(len(bad), told)
        columns = Columns.of(draft.fixed)
        rounds, networks = _learn_folds(draft, columns, training, habits, progress)
        bag = tuple(
            NetworkModel(technique=NAME, network=network, encoder=draft.encoder_without(fold))
            for fold, network in enumerate(networks)
        )
        final = Pupils(_lesson(draft, columns, bad, None), habits, training.seed)
        with progress.step("teaching the final networks", rounds) as step:
            for _ in range(rounds):
                final.learn()
                step.advance()
        model = NetworkModel(technique=NAME, network=final.network(), encoder=draft.encoder)
        return Learnt(
            model=replace(model, importances=importances_of(model, frame)),
            margin=out_of_fold(bag, training), bag=bag,
        )  # fmt: skip


def choose_plan(frame: FeatureFrame) -> Callable[[AnyColumn], Plan | None]:
    """Return how columns are encoded: pieces, ones and zeros, or evidence.

    Numbers get fewer pieces where there are many, or many rows, so that large frames stay quick
    and small.
    """
    count = max(1, sum(isinstance(column, NumberColumn) for column in frame))
    most = min(MOST_COLUMNS, MOST_CELLS // max(frame.rows, 1))
    bends = max(0, min(BENDS, most // count - 1))

    def plan(column: AnyColumn) -> Plan | None:
        if isinstance(column, NumberColumn):
            return Pieces(scored=Scored.learn(column, bends))
        levels = Levels.seen(column)
        return OneHot(name=column.name, levels=levels) if len(levels) <= FEW_LEVELS else None

    return plan


def choose_habits(rows: int, told: Settings) -> Habits:
    """Return how to learn from so many rows: small steps where they are few."""
    return Habits(
        networks=NETWORKS, hidden=int(told["hidden"]), batch=int(np.clip(rows // 50, 64, 256)),
        most_rows=ROUND, rate=told["rate"], decay=told["decay"], blanked=told["blanked"],
        dropout=told["dropout"],
    )  # fmt: skip


def _learn_folds(
    draft: Draft, columns: Columns, training: Training, habits: Habits, progress: Progress
) -> tuple[int, list[Network]]:
    """Return after how many rounds log loss was best, and each fold's network of that round."""
    bad, fold = training.bad, training.fold
    pupils = [
        Pupils(_lesson(draft, columns, bad, held), habits, training.seed + held + 1)
        for held in range(training.folds)
    ]
    watched = [_some(np.flatnonzero(fold == held)) for held in range(training.folds)]
    truth = bad[np.concatenate(watched)]
    best, best_loss, found = 0, np.inf, []
    with progress.step("teaching networks, fold by fold") as step:
        for number in range(1, MOST_ROUNDS + 1):
            for pupil in pupils:
                pupil.learn()
            said = [pupil.margin(rows) for pupil, rows in zip(pupils, watched, strict=True)]
            step.advance()
            loss = log_loss(to_pd(np.concatenate(said)), truth)
            if loss < best_loss:
                best, best_loss, found = number, loss, [one.network() for one in pupils]
            if number - best >= PATIENCE:
                break
    return best, found


def _some(rows: IntArray) -> IntArray:
    """Return rows enough to tell when to stop."""
    return rows[sample_rows(len(rows), WATCHED)]


def _lesson(draft: Draft, columns: Columns, bad: BoolArray, held: int | None) -> Lesson:
    """Return what is learnt without a fold, or from every row."""
    rows = np.arange(len(bad)) if held is None else np.flatnonzero(draft.fold != held)
    told = draft.told() if held is None else draft.told_without(held)
    return Lesson(columns=columns, told_at=draft.heard_at, told=told, bad=bad, rows=rows)


technique: Technique = NeuralNetwork()
