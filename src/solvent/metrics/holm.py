"""Holm's adjustment: p-values that stay honest where several questions are asked at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from solvent.errors import RangeError, ShapeError
from solvent.metrics.accounts import FloatArray


def holm(p_values: ArrayLike) -> FloatArray:
    """Adjust p-values so that the chance of one false finding among all of them stays as stated.

    Args:
        p_values: Each in [0, 1], shape (k,), in any order.

    Returns:
        Adjusted p-values in [0, 1], none below its own, in the order given, shape (k,).

    Raises:
        ShapeError: Not one-dimensional.
        RangeError: A value is not in [0, 1].

    Source: Holm (1979), a simple sequentially rejective multiple test procedure.

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    found = np.asarray(p_values, dtype=np.float64)
    if found.ndim != 1:
        raise ShapeError(f"must be a vector, found shape {found.shape}", field="p_values")
    if not bool(((found >= 0.0) & (found <= 1.0)).all()):
        raise RangeError("must lie in [0, 1]", field="p_values")
    order = np.argsort(found, kind="stable")
    left = np.arange(len(found), 0, -1)
    adjusted = np.empty_like(found)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(left * found[order]))
    return adjusted
