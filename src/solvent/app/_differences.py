"""Two rankings of the same applications, compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solvent.errors import MetricError
from solvent.metrics import AucDifference, auc_difference


def difference_of(
    one: NDArray[np.float64], other: NDArray[np.float64], bad: NDArray[np.bool_],
    customer: NDArray[np.int64],
) -> AucDifference | None:  # fmt: skip
    """Return by how much one ranks better; None where nothing can be said.

    Nothing can where accounts of a kind are too few, or where neither ranking has any spread: each
    ranks perfectly, or all alike.

    Args:
        one, other: PDs, shape (n,).
        bad: Outcomes, shape (n,).
        customer: Whose each application is, shape (n,).
    """
    try:
        return auc_difference(one, other, bad, clusters=customer)
    except MetricError:
        return None
