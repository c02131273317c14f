"""How counted rows add up, row by row: figures a person can follow to the value by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from solvent.features.aggregates import Aggregate, Op
from solvent.features.expressions import Type
from solvent.features.twin_values import Cell, age, whole
from solvent.features.written import write_exact, write_number

_FEW = 6
"""Up to so many numbers are written out in a sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A column that grows from row to row.

    Args:
        title: What it is.
        cells: One for each counted row, newest first.
    """

    title: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How the counted rows of one feature add up.

    Args:
        figures: Columns beside the rows; none for an op that has none of its own.
        steps: The last step in one line, empty where there is none to show.
    """

    figures: tuple[Figure, ...] = ()
    steps: str = ""


def add_up(feature: Aggregate, cells: Sequence[Cell], times: Sequence[int], as_of: int) -> Sum:
    """Return how a feature's counted rows add up.

    Args:
        feature: The feature.
        cells: What its row expression gave for each counted row, newest first; for a share the
            answers; nothing but None where rows are only counted or timed.
        times: Time of each counted row, microseconds, newest first.
        as_of: The application's instant.
    """
    made = _SUMS.get(feature.op)
    return Sum() if made is None or not times else made(feature, cells, times, as_of)


def _count(feature: Aggregate, cells: Sequence[Cell], times: Sequence[int], as_of: int) -> Sum:
    del feature, cells, as_of
    n = len(times)
    return Sum(
        figures=(_figure("rows", map(str, range(1, n + 1))),),
        steps=f"{n:,} {'row counts' if n == 1 else 'rows count'}",
    )


def _recency(feature: Aggregate, cells: Sequence[Cell], times: Sequence[int], as_of: int) -> Sum:
    del feature, cells
    ages = [write_number(age(time, as_of)) for time in times]
    return Sum(figures=(_figure("days before", ages),), steps=f"{ages[-1]} days before")


def _sum(feature: Aggregate, cells: Sequence[Cell], times: Sequence[int], as_of: int) -> Sum:
    del times, as_of
    numbers = _Numbers(feature, cells)
    totals = numbers.totals
    few = numbers.written if len(cells) <= _FEW else [f"{len(cells):,} values"]
    return Sum(figures=(_figure("total", totals),), steps=f"{' + '.join(few)} = {totals[-1]}")


def _mean(feature: Aggregate, cells: Sequence[Cell], times: Sequence[int], as_of: int) -> Sum:
    del times, as_of
    totals, n = _Numbers(feature, cells).totals, len(cells)
    return Sum(
        figures=(_figure("values", map(str, range(1, n + 1))), _figure("total", totals)),
        steps=f"{totals[-1]} / {n}",
    )


def _std(feature: Aggregate, cells: Sequence[Cell], times: Sequence[int], as_of: int) -> Sum:
    del times, as_of
    numbers, n = _Numbers(feature, cells), len(cells)
    counted = _figure("values", map(str, range(1, n + 1)))
    if n == 1:
        return Sum(figures=(counted,), steps="one value has no spread")
    if numbers.exact:
        totals, squares = numbers.totals, numbers.squares
        return Sum(
            figures=(counted, _figure("total", totals), _figure("total of squares", squares)),
            steps=f"square root of ({n} × {squares[-1]} − ({totals[-1]})²) / ({n} × {n - 1})",
        )
    means, spreads = numbers.deviations
    return Sum(
        figures=(counted, _figure("mean", means), _figure("squared deviations", spreads)),
        steps=f"square root of {spreads[-1]} / {n - 1}",
    )


def _extreme(feature: Aggregate, cells: Sequence[Cell], times: Sequence[int], as_of: int) -> Sum:
    del times, as_of
    numbers = _Numbers(feature, cells)
    least = feature.op is Op.MIN
    so_far: list[int] = []
    for i, x in enumerate(numbers.values):
        held = numbers.values[so_far[-1]] if so_far else x
        keeps = bool(so_far) and (held <= x if least else held >= x)
        so_far.append(so_far[-1] if keeps else i)
    word = "smallest" if least else "largest"
    return Sum(
        figures=(_figure(f"{word} so far", [numbers.written[i] for i in so_far]),),
        steps=f"{word} of {len(cells):,}: {numbers.written[so_far[-1]]}",
    )


def _distinct(feature: Aggregate, cells: Sequence[Cell], times: Sequence[int], as_of: int) -> Sum:
    del feature, times, as_of
    seen: set[Cell] = set()
    news, sizes = [], []
    for cell in cells:
        news.append("" if cell in seen else "new")
        seen.add(cell)
        sizes.append(str(len(seen)))
    return Sum(
        figures=(_figure("new", news), _figure("different", sizes)),
        steps=f"{len(seen):,} different among {len(cells):,}",
    )


def _share(feature: Aggregate, cells: Sequence[Cell], times: Sequence[int], as_of: int) -> Sum:
    del feature, times, as_of
    yes = [str(held) for held in accumulate(int(cell is True) for cell in cells)]
    known = [str(n + 1) for n in range(len(cells))]
    return Sum(
        figures=(_figure("yes", yes), _figure("known", known)), steps=f"{yes[-1]} / {known[-1]}"
    )


class _Numbers:
    """The numbers of counted rows: exact ones as integers, others rounded at every step."""

    def __init__(self, feature: Aggregate, cells: Sequence[Cell]) -> None:
        expression = feature.value
        if expression is None:
            raise TypeError("this feature lacks its expression")
        self.exact = expression.type is not Type.FLOAT
        self._scale = expression.scale
        self.values = [_number(cell, exact=self.exact) for cell in cells]

    @property
    def written(self) -> list[str]:
        """Each number."""
        return [self._write(value, 1) for value in self.values]

    @property
    def totals(self) -> list[str]:
        """The sum up to each row."""
        return [self._write(total, 1) for total in accumulate(self.values)]

    @property
    def squares(self) -> list[str]:
        """The sum of squares up to each row."""
        return [self._write(total, 2) for total in accumulate(x * x for x in self.values)]

    @property
    def deviations(self) -> tuple[list[str], list[str]]:
        """The mean, and the sum of squared deviations from it, up to each row."""
        n, average, spread = 0.0, 0.0, 0.0
        means, spreads = [], []
        for x in self.values:
            n += 1.0
            gap = x - average
            average += gap / n
            spread += gap * (x - average)
            means.append(write_number(average))
            spreads.append(write_number(spread))
        return means, spreads

    def _write(self, value: float, power: int) -> str:
        if isinstance(value, int):
            return write_exact(value, power * self._scale)
        return write_number(value) if math.isfinite(value) else "beyond what numbers reach"


def _number(cell: Cell, *, exact: bool) -> int | float:
    if exact and isinstance(cell, int):
        return int(cell)
    return whole(cell, 0)


def _figure(title: str, cells: Sequence[str] | map[str]) -> Figure:
    return Figure(title=title, cells=tuple(cells))


_SUMS: dict[Op, Callable[[Aggregate, Sequence[Cell], Sequence[int], int], Sum]] = {
    Op.COUNT: _count, Op.SUM: _sum, Op.MEAN: _mean, Op.STD: _std, Op.MIN: _extreme,
    Op.MAX: _extreme, Op.DISTINCT: _distinct, Op.SHARE: _share, Op.SINCE_LAST: _recency,
    Op.SINCE_FIRST: _recency,
}  # fmt: skip
