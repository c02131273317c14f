"""The loops over rows that cards need; compiled once per installation."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from solvent.models.technique import BoolArray, FloatArray, IntArray

CodeArray = NDArray[np.int16]
FOUR: Final = 4


@njit(cache=True, nogil=True)
def add_numbers(
    values: FloatArray, edges: FloatArray, special: FloatArray, log_odds: FloatArray,
    out: FloatArray,
) -> int:  # fmt: skip
    """Add to each row what the bin of its value says; return how many values are infinite.

    Args:
        values: Shape (n,); NaN is missing.
        edges: Rising, shape (k,); an edge belongs to the bin below it.
        special: Codes with a bin of their own, shape (s,).
        log_odds: Of the k + 1 bins, then the special ones, and last what is missing.
        out: Margins, shape (n,); changed in place.
    """
    infinite, known = 0, len(edges) + 1
    last = len(log_odds) - 1
    for row in range(len(values)):
        value = values[row]
        place = 0
        for edge in edges:
            place += value > edge
        for code in range(len(special)):
            if value == special[code]:
                place = known + code
        if np.isnan(value):
            place = last
        elif np.isinf(value):
            infinite += 1
        out[row] += log_odds[place]
    return infinite


@njit(cache=True, nogil=True)
def put_places(codes: CodeArray, table: CodeArray, rows: IntArray, out: CodeArray) -> None:
    """Write the bin of the code of each of some rows.

    Args:
        codes: Of all rows, shape (n,).
        table: The bin of each code.
        rows: Positions, shape (m,).
        out: Shape (m,); changed in place.
    """
    for at in range(len(rows)):
        out[at] = table[codes[rows[at]]]


@njit(cache=True, nogil=True)
def add_products(block: FloatArray, part: FloatArray, second: FloatArray) -> None:
    """Add the weighted products of all columns of four rows: four at a time need few stores.

    Args:
        block: The rows, shape (4, k).
        part: Their weights, shape (4,).
        second: Upper half and a little more, shape (k, k); changed in place.
    """
    one, two, three, four = block[0], block[1], block[2], block[3]
    for left in range(len(second)):
        a, b = part[0] * one[left], part[1] * two[left]
        c, d = part[2] * three[left], part[3] * four[left]
        out = second[left]
        for right in range(left - left % FOUR, len(out)):
            out[right] += (a * one[right] + b * two[right]) + (c * three[right] + d * four[right])


@njit(cache=True, nogil=True)
def sum_curve(
    places: CodeArray, values: FloatArray, weights: FloatArray, bad: BoolArray,
    sums: tuple[FloatArray, FloatArray],
) -> float:  # fmt: skip
    """Add up what Newton's method needs for one weight per column; return minus log-likelihood.

    Args:
        places: Where each row's value of each column stands, shape (n, k).
        values: Of each column by place, shape (k, most places).
        weights: The intercept first, shape (k + 1,).
        bad: Labels, shape (n,).
        sums: The gradient, shape (k + 1,), and the second derivative, its upper half,
            shape (k + 1, k + 1); changed in place.
    """
    gradient, second = sums
    size, loss = len(weights), 0.0
    block = np.zeros((FOUR, size))
    block[:, 0] = 1.0
    part = np.zeros(FOUR)
    for start in range(0, len(places), FOUR):
        many, product = min(FOUR, len(places) - start), 1.0
        part[:] = 0.0
        for at in range(many):
            row, margin = block[at], weights[0]
            for column in range(size - 1):
                value = values[column, places[start + at, column]]
                row[column + 1] = value
                margin += weights[column + 1] * value
            tail = np.exp(-abs(margin))
            pd = (1.0 if margin >= 0.0 else tail) / (1.0 + tail)
            product *= 1.0 + tail  # one logarithm for four rows
            loss += max(margin, 0.0) - bad[start + at] * margin
            off, part[at] = pd - bad[start + at], tail / ((1.0 + tail) * (1.0 + tail))
            for column in range(size):
                gradient[column] += off * row[column]
        loss += np.log(product)
        add_products(block, part, second)
    return loss


@njit(cache=True, nogil=True)
def sum_effects(
    places: CodeArray, effects: FloatArray, intercept: float, bad: BoolArray, gradient: FloatArray
) -> float:
    """Add up the first derivative for one effect per bin; return that of the intercept.

    Args:
        places: Each row's bin of each characteristic, shape (n, k).
        effects: Log-odds of bad of each bin, shape (k, most bins).
        intercept: Of all.
        bad: Labels, shape (n,).
        gradient: Shape (k, most bins); changed in place.
    """
    whole = 0.0
    for at in range(len(places)):
        margin = intercept
        for column in range(places.shape[1]):
            margin += effects[column, places[at, column]]
        off = 1.0 / (1.0 + np.exp(-margin)) - bad[at]
        whole += off
        for column in range(places.shape[1]):
            gradient[column, places[at, column]] += off
    return whole


@njit(cache=True, nogil=True)
def sum_pairs(
    places: CodeArray, effects: FloatArray, intercept: float, second: FloatArray
) -> float:
    """Add up the second derivative for one effect per bin; return that of the intercept.

    Args:
        places: Each row's bin of each characteristic, shape (n, k).
        effects: Log-odds of bad of each bin, shape (k, most bins).
        intercept: Of all.
        second: Upper half, shape (k, most bins, k, most bins); that of a bin with itself is the
            one with the intercept as well. Changed in place.
    """
    whole, columns = 0.0, places.shape[1]
    for at in range(len(places)):
        margin = intercept
        for column in range(columns):
            margin += effects[column, places[at, column]]
        tail = np.exp(-abs(margin))
        weight = tail / ((1.0 + tail) * (1.0 + tail))
        whole += weight
        for left in range(columns):
            here = places[at, left]
            for right in range(left, columns):
                second[left, here, right, places[at, right]] += weight
    return whole
