"""How many rounds a model that grows round by round keeps, told by rows it does not learn from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def best_round(losses: Sequence[FloatArray], shares: FloatArray, *, but: int | None = None) -> int:
    """Return after how many rounds the mean log loss is least, of all folds or of all but one.

    A fold's model keeps as many rounds as were best for the other folds, so that no row says when
    the model that judges it stops. Only rounds that each of these has grown are compared. A fold
    that stopped growing sooner keeps what it has.

    Args:
        losses: By fold, after each round, shape (rounds,) each.
        shares: Of the rows, by fold, shape (folds,).
        but: The fold that has no say.

    >>> losses = [np.array([0.7, 0.6, 0.5]), np.array([0.6, 0.7, 0.8])]
    >>> best_round(losses, np.array([0.9, 0.1])), best_round(losses, np.array([0.9, 0.1]), but=0)
    (3, 1)
    """
    some = [fold for fold in range(len(losses)) if fold != but]
    common = min(len(losses[fold]) for fold in some)
    mean = shares[some] @ np.array([losses[fold][:common] for fold in some])
    return int(np.argmin(mean)) + 1
