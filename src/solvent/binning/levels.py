"""Categories cut into bins: frequent levels on their own, rare ones together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import RangeError

IntArray = NDArray[np.int64]
CodeArray = NDArray[np.int32] | NDArray[np.int64]

LEAST_SHARE: Final = 0.02
FEWEST_ROWS: Final = 40
MOST_LEVELS: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelBins:
    """Bins of a category: its frequent levels, then all others, and last what is not known.

    Args:
        levels: Labels with a bin of their own, most frequent first.
    """

    levels: tuple[str, ...]

    @property
    def known(self) -> int:
        """Number of bins with known values, the one for all other levels included."""
        return len(self.levels) + 1

    @property
    def size(self) -> int:
        """Number of bins, the one for unknown values included."""
        return self.known + 1

    def place(self, codes: CodeArray, levels: Sequence[str]) -> IntArray:
        """Return each row's bin, shape (n,).

        Args:
            codes: Index into `levels`, -1 for not known, shape (n,).
            levels: The labels; one never seen before is among the others.

        >>> codes = np.array([0, 1, 2, -1])
        >>> LevelBins(levels=("gold",)).place(codes, ["tin", "gold", "new"]).tolist()
        [1, 0, 1, 2]
        """
        own = {label: place for place, label in enumerate(self.levels)}
        table = [own.get(label, len(self.levels)) for label in levels]
        return np.array([*table, self.known], np.int64)[codes.astype(np.intp)]


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
    >>> level_bins(codes, ["tin", "gold", "lead"]).levels
    ('gold', 'tin')
    """
    if not 0.0 <= least_share <= 1.0:
        raise RangeError("must be a share in [0, 1]", field="least_share")
    counts = np.bincount(codes[codes >= 0].astype(np.intp), minlength=len(levels))
    order = sorted(range(len(levels)), key=lambda code: (-int(counts[code]), levels[code]))
    need = max(least_share * len(codes), float(fewest))
    return LevelBins(levels=tuple(levels[code] for code in order[:most] if counts[code] >= need))
