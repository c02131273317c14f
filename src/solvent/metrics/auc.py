"""AUC: how well the PD ranks bads above goods."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_two_classes
from solvent.metrics.tally import tally


def auc(pd: ArrayLike, bad: ArrayLike) -> float:
    """Chance that a random bad has a higher PD than a random good, a tie counting one half.

    Counted in whole numbers, so the result is exact up to one division and free of row order.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).

    Returns:
        AUC in [0, 1]; 0.5 for a constant PD.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`.

    Source: Mann and Whitney (1947); tests compare with scikit-learn and a pairwise count.

    >>> auc(np.array([0.9, 0.4, 0.4, 0.1]), np.array([True, True, False, False]))
    0.875
    """
    counted = tally(*check_two_classes(pd, bad))
    goods, bads = counted.goods, counted.bads
    goods_below = goods.sum() - np.cumsum(goods)
    twice_the_wins = int((bads * (2 * goods_below + goods)).sum())
    return twice_the_wins / (2 * int(bads.sum()) * int(goods.sum()))
