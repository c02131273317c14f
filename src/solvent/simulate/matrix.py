"""The confusion table in money: what each pairing of verdict and outcome brought."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics import Confusion
from solvent.metrics.accounts import check_cutoff
from solvent.policy import Worth
from solvent.simulate.cases import cases, check_barred, check_mask, check_scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The applications of one verdict and one outcome.

    Attributes:
        n: How many.
        money: What they brought together, in major units.
    """

    n: int
    money: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Applications by verdict and outcome; who is not approved counts as predicted bad.

    Attributes:
        good_approved: Good loans made.
        bad_approved: Bad loans made.
        good_declined: Good loans not made.
        bad_declined: Bad loans not made.
        currency: Code of the currency.
    """

    good_approved: Cell
    bad_approved: Cell
    good_declined: Cell
    bad_declined: Cell
    currency: str

    @property
    def profit(self) -> float:
        """The money of all four, in major units."""
        parts = (self.good_approved, self.bad_approved, self.good_declined, self.bad_declined)
        return math.fsum(part.money for part in parts)

    def confusion(self, cutoff: float) -> Confusion:
        """The counts as the metrics' confusion table, which draws recall, precision and F1.

        Args:
            cutoff: What to call the cutoff that parted them: a PD in [0, 1].
        """
        return Confusion(
            cutoff=cutoff,
            tp=self.bad_declined.n,
            fp=self.good_declined.n,
            tn=self.good_approved.n,
            fn=self.bad_approved.n,
        )


def matrix(worth: Worth, bad: ArrayLike, approved: ArrayLike) -> Matrix:
    """Count applications and money by verdict and outcome.

    Args:
        worth: Money by verdict and outcome, in major units, of n applications.
        bad: True where the application met the bad definition, shape (n,), n >= 1.
        approved: True where a loan is made, shape (n,).

    Raises:
        ShapeError: no application, or arrays of different lengths.
        RangeError: `bad` or `approved` is not boolean, or money is not finite.

    >>> from solvent.policy import CostMatrix, worth
    >>> three = worth(CostMatrix(good_approved=10, bad_approved=-50), {}, 3)
    >>> matrix(three, [False, False, True], [True, False, True]).bad_approved
    Cell(n=1, money=-50.0)
    """
    found = cases(worth, bad)
    chosen = check_mask(approved, "approved", len(found))
    money = np.where(chosen, found.if_approved, found.if_declined)

    def cell(approve: bool, is_bad: bool) -> Cell:
        rows = (chosen == approve) & (found.bad == is_bad)
        return Cell(n=int(np.count_nonzero(rows)), money=math.fsum(money[rows].tolist()))

    return Matrix(
        good_approved=cell(True, False),
        bad_approved=cell(True, True),
        good_declined=cell(False, False),
        bad_declined=cell(False, True),
        currency=worth.currency,
    )


def matrix_at(
    pd: ArrayLike, bad: ArrayLike, worth: Worth, cutoff: float, *, barred: ArrayLike | None = None
) -> Matrix:
    """Count applications and money where every PD below a cutoff is approved.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the application met the bad definition, shape (n,).
        worth: Money by verdict and outcome, in major units.
        cutoff: A PD below it is approved; in [0, 1].
        barred: True where a knock-out stops the application whatever its PD; None for nobody.

    Raises:
        ShapeError: no application, or arrays of different lengths.
        RangeError: a PD or the cutoff outside [0, 1], a mask that is not boolean.

    Source: the counts are those of `metrics.confusion` where nobody is barred; tests compare.
    """
    pds, found = check_scored(pd, bad, worth)
    stopped = check_barred(barred, len(found))
    return matrix(worth, found.bad, (pds < check_cutoff(cutoff)) & ~stopped)
