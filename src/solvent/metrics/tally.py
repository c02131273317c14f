"""Accounts counted per distinct PD: where ties are settled, once, for every ranking metric.

Accounts with one PD cannot be told apart by the model. Metrics built on these counts therefore
never depend on the order of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.metrics.accounts import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Counts per distinct PD, riskiest first.

    Attributes:
        pd: Distinct probabilities of default, falling, shape (k,).
        n: Accounts with that PD, each >= 1, shape (k,).
        bads: Bad accounts among them, shape (k,).
    """

    pd: FloatArray
    n: IntArray
    bads: IntArray

    @property
    def goods(self) -> IntArray:
        """Good accounts per distinct PD, shape (k,)."""
        return self.n - self.bads


def tally(pd: FloatArray, bad: BoolArray) -> Tally:
    """Count accounts and bads per distinct PD in O(n log n).

    Args:
        pd: Probability of default, shape (n,), already checked.
        bad: Shape (n,), already checked.

    Returns:
        The counts, riskiest PD first.

    >>> counted = tally(np.array([0.1, 0.4, 0.1]), np.array([True, True, False]))
    >>> counted.pd.tolist(), counted.n.tolist(), counted.bads.tolist()
    ([0.4, 0.1], [1, 2], [1, 1])
    """
    order = np.argsort(pd)[::-1]
    falling = pd[order]
    starts = np.flatnonzero(np.concatenate(([True], falling[1:] != falling[:-1])))
    return Tally(
        pd=falling[starts],
        n=np.diff(np.append(starts, pd.size)).astype(np.int64, copy=False),
        bads=np.add.reduceat(bad[order].astype(np.int64), starts),
    )
