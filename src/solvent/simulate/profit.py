"""Profit: the money a set of verdicts would have made."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.policy import Worth
from solvent.simulate.cases import cases, check_mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Where a profit comes from; the first three add up to it.

    Attributes:
        good_loans: What approving the good ones brought over declining them, in major units.
        bad_loans: What approving the bad ones brought over declining them, in major units;
            negative where bad loans cost money.
        applications: What declining every application would bring: what it costs to look at them.
        lent: Sum of the amounts lent, in major units.
        loans: How many were approved.
        n: How many were decided.
        currency: Code of the currency.
    """

    good_loans: float
    bad_loans: float
    applications: float
    lent: float
    loans: int
    n: int
    currency: str

    @property
    def total(self) -> float:
        """The profit, in major units."""
        return math.fsum((self.good_loans, self.bad_loans, self.applications))


def profit(worth: Worth, bad: ArrayLike, approved: ArrayLike) -> float:
    """Money made by approving some applications and declining the others.

    The sum is exact before it is rounded once to float64 (`math.fsum`), so the order of the rows
    changes nothing.

    Args:
        worth: Money by verdict and outcome, in major units, of n applications.
        bad: True where the application met the bad definition, shape (n,), n >= 1.
        approved: True where a loan is made, shape (n,).

    Returns:
        Profit in major units; negative where money is lost.

    Raises:
        ShapeError: no application, or arrays of different lengths.
        RangeError: `bad` or `approved` is not boolean, or money is not finite.

    >>> from solvent.policy import CostMatrix, worth
    >>> three = worth(CostMatrix(good_approved=10, bad_approved=-50), {}, 3)
    >>> profit(three, [False, False, True], [True, True, True])
    -30.0
    """
    found = cases(worth, bad)
    chosen = check_mask(approved, "approved", len(found))
    return math.fsum(np.where(chosen, found.if_approved, found.if_declined).tolist())


def components(worth: Worth, bad: ArrayLike, approved: ArrayLike) -> Components:
    """Where the profit of `profit` comes from.

    Args:
        worth, bad, approved: As `profit`.

    Raises:
        ShapeError, RangeError: as `profit`.

    >>> from solvent.policy import CostMatrix, worth
    >>> three = worth(CostMatrix(good_approved=10, bad_approved=-50), {}, 3)
    >>> found = components(three, [False, False, True], [True, False, True])
    >>> found.good_loans, found.bad_loans, found.applications, found.total
    (10.0, -50.0, 0.0, -40.0)
    """
    found = cases(worth, bad)
    chosen = check_mask(approved, "approved", len(found))
    return Components(
        good_loans=math.fsum(found.gain[chosen & ~found.bad].tolist()),
        bad_loans=math.fsum(found.gain[chosen & found.bad].tolist()),
        applications=math.fsum(found.if_declined.tolist()),
        lent=math.fsum(worth.amount[chosen].tolist()),
        loans=int(np.count_nonzero(chosen)),
        n=len(found),
        currency=worth.currency,
    )
