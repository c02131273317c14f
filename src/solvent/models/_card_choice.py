"""Which characteristics go on a card: forward by log loss, each of the right sign and significant.

The likelihood of the regression on all candidates is a parabola near its top. On the parabola the
best weights of any subset are the solution of a small linear system, so hundreds of subsets are
tried without going back to the rows.

Source: Wang and Leng (2007), unified estimation by least squares approximation.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from solvent.models.irls import Binned, fit_curve
from solvent.models.technique import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a card must satisfy.

    Args:
        most: Most characteristics.
        z: Least coefficient in standard errors.
        inflated: Largest variance inflation factor.
        kept: Places of the candidates that must be on it.
    """

    most: int
    z: float
    inflated: float
    kept: tuple[int, ...] = ()


def least_z(significance: float) -> float:
    """Return how many standard errors a two-sided p-value is, 0 where all are allowed.

    >>> round(least_z(0.05), 2), round(least_z(1e-20), 2)
    (1.96, 9.34)
    """
    return -NormalDist().inv_cdf(significance / 2.0) + 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parabola:
    """The log-likelihood near its top.

    Args:
        precision: Minus its second derivative, the intercept first, shape (k + 1, k + 1).
        pull: Precision times the best weights, shape (k + 1,).
        alike: Correlations of the candidates, shape (k, k).
    """

    precision: FloatArray
    pull: FloatArray
    alike: FloatArray

    @classmethod
    def of(cls, rows: Binned, alike: FloatArray, worth: float = 1.0) -> Parabola:
        """Fit all candidates at once.

        Args:
            rows: Minus woe, so that weights are to be positive; k candidates.
            alike: Their correlations, shape (k, k).
            worth: Rows that each of these stands for.
        """
        curve = fit_curve(rows)
        precision = curve.precision * worth
        return cls(precision=precision, pull=precision @ curve.weights, alike=alike)

    def weights(self, chosen: tuple[int, ...]) -> FloatArray:
        """Return the best weights of some candidates, the intercept first."""
        at = np.array((0, *(place + 1 for place in chosen)))
        return np.linalg.solve(self.precision[np.ix_(at, at)], self.pull[at])


def unlike(alike: FloatArray, worth: FloatArray, most: float, kept: tuple[int, ...]) -> IntArray:
    """Return the candidates left when of two that are alike the one worth less is dropped.

    Args:
        alike: Their correlations, shape (k, k).
        worth: IV of each, shape (k,).
        most: Largest correlation.
        kept: Candidates that are not dropped.
    """
    order = sorted(range(len(worth)), key=lambda place: (place not in kept, -worth[place], place))
    left: list[int] = []
    for place in order:
        if place in kept or not left or np.abs(alike[place, left]).max() <= most:
            left.append(place)
    return np.array(sorted(left), dtype=np.int64)


def grow(parabola: Parabola, limits: Limits) -> tuple[tuple[int, ...], ...]:
    """Return the candidates chosen, one more each time; the kept ones are there from the start.

    A candidate may join where afterwards every weight is positive and significant, and no variance
    is inflated; of those the one that raises the likelihood most does.
    """
    chosen = limits.kept
    found = [chosen]
    while len(chosen) < limits.most:
        rest = np.array([j for j in range(len(parabola.alike)) if j not in chosen], dtype=np.int64)
        if not len(rest):
            break
        gains = _gains(parabola, chosen, rest, limits)
        best = int(np.argmax(gains))
        if gains[best] == -np.inf:
            break
        chosen = (*chosen, int(rest[best]))
        found.append(chosen)
    return tuple(found)


def _gains(
    parabola: Parabola, chosen: tuple[int, ...], rest: IntArray, limits: Limits
) -> FloatArray:
    """Return the log-likelihood with each further candidate; -inf where it may not join."""
    old = np.tile(np.array(chosen, dtype=np.int64), (len(rest), 1))
    sets = np.column_stack([old, rest])
    at = np.column_stack([np.zeros(len(rest), dtype=np.int64), sets + 1])
    precision = parabola.precision[at[:, :, None], at[:, None, :]]
    pull = parabola.pull[at]
    covariance = np.linalg.pinv(precision, hermitian=True)
    weights = (covariance @ pull[:, :, None])[:, :, 0]
    errors = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 1e-300))
    z = (weights / errors)[:, 1:]
    least = np.full(z.shape[1], limits.z)
    least[: len(limits.kept)] = 0.0
    alike = parabola.alike[sets[:, :, None], sets[:, None, :]]
    factors = np.diagonal(np.linalg.pinv(alike, hermitian=True), axis1=1, axis2=2)
    inflated = factors[:, len(limits.kept) :].max(axis=1)  # what is kept by hand stays in any case
    allowed = (z >= least).all(axis=1) & (inflated <= limits.inflated)
    return np.where(allowed, 0.5 * (weights * pull).sum(axis=1), -np.inf)
