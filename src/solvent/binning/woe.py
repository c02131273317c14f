"""Weight of evidence of each bin: positive is safer (decision 0001)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solvent.errors import OneClassError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

EMPTY_CELL: Final = 0.5
"""What a bin without goods, or without bads, counts for the kind it has none of."""


def bin_counts(place: IntArray, bad: BoolArray, size: int) -> tuple[IntArray, IntArray]:
    """Count goods and bads per bin.

    Args:
        place: Each row's bin, shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        size: Number of bins.

    Returns:
        Goods and bads, each of shape (size,).

    Raises:
        ShapeError: The lengths differ.

    >>> goods, bads = bin_counts(np.array([0, 1, 1]), np.array([True, False, True]), 3)
    >>> goods.tolist(), bads.tolist()
    ([0, 1, 0], [1, 1, 0])
    """
    if place.shape != bad.shape:
        raise ShapeError(f"has {len(bad)} values where place has {len(place)}", field="bad")
    bads = np.bincount(place[bad], minlength=size).astype(np.int64)
    return np.bincount(place, minlength=size).astype(np.int64) - bads, bads


def woe(goods: ArrayLike, bads: ArrayLike) -> FloatArray:
    """Return ln(share of goods / share of bads) of each bin.

    A bin without goods or without bads would be infinite; it counts half an account of the kind it
    lacks. An empty bin says nothing: 0.

    Args:
        goods, bads: Counts per bin, shape (b,).

    Returns:
        Shape (b,); positive where a bin is safer than the whole.

    Raises:
        ShapeError: Not one-dimensional, or of two lengths.
        RangeError: A count is negative.
        OneClassError: There is no good, or no bad.

    Source: Siddiqi (2006); the sign is that of decision 0001.

    >>> woe([80, 20], [10, 10]).round(4).tolist()
    [0.47, -0.9163]
    """
    p, q, seen = shares(goods, bads)
    found = np.zeros(len(p))
    found[seen] = np.log(p[seen] / q[seen])
    return found


def bad_rates(goods: ArrayLike, bads: ArrayLike) -> FloatArray:
    """Return each bin's bad rate, which falls as its woe rises; NaN where nobody is.

    A bin without goods or without bads counts half an account of the kind it lacks. Two bins of one
    rate have the same number to the last bit, which woe does not promise.

    Args:
        goods, bads: Counts per bin, >= 0, shape (b,).

    >>> bad_rates([80, 0, 39.5], [20, 0, 0]).tolist()
    [0.2, nan, 0.0125]
    """
    g, b = np.asarray(goods, np.float64), np.asarray(bads, np.float64)
    seen = (g > 0) | (b > 0)
    part = np.where(seen & (b == 0), EMPTY_CELL, b)
    whole = part + np.where(seen & (g == 0), EMPTY_CELL, g)
    found: FloatArray = np.divide(part, whole, out=np.full(len(g), np.nan), where=seen)
    return found


def shares(goods: ArrayLike, bads: ArrayLike) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return each bin's share of goods and of bads, and which bins hold anybody.

    Empty cells of bins that hold somebody count half an account; shares are of the true totals, so
    that filling one cell does not move the other bins.

    Raises:
        ShapeError, RangeError, OneClassError: As `woe`.
    """
    g, b = np.asarray(goods, np.float64), np.asarray(bads, np.float64)
    if g.ndim != 1 or g.shape != b.shape:
        raise ShapeError("must be two vectors of one length", field="goods, bads")
    if (g < 0).any() or (b < 0).any():
        raise RangeError("must be counts >= 0", field="goods, bads")
    if not g.any() or not b.any():
        raise OneClassError(
            f"there is no {'bad' if g.any() else 'good'} account", field="goods, bads"
        )
    seen = (g > 0) | (b > 0)
    p = np.where(seen & (g == 0), EMPTY_CELL, g) / g.sum()
    q = np.where(seen & (b == 0), EMPTY_CELL, b) / b.sum()
    return p, q, seen
