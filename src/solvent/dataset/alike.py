"""Which numbers say the same thing: rank correlation, and groups with one representative each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import RangeError
from solvent.features import FeatureFrame, NumberColumn

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ALIKE: Final = 0.9
MOST_ROWS: Final = 50_000
FEWEST_TOGETHER: Final = 30
"""Rows in which both must be known for a correlation to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeGroup:
    """Features that say nearly the same.

    Args:
        representative: The strongest of them.
        members: The others, each with its rank correlation to the representative in [-1, 1],
            strongest first.
    """

    representative: str
    members: tuple[tuple[str, float], ...]


def rank_correlations(frame: FeatureFrame) -> tuple[tuple[str, ...], FloatArray]:
    """Return the numbers of a frame and Spearman's correlation of each pair.

    Ranks are taken over each column's own known values; a pair is compared where both are known.
    Without unknown values this is Spearman's correlation exactly.

    Args:
        frame: Features, n rows; of more than 50,000 an even sample is taken.

    Returns:
        Names of the k numbers, and an array of shape (k, k); 0 where a column does not vary or
        hardly any row knows both.
    """
    step = max(1, -(-frame.rows // MOST_ROWS))
    columns = [column for column in frame if isinstance(column, NumberColumn)]
    if not columns:
        return (), np.zeros((0, 0))
    values = np.column_stack([column.values[::step] for column in columns])
    known = (~np.isnan(values)).astype(np.float64)
    ranks = np.column_stack([_centred_ranks(column) for column in values.T])
    above = ranks.T @ ranks
    squares = (ranks**2).T @ known
    below = np.sqrt(squares * squares.T)
    told = (below > 0.0) & (known.T @ known >= FEWEST_TOGETHER)
    found = np.divide(above, below, out=np.zeros_like(above), where=told)
    return tuple(column.name for column in columns), np.clip(found, -1.0, 1.0)


def _centred_ranks(values: FloatArray) -> FloatArray:
    """Midranks of known values about their mean; 0 where nothing is known."""
    out = np.zeros(len(values))
    known = ~np.isnan(values)
    if known.any():
        _, place, times = np.unique(values[known], return_inverse=True, return_counts=True)
        ranks = (np.cumsum(times) - (times - 1) / 2.0)[place]
        out[known] = ranks - ranks.mean()
    return out


def alike_groups(
    frame: FeatureFrame, strongest_first: Sequence[str], *, least: float = ALIKE
) -> tuple[AlikeGroup, ...]:
    """Group numbers that say nearly the same, around the strongest of each group.

    Going from the strongest feature down, one that is not yet in a group takes in every feature
    not yet taken whose rank correlation with it is at least `least`, in either direction.

    Args:
        frame: Features, n rows.
        strongest_first: Names of the features, strongest first; others are left out.
        least: In (0, 1].

    Returns:
        Groups of at least two, by the strength of their representatives.

    Raises:
        RangeError: `least` is outside (0, 1].
    """
    if not 0.0 < least <= 1.0:
        raise RangeError("must lie in (0, 1]", field="least")
    names, found = rank_correlations(frame)
    place = {name: number for number, name in enumerate(names)}
    free = [name for name in strongest_first if name in place]
    groups = []
    while free:
        head, *rest = free
        row = found[place[head]]
        near = [(name, float(row[place[name]])) for name in rest if abs(row[place[name]]) >= least]
        taken = {name for name, _ in near}
        free = [name for name in rest if name not in taken]
        if near:
            members = tuple(sorted(near, key=lambda one: (-abs(one[1]), one[0])))
            groups.append(AlikeGroup(representative=head, members=members))
    return tuple(groups)
