"""A policy's money beside what could have been made: by approving all, nobody, or only the good."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.domain import Money
from solvent.policy import Worth
from solvent.simulate.cases import cases, check_mask

CENTS_BELOW = 1000.0
"""Sums from here up are told without decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Money made on the same applications in four ways, in major units.

    Attributes:
        policy: By the policy's verdicts.
        approve_all: By approving every application.
        decline_all: By declining every application.
        perfect: By approving exactly those worth more approved than declined, outcomes known.
        n: Applications decided.
        currency: Code of the currency.
    """

    policy: float
    approve_all: float
    decline_all: float
    perfect: float
    n: int
    currency: str

    @property
    def makes_money(self) -> bool:
        """Whether the policy's profit is above zero."""
        return self.policy > 0.0

    @property
    def captured(self) -> float | None:
        """Share of what could be gained over approving everybody that the policy gains.

        1 is perfect, 0 no better than approving everybody, below 0 worse; None where approving
        everybody is already perfect.
        """
        could = self.perfect - self.approve_all
        return (self.policy - self.approve_all) / could if could > 0.0 else None

    @property
    def per_thousand(self) -> float:
        """The policy's profit per 1,000 applications, in major units."""
        return 1000.0 * self.policy / self.n

    @property
    def words(self) -> str:
        """Whether the policy makes or loses money, and whether no policy at all is worth more."""
        told = f"The policy neither makes nor loses money on {self.n:,} applications."
        if self.policy != 0.0:
            verb = "makes" if self.makes_money else "loses"
            told = (
                f"The policy {verb} money: {self._money(self.policy)} on {self.n:,} applications."
            )
        simplest, without = max(
            (self.approve_all, "Approving everybody"), (self.decline_all, "Declining everybody")
        )
        if simplest <= self.policy:
            return told
        if simplest == 0.0:
            return f"{told} {without} would neither make nor lose money."
        verb = "make" if simplest > 0.0 else "lose"
        return f"{told} {without} would {verb} {self._money(simplest)}."

    def _money(self, amount: float) -> str:
        scale = 2 if abs(amount) < CENTS_BELOW else 0
        return Money.of(abs(amount), self.currency, scale).words


def compare(worth: Worth, bad: ArrayLike, approved: ArrayLike) -> Comparison:
    """Compare a policy's verdicts with approving all, declining all, and perfect foresight.

    Args:
        worth: Money by verdict and outcome, in major units, of n applications.
        bad: True where the application met the bad definition, shape (n,), n >= 1.
        approved: True where the policy makes a loan, shape (n,).

    Raises:
        ShapeError: no application, or arrays of different lengths.
        RangeError: `bad` or `approved` is not boolean, or money is not finite.

    >>> from solvent.policy import CostMatrix, worth
    >>> three = worth(CostMatrix(good_approved=10, bad_approved=-50), {}, 3)
    >>> found = compare(three, [False, False, True], [True, False, False])
    >>> found.policy, found.approve_all, found.decline_all, found.perfect, found.captured
    (10.0, -30.0, 0.0, 20.0, 0.8)
    >>> found.words
    'The policy makes money: 10 units on 3 applications.'
    """
    found = cases(worth, bad)
    chosen = check_mask(approved, "approved", len(found))
    either = (found.if_approved, found.if_declined)
    return Comparison(
        policy=math.fsum(np.where(chosen, *either).tolist()),
        approve_all=math.fsum(found.if_approved.tolist()),
        decline_all=math.fsum(found.if_declined.tolist()),
        perfect=math.fsum(np.maximum(*either).tolist()),
        n=len(found),
        currency=worth.currency,
    )
