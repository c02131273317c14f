"""Logistic regression without a library: Newton's method, a faint prior, standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.models.newton import Told, descend
from solvent.models.technique import BoolArray, FloatArray, sample_rows

FAINT: Final = 1e-2
"""Precision of a prior that only keeps weights finite where one column parts all."""
NEAR: Final = 5e-10
"""Nats a row that a last step may still gain: what it leaves is of the order of its square over the
rows, and needs no further look at them."""
FIRST: Final = 10_000
"""Rows that tell where to start, where there are many more."""
FEWEST: Final = 10
"""Of either kind among them for each weight."""


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Binned:
    """Columns of few values, each row by the place of its value.

    Args:
        places: Shape (n, k).
        values: Finite, of each column by place, shape (k, most places).
        bad: Both kinds occur, shape (n,).
    """

    places: NDArray[np.int16]
    values: FloatArray
    bad: BoolArray

    def sums(self, weights: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return minus the log-likelihood, and its first and second derivative.

        Args:
            weights: The intercept first, shape (k + 1,).
        """
        from solvent.models._card_kernel import sum_curve  # numba takes a while to import

        gradient, upper = np.zeros(len(weights)), np.zeros((len(weights), len(weights)))
        loss = sum_curve(self.places, self.values, weights, self.bad, (gradient, upper))
        return loss, gradient, np.triu(upper) + np.triu(upper, 1).T

    def alike(self) -> FloatArray:
        """Return the correlations of the columns, shape (k, k); 0 of one that is constant."""
        moments = self.sums(np.zeros(self.places.shape[1] + 1))[2]  # where all rows weigh the same
        moments /= moments[0, 0]
        means = moments[0, 1:]
        spread = moments[1:, 1:] - np.outer(means, means)
        deviation = np.sqrt(np.maximum(np.diag(spread), 0.0))
        deviation[deviation == 0.0] = np.inf
        found: FloatArray = spread / np.outer(deviation, deviation)
        return found

    def take(self, rows: NDArray[np.int64]) -> Binned:
        """Return some of its rows."""
        return Binned(places=self.places[rows], values=self.values, bad=self.bad[rows])


def fit_curve(
    rows: Binned, *, towards: float = 0.0, precision: float = FAINT,
    start: FloatArray | None = None,
) -> Curve:  # fmt: skip
    """Fit the weights that the outcomes and a prior favour.

    Args:
        rows: What to learn from.
        towards: Mean of the prior of every column's weight.
        precision: One over its variance, > 0.
        start: Weights near the result; None where none are known.

    Raises:
        TrainingError: As `descend`.

    Source: iteratively reweighted least squares; tests compare with scikit-learn.
    """
    k = rows.places.shape[1]
    tight, mean = np.append(0.0, np.full(k, precision)), np.append(0.0, np.full(k, towards))

    def told(weights: FloatArray) -> Told:
        loss, gradient, second = rows.sums(weights)
        off = weights - mean
        return (
            loss + 0.5 * float(tight @ off**2), gradient + tight * off, second + np.diag(tight)
        )  # fmt: skip

    at = _start(rows, mean, precision) if start is None else start
    weights, second = descend(told, at, close=NEAR * len(rows.bad))
    return Curve(weights=weights, precision=second)


def _start(rows: Binned, mean: FloatArray, precision: float) -> FloatArray:
    """Return weights to start from: those of some rows, where they are a small part."""
    n = len(rows.bad)
    if n > 4 * FIRST:
        few = rows.take(sample_rows(n, FIRST))
        bads = int(few.bad.sum())
        if min(bads, len(few.bad) - bads) >= FEWEST * len(mean):
            return fit_curve(few, towards=float(mean[-1]), precision=precision).weights
    weights, rate = mean.copy(), float(rows.bad.mean())
    weights[0] = np.log(rate / (1.0 - rate))
    return weights
