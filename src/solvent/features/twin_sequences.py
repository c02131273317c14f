"""Order, gaps, levels, quantiles and trends in plain Python: the slow twin of `_sequences`.

Everything is given newest first, and rounded at the same places as there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby, pairwise

from solvent.features.aggregates import Op
from solvent.features.twin_values import Cell
from solvent.features.windows import DAY


def commonest(cells: Sequence[Cell]) -> Cell:
    """Return the most common cell; of several, the one that stands first.

    >>> commonest(["b", "a", "a", "b", "c"])
    'b'
    """
    return max(dict.fromkeys(cells), key=list(cells).count)


def entropy_of(cells: Sequence[Cell]) -> float | None:
    """Return the entropy of cells in nats, levels taken in the order they first stand in.

    >>> entropy_of(["a", "a"]), round(entropy_of(["a", "b"]), 6)
    (0.0, 0.693147)
    """
    if not cells:
        return None
    found = 0.0
    for level in dict.fromkeys(cells):
        part = float(list(cells).count(level)) / float(len(cells))
        found = found - part * math.log(part)
    return found


def longest_run(cells: Sequence[Cell]) -> float:
    """Return the most yeses in a row.

    >>> longest_run([True, False, True, True])
    2.0
    """
    return float(max((len(list(run)) for yes, run in groupby(cells) if yes), default=0))


def longest_steps(values: Sequence[int]) -> float:
    """Return the most values in a row of which each is the one before less one; repeats count once.

    >>> longest_steps([9, 8, 8, 7, 5, 4])
    3.0
    """
    different = [value for value, _ in groupby(values)]
    if not different:
        return 0.0
    streak = best = 1
    for before, value in pairwise(different):
        streak = streak + 1 if value == before - 1 else 1
        best = max(best, streak)
    return float(best)


def quantile_of(values: Sequence[float], q: float, divisor: float) -> float | None:
    """Return the quantile of values, between its neighbours, divided by `divisor`.

    >>> quantile_of([4.0, 1.0, 2.0], 0.5, 1.0), quantile_of([100.0, 200.0], 0.25, 100.0)
    (2.0, 1.25)
    """
    if not values:
        return None
    ordered = sorted(values)
    place = float(len(ordered) - 1) * q
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    between = ordered[low] + (place - float(low)) * (ordered[high] - ordered[low])
    found = between / divisor
    return found if math.isfinite(found) else None


def gap_of(op: Op, gaps: Sequence[int]) -> float | None:
    """Return what the pauses between rows add up to, in days.

    >>> gap_of(Op.MEAN_GAP, [DAY, 3 * DAY]), gap_of(Op.STD_GAP, [DAY])
    (2.0, None)
    """
    if not gaps or (op is Op.STD_GAP and len(gaps) < 2):
        return None
    if op is Op.MEAN_GAP:
        return float(sum(gaps)) / float(len(gaps)) / float(DAY)
    if op is Op.STD_GAP:
        average = spread = 0.0
        for n, gap in enumerate(gaps, start=1):
            away = float(gap) / float(DAY) - average
            average = average + away / float(n)
            spread = spread + away * (float(gap) / float(DAY) - average)
        return math.sqrt(spread / float(len(gaps) - 1))
    return float(min(gaps) if op is Op.SHORTEST_GAP else max(gaps)) / float(DAY)


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the slope over time of (age in days, value) points, per day.

    >>> slope([(0.0, 5.0), (1.0, 3.0), (2.0, 1.0)])
    2.0
    """
    mean_age = mean_x = spread = together = 0.0
    for n, (age, x) in enumerate(points, start=1):
        gap = age - mean_age
        mean_age = mean_age + gap / float(n)
        mean_x = mean_x + (x - mean_x) / float(n)
        spread = spread + gap * (age - mean_age)
        together = together + gap * (x - mean_x)
    if len(points) < 2 or spread <= 0.0:
        return None
    found = -together / spread + 0.0
    return found if math.isfinite(found) else None
