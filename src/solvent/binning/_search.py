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
_UP, _DOWN = 1, 2


@njit(cache=True, nogil=True)
def _joined(counts):  # type: ignore[no-untyped-def]  # numba
    """Return rows, goods and bads of every bin i..j, shape (n, n, 3).

    Added up one by one: a difference of running sums would leave a trace of a weight where none is.
    """
    n = counts.shape[1]
    found = np.zeros((n, n, 3))
    for i in range(n):
        rows = goods = bads = 0.0
        for j in range(i, n):
            rows += counts[0, j]
            goods += counts[1, j]
            bads += counts[2, j]
            found[i, j] = rows, goods, bads
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
def _not_against(one, other, slack):  # type: ignore[no-untyped-def]  # numba
    """Return the steps that a period's rates do not speak against by `slack` standard errors."""
    against = _steps(one, other, slack)
    return (_UP | _DOWN) & ~(_DOWN if against == _UP else _UP if against == _DOWN else 0)


@njit(cache=True, nogil=True)
def judge(counts, periods, whole, limits):  # type: ignore[no-untyped-def]  # numba
    """Return what bins are worth, how they may follow each other, and where one may cut.

    That is each bin i..j, (n, n); the steps to it from h..i-1, (n, n, n); and the pre-bins before
    which one may cut where all bins must rise, and where all must fall, (2, n).

    `counts` holds rows, goods and bads per pre-bin, (3, n); `periods` the same by period, (t, 3,
    n); `whole` all goods and all bads; `limits` the fewest rows of a bin, the standard errors that
    neighbours must lie apart, those that a period may go the wrong way, the rows a period needs to
    judge, and what an empty cell counts.
    """
    fewest, apart, slack, enough, empty = limits
    n = counts.shape[1]
    bins = _joined(counts)
    by_period = np.empty((len(periods), n, n, 3))
    for t in range(len(periods)):
        by_period[t] = _joined(periods[t])
    value = np.full((n, n), -np.inf)
    for i in range(n):
        for j in range(i, n):
            # a single bin of all there is needs no size
            if bins[i, j, 0] >= fewest or (i == 0 and j == n - 1):
                value[i, j] = _worth(bins[i, j, 1], bins[i, j, 2], whole, empty)
    steps = np.zeros((n, n, n), np.uint8)
    for i in range(1, n):
        for j in range(i, n):
            if value[i, j] == -np.inf:
                continue
            other = bins[i, j, 1], bins[i, j, 2]
            for h in range(i):
                if value[h, i - 1] > -np.inf:
                    one = bins[h, i - 1, 1], bins[h, i - 1, 2]
                    steps[i, j, h] = _steps(one, other, apart)
            if len(periods):
                _ask_periods(by_period, steps, (i, j), (slack, enough))
    cuts = np.ones((2, n), np.bool_)
    if len(periods):
        cuts[0] = _open_cuts(periods, _UP, (slack, enough))
        cuts[1] = _open_cuts(periods, _DOWN, (slack, enough))
    return value, steps, cuts


@njit(cache=True, nogil=True)
def _ask_periods(by_period, steps, to, limits):  # type: ignore[no-untyped-def]  # numba
    """Take away the steps to a bin that a period speaks against."""
    i, j = to
    slack, enough = limits
    for h in range(i):
        for t in range(len(by_period)):
            if steps[i, j, h] == 0:
                break
            if by_period[t, h, i - 1, 0] >= enough and by_period[t, i, j, 0] >= enough:
                one = by_period[t, h, i - 1, 1], by_period[t, h, i - 1, 2]
                other = by_period[t, i, j, 1], by_period[t, i, j, 2]
                steps[i, j, h] &= _not_against(one, other, slack)


@njit(cache=True, nogil=True)
def _open_cuts(periods, step, limits):  # type: ignore[no-untyped-def]  # numba
    """Return before which pre-bins one may cut where all must go one way, (n,).

    Not where in some period all that lies below and all that lies above stand the other way round:
    many small steps back may each be chance where all of them together are not.
    """
    slack, enough = limits
    n = periods.shape[2]
    found = np.ones(n, np.bool_)
    for t in range(len(periods)):
        for i in range(1, n):
            below, above = periods[t, :, :i].sum(axis=1), periods[t, :, i:].sum(axis=1)
            if below[0] >= enough and above[0] >= enough:
                may = _not_against((below[1], below[2]), (above[1], above[2]), slack)
                found[i] &= (may & step) > 0
    return found


@njit(cache=True, nogil=True)
def _ways(judged, step, before, cuts):  # type: ignore[no-untyped-def]  # numba
    """Return the highest worth of all bins up to i..j, by bins used, (n, n, most + 1).

    `before` holds the same for the first side of a peak or valley, from which a second one is
    entered; `cuts` says before which pre-bins a bin may start, the very first included.
    """
    value, steps, _ = judged
    n, most = value.shape[0], before.shape[2] - 1
    found = np.full((n, n, most + 1), -np.inf)
    for i in range(n):
        for j in range(i, n):
            if value[i, j] == -np.inf or not cuts[i]:
                continue
            if i == 0:
                found[i, j, 1] = value[i, j]
            for h in range(i):
                if steps[i, j, h] & step:
                    for k in range(1, most):
                        here, there = found[h, i - 1, k], before[h, i - 1, k]
                        so_far = max(there, here)
                        found[i, j, k + 1] = max(found[i, j, k + 1], so_far)
            for k in range(2, most + 1):
                found[i, j, k] += value[i, j]
    return found


@njit(cache=True, nogil=True)
def _way_back(judged, sides, course, last):  # type: ignore[no-untyped-def]  # numba
    """Return where bins end, (n,), on the way that led to the last bin."""
    value, steps, _ = judged
    second, i, k = last
    j = value.shape[0] - 1
    ends = np.zeros(j + 1, np.bool_)
    while k > 1:
        ends[j] = True
        step = _step(course, second)
        for h in range(i):
            if steps[i, j, h] & step:
                here = sides[1][h, i - 1, k - 1] if second else sides[0][h, i - 1, k - 1]
                there = sides[0][h, i - 1, k - 1] if second else -np.inf
                whole = sides[1][i, j, k] if second else sides[0][i, j, k]
                if max(here, there) + value[i, j] == whole:
                    second = second and here >= there
                    i, j, k = h, i - 1, k - 1
                    break
    ends[j] = True
    return ends


@njit(cache=True, nogil=True)
def _step(course, second):  # type: ignore[no-untyped-def]  # numba
    """Return the steps that are allowed on a side of a course."""
    if course == NONE:
        return _UP | _DOWN
    rising = course in (ASCENDING, PEAK)
    return _UP if rising != second else _DOWN


@njit(cache=True, nogil=True)
def _best(judged, sides, course, bins):  # type: ignore[no-untyped-def]  # numba
    """Return the highest worth, -inf where nothing is allowed, and where its bins end, (n,)."""
    least, most, gain = bins
    n = judged[0].shape[0]
    score, last = -np.inf, (False, 0, 0)
    for k in range(least, most + 1):
        for second in (False, True):
            table = sides[1] if second else sides[0]
            for i in range(n):
                worth = table[i, n - 1, k] - gain * (k - 1)
                if worth > score:
                    score, last = worth, (second, i, k)
    if score == -np.inf:
        return score, np.zeros(n, np.bool_)
    return score, _way_back(judged, sides, course, last)


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
    rising, falling = judged[2]
    anywhere = np.ones(n, np.bool_)
    later = np.arange(n) > 0
    up = down = nothing
    if asked[PEAK] or (asked[ASCENDING] and rising.all()):
        up = _ways(judged, _UP, nothing, anywhere)
    if asked[VALLEY] or (asked[DESCENDING] and falling.all()):
        down = _ways(judged, _DOWN, nothing, anywhere)
    worth, ends = np.full(COURSES, -np.inf), np.zeros((COURSES, n), np.bool_)
    for course in range(COURSES):
        if asked[course]:
            first, second = nothing, nothing
            if course == NONE:
                first = _ways(judged, _UP | _DOWN, nothing, anywhere)
            elif course == ASCENDING:
                first = up if rising.all() else _ways(judged, _UP, nothing, rising)
            elif course == DESCENDING:
                first = down if falling.all() else _ways(judged, _DOWN, nothing, falling)
            else:
                first = up if course == PEAK else down
                second = _ways(judged, _step(course, True), first, later)
            worth[course], ends[course] = _best(
                judged, (first, second), course, (least, most, gain)
            )
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
                woe[start : j + 1] = np.log((g / whole[0]) / (b / whole[1]))
            start, goods, bads = j + 1, 0.0, 0.0
    return woe
