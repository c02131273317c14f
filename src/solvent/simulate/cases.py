"""Applications with a known outcome, checked once, and what either verdict on each is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solvent.errors import RangeError, ShapeError
from solvent.metrics.accounts import (
    BoolArray,
    FloatArray,
    IntArray,
    check_accounts,
    one_dimensional,
)
from solvent.policy import Worth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cases:
    """Applications a simulation decides again, shape (n,) each.

    Attributes:
        bad: What became of them.
        if_approved: Money each brings if approved, given its outcome, in major units.
        if_declined: Money each brings if not approved, given its outcome, in major units.
    """

    bad: BoolArray
    if_approved: FloatArray
    if_declined: FloatArray

    def __len__(self) -> int:
        return self.bad.size

    @property
    def gain(self) -> FloatArray:
        """What approving brings over declining, in major units, shape (n,)."""
        return self.if_approved - self.if_declined


def cases(worth: Worth, bad: ArrayLike) -> Cases:
    """Look up what each application is worth, now that its outcome is known.

    Args:
        worth: Money by verdict and outcome, in major units, of n applications.
        bad: True where the application met the bad definition, shape (n,), n >= 1.

    Raises:
        ShapeError: no application, not one-dimensional, or another number than `worth` has.
        RangeError: `bad` is not boolean, or money is not finite.
    """
    bads = check_mask(bad, "bad", len(worth))
    found = Cases(
        bad=bads,
        if_approved=np.where(bads, worth.bad_approved, worth.good_approved),
        if_declined=np.where(bads, worth.bad_declined, worth.good_declined),
    )
    wrong = len(found) - int(np.isfinite(found.if_approved + found.if_declined).sum())
    if wrong:
        raise RangeError(
            f"{wrong:,} of {len(found):,} applications have no finite worth",
            hint="look at the policy's economics: an amount is missing or without bound",
            field="worth",
        )
    return found


def check_mask(values: ArrayLike, field: str, n: int) -> BoolArray:
    """One truth value per application.

    Args:
        values: Boolean, shape (n,).
        field: What to call it in an error.
        n: How many there must be.

    Raises:
        ShapeError: no application, not one-dimensional, or not n of them.
        RangeError: not boolean.

    >>> check_mask([True, False], "approved", 2)
    array([ True, False])
    """
    array = one_dimensional(values, field)
    if array.dtype.kind != "b":
        raise RangeError(
            f"must be boolean, found {array.dtype}", hint="pass a comparison", field=field
        )
    if array.size != n:
        raise ShapeError(
            f"has {array.size:,} values where worth has {n:,}",
            hint="pass arrays over the same applications in the same order",
            field=field,
        )
    return array.astype(np.bool_, copy=False)


def check_barred(barred: ArrayLike | None, n: int) -> BoolArray:
    """Whom a knock-out stops whatever the PD; nobody where None is given.

    Raises:
        ShapeError, RangeError: as `check_mask`.

    >>> check_barred(None, 2)
    array([False, False])
    """
    return np.zeros(n, np.bool_) if barred is None else check_mask(barred, "barred", n)


def check_scored(pd: ArrayLike, bad: ArrayLike, worth: Worth) -> tuple[FloatArray, Cases]:
    """Applications with a PD, an outcome and a worth.

    Raises:
        ShapeError: not one-dimensional, empty, or of different lengths.
        RangeError: `pd` outside [0, 1]; `bad` not boolean; money not finite.
    """
    pds, bads = check_accounts(pd, bad)
    return pds, cases(worth, bads)


def in_whole(*values: FloatArray) -> tuple[tuple[IntArray, ...], int]:
    """Write money as whole multiples of a power of two so small that nothing visible is lost.

    Whole numbers add up to the same total in every order, so a running total does not depend on
    the order of the rows, and equal totals are equal. The step is at most 2**-60 of the sum of all
    absolute values: finer, in the total, than a float64 is.

    Args:
        values: Money, finite, shape (n,) each.

    Returns:
        The arrays as int64, whose running totals cannot overflow, and the exponent e of the step
        2**e: money = whole · 2**e.

    >>> (found,), exponent = in_whole(np.array([0.5, -0.25]))
    >>> [math.ldexp(each, exponent) for each in found.tolist()]
    [0.5, -0.25]
    """
    most = math.fsum(float(np.abs(each).sum()) for each in values)
    shift = 61 - math.frexp(most)[1] if most else 0
    whole = tuple(np.rint(np.ldexp(each, shift)).astype(np.int64) for each in values)
    return whole, -shift


def in_major(whole: IntArray | NDArray[np.int64], exponent: int) -> FloatArray:
    """Write whole steps as money again; the inverse of `in_whole` to the nearest float64."""
    return np.ldexp(whole.astype(np.float64), exponent)
