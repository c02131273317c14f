"""The sweep: what every cutoff would have done, in applications, bads and money."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import BoolArray, FloatArray, IntArray, check_count, check_cutoff
from solvent.metrics.thinning import thin
from solvent.policy import Worth
from solvent.simulate.cases import Cases, check_barred, check_scored, in_major, in_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one cutoff would have done.

    Attributes:
        cutoff: A PD below it is approved.
        approved: Applications approved.
        approval_rate: Their share of all applications, in [0, 1].
        bad_rate: Share of bads among the approved, in [0, 1]; None where nobody is approved.
        recall: Share of all bads that are not approved, in [0, 1]; None where nobody is bad.
        profit: Money made, in major units.
    """

    cutoff: float
    approved: int
    approval_rate: float
    bad_rate: float | None
    recall: float | None
    profit: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sweep:
    """Every cutoff that decides differently from the one before, strictest first.

    k distinct PDs among those who may be approved make k + 1 different cutoffs: nobody, the
    safest, ..., everybody.

    Attributes:
        pd: The distinct PDs, rising, shape (k,).
        cutoffs: A cutoff of each: halfway between the last PD approved and the next; half the
            lowest PD approves nobody, 1 everybody; shape (k + 1,).
        approved: Applications approved, shape (k + 1,).
        bads_approved: Bads among them, shape (k + 1,).
        profit: Money made, in major units, shape (k + 1,).
        best: Position of the highest profit, of the smallest approval where several share it.
        n: All applications, those barred included.
        bads: All bads, those barred included.
        currency: Code of the currency.
        kept: Positions of a thinned selection for a chart: the best and both ends always in it.
    """

    pd: FloatArray
    cutoffs: FloatArray
    approved: IntArray
    bads_approved: IntArray
    profit: FloatArray
    best: int
    n: int
    bads: int
    currency: str
    kept: IntArray

    def at(self, cutoff: float) -> Point:
        """What a cutoff would have done, exactly, whether or not it is among `points`.

        Args:
            cutoff: A PD below it is approved; in [0, 1].

        Raises:
            RangeError: `cutoff` outside [0, 1].
        """
        place = int(np.searchsorted(self.pd, check_cutoff(cutoff), side="left"))
        return self._point(place, float(cutoff))

    @property
    def points(self) -> tuple[Point, ...]:
        """The thinned selection for a chart, strictest first."""
        return tuple(self._point(place, float(self.cutoffs[place])) for place in self.kept.tolist())

    @property
    def best_point(self) -> Point:
        """The cutoff with the highest profit."""
        return self._point(self.best, float(self.cutoffs[self.best]))

    def _point(self, place: int, cutoff: float) -> Point:
        approved, bads = int(self.approved[place]), int(self.bads_approved[place])
        return Point(
            cutoff=cutoff,
            approved=approved,
            approval_rate=approved / self.n,
            bad_rate=bads / approved if approved else None,
            recall=(self.bads - bads) / self.bads if self.bads else None,
            profit=float(self.profit[place]),
        )


def sweep(
    pd: ArrayLike,
    bad: ArrayLike,
    worth: Worth,
    *,
    points: int = 60,
    barred: ArrayLike | None = None,
) -> Sweep:
    """Try every cutoff, in O(n log n).

    Money is added in whole steps (see `cases.in_whole`), so neither the order of the rows nor ties
    change a figure.

    Args:
        pd: Probability of default in [0, 1], shape (n,), n >= 1.
        bad: True where the application met the bad definition, shape (n,); one class is enough.
        worth: Money by verdict and outcome, in major units.
        points: Most points of the thinned selection, >= 3.
        barred: True where a knock-out stops the application whatever its PD; None for nobody.

    Raises:
        ShapeError: no application, or arrays of different lengths.
        RangeError: a PD outside [0, 1], a mask that is not boolean, `points` below 3.

    Source: tests compare with a slow loop over every cutoff and every application.

    >>> from solvent.policy import CostMatrix, worth
    >>> three = worth(CostMatrix(good_approved=10, bad_approved=-50), {}, 3)
    >>> found = sweep([0.1, 0.2, 0.4], [False, False, True], three)
    >>> found.profit.tolist(), float(round(found.cutoffs[found.best], 3))
    ([0.0, 10.0, 20.0, -30.0], 0.3)
    >>> found.at(0.2).approved, found.at(0.2).recall
    (1, 1.0)
    """
    most = check_count(points, "points", least=3)
    pds, found = check_scored(pd, bad, worth)
    ranked = rank(pds, found, check_barred(barred, len(found)))
    (declined, gain), exponent = in_whole(found.if_declined, found.gain)
    running = np.append(0, np.cumsum(gain[ranked.order]))[ranked.ends] + declined.sum()
    best = int(np.argmax(running))
    kept = np.append(thin(ranked.ends.astype(np.float64), most - 1), best)
    return Sweep(
        pd=ranked.pd,
        cutoffs=ranked.cutoffs,
        approved=ranked.ends,
        bads_approved=np.append(0, np.cumsum(found.bad[ranked.order]))[ranked.ends],
        profit=in_major(running, exponent),
        best=best,
        n=len(found),
        bads=int(np.count_nonzero(found.bad)),
        currency=worth.currency,
        kept=np.unique(kept),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranked:
    """Who is approved before whom.

    Attributes:
        order: Rows that may be approved, safest first; equal PDs by what approving brings, so that
            the order is the same however the rows came; shape (m,).
        pd: Their distinct PDs, rising, shape (k,).
        ends: How many are approved at each cutoff, rising from 0 to m, shape (k + 1,).
        cutoffs: As in `Sweep`, shape (k + 1,).
    """

    order: IntArray
    pd: FloatArray
    ends: IntArray
    cutoffs: FloatArray


def rank(pd: FloatArray, found: Cases, barred: BoolArray) -> Ranked:
    """Order the applications that may be approved, safest first.

    Args:
        pd: Probability of default in [0, 1], shape (n,), already checked.
        found: The same applications, already checked.
        barred: Who may not be approved, shape (n,), already checked.
    """
    open_to = np.flatnonzero(~barred)
    keys = (found.bad[open_to], found.gain[open_to], pd[open_to])
    order = open_to[np.lexsort(keys)]
    rising = pd[order]
    last = np.flatnonzero(np.append(rising[1:] != rising[:-1], True)) if order.size else order
    distinct = rising[last]
    return Ranked(order=order, pd=distinct, ends=np.append(0, last + 1), cutoffs=_between(distinct))


def _between(pd: FloatArray) -> FloatArray:
    """Return a cutoff before, between and after distinct rising PDs."""
    if pd.size == 0:
        return np.ones(1)
    middle = pd[:-1] + (pd[1:] - pd[:-1]) / 2.0
    # Neighbours so close that no number lies between: a PD equal to the cutoff is not below it.
    middle = np.where(middle <= pd[:-1], pd[1:], middle)
    everybody = 1.0 if pd[-1] < 1.0 else math.nextafter(1.0, 2.0)
    return np.concatenate(([pd[0] / 2.0], middle, [everybody]))
