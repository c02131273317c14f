"""Candidates for a card: every feature in its bins, each training row by its bin's woe.

A number's pre-bins are drawn without a look at any outcome, so one pass puts its rows in them for
the card of every row and for those made without a fold; what becomes of a fold is left out of the
counts. A category is placed anew each time: its levels are ordered by outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solvent.binning import (
    BinRules,
    JoinedNumbers,
    LevelBinning,
    NumberBinning,
    Outcomes,
    PrebinnedNumbers,
    Trend,
    bin_levels,
    prebin_numbers,
)
from solvent.errors import DataError, SolventError
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.models._card_hands import require_consistent, require_levels
from solvent.models.card import Card
from solvent.models.technique import BoolArray, FloatArray, IntArray, Training

AnyColumn = NumberColumn | CategoryColumn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A feature that may go on a card.

    Args:
        name: The feature.
        binning: Its bins.
        codes: Of every row of the training, shape (n,): its pre-bin of a number; of a category its
            bin, told by other folds where the card learns from the row, else by the card.
        table: The bin of each code.
        woe: Of each bin, shape (size,).
    """

    name: str
    binning: NumberBinning | LevelBinning
    codes: NDArray[np.int16]
    table: NDArray[np.int16]
    woe: FloatArray

    @property
    def varies(self) -> bool:
        """Whether the rows it was learnt from have more than one woe."""
        held = np.array(self.binning.homes.rows) > 0
        return bool(np.ptp(self.woe[held]) > 0.0)


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """What candidates of all cards of one training are made from.

    Args:
        training: What is learnt from.
        rules: By feature, as `all_rules` gives them.
        numbers: Numbers in pre-bins, by feature.
    """

    training: Training
    rules: Mapping[str, BinRules]
    numbers: Mapping[str, PrebinnedNumbers]

    @classmethod
    def of(cls, training: Training, rules: Mapping[str, BinRules]) -> Draft:
        """Put every number in pre-bins.

        Args:
            training: What is learnt from.
            rules: By feature; a feature without is left out.

        Raises:
            DataError: A number is infinite.
        """
        outcomes = _outcomes(training, None)
        numbers = {}
        for column in training.frame:
            if column.name in rules and isinstance(column, NumberColumn):
                with _said_of(column.name):
                    if np.isinf(column.values).any():
                        raise DataError("holds an infinite number", hint="give null instead")
                    first = prebin_numbers(column.values, outcomes, rules[column.name])
                numbers[column.name] = first
        return cls(training=training, rules=rules, numbers=numbers)

    def candidates(self, held: int | None) -> list[Candidate]:
        """Bin every feature, without one fold or with all.

        A trend that edges by hand contradict by more than chance explains is refused on all rows;
        without a fold, bins are joined until it holds.

        Raises:
            DataError: Rules cannot be met.
        """
        training = self.training
        rows = np.ones(len(training.bad), np.bool_) if held is None else training.fold != held
        told = [column for column in training.frame if column.name in self.rules]
        found, outcomes = [], None
        for column in told:
            rules = self.rules[column.name]
            if isinstance(column, NumberColumn):
                first = self.numbers[column.name]
                with _said_of(column.name):
                    joined = _joined(first, rules, held)
                found.append(_candidate(column.name, joined.binning, first.places, joined.table))
                continue
            outcomes = outcomes or _outcomes(training, held)
            with _said_of(column.name):
                binning, codes = _levels(column, rows, outcomes, rules)
            same = np.arange(binning.size, dtype=np.int16)
            found.append(_candidate(column.name, binning, codes, same))
        return found


@contextmanager
def _said_of(name: str) -> Iterator[None]:
    """Say of a feature what is raised within."""
    try:
        yield
    except SolventError as error:
        said = f"{error.field}: {error.message}" if error.field else error.message
        raise DataError(said, hint=error.hint, field=name) from error


def _candidate(
    name: str, binning: NumberBinning | LevelBinning, codes: NDArray[np.int16],
    table: NDArray[np.int16],
) -> Candidate:  # fmt: skip
    return Candidate(name=name, binning=binning, codes=codes, table=table, woe=binning.woe)


def _outcomes(training: Training, held: int | None) -> Outcomes:
    """Return outcomes as binning reads them; periods are counted from the first."""
    some = slice(None) if held is None else training.fold != held
    periods = training.guidance.periods
    return Outcomes(
        bad=training.bad[some], folds=training.fold[some], seed=training.seed,
        periods=None if periods is None else periods[some] - periods.min(),
    )  # fmt: skip


def _joined(first: PrebinnedNumbers, rules: BinRules, held: int | None) -> JoinedNumbers:
    """Bin a number; where no trend was asked for, it has one all the same, turning once at most.

    Where the rules have no such bins, it has none: those found before always fit.
    """
    joined = first.join(rules, held, strict=held is None)
    if rules.trend is not Trend.AUTO or rules.edges is not None or joined.binning.size <= 2:
        return joined
    if joined.binning.trend is not Trend.NONE:
        return joined
    turning = []
    for trend in (Trend.PEAK, Trend.VALLEY):
        with suppress(DataError):  # too few bins
            turning.append(first.join(replace(rules, trend=trend), held))
    return max(turning, key=lambda one: one.binning.iv, default=joined)


def _levels(
    column: CategoryColumn, rows: BoolArray, outcomes: Outcomes, rules: BinRules
) -> tuple[LevelBinning, NDArray[np.int16]]:
    """Bin a category; return its bins and the bin of every row, learnt from or not."""
    binning, places = bin_levels(column.codes[rows], column.levels, outcomes, rules)
    if len(places) == len(rows):
        return binning, places
    codes = np.empty(len(rows), np.int16)
    codes[rows] = places
    codes[~rows] = binning.place(column.codes[~rows], column.levels)
    return binning, codes


def placed(candidates: list[Candidate], rows: IntArray) -> NDArray[np.int16]:
    """Return the bins of some rows side by side, shape (len(rows), k).

    Args:
        candidates: k of them.
        rows: Positions among all rows.
    """
    from solvent.models._card_kernel import put_places  # numba takes a while to import

    out = np.empty((len(rows), len(candidates)), np.int16)
    for at, one in enumerate(candidates):
        put_places(one.codes, one.table, rows, out[:, at])
    return out


def risks(candidates: list[Candidate]) -> FloatArray:
    """Return minus the woe of every bin, higher is riskier, shape (k, most bins); 0 beyond."""
    out = np.zeros((len(candidates), max((len(one.woe) for one in candidates), default=0)))
    for at, one in enumerate(candidates):
        out[at, : len(one.woe)] = -one.woe
    return out
