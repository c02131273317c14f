"""Unsigned 128-bit arithmetic for the kernel, rounded to float64 once, correctly."""

from __future__ import annotations

import numpy as np
from numba import njit, uint64


@njit(cache=True)
def _multiply(a, b):  # type: ignore[no-untyped-def]  # numba
    """Return the 128-bit product of two uint64 as (high, low)."""
    mask, half = uint64(0xFFFFFFFF), uint64(32)
    al, ah, bl, bh = a & mask, a >> half, b & mask, b >> half
    ll, lh, hl, hh = al * bl, al * bh, ah * bl, ah * bh
    middle = (ll >> half) + (lh & mask) + (hl & mask)
    return hh + (lh >> half) + (hl >> half) + (middle >> half), (ll & mask) | (middle << half)


@njit(cache=True)
def _add(high, low, a_high, a_low):  # type: ignore[no-untyped-def]  # numba
    """Add two unsigned 128-bit numbers."""
    total = low + a_low
    carry = uint64(1) if total < low else uint64(0)
    return high + a_high + carry, total


@njit(cache=True)
def _to_float(high, low):  # type: ignore[no-untyped-def]  # numba
    """Round an unsigned 128-bit number to the nearest float64, ties to even."""
    if high == uint64(0):
        return np.float64(low)
    bits = 0
    rest = high
    while rest != uint64(0):
        rest = rest >> uint64(1)
        bits += 1
    shift = uint64(bits)
    if bits < 64:
        top = (high << (uint64(64) - shift)) | (low >> shift)
        lost = low & ((uint64(1) << shift) - uint64(1))
    else:
        top, lost = high, low
    if lost != uint64(0):
        top = top | uint64(1)
    return np.float64(top) * 2.0**bits


@njit(cache=True)
def variance_numerator(n, total, squares_high, squares_middle, squares_low):  # type: ignore[no-untyped-def]  # numba
    """Return n * sum(x^2) - sum(x)^2, rounded once.

    Sum of squares = high * 2**40 + middle * 2**21 + low, from halves of 20 bits.
    """
    high, low = _multiply(uint64(squares_high), uint64(1) << uint64(40))
    m_high, m_low = _multiply(uint64(squares_middle), uint64(1) << uint64(21))
    high, low = _add(high, low, m_high, m_low)
    high, low = _add(high, low, uint64(0), uint64(squares_low))
    n_high, n_low = _multiply(low, uint64(n))
    n_high = n_high + high * uint64(n)
    size = uint64(total) if total >= 0 else uint64(0) - uint64(total)
    s_high, s_low = _multiply(size, size)
    borrow = uint64(1) if n_low < s_low else uint64(0)
    return _to_float(n_high - s_high - borrow, n_low - s_low)
