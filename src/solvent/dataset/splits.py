"""Which applications train and which test: by time where there are, one customer on one side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.errors import TrainingError

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Masks over the usable applications, each of shape (n,).

    Args:
        train: Applications the model learns from.
        test: Applications it is judged on.
        cut: Instant that parts them (microseconds); None for a random split.
    """

    train: BoolArray
    test: BoolArray
    cut: int | None

    @property
    def set_aside(self) -> int:
        """Applications on neither side: their customer stands on the test side."""
        return int((~self.train & ~self.test).sum())


def split_by_time(as_of: IntArray, customer: IntArray, *, test_share: float) -> Split:
    """Test on the latest applications; older ones of the same customers are set aside.

    Args:
        as_of: Decision instants, shape (n,).
        customer: Customer number of each application, shape (n,).
        test_share: Share of applications to test on, in (0, 1).

    Raises:
        TrainingError: If every application has the same instant.
    """
    cut = int(np.quantile(as_of, 1 - test_share, method="lower"))
    test = as_of > cut
    if not test.any():
        test = as_of >= cut
    in_test = np.isin(customer, customer[test])
    train = ~test & ~in_test
    if not train.any():
        raise TrainingError(
            "no application is left to train on: every customer also stands in the test period",
            hint="lower test_share, or leave as_of out where it is one constant",
        )
    return Split(train=train, test=test, cut=int(as_of[test].min()))


def split_at_random(bad: BoolArray, customer: IntArray, *, test_share: float, seed: int) -> Split:
    """Test on a random share of customers, with bads and goods in proportion.

    Args:
        bad: Outcomes, shape (n,).
        customer: Customer number of each application, shape (n,).
        test_share: Share of customers to test on, in (0, 1).
        seed: Decides which.
    """
    customers = int(customer.max()) + 1
    any_bad = np.zeros(customers, np.bool_)
    any_bad[customer[bad]] = True
    chosen = np.zeros(customers, np.bool_)
    rng = np.random.default_rng(seed)
    for stratum in (np.flatnonzero(any_bad), np.flatnonzero(~any_bad)):
        chosen[rng.permutation(stratum)[: round(len(stratum) * test_share)]] = True
    test = chosen[customer]
    return Split(train=~test, test=test, cut=None)
