"""Logistic regression without a library: weights under a faint prior, and their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.models.calibration import to_pd
from solvent.models.newton import fit_weights, second_derivative
from solvent.models.technique import BoolArray, FloatArray

FAINT: Final = 1e-2
"""Precision of a prior that only keeps weights finite where one column parts all."""


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
        TrainingError: It does not converge; as `fit_weights`.
    """
    design = np.column_stack([np.ones(len(columns)), columns])
    tight = np.append(0.0, np.full(columns.shape[1], precision))
    mean = np.append(0.0, np.full(columns.shape[1], towards))
    weights = mean.copy()
    start, rate = mean.copy(), float(bad.mean())
    start[0] = np.log(rate / (1.0 - rate))
    weights = fit_weights(design, bad, mean, tight, start=start)
    pd = to_pd(design @ weights)
    return Curve(weights=weights, precision=second_derivative(design, pd, tight))
