"""A trained model: what was learnt, calibrated on what it had not seen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from solvent.features import FeatureFrame
from solvent.models.calibration import Calibration, Trial, choose_calibration, to_pd
from solvent.models.calibrators import FITS
from solvent.models.contender import Contender
from solvent.models.finding import find_technique
from solvent.models.selected import Selected
from solvent.models.technique import (
    BoolArray,
    FittedModel,
    FloatArray,
    Importance,
    IntArray,
    Learnt,
    Technique,
    Training,
    require_directed,
    require_margins,
    start_training,
)
from solvent.progress import Progress

ADDED_BY_HAND: Final = ("card",)
"""Native forms whose parts are added by hand: they add up under a straight line alone."""
STRAIGHT: Final = ("line",)


def _nothing() -> FloatArray:
    return np.empty(0, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedModel:
    """A model and its calibration.

    Args:
        model: Gives margins.
        calibration: From margin to PD.
        out_of_fold: PD of each training row by models that had not seen its customer, shape (n,);
            empty in a model read from a bundle.
        selected: How its features were selected; None where all were kept, and in a model read
            from a bundle (`load_selection` reads it).
        trials: How each kind of calibrator did; empty in a model read from a bundle.
        contest: The techniques that were tried on the way to it; empty where it was the only one,
            and in a model read from a bundle.
    """

    model: FittedModel
    calibration: Calibration
    out_of_fold: FloatArray = field(default_factory=_nothing)
    selected: Selected | None = None
    trials: tuple[Trial, ...] = ()
    contest: tuple[Contender, ...] = ()

    @property
    def technique(self) -> str:
        """The name of its technique."""
        return self.model.technique

    @property
    def features(self) -> tuple[str, ...]:
        """The features it reads, in the order of `contributions`."""
        return self.model.features

    def pd(self, frame: FeatureFrame) -> FloatArray:
        """Return the probability of default, strictly inside (0, 1), shape (n,).

        Raises:
            DataError: A feature is missing, of the wrong kind, or infinite.
        """
        return self.calibration.pd(self._margin(frame))

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return calibrated log-odds of bad, shape (n,).

        Raises:
            DataError: As `pd`.
        """
        return self.calibration.log_odds(self._margin(frame))

    def _margin(self, frame: FeatureFrame) -> FloatArray:
        margin = self.model.margin(frame)
        require_margins(margin, range(frame.rows), self.technique)
        return margin

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return what each feature adds to the calibrated log-odds, and last the baseline.

        Returns:
            Shape (n, k + 1), positive is riskier; a row's values sum to its `margin`.

        Raises:
            DataError: As `pd`.
        """
        return self.calibration.contributions(self.model.contributions(frame))

    def importance(self) -> tuple[Importance, ...]:
        """Return how much it leans on each feature, most first."""
        return self.model.importance()


def train_model(
    frame: FeatureFrame,
    bad: BoolArray,
    *,
    groups: IntArray,
    technique: str,
    seed: int,
    progress: Progress,
) -> TrainedModel:
    """Train and calibrate a technique that comes with solvent, told nothing beside the rows.

    Args:
        frame, bad, groups, seed: As in `Training`.
        technique: Its name.
        progress: Told how far it is.

    Raises:
        TechniqueError: The technique is unknown or not installed.
        OneClassError: `bad` is all true or all false.
        TrainingError: One customer holds every bad or every good; or the seed is negative.
        ShapeError: The lengths differ.
        DataError: There is no feature, or a number is infinite.
    """
    learner = find_technique(technique)
    training = start_training(frame, bad, groups=groups, seed=seed)
    return fit_model(training, learner, progress=progress)


def fit_model(training: Training, technique: Technique, *, progress: Progress) -> TrainedModel:
    """Train and calibrate; the same training and technique give the same model, bit for bit.

    Args:
        training: What to learn from.
        technique: How.
        progress: Told how far it is.

    Raises:
        TechniqueError: A library it needs is not installed, or it is not held to directions that
            are declared.
        DataError: There is no feature, or a number is infinite.
    """
    require_directed(technique, training)
    return calibrate(technique.fit(training, progress=progress), training)


def calibrate(learnt: Learnt, training: Training) -> TrainedModel:
    """Calibrate what was learnt on what it had not seen.

    The out-of-fold PDs come of the one calibrator that is kept, fitted on all of their margins: a
    cutoff chosen on them means the same for a new application.

    Args:
        learnt: What a technique gave.
        training: What it learnt from.

    Raises:
        TechniqueError: Its margins are not a finite number for each row.
    """
    require_margins(learnt.margin, training.bad, learnt.model.technique)
    calibration, trials = choose_calibration(
        learnt.margin, training.bad, training.fold, training.groups,
        kinds=STRAIGHT if learnt.model.scorer in ADDED_BY_HAND else tuple(FITS),
    )  # fmt: skip
    return TrainedModel(
        model=learnt.model, calibration=calibration, trials=trials, contest=learnt.contest,
        out_of_fold=calibration.pd(learnt.margin),
    )  # fmt: skip


def at_central_tendency(trained: TrainedModel, mean_pd: float) -> TrainedModel:
    """Shift a model's log-odds so that the mean PD of what it learnt from is a stated one.

    Args:
        trained: With its out-of-fold PDs.
        mean_pd: The long-run bad rate of the portfolio, strictly inside (0, 1).

    Raises:
        RangeError: The mean is no such share.
    """
    shifted = trained.calibration.at(trained.out_of_fold, mean_pd)
    log_odds = np.log(trained.out_of_fold) - np.log1p(-trained.out_of_fold)
    moved = to_pd(log_odds + (shifted.shift - trained.calibration.shift))
    return replace(trained, calibration=shifted, out_of_fold=moved)
