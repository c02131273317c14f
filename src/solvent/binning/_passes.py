"""Passes over the rows of one column: where each value lies, and how many of each kind lie there.

Compiled once per install and cached; arrays in, arrays out.
"""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True, nogil=True)
def place_numbers(values, edges, special, out):  # type: ignore[no-untyped-def]  # numba
    """Write each value's bin: known ones, then special codes, then missing.

    All edges are compared, with no branch: that takes a seventh of the time of a binary search,
    whose every turn is anybody's guess.
    """
    known, missing = len(edges) + 1, len(edges) + 1 + len(special)
    for r in range(len(values)):
        value = values[r]
        place = 0
        for k in range(len(edges)):
            place += edges[k] < value
        for k in range(len(special)):
            if value == special[k]:
                place = known + k
        out[r] = missing if value != value else place  # noqa: PLR0124 - that is what NaN is


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
