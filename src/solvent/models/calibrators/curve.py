"""What a calibrator is, and how contributions to a margin become contributions to log-odds."""

from __future__ import annotations

import math
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from solvent.errors import RangeError
from solvent.models.documents import Json
from solvent.models.folds import check_labels

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FURTHEST: Final = 30.0
LEAST_SLOPE: Final = 1e-3
NEAR: Final = 1e-9
AROUND: Final = 1e-6


class Curve(Protocol):
    """Log-odds of bad as a strictly rising function of the margin."""

    @property
    def kind(self) -> str:
        """Its word."""
        ...

    def log_odds(self, margin: FloatArray) -> FloatArray:
        """Return calibrated log-odds of bad, shape (n,)."""
        ...

    def spread(self, contributions: FloatArray) -> FloatArray:
        """Return contributions to the margin as contributions to the log-odds.

        Args:
            contributions: What each feature adds to the margin, the baseline last, (n, k + 1).

        Returns:
            The same shape; a row sums to the log-odds of its margin, and every feature keeps its
            sign and its place in the order.
        """
        ...

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        ...


def to_pd(log_odds: FloatArray) -> FloatArray:
    """Return probabilities; log-odds beyond ±30 count as ±30, so that none is 0 or 1."""
    held = np.maximum(np.minimum(log_odds, FURTHEST), -FURTHEST)  # np.clip is slow on one row
    pd: FloatArray = 1.0 / (1.0 + np.exp(-held))
    return pd


def row_losses(log_odds: FloatArray, bad: BoolArray) -> FloatArray:
    """Return the log loss of each row, shape (n,), nats."""
    found: FloatArray = np.logaddexp(0.0, np.where(bad, -log_odds, log_odds))
    return found


def to_stated_pd(log_odds: FloatArray) -> FloatArray:
    """Return probabilities as `to_pd` does, by the C library's exponential.

    numpy's own is faster and may differ in the last bit; databases use the C library's, so a card
    carried there as SQL states the same PD to the last bit.

    >>> to_stated_pd(np.array([0.0]))
    array([0.5])
    """
    held = np.maximum(np.minimum(log_odds, FURTHEST), -FURTHEST)
    odds = np.fromiter(map(math.exp, (-held).tolist()), np.float64, len(held))
    pd: FloatArray = 1.0 / (1.0 + odds)
    return pd


def spread_by_secant(curve: Curve, contributions: FloatArray) -> FloatArray:
    """Spread contributions over a bent curve: each times the mean slope from baseline to row.

    A row at margin m with baseline b moves the log-odds from g(b) to g(m). Along the straight path
    between the two every feature moves in proportion, so each is due its contribution times
    (g(m) - g(b)) / (m - b), and the baseline g(b).

    Args:
        curve: g.
        contributions: As in `Curve.spread`.

    Source: Aumann and Shapley (1974); the path integral of g over the straight path.
    """
    base = contributions[:, -1]
    path = contributions[:, :-1].sum(axis=1)
    # Where the row stands at its baseline a secant is 0 / 0: the slope just there takes its place.
    near = np.abs(path) < NEAR
    step = AROUND * np.maximum(1.0, np.abs(base))
    start = np.where(near, base - step, base)
    end = np.where(near, base + step, base + path)
    slope = (curve.log_odds(end) - curve.log_odds(start)) / (end - start)
    return np.column_stack([contributions[:, :-1] * slope[:, None], curve.log_odds(base)])


def check_margins(margin: FloatArray, bad: BoolArray) -> None:
    """Refuse what nothing can be fitted to.

    Raises:
        OneClassError: `bad` is all true or all false.
        RangeError: A margin is not finite.
        ShapeError: The lengths differ.
    """
    check_labels(bad, np.empty(margin.shape, dtype=np.int64))
    if not np.isfinite(margin).all():
        raise RangeError("must be finite", field="margin")
