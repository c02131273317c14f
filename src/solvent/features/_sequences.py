"""Walks that keep more than sums: levels and counts, gaps, streaks, quantiles, trends.

They read an application's visible rows newest first, as those of `_walks` do.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint64

from solvent.features._codes import (
    AS_AGE,
    AS_ENTROPY,
    AS_MAX,
    AS_MEAN,
    AS_MIN,
    AS_MODE,
    AS_SESSIONS,
    AS_STD,
    DAY,
    DIVISOR,
    END_OUT,
    FINALISER,
    FIRST_FLOAT,
    FIRST_OUT,
    GAP,
    KIND,
    MOST,
    NEVER,
    NULL,
    QUANTILE,
    QUANTILE_FLOAT,
    STREAK,
    TARGET,
    TREND_FLOAT,
    VALUE,
    VALUE_KNOWN,
    WHERE,
    WHERE_KNOWN,
    WINDOW,
)
from solvent.features._walks import variant


@njit(cache=True, error_model="numpy")
def walk_first(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Oldest known value."""
    rows, ends, at, _ = view
    exacts, floats, truths, known = slots
    _, table, outs, numbers = program
    kind, base, where, most = table[g, KIND], table[g, VALUE], table[g, WHERE], table[g, MOST]
    exact, number, found = 0, np.nan, False
    j = taken = 0
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end and taken != most:
            i = rows[j]
            j += 1
            if where >= 0 and truths[variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            taken += 1
            pick = variant(base, table[g], VALUE_KNOWN, i, at, known)
            if kind == FIRST_FLOAT:
                if not np.isnan(floats[pick, i]):
                    number, found = floats[pick, i], True
            elif exacts[pick, i] != NULL:
                exact, found = exacts[pick, i], True
        value = np.nan
        if found and kind == FIRST_FLOAT:
            value = number
        elif found and outs[o, FINALISER] == AS_AGE:
            value = np.float64(at - exact) / DAY
        elif found:
            value = np.float64(exact) / numbers[o, DIVISOR]
        out[outs[o, TARGET]] = value


@njit(cache=True, error_model="numpy")
def walk_levels(g, view, slots, program, bag, out):  # type: ignore[no-untyped-def]  # numba
    """How often each value stands: the most common one, and the entropy of all in nats.

    Values are held in the order of their newest row, which settles ties and the order of the sum.
    """
    rows, ends, at, _ = view
    exacts, _, truths, known = slots
    _, table, outs, numbers = program
    seen, stamps, counts, spots, stamp, mask = bag
    base, where, most = table[g, VALUE], table[g, WHERE], table[g, MOST]
    n = held = j = taken = 0
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
                stamps[spot], seen[spot], counts[spot], spots[held] = stamp, x, 0, spot
                held += 1
            counts[spot] += 1
            n += 1
        value = np.nan
        if n > 0 and outs[o, FINALISER] == AS_MODE:
            best = spots[0]
            for k in range(1, held):
                if counts[spots[k]] > counts[best]:
                    best = spots[k]
            value = np.float64(seen[best]) / numbers[o, DIVISOR]
        elif n > 0 and outs[o, FINALISER] == AS_ENTROPY:
            value = 0.0
            for k in range(held):
                part = np.float64(counts[spots[k]]) / np.float64(n)
                value = value - part * np.log(part)
        out[outs[o, TARGET]] = value


@njit(cache=True, error_model="numpy")
def walk_trend(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Slope of a value over time by least squares, per day: one pass, a stable recurrence."""
    rows, ends, at, time = view
    exacts, floats, truths, known = slots
    _, table, outs, numbers = program
    kind, base, where, most = table[g, KIND], table[g, VALUE], table[g, WHERE], table[g, MOST]
    n = mean_age = mean_x = spread = together = 0.0
    j = taken = 0
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end and taken != most:
            i = rows[j]
            j += 1
            if where >= 0 and truths[variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            taken += 1
            pick = variant(base, table[g], VALUE_KNOWN, i, at, known)
            if kind == TREND_FLOAT:
                x = floats[pick, i]
                if np.isnan(x):
                    continue
            else:
                if exacts[pick, i] == NULL:
                    continue
                x = np.float64(exacts[pick, i]) / numbers[o, DIVISOR]
            n += 1.0
            age = np.float64(at - time[i]) / DAY
            gap = age - mean_age
            mean_age = mean_age + gap / n
            mean_x = mean_x + (x - mean_x) / n
            spread = spread + gap * (age - mean_age)
            together = together + gap * (x - mean_x)
        value = np.nan
        if n > 1.0 and spread > 0.0:
            value = -together / spread + 0.0
        out[outs[o, TARGET]] = value if np.isfinite(value) else np.nan


@njit(cache=True, error_model="numpy")
def walk_quantile(g, view, slots, program, buffer, out):  # type: ignore[no-untyped-def]  # numba
    """Exact quantiles: between the two values next to (n - 1) q of the sorted ones."""
    rows, ends, at, _ = view
    exacts, floats, truths, known = slots
    _, table, outs, numbers = program
    kind, base, where, most = table[g, KIND], table[g, VALUE], table[g, WHERE], table[g, MOST]
    n = ordered = j = taken = 0
    values = buffer[:0]
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end and taken != most:
            i = rows[j]
            j += 1
            if where >= 0 and truths[variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            taken += 1
            pick = variant(base, table[g], VALUE_KNOWN, i, at, known)
            if kind == QUANTILE_FLOAT:
                x = floats[pick, i]
            else:
                x = np.nan if exacts[pick, i] == NULL else np.float64(exacts[pick, i])
            if not np.isnan(x):
                buffer[n] = x
                n += 1
        value = np.nan
        if n > 0:
            if n != ordered:
                values, ordered = np.sort(buffer[:n]), n
            place = np.float64(n - 1) * numbers[o, QUANTILE]
            low = np.int64(np.floor(place))
            high = min(low + 1, n - 1)
            between = values[low] + (place - np.float64(low)) * (values[high] - values[low])
            value = between / numbers[o, DIVISOR]
        out[outs[o, TARGET]] = value if np.isfinite(value) else np.nan


@njit(cache=True, error_model="numpy")
def walk_gaps(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Time between rows that follow each other, in days, and sessions: runs without a long gap."""
    rows, ends, at, time = view
    _, _, truths, known = slots
    _, table, outs, _ = program
    where, most, allowed = table[g, WHERE], table[g, MOST], table[g, GAP]
    n = sessions = whole = longest = before = j = taken = 0
    shortest = NEVER
    average = spread = 0.0
    for o in range(table[g, FIRST_OUT], table[g, END_OUT]):
        end = ends[outs[o, WINDOW]]
        while j < end and taken != most:
            i = rows[j]
            j += 1
            if where >= 0 and truths[variant(where, table[g], WHERE_KNOWN, i, at, known), i] != 1:
                continue
            taken += 1
            gap = before - time[i] if n > 0 else 0
            before = time[i]
            sessions += 1 if n == 0 or gap > allowed else 0
            if n > 0:
                whole += gap
                shortest, longest = min(shortest, gap), max(longest, gap)
                days = np.float64(gap) / DAY
                away = days - average
                average = average + away / np.float64(n)
                spread = spread + away * (days - average)
            n += 1
        final = outs[o, FINALISER]
        value = np.nan
        if final == AS_SESSIONS:
            value = np.float64(sessions)
        elif n > 1 and final == AS_MEAN:
            value = np.float64(whole) / np.float64(n - 1) / DAY
        elif n > 2 and final == AS_STD:
            value = np.sqrt(spread / np.float64(n - 2))
        elif n > 1 and final == AS_MIN:
            value = np.float64(shortest) / DAY
        elif n > 1 and final == AS_MAX:
            value = np.float64(longest) / DAY
        out[outs[o, TARGET]] = value


@njit(cache=True, error_model="numpy")
def walk_streak(g, view, slots, program, out):  # type: ignore[no-untyped-def]  # numba
    """Longest run of known values: of truths that hold, or (STEPS) of values one apart."""
    rows, ends, at, _ = view
    exacts, _, truths, known = slots
    _, table, outs, _ = program
    kind, base, where, most = table[g, KIND], table[g, VALUE], table[g, WHERE], table[g, MOST]
    longest = streak = j = taken = 0
    before = NULL
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
            if kind == STREAK:
                streak = streak + 1 if x == 1 else 0
            elif before == NULL or x != before:
                streak = streak + 1 if x == before - 1 and before != NULL else 1
            before = x
            longest = max(longest, streak)
        out[outs[o, TARGET]] = np.float64(longest)
