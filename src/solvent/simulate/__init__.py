"""Simulate: what a policy would have earned on applications whose outcome is known.

Arrays in, frozen values out. `bad` is what became of each application, `worth` the money by verdict
and outcome (`solvent.policy.worth`), and an application is approved where its PD lies below the
cutoff. Money is in major units.
"""

from __future__ import annotations

from solvent.simulate.best import Best, Resampling, for_recall, most_profitable
from solvent.simulate.compare import Comparison, compare
from solvent.simulate.matrix import Cell, Matrix, matrix, matrix_at
from solvent.simulate.profit import Components, components, profit
from solvent.simulate.sweep import Point, Sweep, sweep
from solvent.simulate.total import Total, total
from solvent.simulate.walk import Decided, Month, Referred, Step, Walk, walk

__all__ = [
    "Best", "Cell", "Comparison", "Components", "Decided", "Matrix", "Month", "Point", "Referred",
    "Resampling", "Step", "Sweep", "Total", "Walk", "compare", "components", "for_recall", "matrix",
    "matrix_at", "most_profitable", "profit", "sweep", "total", "walk",
]  # fmt: skip
