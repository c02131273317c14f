"""The precision-recall curve as points for a chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_count, check_two_classes
from solvent.metrics.tally import tally
from solvent.metrics.thinning import thin


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionRecallPoint:
    """What a cutoff catches and how purely.

    Attributes:
        cutoff: PD from which an account is predicted bad.
        recall: Share of bads predicted bad, in [0, 1].
        precision: Share of bads among those predicted bad, in [0, 1].
    """

    cutoff: float
    recall: float
    precision: float


def precision_recall_curve(
    pd: ArrayLike, bad: ArrayLike, points: int = 200
) -> tuple[PrecisionRecallPoint, ...]:
    """Points of the precision-recall curve, one per distinct PD or thinned evenly.

    Draw it in steps: precision does not move in a straight line between points. Where nobody is
    predicted bad precision does not exist, so no such point is made up.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        points: Most points returned, >= 2.

    Returns:
        Points of falling cutoff and rising recall; the last has recall 1 and the bad rate for
        precision.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`; `points` below 2.

    Source: tests compare with scikit-learn's `precision_recall_curve`.

    >>> for point in precision_recall_curve([0.9, 0.4, 0.1], [True, True, False]):
    ...     print(point.cutoff, point.recall, round(point.precision, 4))
    0.9 0.5 1.0
    0.4 1.0 1.0
    0.1 1.0 0.6667
    """
    most = check_count(points, "points", least=2)
    counted = tally(*check_two_classes(pd, bad))
    caught, predicted = np.cumsum(counted.bads), np.cumsum(counted.n)
    recall, precision = caught / caught[-1], caught / predicted
    return tuple(
        PrecisionRecallPoint(
            cutoff=float(counted.pd[row]),
            recall=float(recall[row]),
            precision=float(precision[row]),
        )
        for row in thin(recall + predicted / predicted[-1], most).tolist()
    )
