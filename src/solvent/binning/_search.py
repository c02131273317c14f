"""The exact search: of all ways to join neighbouring pre-bins, the allowed one of highest IV.

Dynamic programming over (last bin, bins used, and for a peak or valley the side one is on): what
may follow a bin depends on that bin alone, so the best way to end with it is all one needs to
remember. Compiled once per install and cached; tests hold it against every way there is.
"""

from __future__ import annotations

import numpy as np
from numba import njit

ASCENDING, DESCENDING, PEAK, VALLEY, NONE = range(5)
COURSES = 5
_UP, _DOWN, _FREE = 1, 2, 4
_ANYWHERE, _LATER = 2, 3
"""Where a bin may start, after the places for all that rises and all that falls."""


@njit(cache=True, nogil=True)
def _joined(counts):  # type: ignore[no-untyped-def]  # numba
    """Return rows, goods and bads of every bin i..j, shape (1 + t, n, n, 3).

    Added up one by one: a difference of running sums would leave a trace of a weight where none is.
    """
    n = counts.shape[2]
    found = np.zeros((len(counts), n, n, 3))
    for t in range(len(counts)):
        for kind in range(3):
            for i in range(n):
                so_far = 0.0
                for j in range(i, n):
                    so_far += counts[t, kind, j]
                    found[t, i, j, kind] = so_far
    return found


@njit(cache=True, nogil=True)
def _worth(goods, bads, whole, empty):  # type: ignore[no-untyped-def]  # numba
    """Return a bin's part of the IV."""
    if goods + bads <= 0.0:
        return 0.0
    p = (goods if goods > 0.0 else empty) / whole[0]
    q = (bads if bads > 0.0 else empty) / whole[1]
    return (p - q) * np.log(p / q)


@njit(cache=True, nogil=True)
def _steps(one, other, apart):  # type: ignore[no-untyped-def]  # numba
    """Return the steps from a bin to the next, of which goods and bads are given.

    None where their bad rates lie less than `apart` standard errors apart, which are those of two
    rates that are the same in truth.
    """
    n, m = one[0] + one[1], other[0] + other[1]
    if n <= 0.0 or m <= 0.0:
        return 0
    rise = other[1] / m - one[1] / n
    if apart > 0.0:
        rate = (one[1] + other[1]) / (n + m)
        if rise == 0.0 or rise * rise < apart * apart * rate * (1.0 - rate) * (1.0 / n + 1.0 / m):
            return 0
    return (_UP if rise >= 0.0 else 0) | (_DOWN if rise <= 0.0 else 0)


@njit(cache=True, nogil=True)
def _told_steps(one, other, empty):  # type: ignore[no-untyped-def]  # numba
    """Return the steps from a bin to the next by what woe tells of them.

    There an empty cell counts something: a small bin without a bad may be told to be riskier than a
    large one with some.
    """
    g, b = one[0] if one[0] > 0.0 else empty, one[1] if one[1] > 0.0 else empty
    h, c = other[0] if other[0] > 0.0 else empty, other[1] if other[1] > 0.0 else empty
    rise = c / (h + c) - b / (g + b)
    return (_UP if rise >= 0.0 else 0) | (_DOWN if rise <= 0.0 else 0)


@njit(cache=True, nogil=True)
def _not_against(one, other, slack):  # type: ignore[no-untyped-def]  # numba
    """Return the steps that a period's rates do not speak against by `slack` standard errors."""
    against = _steps(one, other, slack)
    return (_UP | _DOWN) & ~(_DOWN if against == _UP else _UP if against == _DOWN else 0)


@njit(cache=True, nogil=True)
def judge(counts, whole, limits):  # type: ignore[no-untyped-def]  # numba
    """Return what bins are worth, how they may follow each other, and where they may start.

    That is each bin i..j, (n, n); the steps to it from h..i-1, (n, n, n): up, down, and whether any
    is allowed; and the pre-bins at which one may start: where all bins must rise, where all must
    fall, all, all but the first, (4, n). A step goes up, or down, only where plain rates and those
    that woe tells both do.

    `counts` holds rows, goods and bads per pre-bin, and after that the same by period, (1 + t, 3,
    n); `whole` all goods and all bads; `limits` the fewest rows of a bin, the standard errors that
    neighbours must lie apart, those that a period may go the wrong way, the rows a period needs to
    judge, and what an empty cell counts.
    """
    fewest, apart, slack, enough, empty = limits
    n = counts.shape[2]
    bins = _joined(counts)
    value = np.full((n, n), -np.inf)
    for i in range(n):
        for j in range(i, n):
            # a single bin of all there is needs no size
            if bins[0, i, j, 0] >= fewest or (i == 0 and j == n - 1):
                value[i, j] = _worth(bins[0, i, j, 1], bins[0, i, j, 2], whole, empty)
    steps = np.zeros((n, n, n), np.uint8)
    for i in range(1, n):
        for j in range(i, n):
            if value[i, j] == -np.inf:
                continue
            other = bins[0, i, j, 1], bins[0, i, j, 2]
            for h in range(i):
                if value[h, i - 1] > -np.inf:
                    one = bins[0, h, i - 1, 1], bins[0, h, i - 1, 2]
                    may = _steps(one, other, apart)
                    if may and len(counts) > 1:
                        may &= _in_periods(bins, (h, i, j), (slack, enough))
                    if may:
                        steps[i, j, h] = _FREE | (may & _told_steps(one, other, empty))
    return value, steps, _starts(bins, (slack, enough))


@njit(cache=True, nogil=True)
def _in_periods(bins, of, limits):  # type: ignore[no-untyped-def]  # numba
    """Return the steps from h..i-1 to i..j that no period speaks against."""
    h, i, j = of
    slack, enough = limits
    may = _UP | _DOWN
    for t in range(1, len(bins)):
        if bins[t, h, i - 1, 0] >= enough and bins[t, i, j, 0] >= enough:
            one = bins[t, h, i - 1, 1], bins[t, h, i - 1, 2]
            may &= _not_against(one, (bins[t, i, j, 1], bins[t, i, j, 2]), slack)
    return may


@njit(cache=True, nogil=True)
def _starts(bins, limits):  # type: ignore[no-untyped-def]  # numba
    """Return at which pre-bins a bin may start, (4, n).

    Where all must go one way, not where in some period all that lies below and all that lies above
    stand the other way round: many small steps back may each be chance where all of them are not.
    """
    n = bins.shape[1]
    found = np.ones((4, n), np.bool_)
    found[_LATER, 0] = False
    for i in range(1, n):
        may = _in_periods(bins, (0, i, n - 1), limits)
        found[ASCENDING, i] = (may & _UP) > 0
        found[DESCENDING, i] = (may & _DOWN) > 0
    return found


@njit(cache=True, nogil=True)
def _ways(judged, before, side):  # type: ignore[no-untyped-def]  # numba
    """Return the highest worth of all bins up to i..j, by bins used, (n, n, most + 1).

    `before` holds the same for the first side of a peak or valley, from which a second one is
    entered; `side` the steps allowed, and which of the rules for starts holds.
    """
    value, steps, starts = judged
    step, start = side
    n, most = value.shape[0], before.shape[2] - 1
    found = np.full((n, n, most + 1), -np.inf)
    for i in range(n):
        for j in range(i, n):
            if value[i, j] == -np.inf or not starts[start, i]:
                continue
            if i == 0:
                found[i, j, 1] = value[i, j]
            for h in range(i):
                if steps[i, j, h] & step:
                    for k in range(1, most):
                        so_far = max(found[h, i - 1, k], before[h, i - 1, k])
                        found[i, j, k + 1] = max(found[i, j, k + 1], so_far)
            for k in range(2, most + 1):
                found[i, j, k] += value[i, j]
    return found


@njit(cache=True, nogil=True)
def _step(course, side):  # type: ignore[no-untyped-def]  # numba
    """Return the steps that are allowed on the first side of a course, 0, or its second, 1."""
    if course == NONE:
        return _FREE
    first_up = course in (ASCENDING, PEAK)
    return _UP if first_up == (side == 0) else _DOWN


@njit(cache=True, nogil=True)
def _way_back(judged, sides, course, last):  # type: ignore[no-untyped-def]  # numba
    """Return where bins end, (n,), on the way that led to the last bin."""
    value, steps, _ = judged
    side, i, k = last
    j = value.shape[0] - 1
    ends = np.zeros(j + 1, np.bool_)
    while k > 1:
        ends[j] = True
        step = _step(course, side)
        for h in range(i):
            if steps[i, j, h] & step:
                here = sides[side][h, i - 1, k - 1]
                there = sides[0][h, i - 1, k - 1]
                if max(here, there) + value[i, j] == sides[side][i, j, k]:
                    side = side if here >= there else 0
                    i, j, k = h, i - 1, k - 1
                    break
    ends[j] = True
    return ends


@njit(cache=True, nogil=True)
def _best(judged, sides, course, bins):  # type: ignore[no-untyped-def]  # numba
    """Return the highest worth, -inf where nothing is allowed, and where its bins end, (n,)."""
    least, most, gain = bins
    n = judged[0].shape[0]
    score = -np.inf
    at_side = at = used = 0
    for k in range(least, most + 1):
        for side in range(2):
            for i in range(n):
                worth = sides[side][i, n - 1, k] - gain * (k - 1)
                if worth > score:
                    score, at_side, at, used = worth, side, i, k
    if score == -np.inf:
        return score, np.zeros(n, np.bool_)
    return score, _way_back(judged, sides, course, (at_side, at, used))


@njit(cache=True, nogil=True)
def search(judged, asked, bins):  # type: ignore[no-untyped-def]  # numba
    """Return the best binning of each asked course: its worth, (5,), and its ends, (5, n).

    `asked` says which courses, (5,); `bins` the fewest and most bins and the IV each further one
    must bring. The worth is the IV less what further bins had to bring, -inf where nothing is
    allowed; what was not asked for is -inf.
    """
    least, most, gain = bins
    n = judged[0].shape[0]
    most = min(most, n)
    nothing = np.full((n, n, most + 1), -np.inf)
    worth, ends = np.full(COURSES, -np.inf), np.zeros((COURSES, n), np.bool_)
    for course in range(COURSES):
        if asked[course]:
            start = course if course <= DESCENDING else _ANYWHERE
            first, second = _ways(judged, nothing, (_step(course, 0), start)), nothing
            if course in (PEAK, VALLEY):
                second = _ways(judged, first, (_step(course, 1), _LATER))
            worth[course], best = _best(judged, (first, second), course, (least, most, gain))
            for j in range(n):
                ends[course, j] = best[j]
    return worth, ends


@njit(cache=True, nogil=True)
def joined_woe(ends, counts, whole, empty):  # type: ignore[no-untyped-def]  # numba
    """Return the woe that each pre-bin is given by the bin it is part of, (n,).

    `counts` holds goods and bads per pre-bin, (2, n); `whole` all of them, (2,).
    """
    woe = np.zeros(len(ends))
    start, goods, bads = 0, 0.0, 0.0
    for j in range(len(ends)):
        goods += counts[0, j]
        bads += counts[1, j]
        if ends[j]:
            if goods + bads > 0.0:
                g, b = goods if goods > 0.0 else empty, bads if bads > 0.0 else empty
                for at in range(start, j + 1):
                    woe[at] = np.log((g / whole[0]) / (b / whole[1]))
            start, goods, bads = j + 1, 0.0, 0.0
    return woe
