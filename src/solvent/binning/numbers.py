"""Numbers cut into bins of about as many applications each."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.rules import FEWEST_ROWS
from solvent.errors import RangeError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MISSING: Final = "missing"
BINS: Final = 10
_MOVED: Final = 0.1
"""Share of a bin's rows that a rounder edge may move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberBins:
    """Bins of a number: known values, then declared special codes, and last what is not known.

    Args:
        edges: Rising; bin i holds edges[i - 1] < x <= edges[i], the one after the last edge what
            lies above it.
        special: Codes with a bin of their own each, wherever they lie.
        whole: Whether only whole numbers were seen; for the words alone.
    """

    edges: tuple[float, ...]
    special: tuple[float, ...] = ()
    whole: bool = False

    @property
    def known(self) -> int:
        """Number of bins with known values."""
        return len(self.edges) + 1

    @property
    def size(self) -> int:
        """Number of bins, those for special codes and for unknown values included."""
        return self.known + len(self.special) + 1

    @property
    def ordered(self) -> int:
        """Number of bins that stand in the order of the number."""
        return self.known

    def place(self, values: FloatArray) -> IntArray:
        """Return each value's bin, shape (n,); `size - 1` where it is NaN.

        >>> NumberBins(edges=(0.0, 2.5)).place(np.array([-1.0, 0.0, 2.0, 9.0, np.nan])).tolist()
        [0, 0, 1, 2, 3]
        >>> NumberBins(edges=(0.0,), special=(-9.0,)).place(np.array([-9.0, -8.0, 1.0])).tolist()
        [2, 0, 1]
        """
        from solvent.binning._passes import place_numbers  # numba takes a while to import

        placed = np.empty(len(values), np.int64)
        place_numbers(values, np.array(self.edges), np.array(self.special), placed)
        return placed

    def ends(self, place: int) -> tuple[float | None, float | None]:
        """Return what a bin of known values lies above and reaches; None where it is open.

        >>> NumberBins(edges=(0.0, 2.5)).ends(1), NumberBins(edges=(0.0, 2.5)).ends(2)
        ((0.0, 2.5), (2.5, None))
        """
        low = self.edges[place - 1] if place > 0 else None
        return low, self.edges[place] if place < len(self.edges) else None

    @property
    def words(self) -> tuple[str, ...]:
        """Each bin in words; where an edge is named twice it belongs to the lower bin.

        >>> NumberBins(edges=(-0.5, 1200.0), special=(-999.0,)).words
        ('up to -0.5', '-0.5 to 1,200', 'above 1,200', '-999', 'missing')
        >>> NumberBins(edges=(0.0, 1.0, 5.0), whole=True).words
        ('up to 0', '1', '2 to 5', '6 or more', 'missing')
        """
        known: tuple[str, ...] = ("any value",)
        floors = [math.floor(edge) for edge in self.edges]
        if self.edges and self.whole and len(set(floors)) == len(floors):
            known = _whole_words(floors)
        elif self.edges:
            marks = [_number(edge) for edge in self.edges]
            between = (f"{low} to {high}" for low, high in pairwise(marks))
            known = (f"up to {marks[0]}", *between, f"above {marks[-1]}")
        return (*known, *map(_number, self.special), MISSING)


def _whole_words(edges: list[int]) -> tuple[str, ...]:
    """Return the words of whole numbers up to each edge, and above the last."""
    between = (
        f"{high:,}" if low + 1 == high else f"{low + 1:,} to {high:,}"
        for low, high in pairwise(edges)
    )
    return (f"up to {edges[0]:,}", *between, f"{edges[-1] + 1:,} or more")


def _number(value: float) -> str:
    return f"{value:,}".removesuffix(".0")


def quantile_bins(
    values: FloatArray, *, bins: int = BINS, fewest: int = FEWEST_ROWS, tidy: bool = True
) -> NumberBins:
    """Cut a number into bins of about as many rows each; equal values stay together.

    Args:
        values: Shape (n,); NaN is not known.
        bins: Most bins of known values, >= 1.
        fewest: Rows a bin should hold; fewer bins are made where they would hold less.
        tidy: Whether edges may be moved to rounder numbers where that moves hardly any row.

    Returns:
        The bins: at least one of known values.

    Raises:
        RangeError: A value is infinite, or an option is out of range.

    >>> quantile_bins(np.arange(1.0, 401.0), bins=4).edges
    (100.0, 200.0, 300.0)
    >>> quantile_bins(np.array([0.0] * 300 + [1.0] * 60 + [2.0] * 40), bins=4).edges
    (0.0, 1.0)
    """
    if bins < 1 or fewest < 1:
        raise RangeError("must be at least 1", field="bins" if bins < 1 else "fewest")
    known = np.sort(values[~np.isnan(values)])
    if np.isinf(known).any():
        raise RangeError("holds an infinite number", hint="give NaN instead", field="values")
    most = max(1, min(bins, len(known) // fewest))
    if most == 1:
        return NumberBins(edges=())
    target = len(known) / most
    cuts = np.unique(np.quantile(known, np.arange(1, most) / most, method="lower"))
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) <= bins:
        cuts = distinct[:-1]
        target = float(min(counts.max(), 2 * fewest))
    edges = _merged(known, cuts, max(float(fewest), target / 2.0))
    if tidy:
        edges = [_tidy(known, edge, target) for edge in edges]
    return NumberBins(edges=tuple(dict.fromkeys(edges)))


def _merged(known: FloatArray, cuts: FloatArray, least: float) -> list[float]:
    """Return the edges left when bins with fewer than `least` rows join the one above."""
    edges: list[float] = []
    start = 0
    for cut in cuts.tolist():
        end = int(np.searchsorted(known, cut, side="right"))
        if end - start >= least and len(known) - end > 0:
            edges.append(cut)
            start = end
    if edges and len(known) - start < least:
        edges.pop()
    return edges


def _tidy(known: FloatArray, edge: float, target: float) -> float:
    """Return the roundest number near an edge that moves hardly any row across it."""
    if edge == 0.0:
        return 0.0
    if abs(edge) > sys.float_info.max / 2.0:  # what is rounder may be beyond all numbers
        return edge
    at = np.searchsorted(known, edge, side="right")
    for digits in (1, 2, 3):
        rounder = round(edge, digits - 1 - math.floor(math.log10(abs(edge))))
        moved = abs(int(np.searchsorted(known, rounder, side="right")) - int(at))
        if moved <= _MOVED * target * (1 if digits > 1 else 0.5):
            return rounder + 0.0
    return edge
