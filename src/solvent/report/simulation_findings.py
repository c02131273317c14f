"""Everything the page of a simulation computes, once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.metrics import Confusion
from solvent.report.simulation_record import SimulationRecord
from solvent.simulate import (
    Comparison,
    Components,
    Matrix,
    Point,
    Sweep,
    Total,
    Walk,
    components,
    matrix,
    sweep,
    total,
    walk,
)

LEVEL = 0.9
"""Confidence level of intervals of money."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Findings:
    """What was computed from the applications of a record.

    Attributes:
        walk: The money applicant by applicant.
        policy: The policy's money with its interval.
        over_all: The policy's money less that of approving everybody, with its interval.
        over_nobody: The policy's money less that of declining everybody, with its interval.
        matrix: Verdicts and outcomes in money.
        confusion: Their counts; who is not lent to counts as predicted bad.
        components: Where the money comes from.
        sweep: What every cutoff would have done.
        stated: What the policy's cutoff does by the PD alone.
        chosen: What the cutoff chosen on the training side does here; None without one.
        bad_rate: Share of bads among all applications, in [0, 1].
    """

    walk: Walk
    policy: Total
    over_all: Total
    over_nobody: Total
    matrix: Matrix
    confusion: Confusion
    components: Components
    sweep: Sweep
    stated: Point
    chosen: Point | None
    bad_rate: float

    @property
    def ways(self) -> Comparison:
        """The policy beside approving all, declining all and perfect foresight."""
        return self.walk.total

    @property
    def n(self) -> int:
        """Applications decided."""
        return self.ways.n


def find(record: SimulationRecord) -> Findings:
    """Compute every figure of the page.

    Args:
        record: The simulation.

    Raises:
        MetricError: money is not finite.
    """
    made, worth, lent = record.decided, record.decided.worth, record.lent
    if_lent = np.where(made.bad, worth.bad_approved, worth.good_approved)
    if_not = np.where(made.bad, worth.bad_declined, worth.good_declined)
    money = np.where(lent, if_lent, if_not)
    swept = sweep(made.pd, made.bad, worth, points=120, barred=record.barred)
    cells = matrix(worth, made.bad, lent)
    return Findings(
        walk=walk(made, referred=record.referred),
        policy=total(money, LEVEL),
        over_all=total(money - if_lent, LEVEL),
        over_nobody=total(money - if_not, LEVEL),
        matrix=cells,
        confusion=cells.confusion(record.cutoffs.approve_below),
        components=components(worth, made.bad, lent),
        sweep=swept,
        stated=swept.at(record.cutoffs.approve_below),
        chosen=None if record.best is None else swept.at(record.best.cutoff),
        bad_rate=float(np.count_nonzero(made.bad) / len(made)),
    )
