"""Average precision: the area under the precision-recall curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_two_classes
from solvent.metrics.tally import tally


def pr_auc(pd: ArrayLike, bad: ArrayLike) -> float:
    """Average precision: the precision at each distinct PD weighted by the recall gained there.

    A sum of steps, not a trapezoid: joining the points by straight lines would flatter the model.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).

    Returns:
        Average precision in (0, 1]; the bad rate for a constant PD.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`.

    Source: ties as in scikit-learn's `average_precision_score`, which tests compare with.

    >>> pr_auc(np.array([0.9, 0.4, 0.4, 0.1]), np.array([True, True, False, False]))
    0.8333333333333333
    """
    counted = tally(*check_two_classes(pd, bad))
    precision = np.cumsum(counted.bads) / np.cumsum(counted.n)
    return float((precision * counted.bads).sum() / counted.bads.sum())
