"""A quick model of some features, to see what they tell together: out-of-fold PDs, nothing kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.features import FeatureFrame
from solvent.models._boosting import Grower, Rows, Settings
from solvent.models._lightgbm import Trees
from solvent.models.folds import deal_folds
from solvent.models.matrix import Draft
from solvent.models.technique import BoolArray, FloatArray, IntArray
from solvent.models.techniques.boosted_trees import choose_settings, plan

MOST_ROUNDS: Final = 400
PATIENCE: Final = 15
LEARNING_RATE: Final = 0.1
LEAVES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuickFit:
    """What some features tell together.

    Attributes:
        pd: Each row's PD by trees that had not seen its customer, in (0, 1), not calibrated,
            shape (n,).
        gain: Each feature's share of the training gain in each fold, shape (folds, features).
    """

    pd: FloatArray
    gain: FloatArray


def fit_quickly(frame: FeatureFrame, bad: BoolArray, *, groups: IntArray, seed: int) -> QuickFit:
    """Grow boosted trees fold by fold, fast and without a final model.

    Args:
        frame: Features, n rows.
        bad: True where the account met the bad definition, shape (n,).
        groups: The customer of each row, shape (n,): one customer's rows share a fold.
        seed: Of everything random, >= 0; the same seed deals the same folds.

    Raises:
        OneClassError, TrainingError, DataError, ShapeError: As `Technique.fit`.
    """
    fold = deal_folds(bad, groups, seed=seed)
    draft = Draft.of(frame, bad, fold, plan)
    settings = {
        **choose_settings(*draft.fixed.shape, seed=seed),
        "learning_rate": LEARNING_RATE, "num_leaves": LEAVES, "max_bin": 63,
    }  # fmt: skip
    pd, gains = np.empty(len(bad)), []
    for held in range(int(fold.max()) + 1):
        out = fold == held
        pd[out], gain = _one_fold(draft.matrix_without(held), bad, out, settings)
        by_feature = draft.encoder.sum_by_feature(gain[None, :])[0]
        gains.append(by_feature / max(float(by_feature.sum()), 1e-12))
    return QuickFit(pd=pd, gain=np.array(gains))


def _one_fold(
    matrix: FloatArray, bad: BoolArray, out: BoolArray, settings: Settings
) -> tuple[FloatArray, FloatArray]:
    """Return the PDs of the rows held out, and the gain of every matrix column."""
    train = Rows(matrix[~out], bad[~out], settings)
    grower = Grower(train, settings, Rows(matrix[out], bad[out], settings, train))
    best, best_loss = 1, np.inf
    for number in range(1, MOST_ROUNDS + 1):
        grew, loss = grower.grow(), grower.log_loss()
        if loss < best_loss:
            best, best_loss = number, loss
        if number - best >= PATIENCE or not grew:
            break
    margin = Trees.from_text(grower.text(best)).margin(matrix[out])
    pd: FloatArray = 1.0 / (1.0 + np.exp(-margin))
    return pd, grower.gain(matrix.shape[1], best)
