"""The ROC curve as points for a chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_count, check_two_classes
from solvent.metrics.tally import tally
from solvent.metrics.thinning import thin


@dataclass(frozen=True, slots=True, kw_only=True)
class RocPoint:
    """What a cutoff catches and what it costs.

    Attributes:
        cutoff: PD from which an account is predicted bad; None where nobody is.
        false_positive_rate: Share of goods predicted bad.
        recall: Share of bads predicted bad.
    """

    cutoff: float | None
    false_positive_rate: float
    recall: float


def roc_curve(pd: ArrayLike, bad: ArrayLike, points: int = 200) -> tuple[RocPoint, ...]:
    """Points of the ROC curve from (0, 0) to (1, 1), one per distinct PD or thinned evenly.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        points: Most points returned, >= 2.

    Returns:
        Points of falling cutoff. Unthinned, straight lines between them enclose exactly the AUC.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`; `points` below 2.

    Source: tests compare with scikit-learn's `roc_curve`.

    >>> for point in roc_curve(np.array([0.9, 0.4, 0.4]), np.array([True, True, False])):
    ...     print(point.cutoff, point.false_positive_rate, point.recall)
    None 0.0 0.0
    0.9 0.0 0.5
    0.4 1.0 1.0
    """
    most = check_count(points, "points", least=2)
    counted = tally(*check_two_classes(pd, bad))
    recall = np.append(0.0, np.cumsum(counted.bads) / counted.bads.sum())
    false_positive_rate = np.append(0.0, np.cumsum(counted.goods) / counted.goods.sum())
    return tuple(
        RocPoint(
            cutoff=float(counted.pd[row - 1]) if row else None,
            false_positive_rate=float(false_positive_rate[row]),
            recall=float(recall[row]),
        )
        for row in thin(recall + false_positive_rate, most).tolist()
    )
