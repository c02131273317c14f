"""Passes over the rows of one column: where each value lies, and how many of each kind lie there.

Compiled once per install and cached; arrays in, arrays out.
"""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, inline="always")
def _place(x, edges, special):  # type: ignore[no-untyped-def]  # numba
    """Return the bin of a value: known ones, then special codes, then missing."""
    m, s = len(edges), len(special)
    if x != x:  # noqa: PLR0124 - that is what NaN is
        return m + 1 + s
    for k in range(s):
        if x == special[k]:
            return m + 1 + k
    low, length = 0, m
    while length > 1:
        half = length >> 1
        # a sum and no branch: which way a value goes is anybody's guess
        low += half * (edges[low + half - 1] < x)
        length -= half
    return low + (m > 0 and edges[low] < x)


@njit(cache=True, nogil=True)
def place_numbers(values, edges, special, out):  # type: ignore[no-untyped-def]  # numba
    """Write each value's bin."""
    for r in range(len(values)):
        out[r] = _place(values[r], edges, special)


@njit(cache=True, nogil=True)
def count_cells(places, cell, counts):  # type: ignore[no-untyped-def]  # numba
    """Add one to (bin, cell) for each row."""
    for r in range(len(places)):
        counts[places[r], cell[r]] += 1


@njit(cache=True, nogil=True)
def weigh_cells(places, cell, weights, sums):  # type: ignore[no-untyped-def]  # numba
    """Add each row's weight to (bin, cell)."""
    for r in range(len(places)):
        sums[places[r], cell[r]] += weights[r]


@njit(cache=True, nogil=True)
def likelihoods(rows, bads, of, weights, out):  # type: ignore[no-untyped-def]  # numba
    """Add the beta-binomial log-likelihood of levels under each prior weight, but for constants.

    `of` holds how many levels have these rows and bads, and the portfolio's bad rate.
    """
    times, rate = of
    for w in range(len(weights)):
        bad, good = weights[w] * rate, weights[w] * (1.0 - rate)
        fixed = math.lgamma(weights[w]) - math.lgamma(bad) - math.lgamma(good)
        for r in range(len(rows)):
            out[w] += times[r] * (
                math.lgamma(bads[r] + bad)
                + math.lgamma(rows[r] - bads[r] + good)
                - math.lgamma(rows[r] + weights[w])
                + fixed
            )
