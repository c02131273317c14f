"""Cutoffs that reach a recall, the best F1 or the best accuracy.

An account with pd >= cutoff is predicted bad. A cutoff flatters itself on the accounts it was
chosen on: choose it on one sample and judge it on another.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from solvent.errors import RangeError
from solvent.metrics.accounts import check_two_classes
from solvent.metrics.tally import tally


def cutoff_for_recall(pd: ArrayLike, bad: ArrayLike, recall: float) -> float:
    """The highest cutoff that still catches the stated share of bads.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        recall: Share of bads to catch, in (0, 1].

    Returns:
        A PD that occurs in `pd`.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`; `recall` outside (0, 1].

    Source: tests compare with every cutoff tried in turn.

    >>> cutoff_for_recall([0.9, 0.4, 0.3, 0.1], [True, False, True, False], 0.8)
    0.3
    """
    if not 0.0 < recall <= 1.0:
        raise RangeError(f"must lie in (0, 1], found {recall!r}", field="recall")
    counted = tally(*check_two_classes(pd, bad))
    caught = np.cumsum(counted.bads)
    return float(counted.pd[np.argmax(caught / caught[-1] >= recall)])


def cutoff_for_best_f1(pd: ArrayLike, bad: ArrayLike) -> float:
    """The cutoff with the highest F1, the highest such cutoff where several share it.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).

    Returns:
        A PD that occurs in `pd`.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`.

    Source: tests compare with every cutoff tried in turn.

    >>> cutoff_for_best_f1([0.9, 0.4, 0.3, 0.1], [True, False, True, False])
    0.3
    """
    counted = tally(*check_two_classes(pd, bad))
    f1 = 2 * np.cumsum(counted.bads) / (np.cumsum(counted.n) + counted.bads.sum())
    return float(counted.pd[np.argmax(f1)])


def cutoff_for_best_accuracy(pd: ArrayLike, bad: ArrayLike) -> float:
    """The cutoff with the highest accuracy, the highest such cutoff where several share it.

    Where bads are few the best accuracy often predicts nobody bad; then the cutoff is the number
    just above the highest PD. That is a reason to distrust accuracy, not to use that cutoff.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,).

    Returns:
        A PD that occurs in `pd`, or the next number above all of them.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`.

    Source: tests compare with every cutoff tried in turn.

    >>> cutoff_for_best_accuracy([0.9, 0.4, 0.3, 0.1], [True, False, False, False])
    0.9
    """
    counted = tally(*check_two_classes(pd, bad))
    more_right_than_nobody = np.cumsum(counted.bads - counted.goods)
    best = int(np.argmax(more_right_than_nobody))
    if more_right_than_nobody[best] <= 0:
        return math.nextafter(float(counted.pd[0]), math.inf)
    return float(counted.pd[best])
