"""The bins of a card from month to month, on any sample."""

from __future__ import annotations

import numpy as np

from solvent.binning import LevelBinning, NumberBinning, Stability
from solvent.errors import DataError
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.models.scorers.card import CardModel
from solvent.models.technique import BoolArray, IntArray


def card_stability(
    model: CardModel, frame: FeatureFrame, bad: BoolArray, periods: IntArray
) -> dict[str, Stability]:
    """Count the bins of every characteristic period by period, the training rows as reference.

    Args:
        model: A card.
        frame: Applications whose outcome is known, n rows of any sample.
        bad: True where the account met the bad definition, shape (n,).
        periods: Number of each row's period, shape (n,); `month_numbers` gives months.

    Returns:
        By feature, in the order of the card; bins are in the order of `binning.labels`.

    Raises:
        DataError: A feature is missing or of the wrong kind, or a target is neither 0 nor 1.
        ShapeError: The lengths differ, or there are no rows.
    """
    return {
        one.name: one.binning.stability(
            place_column(one.binning, frame[one.name]), bad, periods, trained=one.rows
        )
        for one in model.characteristics
    }  # fmt: skip


def place_column(
    binning: NumberBinning | LevelBinning, column: NumberColumn | CategoryColumn
) -> IntArray:
    """Return the bin of each row of a column, shape (n,).

    Raises:
        DataError: It is of another kind than in training.
    """
    if isinstance(column, NumberColumn) and isinstance(binning, NumberBinning):
        return binning.place(column.values)
    if isinstance(column, CategoryColumn) and isinstance(binning, LevelBinning):
        return binning.place(column.codes, column.levels)
    raise DataError("is of another kind than in training", field=column.name)


def month_numbers(as_of: IntArray) -> IntArray:
    """Return the calendar month of each instant in UTC, counted from January 1970, shape (n,).

    Args:
        as_of: Microseconds since 1970 in UTC, shape (n,).

    >>> month_numbers(np.array([0, 40 * 86_400_000_000])).tolist()
    [0, 1]
    """
    return as_of.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def month_words(months: IntArray) -> tuple[str, ...]:
    """Return months as a person writes them.

    >>> month_words(np.array([0, 649]))
    ('1970-01', '2024-02')
    """
    return tuple(str(month) for month in months.astype("datetime64[M]"))
