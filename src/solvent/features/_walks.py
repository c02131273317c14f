"""How the kernel walks one application's visible rows, newest first, for one accumulator.

At each window's end the running state *is* that window's value, so one walk serves all windows.

Exact values: |x| <= 2**40 and fewer than 2**23 rows, so sums fit in int64 and the determinant
n * sum(x^2) - sum(x)^2 fits in 128 bits; it is rounded to float64 once, correctly.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64

from solvent.features._codes import (
    AS_AGE,
    AS_COUNT,
    AS_MAX,
    AS_MEAN,
    AS_MIN,
    AS_STD,
    AS_SUM,
    COUNT,
    DAY,
    DIVISOR,
    END_OUT,
    FINALISER,
    FIRST_OUT,
    KIND,
    LAST_FLOAT,
    MAX_KNOWN,
    MOST,
    NEVER,
    NEWEST,
    NULL,
    OLDEST,
    ROW_EXACT,
    ROW_FLOAT,
    SHARE,
    TARGET,
    VALUE,
    VALUE_KNOWN,
    WHERE,
    WHERE_KNOWN,
    WINDOW,
)
from solvent.features._wide import variance_numerator

_LOW = 2**20 - 1


@njit(cache=True, inline="always")
def variant(base, table, column, row, at, known):  # type: ignore[no-untyped-def]  # numba
    """Pick the variant of a value by which of its late columns are known at `at`."""
    if table[column] < 0:
        return base
    index = base
    for k in range(MAX_KNOWN):
        late = table[column + k]
        if late >= 0 and known[late, row] <= at:
            index += 1 << k
    return index


@njit(cache=True, error_model="numpy")
def walk_exact(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    rows, ends, at, _ = view
    exacts, _, truths, known = slots
    _, table, outs, numbers = program
    base, where = table[g, VALUE], table[g, WHERE]
    n = total = high = middle = low = 0
    smallest, largest = NEVER, NULL
    j = taken = 0
    most = table[g, MOST]
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end and taken != most:
            i = rows[j]
            j += 1
            if where >= 0 and truths[variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            taken += 1
            x = exacts[variant(base, table[g], VALUE_KNOWN, i, at, known), i]
            if x == NULL:
                continue
            n += 1
            total += x
            size = abs(x)
            a, b = size >> 20, size & _LOW
            high += a * a
            middle += a * b
            low += b * b
            smallest = min(smallest, x)
            largest = max(largest, x)
        final, divisor, count = outs[o, FINALISER], numbers[o, DIVISOR], np.float64(n)
        value = np.nan
        if final == AS_COUNT:
            value = count
        elif final == AS_SUM:
            value = np.float64(total) / divisor
        elif n > 0 and final == AS_MEAN:
            value = np.float64(total) / count / divisor
        elif n > 1 and final == AS_STD:
            spread = variance_numerator(n, total, high, middle, low)
            value = np.sqrt(spread / (count * (count - 1.0))) / divisor
        elif n > 0 and final == AS_MIN:
            value = np.float64(smallest) / divisor
        elif n > 0 and final == AS_MAX:
            value = np.float64(largest) / divisor
        out[outs[o, TARGET]] = value


@njit(cache=True, error_model="numpy")
def walk_float(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    rows, ends, at, _ = view
    _, floats, truths, known = slots
    _, table, outs, _ = program
    base, where = table[g, VALUE], table[g, WHERE]
    n = 0.0
    total = average = spread = 0.0
    smallest, largest = np.inf, -np.inf
    j = taken = 0
    most = table[g, MOST]
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end and taken != most:
            i = rows[j]
            j += 1
            if where >= 0 and truths[variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            taken += 1
            x = floats[variant(base, table[g], VALUE_KNOWN, i, at, known), i]
            if np.isnan(x):
                continue
            n += 1.0
            total = total + x
            gap = x - average
            average = average + gap / n
            spread = spread + gap * (x - average)
            smallest = min(smallest, x)
            largest = max(largest, x)
        final = outs[o, FINALISER]
        value = np.nan
        if final == AS_COUNT:
            value = n
        elif final == AS_SUM:
            value = total
        elif n > 0.0 and final == AS_MEAN:
            value = total / n
        elif n > 1.0 and final == AS_STD:
            value = np.sqrt(spread / (n - 1.0))
        elif n > 0.0 and final == AS_MIN:
            value = smallest
        elif n > 0.0 and final == AS_MAX:
            value = largest
        out[outs[o, TARGET]] = value if np.isfinite(value) else np.nan


@njit(cache=True)
def walk_distinct(g, view, slots, program, bag, out):  # type: ignore[no-untyped-def]  # numba
    """Distinct values, by a set whose entries count only while they bear this walk's stamp."""
    rows, ends, at, _ = view
    exacts, _, truths, known = slots
    _, table, outs, _ = program
    seen, stamps, _, _, stamp, mask = bag
    base, where = table[g, VALUE], table[g, WHERE]
    n = j = taken = 0
    most = table[g, MOST]
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end and taken != most:
            i = rows[j]
            j += 1
            if where >= 0 and truths[variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            taken += 1
            x = exacts[variant(base, table[g], VALUE_KNOWN, i, at, known), i]
            if x == NULL:
                continue
            spot = np.int64((uint64(x) * uint64(0x9E3779B97F4A7C15)) >> uint64(33)) & mask
            while stamps[spot] == stamp and seen[spot] != x:
                spot = (spot + 1) & mask
            if stamps[spot] != stamp:
                stamps[spot], seen[spot] = stamp, x
                n += 1
        out[outs[o, TARGET]] = np.float64(n)


@njit(cache=True, error_model="numpy")
def walk_rows(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Counts, shares and times: accumulators that read no value."""
    rows, ends, at, time = view
    _, _, truths, known = slots
    _, table, outs, _ = program
    kind, where = table[g, KIND], table[g, WHERE]
    n = yes = j = 0
    newest = oldest = NULL
    taken = 0
    most = table[g, MOST]
    every = where < 0 and most < 0
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        if every and end > j:
            # nothing to ask of the rows between: their number and the outermost ones say it all
            newest, oldest = time[rows[0]], time[rows[end - 1]]
            n = j = end
        while j < end and taken != most:
            i = rows[j]
            j += 1
            if where >= 0:
                truth = truths[variant(where, table[g], WHERE_KNOWN, i, at, known), i]
                if truth == 1:
                    yes += 1
                if truth != 1 and (kind != SHARE or truth != 0):
                    continue
            taken += 1
            n += 1
            if newest == NULL:
                newest = time[i]
            oldest = time[i]
        value = np.nan
        if kind == COUNT:
            value = np.float64(n)
        elif n > 0 and kind == SHARE:
            value = np.float64(yes) / np.float64(n)
        elif n > 0 and kind == NEWEST:
            value = np.float64(at - newest) / DAY
        elif n > 0 and kind == OLDEST:
            value = np.float64(at - oldest) / DAY
        out[outs[o, TARGET]] = value


@njit(cache=True, error_model="numpy")
def walk_last(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Newest known value (LAST), or the value of the newest row (ROW)."""
    rows, ends, at, _ = view
    exacts, floats, truths, known = slots
    _, table, outs, numbers = program
    kind, base, where = table[g, KIND], table[g, VALUE], table[g, WHERE]
    whole_row = kind in (ROW_EXACT, ROW_FLOAT)
    found = False
    value = np.nan
    j = taken = 0
    most = table[g, MOST]
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end and taken != most and not found:
            i = rows[j]
            j += 1
            if where >= 0 and truths[variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            taken += 1
            pick = variant(base, table[g], VALUE_KNOWN, i, at, known)
            if kind in (LAST_FLOAT, ROW_FLOAT):
                value = floats[pick, i]
                found = whole_row or not np.isnan(value)
                continue
            x = exacts[pick, i]
            if x != NULL:
                found = True
                if outs[o, FINALISER] == AS_AGE:
                    value = np.float64(at - x) / DAY
                else:
                    value = np.float64(x) / numbers[o, DIVISOR]
            found = found or whole_row
        out[outs[o, TARGET]] = value
