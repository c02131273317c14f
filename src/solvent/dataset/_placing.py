"""Which rows belong to which customer: compiled, for whole numbers as keys."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def placed(key, times, book, bounds, counts):  # type: ignore[no-untyped-def]  # numba
    """Pick the rows that some application could see, and count them by entity.

    Args:
        key: int64, shape (n,).
        times: (event time, available time): int64, shape (n,).
        book: (least key, entity of each key from there on, -1 for none).
        bounds: (earliest, latest event time, latest available time) of each entity.
        counts: Rows of each entity; those picked are added.

    Returns:
        (places, entity) of the picked rows.
    """
    time, available = times
    least, entities = book
    earliest, latest, known = bounds
    n = len(key)
    places, entity = np.empty(n, np.int64), np.empty(n, np.int32)
    m = 0
    for i in range(n):
        at = key[i] - least
        if at < 0 or at >= len(entities) or key[i] < least:
            continue
        e = entities[at]
        if e < 0 or available[i] > known[e] or time[i] > latest[e] or time[i] < earliest[e]:
            continue
        places[m] = i
        entity[m] = e
        counts[e] += 1
        m += 1
    return places[:m], entity[:m]


@njit(cache=True, nogil=True)
def spots(entity, free):  # type: ignore[no-untyped-def]  # numba
    """Hand each row the next free place of its entity; int64, shape (n,)."""
    found = np.empty(len(entity), np.int64)
    for i in range(len(entity)):
        e = entity[i]
        found[i] = free[e]
        free[e] += 1
    return found


@njit(cache=True, nogil=True)
def ordered(starts, time):  # type: ignore[no-untyped-def]  # numba
    """Return the order that sorts each entity's rows by time, and whether any was out of it."""
    order = np.arange(len(time))
    moved = False
    for e in range(len(starts) - 1):
        low, high = starts[e], starts[e + 1]
        for j in range(low + 1, high):
            if time[j] < time[j - 1]:
                order[low:high] = low + np.argsort(time[low:high], kind="mergesort")
                moved = True
                break
    return order, moved


@njit(cache=True, nogil=True)
def picked(array, places):  # type: ignore[no-untyped-def]  # numba
    """Return `array` at `places`."""
    found = np.empty(len(places), array.dtype)
    for i in range(len(places)):
        found[i] = array[places[i]]
    return found


@njit(cache=True, nogil=True)
def lay(into, at, piece):  # type: ignore[no-untyped-def]  # numba
    """Write `piece` to the places `at` of `into`."""
    for i in range(len(at)):
        into[at[i]] = piece[i]
