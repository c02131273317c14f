"""Which applications train and which test: by time where there are, one customer on one side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.errors import TrainingError

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
_FEW_RETURN = 0.02
"""Up to this share of later applications may be set aside because their customer returned."""
CUSTOMERS_TESTED = 1 / 3
"""Share of customers to test on where more return."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Masks over the usable applications, each of shape (n,).

    Args:
        train: Applications the model learns from.
        test: Applications it is judged on.
        cut: Last instant of the training side (microseconds); None for a random split.
    """

    train: BoolArray
    test: BoolArray
    cut: int | None

    @property
    def set_aside(self) -> int:
        """Applications on neither side, so that no customer stands on both."""
        return int((~self.train & ~self.test).sum())


def split_by_time(as_of: IntArray, customer: IntArray, *, test_share: float, seed: int) -> Split:
    """Train before a cut, test after it, on other customers.

    Where hardly anybody stands on both sides, the few later applications of customers already
    seen are set aside. Where customers come back, a third of them, drawn by chance, is tested on
    and the others are trained on. To set aside whoever came back would choose a side by what
    happened later: who goes bad does not come back, so every PD would be wrong.

    Args:
        as_of: Decision instants, shape (n,).
        customer: Customer number of each application, shape (n,).
        test_share: Share of the applications after the cut, in (0, 1).
        seed: Decides which customers are tested on, where some come back.

    Raises:
        TrainingError: If one side stays empty.
    """
    cut = int(np.quantile(as_of, 1 - test_share, method="lower"))
    if cut == as_of.max():  # cohorts: the last one alone is larger than the share asked for
        earlier = as_of[as_of < cut]
        cut = int(earlier.max()) if len(earlier) else cut
    customers = int(customer.max()) + 1
    drawn = np.zeros(customers, np.bool_)
    order = np.random.default_rng(seed).permutation(customers)
    drawn[order[: round(customers * CUSTOMERS_TESTED)]] = True
    before = as_of <= cut
    train, test = customers_apart(before, ~before, customer, drawn[customer])
    split = Split(train=train, test=test, cut=cut)
    if not split.train.any() or not split.test.any():
        raise TrainingError(
            "no application is left to train or to test on",
            hint="is the key column the customer's? leave as_of out where it is one constant",
        )
    return split


def customers_apart(
    before: BoolArray, after: BoolArray, customer: IntArray, drawn: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """Keep every customer on one side of a cut in time; see `split_by_time`.

    Args:
        before, after: Applications on either side of the cut, shape (n,).
        customer: Customer number of each application, shape (n,).
        drawn: Whether its customer is one to test on where more than a few return, shape (n,).

    Returns:
        Which applications train, and which test; each of shape (n,).
    """
    returning = after & np.isin(customer, customer[before])
    if returning.sum() <= _FEW_RETURN * after.sum():
        return before, after & ~returning
    return before & ~drawn, after & drawn


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
