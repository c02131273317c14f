"""The likeliest weights of a logistic regression with a prior, by Newton's method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import TrainingError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Told = tuple[float, FloatArray, FloatArray]
"""A loss, its first derivative, shape (k,), and its second, shape (k, k)."""

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

    Args:
        design: Columns, finite, shape (n, k).
        bad: Labels of both kinds, shape (n,).
        prior: Mean of the prior of each weight, shape (k,).
        precision: One over its variance, >= 0; above 0 where the labels alone give no finite
            weight. Shape (k,).
        offset: Log-odds that stand, shape (n,) or one number.
        start: Where the search starts, shape (k,); None for zero, where every row tells something.

    Raises:
        TrainingError: As `descend`.

    Source: tests compare with scikit-learn and SciPy.

    >>> design, bad = np.ones((4, 1)), np.array([True, False, False, False])
    >>> fit_weights(design, bad, np.zeros(1), np.zeros(1)).round(9).tolist()  # ln(1 / 3)
    [-1.098612289]
    """

    def told(weights: FloatArray) -> Told:
        log_odds = offset + design @ weights
        pd = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -FURTHEST, FURTHEST)))
        off = weights - prior
        rows = np.logaddexp(0.0, np.where(bad, -log_odds, log_odds))
        return (
            float(rows.sum()) + 0.5 * float(precision @ off**2),
            design.T @ (pd - bad) + precision * off,
            second_derivative(design, pd, precision),
        )

    at = np.zeros(design.shape[1]) if start is None else start
    return descend(told, at, close=CLOSE * len(bad))[0]


def descend(
    told: Callable[[FloatArray], Told], start: FloatArray, *, close: float
) -> tuple[FloatArray, FloatArray]:
    """Return where a loss is least, and its second derivative a last small step before.

    Steps are halved until the loss falls, so that the one best point is reached whatever the scale
    of the weights.

    Args:
        told: The loss, its first and its second derivative at some weights.
        start: Where the search starts, shape (k,).
        close: What a last step may still gain; it is then taken without a further look.

    Raises:
        TrainingError: It does not converge, or columns without a prior say the same.

    Source: Newton's method with a line search (Boyd and Vandenberghe 2004, 9.5).
    """
    weights = start
    loss, gradient, second = told(weights)
    for _ in range(STEPS):
        step = _solve(second, gradient)
        gain = float(gradient @ step)
        if gain <= 2.0 * close:
            return weights - step, second
        length = 1.0
        while True:
            tried = weights - length * step
            reached, gradient, second = told(tried)
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
