"""Categories cut into bins: frequent levels on their own, rare ones together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.numbers import MISSING
from solvent.binning.rules import FEWEST_ROWS
from solvent.errors import RangeError

IntArray = NDArray[np.int64]
CodeArray = NDArray[np.int32] | NDArray[np.int64]

OTHERS: Final = "rare or not seen before"
MOST_NAMED: Final = 6
LEAST_SHARE: Final = 0.02
MOST_LEVELS: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelBins:
    """Bins of a category: groups of its levels, all others, special labels, and what is not known.

    Args:
        groups: The levels of each bin.
        special: Labels that stand for a state, with a bin of their own each.
    """

    groups: tuple[tuple[str, ...], ...]
    special: tuple[str, ...] = ()
    _homes: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        homes = {label: place for place, group in enumerate(self.groups) for label in group}
        homes.update((label, self.known + at) for at, label in enumerate(self.special))
        object.__setattr__(self, "_homes", homes)

    @property
    def known(self) -> int:
        """Number of bins with known values, the one for all other levels included."""
        return len(self.groups) + 1

    @property
    def size(self) -> int:
        """Number of bins, those for special labels and for unknown values included."""
        return self.known + len(self.special) + 1

    @property
    def ordered(self) -> int:
        """Number of bins that stand in an order, where they do."""
        return len(self.groups)

    def place(self, codes: CodeArray, levels: Sequence[str]) -> IntArray:
        """Return each row's bin, shape (n,).

        Args:
            codes: Index into `levels`, -1 for not known, shape (n,).
            levels: The labels; one never seen before is among the others.

        >>> codes = np.array([0, 1, 2, -1])
        >>> LevelBins(groups=(("gold",),)).place(codes, ["tin", "gold", "new"]).tolist()
        [1, 0, 1, 2]
        """
        return self.table(levels)[codes.astype(np.intp)]

    def table(self, levels: Sequence[str]) -> IntArray:
        """Return the bin of each label, and last that of what is not known; shape (levels + 1,)."""
        others = len(self.groups)
        found = (self._homes.get(label, others) for label in levels)
        return np.fromiter((*found, self.size - 1), np.int64, len(levels) + 1)

    @property
    def words(self) -> tuple[str, ...]:
        """Each bin in words.

        >>> LevelBins(groups=(("tin", "gold"),), special=("refused",)).words
        ('gold, tin', 'rare or not seen before', 'refused', 'missing')
        """
        return (*map(_listed, self.groups), OTHERS, *self.special, MISSING)


def _listed(group: tuple[str, ...]) -> str:
    named = ", ".join(sorted(group)[:MOST_NAMED])
    more = len(group) - MOST_NAMED
    return f"{named} and {more:,} more" if more > 0 else named


def level_bins(
    codes: CodeArray,
    levels: Sequence[str],
    *,
    least_share: float = LEAST_SHARE,
    fewest: int = FEWEST_ROWS,
    most: int = MOST_LEVELS,
) -> LevelBins:
    """Give frequent levels a bin of their own and put the rare ones together.

    Args:
        codes: Index into `levels`, -1 for not known, shape (n,).
        levels: The labels.
        least_share: Share of all rows a level of its own needs, in [0, 1].
        fewest: Rows it needs.
        most: Most levels with a bin of their own; the most frequent are kept.

    Raises:
        RangeError: `least_share` is no share.

    >>> codes = np.repeat([0, 1, 2, -1], [60, 100, 1, 9])
    >>> level_bins(codes, ["tin", "gold", "lead"]).groups
    (('gold',), ('tin',))
    """
    if not 0.0 <= least_share <= 1.0:
        raise RangeError("must be a share in [0, 1]", field="least_share")
    counts = np.bincount(codes[codes >= 0].astype(np.intp), minlength=len(levels))
    order = sorted(range(len(levels)), key=lambda code: (-int(counts[code]), levels[code]))
    need = max(least_share * len(codes), float(fewest))
    own = tuple((levels[code],) for code in order[:most] if counts[code] >= need)
    return LevelBins(groups=own)
