"""What each bin of a card adds: woe times coefficient, moved where the rest of the card tells it.

One coefficient per characteristic says how far all of its bins count, but what the others already
tell of them differs from bin to bin. So every bin is given an effect of its own under a prior
around woe times coefficient, and effects must go on running as woe does: no bin of higher woe has
a higher risk. A neutral bin adds nothing and has no place in that order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.pooling import rising_fit
from solvent.models.technique import BoolArray, FloatArray, sample_rows

PRECISION: Final = 200.0
"""Of the prior of a bin's effect: it seldom moves by more than 0.07 from a prior this tight."""
STEPS: Final = 50
CLOSE: Final = 1e-8
SLOW: Final = 0.3
"""Part of the last step from which a step tells that the second derivative is not good enough."""
FEW: Final = 50_000
"""Rows that tell the second derivative first: it says how far to step, not where to arrive."""


def move_bins(
    places: NDArray[np.int16], effects: list[FloatArray], intercept: float, bad: BoolArray
) -> tuple[list[FloatArray], float]:
    """Return the effects of all bins, and the intercept, that the outcomes and the prior favour.

    Args:
        places: The bin of each row of each characteristic, shape (n, k).
        effects: Of each the mean of the prior: log-odds of bad per bin.
        intercept: To start from.
        bad: Labels, shape (n,).
    """
    sizes = [len(one) for one in effects]
    grid = np.zeros((len(sizes), max(sizes)))
    real = np.arange(grid.shape[1]) < np.array(sizes)[:, None]
    at = np.append(np.flatnonzero(real), grid.size)
    prior = np.append(np.concatenate(effects), intercept)
    tight = np.append(np.full(len(prior) - 1, PRECISION), 0.0)
    found, last, precision = prior.copy(), 0.0, np.zeros((0, 0))
    some = places[sample_rows(len(places), FEW)]
    for _ in range(STEPS):
        grid[real] = found[:-1]
        if not len(precision):
            second = _second(some, grid, float(found[-1])) * (len(places) / len(some))
            precision = second[np.ix_(at, at)] + np.diag(tight)
        gradient = _first(places, grid, float(found[-1]), bad)[at] + tight * (found - prior)
        step = np.linalg.solve(precision, gradient)
        size = float(np.abs(step).max())
        found -= step * min(1.0, 1.0 / max(size, CLOSE))
        if size < CLOSE:
            break
        if last and size > SLOW * last:
            some, precision = places, np.zeros((0, 0))
        last = size
    return np.split(found[:-1], np.cumsum(sizes)[:-1]), float(found[-1])


def _first(
    places: NDArray[np.int16], effects: FloatArray, intercept: float, bad: BoolArray
) -> FloatArray:
    """Return the first derivative of minus the log-likelihood, the intercept last."""
    from solvent.models._card_kernel import sum_effects  # numba takes a while to import

    found = np.zeros(effects.shape)
    whole = sum_effects(places, effects, intercept, bad, found)
    return np.append(found.ravel(), whole)


def _second(places: NDArray[np.int16], effects: FloatArray, intercept: float) -> FloatArray:
    """Return the second derivative of minus the log-likelihood, the intercept last."""
    from solvent.models._card_kernel import sum_pairs  # numba takes a while to import

    found, size = np.zeros((effects.size + 1, effects.size + 1)), effects.size
    upper = np.zeros((*effects.shape, *effects.shape))
    found[size, size] = sum_pairs(places, effects, intercept, upper)
    flat = upper.reshape(size, size)
    alone = np.diag(flat).copy()
    found[:size, :size] = flat + flat.T - np.diag(alone)
    found[:size, size] = found[size, :size] = alone
    return found


def in_order(
    effects: FloatArray, woe: FloatArray, rows: FloatArray, neutral: tuple[int, ...]
) -> FloatArray:
    """Return the effects nearest to some that fall, or stay, as woe rises; 0 of neutral bins.

    Args:
        effects, woe, rows: As in `falling`.
        neutral: Bins that count neither for nor against: they move no other.

    >>> told = np.array([0.2, 0.9, -1.0])
    >>> in_order(told, np.array([-1.0, 0.0, 1.0]), np.ones(3), (1,)).tolist()
    [0.2, 0.0, -1.0]
    """
    found = np.zeros(len(effects))
    told = np.setdiff1d(np.arange(len(effects)), neutral)
    found[told] = falling(effects[told], woe[told], rows[told])
    return found + 0.0  # no -0


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
