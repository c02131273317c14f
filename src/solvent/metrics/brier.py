"""Brier score: the mean squared error of a PD."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_accounts


def brier(pd: ArrayLike, bad: ArrayLike) -> float:
    """Mean squared distance between the PD and what happened.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,); one class is enough.

    Returns:
        Brier score in [0, 1], lower is better. A constant PD equal to the bad rate r scores
        r(1 - r), so a small figure on a portfolio with few bads proves nothing.

    Raises:
        ShapeError, RangeError: as `check_accounts`.

    Source: Brier (1950); tests compare with scikit-learn.

    >>> brier(np.array([0.5, 0.5, 0.0, 1.0]), np.array([True, False, False, True]))
    0.125
    """
    pds, bads = check_accounts(pd, bad)
    return float(np.mean((pds - bads) ** 2))
