"""The loop that adds a characteristic of numbers to margins; compiled once per installation."""

from __future__ import annotations

import numpy as np
from numba import njit

from solvent.models.technique import FloatArray


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
