"""Candidates for a card: every feature in its bins, each training row by its bin's woe."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solvent.binning import (
    BinnedLevels,
    BinnedNumbers,
    BinRules,
    LevelBinning,
    NumberBinning,
    Outcomes,
    Trend,
    bin_levels,
    bin_numbers,
)
from solvent.errors import DataError, SolventError
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.models._card_hands import require_consistent, require_levels
from solvent.models.card import Card
from solvent.models.card_stability import place_column
from solvent.models.technique import BoolArray, FloatArray, IntArray

AnyColumn = NumberColumn | CategoryColumn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A feature that may go on a card.

    Args:
        name: The feature.
        binning: Its bins.
        places: Each training row's bin, told by other folds where it is a category, shape (n,).
        woe: Of each bin, shape (size,).
        held: Whether a declared trend holds what bins add to the order of their woe.
    """

    name: str
    binning: NumberBinning | LevelBinning
    places: NDArray[np.int16]
    woe: FloatArray
    held: bool

    def place(self, column: AnyColumn) -> IntArray:
        """Return the bin of each row of a column, shape (n,)."""
        return place_column(self.binning, column)

    def risk(self, rows: IntArray | None = None) -> FloatArray:
        """Return minus the woe of each row, or of some: higher is riskier."""
        places = self.places if rows is None else self.places[rows]
        found: FloatArray = -self.woe[places]
        return found


def all_rules(
    frame: FeatureFrame, card: Card, directions: Mapping[str, int]
) -> dict[str, BinRules]:
    """Return the rules of every feature that may go on the card.

    Args:
        frame: The features.
        card: What is declared.
        directions: As in `Guidance`.

    Raises:
        DeclarationError: What is declared contradicts itself, or the feature.
    """
    card.require_known(frame.names, ("keep",))
    require_consistent(card, {one.name: isinstance(one, NumberColumn) for one in frame})
    found = {}
    for column in frame:
        if not card.drops(column.name):
            number = isinstance(column, NumberColumn)
            rules = card.rules_for(column.name, directions.get(column.name, 0) if number else 0)
            if isinstance(column, CategoryColumn):
                require_levels(card, column.name, column.levels, rules)
            found[column.name] = rules
    return found


def draft(
    frame: FeatureFrame, rules: Mapping[str, BinRules], outcomes: Outcomes, *, judged: bool
) -> list[Candidate]:
    """Bin every feature that has rules.

    Args:
        frame: n rows.
        rules: By feature.
        outcomes: Of the rows.
        judged: Whether a trend that edges by hand contradict by more than chance explains is
            refused; else, on a part of the rows, bins are joined until it holds.

    Raises:
        DataError: Rules cannot be met, or a number is infinite.
    """
    found = []
    for column in frame:
        wanted = rules.get(column.name)
        if wanted is None:
            continue
        try:
            binning, places = _binned(column, outcomes, wanted, strict=judged)
        except SolventError as error:
            said = f"{error.field}: {error.message}" if error.field else error.message
            raise DataError(said, hint=error.hint, field=column.name) from error
        held = isinstance(column, NumberColumn) and wanted.trend not in {Trend.AUTO, Trend.NONE}
        found.append(
            Candidate(name=column.name, binning=binning, places=places, woe=binning.woe, held=held)
        )
    return found


def _binned(
    column: AnyColumn, outcomes: Outcomes, rules: BinRules, *, strict: bool
) -> BinnedNumbers | BinnedLevels:
    if isinstance(column, CategoryColumn):
        return bin_levels(column.codes, column.levels, outcomes, rules)
    if np.isinf(column.values).any():
        raise DataError("holds an infinite number", hint="give null instead")
    return _numbers(column.values, outcomes, rules, strict=strict)


def _numbers(
    values: FloatArray, outcomes: Outcomes, rules: BinRules, *, strict: bool
) -> BinnedNumbers:
    """Bin a number; where no trend was asked for, it has one all the same, turning once at most.

    Where the rules have no such bins, it has none: those found before always fit.
    """
    binned = bin_numbers(values, outcomes, rules, strict=strict)
    if rules.trend is not Trend.AUTO or rules.edges is not None or binned.binning.size <= 2:
        return binned
    if binned.binning.trend is not Trend.NONE:
        return binned
    turning = []
    for trend in (Trend.PEAK, Trend.VALLEY):
        with suppress(DataError):  # too few bins
            turning.append(bin_numbers(values, outcomes, replace(rules, trend=trend)))
    return max(turning, key=lambda one: one.binning.iv, default=binned)


def stacked(candidates: list[Candidate], rows: IntArray | None = None) -> FloatArray:
    """Return the risk of candidates side by side, shape (n, k), for all rows or some."""
    n = len(candidates[0].places) if rows is None else len(rows)
    out = np.empty((n, len(candidates)))
    for place, candidate in enumerate(candidates):
        out[:, place] = candidate.risk(rows)
    return out


def outcomes_of(bad: BoolArray, fold: IntArray, periods: IntArray | None, seed: int) -> Outcomes:
    """Return outcomes as binning reads them; periods are counted from the first."""
    counted = None if periods is None else periods - periods.min()
    return Outcomes(bad=bad, folds=fold, periods=counted, seed=seed)
