"""Thinning a curve to few points without changing its shape."""

from __future__ import annotations

import numpy as np

from solvent.metrics.accounts import FloatArray, IntArray


def thin(along: FloatArray, points: int) -> IntArray:
    """Which points of a curve to keep, evenly spaced along it, its ends always kept.

    Args:
        along: Distance along the curve of each point, rising, shape (k,), k >= 1.
        points: Most points to keep, >= 2.

    Returns:
        Positions to keep, rising, at most `points` of them.

    >>> thin(np.array([0.0, 0.1, 0.2, 0.6, 1.0]), 3).tolist()
    [0, 3, 4]
    """
    if along.size <= points:
        return np.arange(along.size)
    wanted = np.linspace(along[0], along[-1], points)
    wanted[-1] = along[-1]
    kept = np.searchsorted(along, wanted)
    kept[-1] = along.size - 1
    return np.unique(kept)
