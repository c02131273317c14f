"""Whose each account is: labels of customers as whole numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from solvent.errors import RangeError, ShapeError
from solvent.metrics.accounts import IntArray, one_dimensional


def number_clusters(clusters: ArrayLike, n: int) -> IntArray:
    """Number the customers from 0 in the order in which they first appear.

    Args:
        clusters: Whose each account is, shape (n,): whole numbers or text.
        n: How many accounts there are.

    Returns:
        The number of each account's customer, shape (n,).

    Raises:
        ShapeError: Not one-dimensional, or not one label per account.
        RangeError: Neither whole numbers nor text, so that a missing label could stand among them.

    >>> number_clusters(["b", "a", "b"], 3).tolist()
    [0, 1, 0]
    """
    labels = one_dimensional(clusters, "clusters")
    if labels.size != n:
        raise ShapeError(
            f"has {labels.size} values where there are {n} accounts",
            hint="pass one label per account, in the same order",
            field="clusters",
        )
    if labels.dtype.kind not in "iuU":
        raise RangeError(
            f"must be whole numbers or text, found {labels.dtype}",
            hint="number the customers, and those whose customer is not known one by one",
            field="clusters",
        )
    _, first, place = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    return rank[place]
