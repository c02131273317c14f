"""Logistic regression without a library: Newton's method, a faint prior, standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.errors import TrainingError
from solvent.models.calibration import to_pd
from solvent.models.technique import BoolArray, FloatArray

STEPS: Final = 50
FAINT: Final = 1e-2
"""Precision of a prior that only keeps weights finite where one column parts all."""
CLOSE: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """Log-odds of bad as a weighted sum.

    Args:
        weights: The intercept and the weight of each column, shape (k + 1,).
        precision: Minus the second derivative of the log-likelihood there, shape (k + 1, k + 1).
    """

    weights: FloatArray
    precision: FloatArray

    @property
    def errors(self) -> FloatArray:
        """Standard error of each weight, shape (k + 1,)."""
        found: FloatArray = np.sqrt(np.diag(np.linalg.inv(self.precision)))
        return found


def fit_curve(
    columns: FloatArray, bad: BoolArray, *, towards: float = 0.0, precision: float = FAINT
) -> Curve:
    """Fit the weights that the outcomes and a prior favour.

    Args:
        columns: Finite, shape (n, k).
        bad: Both kinds occur, shape (n,).
        towards: Mean of the prior of every column's weight.
        precision: One over its variance, > 0.

    Raises:
        TrainingError: It does not converge.

    Source: iteratively reweighted least squares; tests compare with scikit-learn.
    """
    design = np.column_stack([np.ones(len(columns)), columns])
    tight = np.append(0.0, np.full(columns.shape[1], precision))
    mean = np.append(0.0, np.full(columns.shape[1], towards))
    weights = mean.copy()
    rate = float(bad.mean())
    weights[0] = np.log(rate / (1.0 - rate))
    loss, pd = _loss(design, bad, weights, (mean, tight))
    second = _second(design, pd, tight)
    for _ in range(STEPS):
        step = np.linalg.solve(second, design.T @ (pd - bad) + tight * (weights - mean))
        length = 1.0
        while True:
            tried = weights - length * step
            tried_loss, tried_pd = _loss(design, bad, tried, (mean, tight))
            if tried_loss <= loss + CLOSE or length < 1e-4:
                break
            length /= 2.0
        moved = float(np.abs(tried - weights).max())
        weights, pd, gained, loss = tried, tried_pd, loss - tried_loss, tried_loss
        second = _second(design, pd, tight)
        if moved < CLOSE or 0.0 <= gained < CLOSE * len(bad) * 1e-3:
            return Curve(weights=weights, precision=second)
    raise TrainingError("the logistic regression does not converge", field="scorecard")


def _loss(
    design: FloatArray, bad: BoolArray, weights: FloatArray, prior: tuple[FloatArray, FloatArray]
) -> tuple[float, FloatArray]:
    """Return minus the log of likelihood times prior, and the PDs."""
    mean, tight = prior
    pd = to_pd(design @ weights)
    loss = -float(np.log(np.where(bad, pd, 1.0 - pd)).sum())
    return loss + 0.5 * float(tight @ (weights - mean) ** 2), pd


def _second(design: FloatArray, pd: FloatArray, tight: FloatArray) -> FloatArray:
    found: FloatArray = (design.T * (pd * (1.0 - pd))) @ design + np.diag(tight)
    return found
