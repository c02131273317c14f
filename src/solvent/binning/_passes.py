"""Passes over the rows of one column: where each value lies, and how many of each kind lie there.

Compiled once per install and cached; arrays in, arrays out.
"""

from __future__ import annotations

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
        if edges[low + half - 1] < x:
            low += half
        length -= half
    if m > 0 and edges[low] < x:
        low += 1
    return low


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
