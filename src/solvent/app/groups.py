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

    Categories keep their eight most frequent levels of at least a hundred tested applications, and
    numbers of at most eight values those of as many; the others are one group, called by how many
    they are. Numbers of more values fall into bands of about a fifth each, with round edges; a time
    counts in years before the application. Who has no value is a group of their own.

    Args:
        column: The values, shape (n,).
        declared: What the column means.
        tested: Which applications are on the test side, shape (n,).
    """
    if isinstance(column, CategoryColumn):
        codes = column.codes.astype(np.int64)
        return _large(codes, tuple(column.levels), tested, "level", in_order=False)
    values, unit = column.values, declared.unit
    if declared.kind.is_time:
        values, unit = np.floor(values / DAYS_A_YEAR), "years"
    known = ~np.isnan(values)
    code = np.full(len(values), -1, dtype=np.int64)
    names: list[str] = []
    if declared.kind is Kind.FLAG:
        names, code[known] = ["no", "yes"], values[known] > 0.0
    elif known.any():
        after = f" {unit}" if unit else ""
        distinct, code[known] = np.unique(values[known], return_inverse=True)
        if len(distinct) <= MOST_GROUPS:
            words = tuple(f"{value:g}{after}" for value in distinct.tolist())
            return _large(code, words, tested, "value", in_order=True)
        names, code[known] = _bands(values[known], after)
    return _named(code, names)


def _large(
    codes: IntArray, words: tuple[str, ...], tested: BoolArray, kind: str, *, in_order: bool
) -> Groups:
    """Return the large ones by name, the small ones as one group; -1 is who has none.

    Args:
        codes: Of each application, shape (n,).
        words: The name of each code.
        tested: Which applications are on the test side, shape (n,).
        kind: What a code is: "level".
        in_order: Whether codes have an order to keep; else the most frequent stands first.
    """
    counts = np.bincount(codes[tested & (codes >= 0)], minlength=len(words))
    kept = np.argsort(-counts, kind="stable")[:MOST_GROUPS]
    kept = kept[counts[kept] >= FEWEST]
    kept = np.sort(kept) if in_order else kept
    left = len(np.setdiff1d(np.unique(codes[codes >= 0]), kept))
    place = np.full(len(words) + 1, len(kept), dtype=np.int64)
    place[kept], place[-1] = np.arange(len(kept)), -1  # the last is that of none, code -1
    return _named(place[codes], [*(words[code] for code in kept.tolist()), others(left, kind)])


def others(number: int, kind: str) -> str:
    """Return what small groups are called together.

    >>> others(3, "level"), others(1, "level")
    ('other (3 levels)', 'other (1 level)')
    """
    return f"{OTHER} ({number} {kind}{'' if number == 1 else 's'})"


def _named(code: IntArray, names: list[str]) -> Groups:
    every = [*names, NOT_STATED]
    seen = set(np.unique(code).tolist())
    labels = np.array(every)[code]
    kept = [name for place, name in enumerate(names) if place in seen]
    # A level may go by the name of those who have none: then they are one group.
    found = tuple(dict.fromkeys(kept + [NOT_STATED] * (-1 in seen)))
    return Groups(names=found, labels=labels)


def _bands(values: FloatArray, after: str) -> tuple[list[str], IntArray]:
    """Return the bands' names in order, and the band of each value."""
    whole = bool((values == np.round(values)).all())
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
