"""PSI: how far a population has moved between two samples."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from solvent.errors import RangeError, ShapeError
from solvent.metrics.accounts import FloatArray, one_dimensional

EMPTY_BIN: Final = 0.5


def psi(expected: ArrayLike, actual: ArrayLike) -> float:
    """Population stability index of two vectors of counts over the same bins.

    The sum over bins of (a - e) ln(a / e), a and e being shares. A bin empty in one sample only
    would make it infinite: by definition here such a bin counts half an account. A bin empty in
    both says nothing and is left out. The usual 0.10 and 0.25 are conventions, not tests: between
    two samples of one population PSI grows with the bins and shrinks with the accounts.

    Args:
        expected: Accounts per bin when the model was built, shape (b,).
        actual: Accounts per bin now, shape (b,); the bins are those fixed on `expected`.

    Returns:
        PSI >= 0; 0 where the shares are equal.

    Raises:
        ShapeError: not one-dimensional, empty, or of two lengths.
        RangeError: a count is negative, broken or not finite, or a sample has no accounts.

    Source: Siddiqi (2006); Yurdakul and Naranjo (2020) on its distribution.

    >>> round(psi(np.array([50, 50]), np.array([40, 60])), 6)
    0.040547
    """
    before, now = _check_counts(expected, "expected"), _check_counts(actual, "actual")
    if before.size != now.size:
        raise ShapeError(
            f"has {now.size} bins where expected has {before.size}",
            hint="count both samples in the same bins",
            field="actual",
        )
    seen = (before > 0.0) | (now > 0.0)
    e, a = _shares(before[seen]), _shares(now[seen])
    return float(((a - e) * np.log(a / e)).sum())


def _check_counts(counts: ArrayLike, field: str) -> FloatArray:
    array = one_dimensional(counts, field)
    if array.dtype.kind not in "fiu":
        raise RangeError(f"must be counts, found {array.dtype}", field=field)
    numbers = array.astype(np.float64)
    if not np.all(np.isfinite(numbers) & (numbers >= 0.0) & (numbers == np.floor(numbers))):
        raise RangeError("must be whole counts >= 0", hint="pass counts, not shares", field=field)
    if not numbers.any():
        raise RangeError("has no accounts in any bin", field=field)
    return numbers


def _shares(counts: FloatArray) -> FloatArray:
    filled = np.where(counts == 0.0, EMPTY_BIN, counts)
    return filled / float(filled.sum())
