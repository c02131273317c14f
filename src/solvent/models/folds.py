"""Folds that keep one customer's applications on one side."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import OneClassError, ShapeError, TrainingError

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

FOLDS: Final = 5


def deal_folds(bad: BoolArray, groups: IntArray, *, seed: int, folds: int = FOLDS) -> IntArray:
    """Deal applications to folds, customer by customer, with bads spread evenly.

    Customers are shuffled, ordered by how many bads and then how many rows they bring, and dealt
    like cards, there and back. Fewer folds are dealt where bad or good customers are too few.

    Args:
        bad: True where the account met the bad definition, shape (n,).
        groups: The customer of each row, shape (n,).
        seed: Of the shuffle, >= 0.
        folds: How many folds to deal at most, >= 2.

    Returns:
        The fold of each row, 0 <= fold < folds, shape (n,); whatever is left when one fold is taken
        out holds bads and goods.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError: The arrays do not match, or are empty.
        TrainingError: One customer holds every bad or every good, so nothing can be held out.

    >>> fold = deal_folds(np.array([True, True, False, False]), np.array([7, 8, 9, 6]), seed=1)
    >>> np.bincount(fold).tolist()
    [2, 2]
    """
    check_labels(bad, groups)
    _, group = np.unique(groups, return_inverse=True)
    bads, rows = np.bincount(group, weights=bad), np.bincount(group)
    most = min(folds, int((bads > 0).sum()), int((bads < rows).sum()))
    shuffled = np.random.default_rng(seed).permutation(len(rows))
    order = shuffled[np.lexsort((-rows[shuffled], -bads[shuffled]))]
    for count in range(most, 1, -1):
        dealt = np.empty(len(rows), dtype=np.int64)
        dealt[order] = _there_and_back(len(rows), count)
        fold: IntArray = dealt[group]
        if _both_classes_remain(bad, fold, count):
            return fold
    raise TrainingError(
        "one customer holds every bad or every good, so no fold can be held out",
        hint="train on at least two customers who went bad and two who did not",
        field="groups",
    )


def check_labels(bad: BoolArray, groups: IntArray) -> None:
    """Labels fit to learn from.

    Raises:
        OneClassError: `bad` is all true or all false.
        ShapeError: Not boolean, not one-dimensional, empty, or of two lengths.
    """
    if bad.ndim != 1 or bad.dtype != np.bool_ or not len(bad):
        raise ShapeError(
            f"must be a boolean vector with rows, found {bad.dtype} of shape {bad.shape}",
            field="bad",
        )
    if groups.shape != bad.shape:
        raise ShapeError(f"has shape {groups.shape} where bad has {bad.shape}", field="groups")
    count = int(bad.sum())
    if count in (0, len(bad)):
        raise OneClassError(
            f"{'every' if count else 'no'} account of {len(bad)} is bad",
            hint="train on a sample with both, or over a longer window",
            field="bad",
        )


def _there_and_back(cards: int, players: int) -> IntArray:
    place = np.arange(cards, dtype=np.int64)
    step = place % players
    return np.where(place // players % 2 == 0, step, players - 1 - step)


def _both_classes_remain(bad: BoolArray, fold: IntArray, count: int) -> bool:
    bads = np.bincount(fold, weights=bad, minlength=count)
    goods = np.bincount(fold, weights=~bad, minlength=count)
    return bool((bads < bads.sum()).all() and (goods < goods.sum()).all())
