"""Log-odds as a straight line of the margin: two numbers, the simplest calibrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.models.calibrators.curve import (
    LEAST_SLOPE,
    BoolArray,
    FloatArray,
    check_margins,
)
from solvent.models.documents import Document, Json
from solvent.models.newton import fit_weights

PRIOR: Final = np.array([0.0, 1.0])
PRECISION: Final = np.array([0.01, 1.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Log-odds of bad as a straight line of the margin.

    Args:
        intercept: In log-odds.
        slope: > 0, so a higher margin is always a higher PD.
    """

    intercept: float
    slope: float

    @property
    def kind(self) -> str:
        """Its word."""
        return "line"

    def log_odds(self, margin: FloatArray) -> FloatArray:
        """Return calibrated log-odds of bad, shape (n,).

        >>> Line(intercept=0.5, slope=2.0).log_odds(np.array([0.0, 1.0])).tolist()
        [0.5, 2.5]
        """
        return self.intercept + self.slope * margin

    def spread(self, contributions: FloatArray) -> FloatArray:
        """Return contributions to the log-odds, as in `Curve.spread`."""
        found = self.slope * contributions
        found[:, -1] += self.intercept
        return found

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {"kind": self.kind, "intercept": self.intercept, "slope": self.slope}

    @classmethod
    def read(cls, document: Document) -> Line:
        """Read it back.

        Raises:
            BundleError: An entry is missing or no number.
        """
        return cls(intercept=document.number("intercept"), slope=document.number("slope"))


def fit_line(margin: FloatArray, bad: BoolArray) -> Line:
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

    Source: Cox (1958), recalibration by intercept and slope.
    """
    check_margins(margin, bad)
    design = np.column_stack([np.ones(len(margin)), margin])
    line = fit_weights(design, bad, PRIOR, PRECISION)
    if line[1] < LEAST_SLOPE:  # it would fall: hold the slope, and the level that goes with it
        held = LEAST_SLOPE * margin
        level = fit_weights(design[:, :1], bad, PRIOR[:1], PRECISION[:1], held)
        line = np.append(level, LEAST_SLOPE)
    return Line(intercept=float(line[0]), slope=float(line[1]))
