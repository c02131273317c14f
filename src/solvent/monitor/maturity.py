"""Which outcomes count: a loan is called good or bad only once its performance window is over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What was told of each loan; of at most one of the three flags is true.

    Args:
        as_of: When it was decided, int64 UTC microseconds, shape (n,).
        observed_at: When what was told was so, int64 UTC microseconds, shape (n,); any number
            where nothing was.
        bad: True where it met the bad definition, shape (n,).
        good: True where it had not when it was observed, shape (n,).
        repaid: True where it was paid in full, shape (n,).
    """

    as_of: IntArray
    observed_at: IntArray
    bad: BoolArray
    good: BoolArray
    repaid: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windowed:
    """What is known of each loan, in three parts that do not overlap.

    Args:
        known: True where it is good or bad for certain, shape (n,).
        immature: True where its window is not over, shape (n,).
        untold: True where its window is over and nobody told how it ended, shape (n,).
    """

    known: BoolArray
    immature: BoolArray
    untold: BoolArray


def settle(told: Told, *, window: int, at: int) -> Windowed:
    """Tell what is known of loans at an instant.

    Bads are seen before goods are: a month whose windows are open would look worse than it is, or,
    with loans taken to be good until they are not, better. So neither counts before the window is
    over, and a loan that was good when last seen counts only if it was seen after that.

    Args:
        told: What was told until then.
        window: Performance window, microseconds; 0 where every outcome is final as it is told.
        at: The instant, int UTC microseconds.

    >>> days = np.array([0, 0, 80, 0])
    >>> told = Told(
    ...     as_of=days, observed_at=np.array([10, 10, 85, 30]),
    ...     bad=np.array([True, False, True, False]), good=np.array([False, True, False, True]),
    ...     repaid=np.zeros(4, bool),
    ... )
    >>> found = settle(told, window=30, at=100)
    >>> found.known.tolist(), found.immature.tolist(), found.untold.tolist()
    ([True, False, False, True], [False, False, True, False], [False, True, False, False])
    """
    over = told.as_of + window
    mature = over <= at
    certain = told.bad | told.repaid | (told.good & (told.observed_at >= over))
    return Windowed(known=mature & certain, immature=~mature, untold=mature & ~certain)
