"""The promises about bins and cards, one file each, in the order of the table."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import binning, scorecards
from benchmarks.outcome import Row


def rows() -> Iterator[Row]:
    """Measure every promise."""
    yield from binning.rows()
    yield from scorecards.rows()
