"""KS: the largest gap between bads and goods."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_two_classes
from solvent.metrics.tally import tally


def ks(pd: ArrayLike, bad: ArrayLike) -> float:
    """Largest gap between the PD distributions of bads and goods.

    The gap is taken without its sign, so a PD that ranks backwards has a high KS too: read it
    beside the AUC.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).

    Returns:
        KS as a fraction in [0, 1]; reports show it times 100.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`.

    Source: two-sample Kolmogorov-Smirnov statistic; tests compare with SciPy.

    >>> ks(np.array([0.9, 0.4, 0.4, 0.1]), np.array([True, True, False, False]))
    0.5
    """
    counted = tally(*check_two_classes(pd, bad))
    bads, goods = np.cumsum(counted.bads), np.cumsum(counted.goods)
    return float(np.abs(bads / bads[-1] - goods / goods[-1]).max())
