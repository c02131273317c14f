"""What every metric asks of its input, in one place.

Accounts come as two arrays of one length: `pd`, the probability of default (higher is riskier), and
`bad`, true where the account met the bad definition.
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solvent.errors import OneClassError, RangeError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


def check_accounts(pd: ArrayLike, bad: ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Accounts fit to be measured.

    Args:
        pd: Probability of default in [0, 1], shape (n,), n >= 1.
        bad: Boolean, shape (n,).

    Returns:
        `pd` as float64 and `bad` as bool, copied only where the type differs.

    Raises:
        ShapeError: not one-dimensional, empty, or of two lengths.
        RangeError: `pd` is not numeric, not finite or outside [0, 1]; `bad` is not boolean.

    >>> check_accounts([0, 0.5], [False, True])[0]
    array([0. , 0.5])
    """
    pds = check_pd(pd)
    bads = one_dimensional(bad, "bad")
    if bads.dtype.kind != "b":
        raise RangeError(
            f"must be boolean, found {bads.dtype}",
            hint="pass a comparison, such as `outcome == 1`",
            field="bad",
        )
    check_same_length(pds, bads, "bad")
    return pds, bads.astype(np.bool_, copy=False)


def check_two_classes(pd: ArrayLike, bad: ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Accounts fit to be ranked: among them at least one bad and one good.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError, RangeError: as `check_accounts`.

    >>> check_two_classes([0.2, 0.5], [False, True])[1]
    array([False,  True])
    """
    pds, bads = check_accounts(pd, bad)
    count = int(np.count_nonzero(bads))
    if count in (0, bads.size):
        raise OneClassError(
            f"{'every' if count else 'no'} account of {bads.size} is bad",
            hint="measure on a sample with both bad and good accounts, or over a longer window",
            field="bad",
        )
    return pds, bads


def check_pd(pd: ArrayLike) -> FloatArray:
    """A non-empty vector of probabilities of default.

    Raises:
        ShapeError: not one-dimensional, or empty.
        RangeError: not numeric, not finite or outside [0, 1].

    >>> check_pd([1, 0])
    array([1., 0.])
    """
    pds = one_dimensional(pd, "pd")
    if pds.dtype.kind not in "fiu":
        raise RangeError(f"must be numeric, found {pds.dtype}", field="pd")
    pds = pds.astype(np.float64, copy=False)
    wrong = pds.size - int(np.count_nonzero((pds >= 0.0) & (pds <= 1.0)))
    if wrong:
        missing = int(np.count_nonzero(np.isnan(pds)))
        raise RangeError(
            f"{wrong} of {pds.size} values are not in [0, 1] ({missing} of them are NaN)",
            hint="pass probabilities, not scores or log-odds, and set aside accounts without one",
            field="pd",
        )
    return pds


def one_dimensional(values: ArrayLike, field: str) -> NDArray[Any]:
    """`values` as a non-empty array of one dimension.

    Raises:
        ShapeError: ragged, not one-dimensional, or empty.

    >>> one_dimensional([1, 2], "period").shape
    (2,)
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ShapeError("is ragged", hint="pass one value per account", field=field) from error
    if array.ndim != 1:
        raise ShapeError(
            f"must have one dimension, found shape {array.shape}",
            hint="pass one value per account; of predict_proba take the column of the bads",
            field=field,
        )
    if array.size == 0:
        raise ShapeError("is empty", hint="pass at least one account", field=field)
    return array


def check_same_length(pd: NDArray[Any], other: NDArray[Any], field: str) -> None:
    """Both arrays describe the same accounts.

    Raises:
        ShapeError: the lengths differ.

    >>> check_same_length(np.zeros(2), np.ones(2), "period")
    """
    if pd.size != other.size:
        raise ShapeError(
            f"has {other.size} values where pd has {pd.size}",
            hint="pass arrays over the same accounts in the same order",
            field=field,
        )


def check_count(value: int, field: str, *, least: int = 1) -> int:
    """An option that counts something (bins, points).

    Raises:
        RangeError: not a whole number, or below `least`.

    >>> check_count(10, "bins")
    10
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise RangeError(
            f"must be a whole number of at least {least}, found {value!r}", field=field
        )
    return int(value)


def check_cutoff(cutoff: float) -> float:
    """A PD from which an account is predicted bad.

    Zero predicts everybody bad. The one number just above 1 is allowed: it predicts nobody bad even
    where a PD of 1 exists.

    Raises:
        RangeError: not a number in [0, 1].

    >>> check_cutoff(0.25)
    0.25
    """
    allowed = isinstance(cutoff, Real) and 0.0 <= cutoff <= math.nextafter(1.0, 2.0)
    if isinstance(cutoff, bool) or not allowed:
        raise RangeError(
            f"must be a probability in [0, 1], found {cutoff!r}",
            hint="25 percent is written 0.25",
            field="cutoff",
        )
    return float(cutoff)
