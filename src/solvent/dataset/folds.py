"""Folds a model is judged on: later blocks of time where there are times, else other customers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from solvent.dataset.splits import Split, customers_apart
from solvent.errors import TrainingError
from solvent.models.folds import deal_folds

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
FIRST = 1 / 3
"""Share of the applications, the earliest, that only train."""
PARTS = 3
"""Where customers come back, each block tests one of so many parts of them, in turn."""
FEWEST = 2
"""Customers with a bad loan, and with a good one, that a training side needs at least."""


def forward_folds(
    as_of: IntArray, customer: IntArray, bad: BoolArray, matured_at: IntArray, *, folds: int,
    seed: int,
) -> tuple[Split, ...]:  # fmt: skip
    """Cut the later two thirds of the time into blocks, each judged by what came before it.

    A fold learns from applications whose outcome was known before the first of its block, as on
    that day nobody could have learnt from any other, and of other customers than it is judged on,
    as `split_by_time` does; where customers come back, each block judges one of three parts of
    the customers, in turn, and learns from the other two.

    Args:
        as_of: Decision instants, shape (n,).
        customer: Customer number of each application, shape (n,).
        bad: Outcomes, shape (n,).
        matured_at: Instants from which the outcomes could be trusted, shape (n,).
        folds: Blocks wanted; there are fewer where instants are few, or where too few customers
            had an outcome before a block.
        seed: Deals the customers.

    Raises:
        TrainingError: No block has enough before it to learn from.
    """
    cuts = np.quantile(as_of, FIRST + (1 - FIRST) * np.arange(folds) / folds, method="lower")
    ends = [int(end) for end in np.unique(cuts) if end < as_of.max()]
    part = _parts(customer, seed)
    found = []
    for number, (start, end) in enumerate(zip(ends, [*ends[1:], int(as_of.max())], strict=True)):
        before, block = as_of <= start, (as_of > start) & (as_of <= end)
        train, test = customers_apart(before, block, customer, part == number % PARTS)
        train = train & (matured_at < as_of[block].min())
        if test.any() and learnable(bad[train], customer[train]):
            found.append(Split(train=train, test=test, cut=start))
    return _some(found)


def customer_folds(
    customer: IntArray, bad: BoolArray, *, folds: int, seed: int
) -> tuple[Split, ...]:
    """Deal customers to folds, each judged by what was learnt from the others.

    Args:
        customer: Customer number of each application, shape (n,).
        bad: Outcomes, shape (n,).
        folds: Folds wanted, >= 2; there are fewer where bad or good customers are few.
        seed: Deals them.

    Raises:
        TrainingError: Too few customers went bad, or too few did not.
        OneClassError: `bad` is all true or all false.
    """
    dealt = deal_folds(bad, customer, seed=seed, folds=folds)
    return _some(list(_dealt(dealt, customer, bad)))


def _dealt(fold: IntArray, customer: IntArray, bad: BoolArray) -> Iterator[Split]:
    for number in range(int(fold.max()) + 1):
        test = fold == number
        if learnable(bad[~test], customer[~test]):
            yield Split(train=~test, test=test, cut=None)


def _parts(customer: IntArray, seed: int) -> IntArray:
    """Deal customers to parts by chance; return the part of each row."""
    order = np.random.default_rng(seed).permutation(int(customer.max()) + 1)
    dealt: IntArray = (order % PARTS)[customer]
    return dealt


def learnable(bad: BoolArray, customer: IntArray) -> bool:
    """Tell whether a side holds enough customers of either outcome for folds of its own.

    Args:
        bad: Outcomes, shape (n,).
        customer: Customer number of each application, shape (n,).
    """
    return min(len(np.unique(customer[bad])), len(np.unique(customer[~bad]))) >= FEWEST


def _some(found: list[Split]) -> tuple[Split, ...]:
    if not found:
        raise TrainingError(
            "too few customers went bad, or too few did not, to judge models on folds",
            hint="use more applications, or fewer folds; a fold learns only from outcomes that "
            "were final before what it judges",
            field="folds",
        )
    return tuple(found)
