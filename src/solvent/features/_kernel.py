"""The one kernel every product's features run through.

The program is arrays, so this is compiled once per install and cached, never per product. For
each application it gathers the visible rows newest first, then lets every accumulator walk them
once; at each window's end the running state *is* that window's value.

Exact values: |x| <= 2**40 and fewer than 2**23 rows, so sums fit in int64 and the determinant
n * sum(x^2) - sum(x)^2 fits in 128 bits; it is rounded to float64 once, correctly.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64

# Accumulators: how rows are walked.
(
    COUNT,
    EXACT,
    FLOAT,
    DISTINCT,
    LAST_EXACT,
    LAST_FLOAT,
    SHARE,
    NEWEST,
    OLDEST,
    ROW_EXACT,
    ROW_FLOAT,
) = range(11)
# Finalisers: what the state becomes.
AS_COUNT, AS_SUM, AS_MEAN, AS_STD, AS_MIN, AS_MAX, AS_VALUE, AS_AGE = range(8)
# Columns of the accumulator table.
(KIND, VALUE, WHERE, VALUE_KNOWN, WHERE_KNOWN, FIRST_OUT, END_OUT) = (0, 1, 2, 3, 6, 9, 10)
ACCUMULATOR_WIDTH = 11
MAX_KNOWN = 3
# Columns of the output table.
WINDOW, FINALISER, TARGET = 0, 1, 2

_NULL = -(2**63)
_NEVER = 2**63 - 1
_DAY = 86_400_000_000.0
_LOW = 2**20 - 1


@njit(cache=True, inline="always")
def _variant(base, table, column, row, at, known):  # type: ignore[no-untyped-def]  # numba
    """Pick the variant of a value by which of its late columns are known at `at`."""
    if table[column] < 0:
        return base
    index = base
    for k in range(MAX_KNOWN):
        late = table[column + k]
        if late >= 0 and known[late, row] <= at:
            index += 1 << k
    return index


@njit(cache=True)
def _multiply(a, b):  # type: ignore[no-untyped-def]  # numba
    """Return the 128-bit product of two uint64 as (high, low)."""
    mask, half = uint64(0xFFFFFFFF), uint64(32)
    al, ah, bl, bh = a & mask, a >> half, b & mask, b >> half
    ll, lh, hl, hh = al * bl, al * bh, ah * bl, ah * bh
    middle = (ll >> half) + (lh & mask) + (hl & mask)
    return hh + (lh >> half) + (hl >> half) + (middle >> half), (ll & mask) | (middle << half)


@njit(cache=True)
def _add(high, low, a_high, a_low):  # type: ignore[no-untyped-def]  # numba
    """Add two unsigned 128-bit numbers."""
    total = low + a_low
    carry = uint64(1) if total < low else uint64(0)
    return high + a_high + carry, total


@njit(cache=True)
def _to_float(high, low):  # type: ignore[no-untyped-def]  # numba
    """Round an unsigned 128-bit number to the nearest float64, ties to even."""
    if high == uint64(0):
        return np.float64(low)
    bits = 0
    rest = high
    while rest != uint64(0):
        rest = rest >> uint64(1)
        bits += 1
    shift = uint64(bits)
    if bits < 64:
        top = (high << (uint64(64) - shift)) | (low >> shift)
        lost = low & ((uint64(1) << shift) - uint64(1))
    else:
        top, lost = high, low
    if lost != uint64(0):
        top = top | uint64(1)
    return np.float64(top) * 2.0**bits


@njit(cache=True)
def _variance_numerator(n, total, squares_high, squares_middle, squares_low):  # type: ignore[no-untyped-def]  # numba
    """Return n * sum(x^2) - sum(x)^2, rounded once.

    Sum of squares = high * 2**40 + middle * 2**21 + low, from halves of 20 bits.
    """
    high, low = _multiply(uint64(squares_high), uint64(1) << uint64(40))
    m_high, m_low = _multiply(uint64(squares_middle), uint64(1) << uint64(21))
    high, low = _add(high, low, m_high, m_low)
    high, low = _add(high, low, uint64(0), uint64(squares_low))
    n_high, n_low = _multiply(low, uint64(n))
    n_high = n_high + high * uint64(n)
    size = uint64(total) if total >= 0 else uint64(0) - uint64(total)
    s_high, s_low = _multiply(size, size)
    borrow = uint64(1) if n_low < s_low else uint64(0)
    return _to_float(n_high - s_high - borrow, n_low - s_low)


@njit(cache=True, error_model="numpy")
def _walk_exact(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    rows, ends, at, _ = view
    exacts, _, truths, known = slots
    _, table, outs, divisors = program
    base, where = table[g, VALUE], table[g, WHERE]
    n = total = high = middle = low = 0
    smallest, largest = _NEVER, _NULL
    j = 0
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end:
            i = rows[j]
            j += 1
            if where >= 0 and truths[_variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            x = exacts[_variant(base, table[g], VALUE_KNOWN, i, at, known), i]
            if x == _NULL:
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
        final, divisor, count = outs[o, FINALISER], divisors[o], np.float64(n)
        value = np.nan
        if final == AS_COUNT:
            value = count
        elif final == AS_SUM:
            value = np.float64(total) / divisor
        elif n > 0 and final == AS_MEAN:
            value = np.float64(total) / count / divisor
        elif n > 1 and final == AS_STD:
            spread = _variance_numerator(n, total, high, middle, low)
            value = np.sqrt(spread / (count * (count - 1.0))) / divisor
        elif n > 0 and final == AS_MIN:
            value = np.float64(smallest) / divisor
        elif n > 0 and final == AS_MAX:
            value = np.float64(largest) / divisor
        out[outs[o, TARGET]] = value


@njit(cache=True, error_model="numpy")
def _walk_float(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    rows, ends, at, _ = view
    _, floats, truths, known = slots
    _, table, outs, _ = program
    base, where = table[g, VALUE], table[g, WHERE]
    n = 0.0
    total = average = spread = 0.0
    smallest, largest = np.inf, -np.inf
    j = 0
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end:
            i = rows[j]
            j += 1
            if where >= 0 and truths[_variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            x = floats[_variant(base, table[g], VALUE_KNOWN, i, at, known), i]
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
def _walk_distinct(g, view, slots, program, bag, out):  # type: ignore[no-untyped-def]  # numba
    """Distinct values, by a set whose entries count only while they bear this walk's stamp."""
    rows, ends, at, _ = view
    exacts, _, truths, known = slots
    _, table, outs, _ = program
    seen, stamps, stamp = bag
    base, where = table[g, VALUE], table[g, WHERE]
    mask = len(seen) - 1
    n = j = 0
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end:
            i = rows[j]
            j += 1
            if where >= 0 and truths[_variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            x = exacts[_variant(base, table[g], VALUE_KNOWN, i, at, known), i]
            if x == _NULL:
                continue
            spot = np.int64((uint64(x) * uint64(0x9E3779B97F4A7C15)) >> uint64(33)) & mask
            while stamps[spot] == stamp and seen[spot] != x:
                spot = (spot + 1) & mask
            if stamps[spot] != stamp:
                stamps[spot], seen[spot] = stamp, x
                n += 1
        out[outs[o, TARGET]] = np.float64(n)


@njit(cache=True, error_model="numpy")
def _walk_rows(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Counts, shares and times: accumulators that read no value."""
    rows, ends, at, time = view
    _, _, truths, known = slots
    _, table, outs, _ = program
    kind, where = table[g, KIND], table[g, WHERE]
    n = yes = j = 0
    newest = oldest = _NULL
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end:
            i = rows[j]
            j += 1
            if where >= 0:
                truth = truths[_variant(where, table[g], WHERE_KNOWN, i, at, known), i]
                if truth == 1:
                    yes += 1
                if truth != 1 and (kind != SHARE or truth != 0):
                    continue
            n += 1
            if newest == _NULL:
                newest = time[i]
            oldest = time[i]
        value = np.nan
        if kind == COUNT:
            value = np.float64(n)
        elif n > 0 and kind == SHARE:
            value = np.float64(yes) / np.float64(n)
        elif n > 0 and kind == NEWEST:
            value = np.float64(at - newest) / _DAY
        elif n > 0 and kind == OLDEST:
            value = np.float64(at - oldest) / _DAY
        out[outs[o, TARGET]] = value


@njit(cache=True, error_model="numpy")
def _walk_last(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Newest known value (LAST), or the value of the newest row (ROW)."""
    rows, ends, at, _ = view
    exacts, floats, truths, known = slots
    _, table, outs, divisors = program
    kind, base, where = table[g, KIND], table[g, VALUE], table[g, WHERE]
    whole_row = kind in (ROW_EXACT, ROW_FLOAT)
    found = False
    value = np.nan
    j = 0
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end and not found:
            i = rows[j]
            j += 1
            if where >= 0 and truths[_variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            pick = _variant(base, table[g], VALUE_KNOWN, i, at, known)
            if kind in (LAST_FLOAT, ROW_FLOAT):
                value = floats[pick, i]
                found = whole_row or not np.isnan(value)
                continue
            x = exacts[pick, i]
            if x != _NULL:
                found = True
                if outs[o, FINALISER] == AS_AGE:
                    value = np.float64(at - x) / _DAY
                else:
                    value = np.float64(x) / divisors[o]
            found = found or whole_row
        out[outs[o, TARGET]] = value


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
        while w < len(windows) and windows[w] != _NEVER and time[i] < at - windows[w]:
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


@njit(cache=True, nogil=True)
def run(span, applications, rows_of, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Fill the rows of `out` in `span` for one source.

    Args:
        span: (first application, one past the last).
        applications: (entity, as_of): int64 arrays, shape (n,).
        rows_of: (starts, time, seen_from, seen_until, inclusive): rows sorted by entity and time.
        slots: (exacts, floats, truths, known): 2-d arrays, one row per value, one column per row.
        program: (windows ascending, accumulator table, output table, divisors).
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
    seen, stamps = np.empty(size, np.int64), np.zeros(size, np.int64)
    stamp = 0
    for a in range(first, last):
        at = as_of[a]
        _gather(entity[a], at, rows_of, windows, rows, ends)
        view = (rows, ends, at, time)
        for g in range(len(table)):
            kind = table[g, KIND]
            if kind == EXACT:
                _walk_exact(g, view, slots, program, out[a])
            elif kind == FLOAT:
                _walk_float(g, view, slots, program, out[a])
            elif kind == DISTINCT:
                stamp += 1
                _walk_distinct(g, view, slots, program, (seen, stamps, stamp), out[a])
            elif kind in (COUNT, SHARE, NEWEST, OLDEST):
                _walk_rows(g, view, slots, program, out[a])
            else:
                _walk_last(g, view, slots, program, out[a])


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
            if ids[i] == _NULL:
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
