"""From a model's margin to a probability of default that means what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import RangeError
from solvent.models.documents import Document, Json
from solvent.models.folds import check_labels

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FURTHEST: Final = 30.0
LEAST_SLOPE: Final = 1e-3
STEPS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Log-odds of bad as a straight line of the margin.

    Args:
        intercept: In log-odds.
        slope: > 0, so a higher margin is always a higher PD.
    """

    intercept: float
    slope: float

    def log_odds(self, margin: FloatArray) -> FloatArray:
        """Return calibrated log-odds of bad, shape (n,)."""
        return self.intercept + self.slope * margin

    def pd(self, margin: FloatArray) -> FloatArray:
        """Return the probability of default, strictly inside (0, 1), shape (n,).

        >>> Calibration(intercept=0.0, slope=1.0).pd(np.array([0.0]))
        array([0.5])
        """
        return to_pd(self.log_odds(margin))

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {"kind": "line", "intercept": self.intercept, "slope": self.slope}

    @classmethod
    def read(cls, document: Document) -> Calibration:
        """Read it back.

        Raises:
            BundleError: An entry is missing or no number.
        """
        return cls(intercept=document.number("intercept"), slope=document.number("slope"))


def to_pd(log_odds: FloatArray) -> FloatArray:
    """Return probabilities; log-odds beyond ±30 count as ±30, so that none is 0 or 1."""
    pd: FloatArray = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -FURTHEST, FURTHEST)))
    return pd


def fit_calibration(margin: FloatArray, bad: BoolArray) -> Calibration:
    """Fit the line on margins of rows the model had not seen.

    The likelihood carries a faint prior, slope 1 ± 1 and intercept 0 ± 10: nothing beside a
    thousand rows, but it keeps the line finite where few rows are ranked perfectly or not at all.

    Args:
        margin: Out-of-fold log-odds, finite, shape (n,).
        bad: True where the account met the bad definition, shape (n,).

    Raises:
        OneClassError: `bad` is all true or all false.
        RangeError: A margin is not finite.
        ShapeError: The lengths differ.

    Source: Cox (1958), recalibration by intercept and slope; Newton's method.
    """
    check_labels(bad, np.empty(margin.shape, dtype=np.int64))
    if not np.isfinite(margin).all():
        raise RangeError("must be finite", field="margin")
    prior, precision = np.array([0.0, 1.0]), np.array([0.01, 1.0])
    design = np.column_stack([np.ones(len(margin)), margin])
    line = prior.copy()
    for _ in range(STEPS):
        pd = to_pd(design @ line)
        gradient = design.T @ (pd - bad) + precision * (line - prior)
        weight = np.maximum(pd * (1.0 - pd), 1e-6)
        step = np.linalg.solve((design.T * weight) @ design + np.diag(precision), gradient)
        line -= step * min(1.0, 4.0 / max(float(np.abs(step).max()), 1e-300))
        if float(np.abs(step).max()) < 1e-10:
            break
    return Calibration(intercept=float(line[0]), slope=max(float(line[1]), LEAST_SLOPE))
