"""The levels of a category as a model learnt them, and finding them again in new rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.features import CategoryColumn

IntArray = NDArray[np.int64]

UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Labels seen in training, in the order of the alphabet.

    Args:
        labels: Each at least once in training.
    """

    labels: tuple[str, ...]
    _place: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places = {label: place for place, label in enumerate(self.labels)}
        object.__setattr__(self, "_place", places)

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def seen(cls, column: CategoryColumn) -> Levels:
        """Return the labels that occur in a column."""
        codes = np.unique(column.codes)
        labels = {column.levels[code] for code in codes[codes >= 0]}
        return cls(labels=tuple(sorted(labels)))

    def place(self, column: CategoryColumn) -> IntArray:
        """Return each row's level, `len(self)` where missing, -1 where not seen in training."""
        missing, codes = len(self.labels), column.codes
        if len(codes) < len(column.levels):
            found = (
                missing if code < 0 else self._place.get(column.levels[code], UNKNOWN)
                for code in codes.tolist()
            )
            return np.fromiter(found, dtype=np.int64, count=len(codes))
        known = (self._place.get(label, UNKNOWN) for label in column.levels)
        table = np.fromiter((*known, missing), dtype=np.int64, count=len(column.levels) + 1)
        return table[codes]
