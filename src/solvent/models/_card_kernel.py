"""The loops over rows that cards need; compiled once per installation."""

from __future__ import annotations

import numpy as np
from numba import njit

from solvent.models.technique import BoolArray, FloatArray, IntArray


@njit(cache=True, nogil=True)
def add_numbers(
    values: FloatArray, edges: FloatArray, special: FloatArray, log_odds: FloatArray,
    out: FloatArray,
) -> int:  # fmt: skip
    """Add to each row what the bin of its value says; return how many values are infinite.

    Args:
        values: Shape (n,); NaN is missing.
        edges: Rising, shape (k,); an edge belongs to the bin below it.
        special: Codes with a bin of their own, shape (s,).
        log_odds: Of the k + 1 bins, then the special ones, and last what is missing.
        out: Margins, shape (n,); changed in place.
    """
    infinite, known = 0, len(edges) + 1
    last = len(log_odds) - 1
    for row in range(len(values)):
        value = values[row]
        place = 0
        for edge in edges:
            place += value > edge
        for code in range(len(special)):
            if value == special[code]:
                place = known + code
        if np.isnan(value):
            place = last
        elif np.isinf(value):
            infinite += 1
        out[row] += log_odds[place]
    return infinite


@njit(cache=True, nogil=True)
def sum_rows(
    places: IntArray, starts: IntArray, effects: FloatArray, bad: BoolArray,
    sums: tuple[FloatArray, FloatArray],
) -> float:  # fmt: skip
    """Add up what Newton's method needs for one effect per bin; return minus the log-likelihood.

    Args:
        places: Each row's bin of each characteristic, shape (n, k).
        starts: Where the effects of a characteristic start among all, shape (k,).
        effects: Log-odds of bad: of each bin, and last the intercept, shape (m + 1,).
        bad: Labels, shape (n,).
        sums: The gradient, shape (m + 1,), and the second derivative, its upper half,
            shape (m + 1, m + 1); changed in place.
    """
    gradient, second = sums
    last, loss = len(effects) - 1, 0.0
    at = np.empty(places.shape[1] + 1, np.int64)
    at[-1] = last
    for row in range(len(places)):
        margin = effects[last]
        for place in range(places.shape[1]):
            at[place] = starts[place] + places[row, place]
            margin += effects[at[place]]
        pd = 1.0 / (1.0 + np.exp(-margin))
        off, weight = pd - bad[row], pd * (1.0 - pd)
        loss += np.log1p(np.exp(-abs(margin))) + max(margin, 0.0) - bad[row] * margin
        for left in range(len(at)):
            gradient[at[left]] += off
            for right in range(left, len(at)):
                second[at[left], at[right]] += weight
    return loss
