"""From a protected column to groups of applications: levels as they are, numbers in bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.features import CategoryColumn, ColumnType, Kind, NumberColumn

NOT_STATED = "not stated"
OTHER = "other"
MOST_GROUPS = 8
FEWEST = 100
"""A group of fewer tested applications is too small; a level of so few could point at somebody."""
BANDS = 5
DAYS_A_YEAR = 365.25
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
TextArray = NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Who belongs to which group of a protected attribute.

    Args:
        names: Of the groups, in the order a person expects; who has no value, last.
        labels: The group of each application, shape (n,).
    """

    names: tuple[str, ...]
    labels: TextArray


def groups_of(
    column: NumberColumn | CategoryColumn, declared: ColumnType, tested: BoolArray
) -> Groups:
    """Return the group of each application.

    Categories keep their eight most frequent levels of at least a hundred tested applications, the
    others are one group; numbers of more than eight values fall into bands of about a fifth each,
    with round edges; a time counts in years before the application. Who has no value is a group of
    their own.

    Args:
        column: The values, shape (n,).
        declared: What the column means.
        tested: Which applications are on the test side, shape (n,).
    """
    if isinstance(column, CategoryColumn):
        return _levels(column, tested)
    values, unit = column.values, declared.unit
    if declared.kind.is_time:
        values, unit = np.floor(values / DAYS_A_YEAR), "years"
    known = ~np.isnan(values)
    code = np.full(len(values), -1, dtype=np.int64)
    names: list[str] = []
    if declared.kind is Kind.FLAG:
        names, code[known] = ["no", "yes"], values[known] > 0.0
    elif known.any():
        names, code[known] = _bands(values[known], f" {unit}" if unit else "")
    return _named(code, names)


def _levels(column: CategoryColumn, tested: BoolArray) -> Groups:
    counted = column.codes[tested & (column.codes >= 0)]
    counts = np.bincount(counted, minlength=len(column.levels))
    kept = np.argsort(-counts, kind="stable")[:MOST_GROUPS]
    kept = kept[counts[kept] >= FEWEST]
    place = np.full(len(column.levels) + 1, len(kept), dtype=np.int64)
    place[kept], place[-1] = np.arange(len(kept)), -1  # the last is that of no level, code -1
    return _named(place[column.codes], [*(column.levels[code] for code in kept.tolist()), OTHER])


def _named(code: IntArray, names: list[str]) -> Groups:
    every = [*names, NOT_STATED]
    seen = set(np.unique(code).tolist())
    labels = np.array(every)[code]
    kept = [name for place, name in enumerate(names) if place in seen]
    return Groups(names=tuple(kept + [NOT_STATED] * (-1 in seen)), labels=labels)


def _bands(values: FloatArray, after: str) -> tuple[list[str], IntArray]:
    """Return the bands' names in order, and the band of each value."""
    distinct = np.unique(values)
    if len(distinct) <= MOST_GROUPS:
        return [f"{v:g}{after}" for v in distinct.tolist()], np.searchsorted(distinct, values)
    whole = bool((distinct == np.round(distinct)).all())
    edges = np.unique([_round(q) for q in np.quantile(values, np.arange(1, BANDS) / BANDS)])
    names = [f"below {edges[0]:g}{after}"]
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        last = high - 1 if whole else high
        end = "" if last == low else f" to {last:g}" if whole else f" to under {last:g}"
        names.append(f"{low:g}{end}{after}")
    names.append(f"{edges[-1]:g}{after} or more")
    return names, np.searchsorted(edges, values, side="right")


def _round(value: float) -> float:
    """Round an edge to two significant digits."""
    return float(f"{value:.2g}")
