"""What each bin of a card adds: woe times coefficient, moved where the rest of the card tells it.

One coefficient per characteristic says how far all of its bins count, but what the others already
tell of them differs from bin to bin. So every bin is given an effect of its own under a prior
around woe times coefficient, and effects must go on running as woe does: no bin of higher woe has
a higher risk.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.pooling import rising_fit
from solvent.models.technique import BoolArray, FloatArray

PRECISION: Final = 200.0
"""Of the prior of a bin's effect: it seldom moves by more than 0.07 from a prior this tight."""
STEPS: Final = 20
CLOSE: Final = 1e-8


def move_bins(
    places: list[NDArray[np.int16]], effects: list[FloatArray], intercept: float, bad: BoolArray
) -> tuple[list[FloatArray], float]:
    """Return the effects of all bins, and the intercept, that the outcomes and the prior favour.

    Args:
        places: Of each characteristic the bin of each row, shape (n,).
        effects: Of each the mean of the prior: log-odds of bad per bin.
        intercept: To start from.
        bad: Labels, shape (n,).
    """
    from solvent.models._card_kernel import sum_rows  # numba takes a while to import

    sizes = [len(one) for one in effects]
    starts = np.cumsum([0, *sizes[:-1]]).astype(np.int64)
    stacked = np.column_stack(places).astype(np.int64)
    prior = np.append(np.concatenate(effects), intercept)
    tight = np.append(np.full(len(prior) - 1, PRECISION), 0.0)
    found = prior.copy()
    for _ in range(STEPS):
        gradient, second = np.zeros(len(prior)), np.zeros((len(prior), len(prior)))
        sum_rows(stacked, starts, found, bad, (gradient, second))
        precision = np.triu(second) + np.triu(second, 1).T + np.diag(tight)
        step = np.linalg.solve(precision, gradient + tight * (found - prior))
        found -= step * min(1.0, 1.0 / max(float(np.abs(step).max()), CLOSE))
        if float(np.abs(step).max()) < CLOSE:
            break
    return np.split(found[:-1], starts[1:]), float(found[-1])


def falling(effects: FloatArray, woe: FloatArray, rows: FloatArray) -> FloatArray:
    """Return the effects nearest to some that fall, or stay, as woe rises.

    Bins of one woe have one effect: so effects run along the number as woe does, whichever of two
    alike comes first.

    Args:
        effects: Log-odds of bad per bin, shape (size,).
        woe: Of each bin, shape (size,).
        rows: Of each bin: how much it counts, shape (size,).

    >>> falling(np.array([0.0, 0.4, -1.0]), np.array([-1.0, 0.0, 1.0]), np.ones(3)).tolist()
    [0.2, 0.2, -1.0]
    """
    order = np.argsort(woe, kind="stable")
    apart = np.diff(woe[order]) > CLOSE
    group = np.empty(len(woe), dtype=np.int64)
    group[order] = np.cumsum(np.append(0, apart))
    weight = np.maximum(rows, 1e-9)
    mass = np.bincount(group, weights=weight).astype(np.float64)
    mean = np.bincount(group, weights=weight * effects) / mass
    found: FloatArray = -rising_fit(-mean, mass)[group]
    return found
