"""The exact search finds what trying every way finds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.binning._search import (
    ASCENDING,
    COURSES,
    DESCENDING,
    NONE,
    PEAK,
    VALLEY,
    judge,
    search,
)

Bin = tuple[float, float, float]
"""Rows, goods and bads."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Pre-bins and rules."""

    bins: list[Bin]
    periods: list[list[Bin]]
    fewest: float
    apart: float
    slack: float
    enough: float
    least: int
    most: int
    gain: float


def _sum(bins: list[Bin]) -> Bin:
    rows, goods, bads = (sum(each) for each in zip(*bins, strict=True))
    return rows, goods, bads


def _joined(bins: list[Bin], part: range) -> Bin:
    return _sum([bins[i] for i in part])


def _worth(one: Bin, whole: Bin) -> float:
    if one[1] + one[2] <= 0:
        return 0.0
    p, q = (one[1] or 0.5) / whole[1], (one[2] or 0.5) / whole[2]
    return (p - q) * math.log(p / q)


def _rise(one: Bin, other: Bin, errors: float) -> float:
    """Return how far the bad rate rises; NaN where it does so by fewer standard errors."""
    n, m = one[1] + one[2], other[1] + other[2]
    if n <= 0 or m <= 0:
        return math.nan
    rise, rate = other[2] / m - one[2] / n, (one[2] + other[2]) / (n + m)
    near = rise * rise < errors * errors * rate * (1.0 - rate) * (1.0 / n + 1.0 / m)
    return math.nan if errors > 0 and (rise == 0.0 or near) else rise


def _told_rise(one: Bin, other: Bin) -> float:
    """Return how far the bad rate rises as woe tells it, empty cells counting half."""
    g, b, h, c = one[1] or 0.5, one[2] or 0.5, other[1] or 0.5, other[2] or 0.5
    return c / (h + c) - b / (g + b)


def _steps(parts: list[range], problem: Problem) -> list[float] | None:
    """Return how the rate goes from part to part; None where rules forbid it."""
    steps = []
    for one, other in pairwise(parts):
        rise = _rise(_joined(problem.bins, one), _joined(problem.bins, other), problem.apart)
        if math.isnan(rise):
            return None
        steps.append(rise)
    return steps


def _fits(parts: list[range], steps: list[float], course: int, problem: Problem) -> bool:
    if course == NONE:
        signs = [{1, -1} if step == 0 else {int(math.copysign(1, step))} for step in steps]
        return all(
            _goes(pair, sign, problem) for pair, sign in zip(pairwise(parts), signs, strict=True)
        )
    first = 1 if course in {ASCENDING, PEAK} else -1
    if course in {ASCENDING, DESCENDING} and not _cuts_hold(parts, first, problem):
        return False
    told = [
        _told_rise(_joined(problem.bins, one), _joined(problem.bins, other))
        for one, other in pairwise(parts)
    ]
    turns = range(len(steps) + 1) if course in {PEAK, VALLEY} else [len(steps)]
    return any(
        all(
            min(step * way, tell * way) >= 0.0 and _goes(pair, {way}, problem)
            for step, tell, pair, way in zip(
                steps,
                told,
                pairwise(parts),
                [first] * turn + [-first] * (len(steps) - turn),
                strict=True,
            )
        )
        for turn in turns
    )


def _goes(pair: tuple[range, range], ways: set[int], problem: Problem) -> bool:
    """Return whether some way is one that no period speaks against."""
    for bins in problem.periods:
        one, other = (_joined(bins, part) for part in pair)
        if min(one[0], other[0]) >= problem.enough:
            rise = _rise(one, other, problem.slack)
            if not math.isnan(rise) and rise != 0.0:
                ways = ways & {int(math.copysign(1, rise))}
    return bool(ways)


def _cuts_hold(parts: list[range], way: int, problem: Problem) -> bool:
    """Return whether all below and all above each cut go the way, in every period."""
    n = len(problem.bins)
    cuts = [(range(part.start), range(part.start, n)) for part in parts[1:]]
    return all(_goes(cut, {way}, problem) for cut in cuts)


def _partitions(n: int) -> Iterator[list[range]]:
    for cuts in range(2 ** (n - 1)):
        edges = [0, *(i + 1 for i in range(n - 1) if cuts >> i & 1), n]
        yield [range(low, high) for low, high in pairwise(edges)]


def _every_way(problem: Problem) -> list[float]:
    """Return the highest worth of each course, by trying everything."""
    whole, best = _sum(problem.bins), [-math.inf] * COURSES
    for parts in _partitions(len(problem.bins)):
        sums = [_joined(problem.bins, part) for part in parts]
        small = any(one[0] < problem.fewest for one in sums) and len(parts) > 1
        if small or not problem.least <= len(parts) <= problem.most:
            continue
        steps = _steps(parts, problem)
        if steps is None:
            continue
        worth = sum(_worth(one, whole) for one in sums) - problem.gain * (len(parts) - 1)
        for course in range(COURSES):
            if worth > best[course] and _fits(parts, steps, course, problem):
                best[course] = worth
    return best


def _searched(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    whole = _sum(problem.bins)
    limits = (problem.fewest, problem.apart, problem.slack, problem.enough, 0.5)
    counts = np.array([problem.bins, *problem.periods], float).transpose(0, 2, 1)
    judged = judge(counts.copy(), np.array(whole[1:]), limits)
    worth, ends = search(
        judged, np.ones(COURSES, bool), (problem.least, problem.most, problem.gain)
    )
    return worth, ends


def _agree(problem: Problem) -> None:
    worth, ends = _searched(problem)
    assert worth.tolist() == pytest.approx(_every_way(problem), abs=1e-12)
    for course in range(COURSES):
        if worth[course] > -math.inf:
            _is_allowed(np.flatnonzero(ends[course]), worth[course], course, problem)


def _is_allowed(ends: np.ndarray, worth: float, course: int, problem: Problem) -> None:
    edges = [0, *(ends + 1).tolist()]
    assert edges[-1] == len(problem.bins)
    parts = [range(low, high) for low, high in pairwise(edges)]
    sums = [_joined(problem.bins, part) for part in parts]
    told = sum(_worth(one, _sum(problem.bins)) for one in sums) - problem.gain * (len(parts) - 1)
    assert told == pytest.approx(worth, abs=1e-12)
    assert problem.least <= len(parts) <= problem.most
    assert len(parts) == 1 or min(one[0] for one in sums) >= problem.fewest
    steps = _steps(parts, problem)
    assert steps is not None
    assert _fits(parts, steps, course, problem)


COUNT = st.integers(0, 12).map(float)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Small problems: few rows, so that ties, pure and empty bins come up."""
    n = draw(st.integers(1, 6))
    unit = draw(st.sampled_from([1.0, 0.25]))
    times = draw(st.integers(0, 3))
    cells = st.tuples(COUNT, COUNT)
    dealt = [draw(st.lists(cells, min_size=n, max_size=n)) for _ in range(max(1, times))]
    periods = [[(g + b, g * unit, b * unit) for g, b in each] for each in dealt]
    bins = [_sum([each[i] for each in periods]) for i in range(n)]
    bins[0] = (bins[0][0] + 2.0, bins[0][1] + 1.0, bins[0][2] + 1.0)
    least = draw(st.integers(1, 3))
    return Problem(
        bins=bins, periods=periods if times else [],
        fewest=draw(st.sampled_from([1.0, 5.0, 15.0])),
        apart=draw(st.sampled_from([0.0, 0.7, 1.96])), slack=draw(st.sampled_from([0.0, 0.8])),
        enough=draw(st.sampled_from([1.0, 8.0])), least=least,
        most=least + draw(st.integers(0, 4)), gain=draw(st.sampled_from([0.0, 0.0, 0.05])),
    )  # fmt: skip


@given(problem=problems())
@settings(max_examples=800)
def test_the_search_finds_what_trying_every_way_finds(problem: Problem) -> None:
    """Worth and rules agree with exhaustive enumeration, whatever the rules are."""
    _agree(problem)


def test_the_search_is_exact_on_thousands_of_larger_problems() -> None:
    """Four thousand problems of up to nine pre-bins with larger counts, all five courses each."""
    rng = np.random.default_rng(4)
    for number in range(800):
        n = int(rng.integers(2, 9 if number % 10 else 10))
        rows = rng.integers(20, 200, (3, n))
        tilt = rng.normal(0.0, 0.8) * np.linspace(-1.0, 1.0, n)
        bads = rng.binomial(rows, 1.0 / (1.0 + np.exp(1.0 - tilt - rng.normal(0.0, 0.4, n))))
        dealt = [[(float(a), float(a - b), float(b)) for a, b in zip(*each, strict=True)]
                 for each in zip(rows, bads, strict=True)]  # fmt: skip
        _agree(Problem(
            bins=[_sum([each[i] for each in dealt]) for i in range(n)],
            periods=dealt if number % 2 else [], fewest=float(rng.choice([1, 150, 400])),
            apart=float(rng.choice([0.0, 1.0, 1.96])), slack=float(rng.choice([0.0, 1.64])),
            enough=30.0, least=int(rng.integers(1, 3)), most=int(rng.integers(3, 7)),
            gain=float(rng.choice([0.0, 0.01])),
        ))  # fmt: skip
