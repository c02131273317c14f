"""Two results hold equal values, or the comparison of their speed is worth nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.wanted import KEY, TOLERANCES

_SMALLEST = {"std_": 1e-3, "trend_": 1.0}
"""Cents, and cents a day, below which a value counts as this much: sums in floats cancel."""


def require_equal(ours: Path, peer: Path, *, rows: int) -> str:
    """Return a sentence that says how equal two results are.

    Args:
        ours: Result of solvent.
        peer: Result of a peer, with the same columns.
        rows: Applications both must hold.

    Raises:
        AssertionError: They differ.
    """
    a, b = pq.read_table(ours).sort_by(KEY), pq.read_table(peer).sort_by(KEY)
    assert a.num_rows == b.num_rows == rows, f"{a.num_rows} and {b.num_rows} rows, not {rows}"
    assert set(a.column_names) == set(b.column_names), set(a.column_names) ^ set(b.column_names)
    worst, bitwise = dict.fromkeys(TOLERANCES, 0.0), 0
    for name in set(a.column_names) - {KEY}:
        x = a[name].to_numpy().astype(np.float64)
        y = b[name].to_numpy().astype(np.float64)
        known = ~np.isnan(x)
        assert np.array_equal(known, ~np.isnan(y)), f"{name}: null in one, known in the other"
        prefix = next((word for word in TOLERANCES if name.startswith(word)), None)
        if prefix is None:
            assert np.array_equal(x[known], y[known]), f"{name}: values differ"
            bitwise += 1
            continue
        scale = np.maximum(np.abs(x[known]), _SMALLEST.get(prefix, 5e-324))
        gap = float((np.abs(x - y)[known] / scale).max(initial=0.0))
        assert gap <= TOLERANCES[prefix], f"{name}: relative difference {gap:.2g}"
        worst[prefix] = max(worst[prefix], gap)
    others = ", ".join(f"{word}* within {gap:.1g}" for word, gap in worst.items())
    return f"{rows} applications: {bitwise} features bitwise equal, {others} relative"
