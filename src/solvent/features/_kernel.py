"""The one kernel every product's features run through.

The program is arrays, so this is compiled once per install and cached, never per product. For
each application it gathers the visible rows newest first, then lets every accumulator walk them
once.
"""

from __future__ import annotations

import gc

import numpy as np
from numba import njit, uint64

from solvent.features._codes import (
    COUNT,
    DISTINCT,
    EXACT,
    FIRST_EXACT,
    FIRST_FLOAT,
    FLOAT,
    GAPS,
    KIND,
    LAST_EXACT,
    LAST_FLOAT,
    LEVELS,
    NEVER,
    NEWEST,
    NULL,
    OLDEST,
    QUANTILE_EXACT,
    QUANTILE_FLOAT,
    ROW_EXACT,
    ROW_FLOAT,
    SHARE,
    TREND_EXACT,
    TREND_FLOAT,
)
from solvent.features._sequences import (
    walk_first,
    walk_gaps,
    walk_levels,
    walk_quantile,
    walk_streak,
    walk_trend,
)
from solvent.features._walks import walk_distinct, walk_exact, walk_float, walk_last, walk_rows

PARTS = "79e0638a4df321c3"
"""Digest of the files the kernel is made of. Numba's cache looks at this file alone: without a
change here it would go on using what was compiled of older parts."""


@njit(cache=True)
def _gather(e, at, rows_of, windows, rows, ends):  # type: ignore[no-untyped-def]  # numba
    """Collect visible rows newest first and say where each window ends; return nothing."""
    starts, time, seen_from, seen_until, inclusive = rows_of
    low, high = starts[e], starts[e + 1]
    first, last = low, high
    while first < last:
        middle = (first + last) >> 1
        if time[middle] < at or (inclusive and time[middle] == at):
            first = middle + 1
        else:
            last = middle
    m = w = 0
    for i in range(first - 1, low - 1, -1):
        while w < len(windows) and windows[w] != NEVER and time[i] < at - windows[w]:
            ends[w] = m
            w += 1
        if w == len(windows):
            break
        if seen_from[i] <= at < seen_until[i]:
            rows[m] = i
            m += 1
    while w < len(windows):
        ends[w] = m
        w += 1


@njit(cache=True, nogil=True)
def longest(starts, entity):  # type: ignore[no-untyped-def]  # numba
    """Return the most rows any of the entities has."""
    most = 0
    for e in entity:
        most = max(most, starts[e + 1] - starts[e])
    return most


def ready() -> None:
    """Load what compiled code needs to run; a second call does nothing.

    Numba makes a great many objects that stay; the garbage collector, walking all of them again
    and again, took a quarter of the time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        longest(np.zeros(2, np.int64), np.zeros(0, np.int64))
    finally:
        if collects:
            gc.enable()


@njit(cache=True, nogil=True)
def run(span, applications, rows_of, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Fill the rows of `out` in `span` for one source.

    Args:
        span: (first application, one past the last).
        applications: (entity, as_of): int64 arrays, shape (n,).
        rows_of: (starts, time, seen_from, seen_until, inclusive): rows sorted by entity and time.
        slots: (exacts, floats, truths, known): 2-d arrays, one row per value, one column per row.
        program: (windows ascending, accumulator table, output table, divisor and quantile of each).
        out: float64, shape (n, features).
    """
    first, last = span
    entity, as_of = applications
    starts, time = rows_of[0], rows_of[1]
    windows, table = program[0], program[1]
    most = longest(starts, entity[first:last])
    rows = np.empty(most + 1, np.int64)
    ends = np.empty(len(windows), np.int64)
    size = 16
    while size < 2 * most:
        size *= 2
    seen, stamps, counts = (
        np.empty(size, np.int64),
        np.zeros(size, np.int64),
        np.empty(size, np.int64),
    )
    spots, buffer = np.empty(most + 1, np.int64), np.empty(most + 1, np.float64)
    stamp = 0
    for a in range(first, last):
        at = as_of[a]
        _gather(entity[a], at, rows_of, windows, rows, ends)
        view = (rows, ends, at, time)
        # of the set only what this application needs is touched, so that it stays in the cache
        mask = 15
        while mask + 1 < 2 * ends[-1]:
            mask = 2 * mask + 1
        for g in range(len(table)):
            kind = table[g, KIND]
            if kind == EXACT:
                walk_exact(g, view, slots, program, out[a])
            elif kind == FLOAT:
                walk_float(g, view, slots, program, out[a])
            elif kind in (COUNT, SHARE, NEWEST, OLDEST):
                walk_rows(g, view, slots, program, out[a])
            elif kind in (LAST_EXACT, LAST_FLOAT, ROW_EXACT, ROW_FLOAT):
                walk_last(g, view, slots, program, out[a])
            elif kind in (DISTINCT, LEVELS):
                stamp += 1
                bag = (seen, stamps, counts, spots, stamp, mask)
                if kind == DISTINCT:
                    walk_distinct(g, view, slots, program, bag, out[a])
                else:
                    walk_levels(g, view, slots, program, bag, out[a])
            elif kind in (FIRST_EXACT, FIRST_FLOAT):
                walk_first(g, view, slots, program, out[a])
            elif kind in (TREND_EXACT, TREND_FLOAT):
                walk_trend(g, view, slots, program, out[a])
            elif kind in (QUANTILE_EXACT, QUANTILE_FLOAT):
                walk_quantile(g, view, slots, program, buffer, out[a])
            elif kind == GAPS:
                walk_gaps(g, view, slots, program, out[a])
            else:
                walk_streak(g, view, slots, program, out[a])


@njit(cache=True, nogil=True)
def repeated(starts, ids):  # type: ignore[no-untyped-def]  # numba
    """Mark rows whose id stands on another row of the same entity; bool, shape (n,)."""
    marks = np.zeros(len(ids), np.bool_)
    most = 0
    for e in range(len(starts) - 1):
        most = max(most, starts[e + 1] - starts[e])
    size = 16
    while size < 2 * most:
        size *= 2
    mask = size - 1
    holder, stamps = np.empty(size, np.int64), np.zeros(size, np.int64)
    for e in range(len(starts) - 1):
        for i in range(starts[e], starts[e + 1]):
            if ids[i] == NULL:
                continue
            spot = np.int64((uint64(ids[i]) * uint64(0x9E3779B97F4A7C15)) >> uint64(33)) & mask
            while stamps[spot] == e + 1 and ids[holder[spot]] != ids[i]:
                spot = (spot + 1) & mask
            if stamps[spot] == e + 1:
                marks[i] = marks[holder[spot]] = True
            else:
                stamps[spot], holder[spot] = e + 1, i
    return marks


@njit(cache=True, nogil=True)
def grouped(entity, time, entities):  # type: ignore[no-untyped-def]  # numba
    """Sort rows by (entity, time): a counting sort, then a merge sort of what is out of order.

    Returns:
        (starts, order): rows of entity e are order[starts[e] : starts[e + 1]].
    """
    n = len(entity)
    starts = np.zeros(entities + 1, np.int64)
    for e in entity:
        starts[e + 1] += 1
    for e in range(entities):
        starts[e + 1] += starts[e]
    free = starts[:-1].copy()
    order = np.empty(n, np.int64)
    for i in range(n):
        e = entity[i]
        order[free[e]] = i
        free[e] += 1
    for e in range(entities):
        low, high = starts[e], starts[e + 1]
        for j in range(low + 1, high):
            if time[order[j]] < time[order[j - 1]]:
                places = order[low:high].copy()
                order[low:high] = places[np.argsort(time[places], kind="mergesort")]
                break
    return starts, order
