"""The likeliest weights of a logistic regression with a prior, by Newton's method."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import TrainingError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

STEPS: Final = 200
SHORTEST: Final = 1e-18
CLOSE: Final = 1e-12
"""Nats a row that a last step may still gain; the step is then taken."""
FURTHEST: Final = 700.0
"""Log-odds beyond which an exponential overflows."""


def fit_weights(
    design: FloatArray,
    bad: BoolArray,
    prior: FloatArray,
    precision: FloatArray,
    offset: FloatArray | float = 0.0,
    start: FloatArray | None = None,
) -> FloatArray:
    """Return the weights at which likelihood times prior is highest.

    Steps are halved until the loss falls, so that the one best point is reached whatever the scale
    of the columns.

    Args:
        design: Columns, finite, shape (n, k).
        bad: Labels of both kinds, shape (n,).
        prior: Mean of the prior of each weight, shape (k,).
        precision: One over its variance, >= 0; above 0 where the labels alone give no finite
            weight. Shape (k,).
        offset: Log-odds that stand, shape (n,) or one number.
        start: Where the search starts, shape (k,); None for zero, where every row tells something.

    Raises:
        TrainingError: It does not converge, or columns without a prior say the same.

    Source: Newton's method with a line search (Boyd and Vandenberghe 2004, 9.5); tests compare
    with scikit-learn and SciPy.

    >>> design, bad = np.ones((4, 1)), np.array([True, False, False, False])
    >>> fit_weights(design, bad, np.zeros(1), np.zeros(1)).round(9).tolist()  # ln(1 / 3)
    [-1.098612289]
    """
    weights = np.zeros(design.shape[1]) if start is None else start
    log_odds = offset + design @ weights
    loss = _loss(log_odds, bad, weights - prior, precision)
    for _ in range(STEPS):
        pd = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -FURTHEST, FURTHEST)))
        gradient = design.T @ (pd - bad) + precision * (weights - prior)
        step = _solve(second_derivative(design, pd, precision), gradient)
        gain = float(gradient @ step)
        if gain <= 2.0 * CLOSE * len(bad):
            return weights - step
        length = 1.0
        while True:
            tried = weights - length * step
            log_odds = offset + design @ tried
            reached = _loss(log_odds, bad, tried - prior, precision)
            enough = reached <= loss - 1e-4 * length * gain + 1e-12 * loss
            if enough or length < SHORTEST:
                break
            length /= 2.0
        weights, loss = tried, reached
    raise TrainingError(
        "the logistic regression does not converge",
        hint="look for columns that say the same, or values many orders of magnitude apart",
        field="weights",
    )


def second_derivative(design: FloatArray, pd: FloatArray, precision: FloatArray) -> FloatArray:
    """Return that of the loss by the weights, shape (k, k).

    Args:
        design: Columns, shape (n, k).
        pd: What the weights say of each row, shape (n,).
        precision: Of the prior, shape (k,).
    """
    found: FloatArray = (design.T * (pd * (1.0 - pd))) @ design + np.diag(precision)
    return found


def _solve(second: FloatArray, gradient: FloatArray) -> FloatArray:
    try:
        found: FloatArray = np.linalg.solve(second, gradient).astype(np.float64, copy=False)
    except np.linalg.LinAlgError as error:
        raise TrainingError(
            "the logistic regression has no single best weights",
            hint="leave out a column that says the same as others",
            field="weights",
        ) from error
    return found


def _loss(log_odds: FloatArray, bad: BoolArray, off: FloatArray, precision: FloatArray) -> float:
    rows = np.logaddexp(0.0, np.where(bad, -log_odds, log_odds))
    return float(rows.sum()) + 0.5 * float(precision @ off**2)
