"""Beta calibration: a line that may bend once, steeper or flatter among the safe than the risky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.models.calibrators.curve import (
    LEAST_SLOPE,
    BoolArray,
    FloatArray,
    check_margins,
    spread_by_secant,
)
from solvent.models.documents import Document, Json
from solvent.models.newton import fit_weights

PRIOR: Final = np.array([0.0, 1.0, 1.0])
PRECISION: Final = np.array([0.01, 1.0, 1.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Beta:
    """Log-odds c + a·ln q − b·ln(1 − q), where q is the sigmoid of the margin.

    Far below zero it is a line of slope a, far above one of slope b; with a = b = 1 and c = 0 it
    leaves margins as they are.

    Args:
        a: Slope among the safe, > 0.
        b: Slope among the risky, > 0.
        c: In log-odds.
    """

    a: float
    b: float
    c: float

    @property
    def kind(self) -> str:
        """Its word."""
        return "beta"

    def log_odds(self, margin: FloatArray) -> FloatArray:
        """Return calibrated log-odds of bad, shape (n,).

        >>> Beta(a=1.0, b=1.0, c=0.5).log_odds(np.array([-2.0, 3.0])).round(9).tolist()
        [-1.5, 3.5]
        """
        found: FloatArray = _design(margin) @ np.array([self.c, self.a, self.b])
        return found

    def spread(self, contributions: FloatArray) -> FloatArray:
        """Return contributions to the log-odds, as in `Curve.spread`."""
        return spread_by_secant(self, contributions)

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {"kind": self.kind, "a": self.a, "b": self.b, "c": self.c}

    @classmethod
    def read(cls, document: Document) -> Beta:
        """Read it back.

        Raises:
            BundleError: An entry is missing or no number.
        """
        return cls(a=document.number("a"), b=document.number("b"), c=document.number("c"))


def fit_beta(margin: FloatArray, bad: BoolArray) -> Beta:
    """Fit it on margins of rows the model had not seen; priors as in `fit_line`, for either slope.

    Args:
        margin, bad: As in `fit_line`.

    Raises:
        OneClassError, RangeError, ShapeError: As `fit_line`.

    Source: Kull, Silva Filho and Flach (2017), Beta calibration; tests compare with SciPy.
    """
    check_margins(margin, bad)
    design = _design(margin)
    found = _fit(design, bad, held=())
    if min(found[1:]) < LEAST_SLOPE:  # a slope would fall: hold one or both at the least
        tried = [_fit(design, bad, held=held) for held in ((1,), (2,), (1, 2))]
        rising = [weights for weights in tried if min(weights[1:]) >= LEAST_SLOPE]
        found = min(rising, key=lambda weights: _loss(weights, design, bad))
    return Beta(a=float(found[1]), b=float(found[2]), c=float(found[0]))


def _fit(design: FloatArray, bad: BoolArray, *, held: tuple[int, ...]) -> FloatArray:
    """Return c, a and b, some of them held at the least slope."""
    weights, free = PRIOR.copy(), np.isin(np.arange(3), held, invert=True)
    weights[~free] = LEAST_SLOPE
    offset = design[:, ~free] @ weights[~free]
    weights[free] = fit_weights(design[:, free], bad, PRIOR[free], PRECISION[free], offset)
    return weights


def _loss(weights: FloatArray, design: FloatArray, bad: BoolArray) -> float:
    log_odds = design @ weights
    faint = PRECISION @ (weights - PRIOR) ** 2 / 2.0
    return float(np.logaddexp(0.0, np.where(bad, -log_odds, log_odds)).sum() + faint)


def _design(margin: FloatArray) -> FloatArray:
    """Return 1, ln q and −ln(1 − q) of each margin, shape (n, 3)."""
    return np.column_stack(
        [np.ones(len(margin)), -np.logaddexp(0.0, -margin), np.logaddexp(0.0, margin)]
    )
