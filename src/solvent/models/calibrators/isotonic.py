"""Isotonic calibration: bad rates of pooled bands, joined by straight pieces that always rise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.pooling import pool_rising
from solvent.metrics import shift_to_mean
from solvent.models.calibrators.curve import (
    LEAST_SLOPE,
    BoolArray,
    FloatArray,
    check_margins,
    spread_by_secant,
    to_pd,
)
from solvent.models.calibrators.line import fit_line
from solvent.models.documents import Document, Json

IntArray = NDArray[np.int64]

FEWEST: Final = 50
MOST_BANDS: Final = 1000
PRIOR_ROWS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Isotonic:
    """Straight pieces between knots; beyond the first and last a line.

    Args:
        margins: Of the knots, strictly rising, at least one.
        values: Log-odds at the knots, strictly rising.
        slope: Of the lines beyond the ends, > 0.
    """

    margins: tuple[float, ...]
    values: tuple[float, ...]
    slope: float

    @property
    def kind(self) -> str:
        """Its word."""
        return "isotonic"

    def log_odds(self, margin: FloatArray) -> FloatArray:
        """Return calibrated log-odds of bad, shape (n,).

        >>> curve = Isotonic(margins=(0.0, 1.0), values=(-2.0, 0.0), slope=0.5)
        >>> curve.log_odds(np.array([-2.0, 0.5, 3.0])).tolist()
        [-3.0, -1.0, 1.0]
        """
        beyond = margin - np.clip(margin, self.margins[0], self.margins[-1])
        found: FloatArray = np.interp(margin, self.margins, self.values) + self.slope * beyond
        return found

    def spread(self, contributions: FloatArray) -> FloatArray:
        """Return contributions to the log-odds, as in `Curve.spread`."""
        return spread_by_secant(self, contributions)

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {
            "kind": self.kind, "margins": list(self.margins), "values": list(self.values),
            "slope": self.slope,
        }  # fmt: skip

    @classmethod
    def read(cls, document: Document) -> Isotonic:
        """Read it back.

        Raises:
            BundleError: An entry is missing or no list of numbers.
        """
        return cls(
            margins=tuple(document.numbers("margins").tolist()),
            values=tuple(document.numbers("values").tolist()),
            slope=document.number("slope"),
        )


def fit_isotonic(margin: FloatArray, bad: BoolArray) -> Isotonic:
    """Fit it on margins of rows the model had not seen.

    Rows of like margin are banded, 50 or more together; neighbouring bands whose bad rates fall are
    pooled until none does. A band counts two rows more at the portfolio's bad rate, so that no PD
    is 0 or 1; beyond the outermost bands the fitted line's slope carries on.

    Args:
        margin, bad: As in `fit_line`.

    Raises:
        OneClassError, RangeError, ShapeError: As `fit_line`.

    Source: Ayer et al. (1955), pool adjacent violators; tests compare with scikit-learn.
    """
    check_margins(margin, bad)
    rows, bads, total = _bands(margin, bad)
    block = pool_rising(bads / rows, rows)
    rows, bads, total = _sum_by(block, rows, bads, total)
    overall = float(bad.mean())
    rate = (bads + PRIOR_ROWS * overall) / (rows + PRIOR_ROWS)
    block = pool_rising(rate, rows)  # the extra rows may have turned two neighbours round
    rows, mass, total = _sum_by(block, rows, rate * rows, total)
    rate, at = mass / rows, total / rows
    values = np.log(rate / (1.0 - rate))
    curve = Isotonic(
        margins=tuple(at.tolist()), values=_rising(at, values), slope=fit_line(margin, bad).slope
    )
    shift = shift_to_mean(to_pd(curve.log_odds(margin)), overall)
    values = np.array(curve.values) + shift
    return Isotonic(margins=curve.margins, values=tuple(values.tolist()), slope=curve.slope)


def _bands(margin: FloatArray, bad: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return rows, bads and the sum of margins of bands of like margin; ties never part."""
    at, place, count = np.unique(margin, return_inverse=True, return_counts=True)
    rows = count.astype(np.float64)
    bads = np.bincount(place, weights=bad).astype(np.float64)
    return _sum_by(band_of(count), rows, bads, rows * at)


def band_of(count: IntArray) -> IntArray:
    """Return the band of each distinct margin, rising; the last takes in what is left over.

    Args:
        count: Rows of each distinct margin, shape (k,).

    >>> band_of(np.array([30, 30, 90, 10])).tolist()
    [0, 0, 1, 1]
    """
    reached = np.cumsum(count)
    rows = int(reached[-1])
    size = max(FEWEST, math.ceil(rows / MOST_BANDS))
    starts, before = np.zeros(len(count), dtype=np.int64), 0
    while True:
        end = int(np.searchsorted(reached, before + size)) + 1
        if end >= len(count) or rows - int(reached[end - 1]) < size:
            band: IntArray = np.cumsum(starts)
            return band
        starts[end], before = 1, int(reached[end - 1])


def _sum_by(
    block: IntArray, first: FloatArray, second: FloatArray, third: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    parts = (np.bincount(block, weights=part).astype(np.float64) for part in (first, second, third))
    return next(parts), next(parts), next(parts)


def _rising(at: FloatArray, values: FloatArray) -> tuple[float, ...]:
    """Lift values that rise by less than the least slope."""
    found = values.tolist()
    for place, gap in enumerate(np.diff(at).tolist(), 1):
        found[place] = max(found[place], found[place - 1] + LEAST_SLOPE * gap)
    return tuple(found)
