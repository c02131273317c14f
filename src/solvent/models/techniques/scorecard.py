"""A scorecard: optimal bins, woe, and a logistic regression that a person can follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.binning import BinRules
from solvent.errors import DataError, DeclarationError
from solvent.models._card_bins import falling, move_bins
from solvent.models._card_choice import Limits, Parabola, grow, least_z, unlike
from solvent.models._card_draft import Candidate, all_rules, draft, outcomes_of, stacked
from solvent.models._card_settings import SPACE, tuned_card
from solvent.models._settings import read_settings
from solvent.models.calibrators import row_losses
from solvent.models.card import Card
from solvent.models.irls import Curve, fit_curve
from solvent.models.scorers.card import CardModel, Characteristic
from solvent.models.technique import (
    BoolArray,
    FloatArray,
    IntArray,
    Learnt,
    Range,
    Technique,
    Training,
    out_of_fold,
    sample_rows,
)
from solvent.models.techniques.logistic import one_thread
from solvent.progress import Progress

NAME: Final = "scorecard"
BADS_EACH: Final = 5
"""Bads there must be for each candidate that is looked at with the others."""
FEWEST: Final = 5
MOST_CANDIDATES: Final = 150
ALIKE: Final = 20.0
"""Precision of the prior of weights around a common one."""
MOST_ROWS: Final = 100_000
"""Rows the choice of characteristics looks at; the card itself is fitted on all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """The technique."""

    name: str = NAME
    title: str = "scorecard"
    directed: bool = True

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning: limits of the card, and rules of its bins."""
        return SPACE

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; see `Technique.fit`.

        Where nothing holds on a card it is empty, and everybody has the bad rate.
        Bins, choice and weights are made anew without each fold. The length is one that does no
        harm out of fold; then the final card is made of every row.

        Raises:
            DeclarationError: What is declared of the card contradicts itself, or the features.
            DataError: The rules of bins cannot be met; or there is no feature.
        """
        if not training.frame.columns:
            raise DataError("there is no feature to learn from", field="frame")
        told = read_settings(self, training.guidance.settings, {})
        card = tuned_card(training.guidance.card or Card(), told)
        rules = all_rules(training.frame, card, training.guidance.directions)
        sketches = []
        with (
            one_thread(NAME),
            progress.step("making cards, fold by fold", training.folds + 1) as step,
        ):
            for fold in range(training.folds):
                sketches.append(Sketch.of(training, card, rules, fold))
                step.advance()
            length = _length(sketches, training)
            bag = tuple(sketch.card(length, card) for sketch in sketches)
            final = Sketch.of(training, card, rules, None)
            model = final.card(length, card)
            step.advance()
        for name in rules:
            if card.keeps(name) and name not in model.features:
                raise DeclarationError(
                    f"{name!r} tells nothing, or has the wrong sign, beside the others kept",
                    hint="keep fewer features", field="card.keep",
                )  # fmt: skip
        return Learnt(model=model, margin=out_of_fold(bag, training), bag=bag)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketch:
    """What may become a card.

    Args:
        candidates: Features in their bins, those worth it.
        bad: Labels of the rows it is made of, shape (n,).
        parabola: The likelihood of all candidates.
        steps: Places of the candidates chosen, one more each time.
    """

    candidates: list[Candidate]
    bad: BoolArray
    parabola: Parabola | None
    steps: tuple[tuple[int, ...], ...]

    @classmethod
    def of(
        cls, training: Training, card: Card, rules: Mapping[str, BinRules], held: int | None
    ) -> Sketch:
        """Bin the features and choose among them, without one fold or with all."""
        rows = np.ones(len(training.bad), dtype=np.bool_) if held is None else training.fold != held
        periods = training.guidance.periods
        bad = training.bad[rows]
        outcomes = outcomes_of(
            bad, training.fold[rows], None if periods is None else periods[rows], training.seed
        )
        frame = training.frame if held is None else training.frame.take(rows)
        drafted = draft(frame, rules, outcomes, judged=held is None)
        candidates = [
            one for one in drafted
            if np.ptp(one.woe[one.places]) > 0.0
            and (one.binning.iv >= card.least_iv or card.keeps(one.name))
        ]  # fmt: skip
        return cls._chosen(candidates, bad, card)

    @classmethod
    def _chosen(cls, candidates: list[Candidate], bad: BoolArray, card: Card) -> Sketch:
        if not candidates:
            return cls(candidates=[], bad=bad, parabola=None, steps=((),))
        some = sample_rows(len(bad), MOST_ROWS)
        columns = stacked(candidates, some)
        kept = tuple(at for at, one in enumerate(candidates) if card.keeps(one.name))
        worth = np.array([one.binning.iv for one in candidates])
        left = unlike(columns, worth, card.most_alike, kept)
        left = _worthiest(left, worth, kept, int(bad.sum()))
        candidates = [candidates[place] for place in left]
        parabola = Parabola.of(columns[:, left], bad[some], len(bad) / len(some))
        limits = Limits(
            most=card.most, z=least_z(card.significance), inflated=card.most_inflated,
            kept=tuple(at for at, one in enumerate(candidates) if card.keeps(one.name)),
        )  # fmt: skip
        return cls(candidates=candidates, bad=bad, parabola=parabola, steps=grow(parabola, limits))

    def margins(self, training: Training, fold: int, most: int) -> FloatArray:
        """Return what its cards of 0 to `most` characteristics say of a fold, shape (m, most + 1).

        Where it has fewer, its longest card speaks.
        """
        out = training.fold == fold
        longest = self.steps[-1]
        rate = float(self.bad.mean())
        if self.parabola is None:
            return np.full((int(out.sum()), most + 1), np.log(rate / (1.0 - rate)))
        read = [self.candidates[place] for place in longest]
        frame = training.frame.select([one.name for one in read]).take(out)
        told = np.empty((frame.rows, len(read)))
        for place, (one, column) in enumerate(zip(read, frame, strict=True)):
            told[:, place] = -one.woe[one.place(column)]
        found = np.empty((frame.rows, most + 1))
        for size in range(most + 1):
            chosen = self.at(size)
            weights = self.parabola.weights(chosen)
            found[:, size] = weights[0] + told[:, : len(chosen)] @ weights[1:]
        return found

    def at(self, size: int) -> tuple[int, ...]:
        """Return the candidates on its card of so many, or of as many as it has."""
        fewest = len(self.steps[0])
        return self.steps[min(max(size, fewest), len(self.steps) + fewest - 1) - fewest]

    def card(self, size: int, card: Card) -> CardModel:
        """Return the card of so many characteristics, fitted on every row.

        One that has the wrong sign, or is not significant, leaves, the weakest first.
        """
        chosen = [self.candidates[place] for place in self.at(size)]
        z = least_z(card.significance)
        while True:
            columns = stacked(chosen) if chosen else np.empty((len(self.bad), 0))
            plain = fit_curve(columns, self.bad)
            errors = plain.errors[1:]
            least = np.array([0.0 if card.keeps(one.name) else z for one in chosen])
            short = plain.weights[1:] / errors - least
            if not chosen or (short.min() >= 0.0 and plain.weights[1:].min() > 0.0):
                break
            del chosen[int(np.argmin(short))]
        curve = _alike(columns, self.bad)
        weights, intercept = curve.weights[1:], float(curve.weights[0])
        effects, intercept = _effects(chosen, weights, intercept, self.bad)
        return CardModel(
            technique=NAME, intercept=intercept, scale=card.scale,
            characteristics=tuple(
                Characteristic(
                    name=one.name, binning=one.binning, woe=one.woe, coefficient=-weight,
                    error=error, log_odds=effect,
                )
                for one, weight, error, effect in zip(
                    chosen, weights.tolist(), errors.tolist(), effects, strict=True
                )
            ),
        )  # fmt: skip


def _alike(columns: FloatArray, bad: BoolArray) -> Curve:
    """Fit weights under a prior around the one weight that serves all: it matters to few rows."""
    together = fit_curve(columns.sum(axis=1)[:, None], bad).weights[1]
    return fit_curve(columns, bad, towards=float(together), precision=ALIKE)


def _effects(
    chosen: list[Candidate], weights: FloatArray, intercept: float, bad: BoolArray
) -> tuple[list[FloatArray], float]:
    """Return what every bin of a card adds, and its intercept.

    Args:
        chosen: The characteristics.
        weights: Of minus their woe, > 0.
        intercept: Of the regression on woe.
        bad: Labels.
    """
    if not chosen:
        return [], intercept
    told = [-weight * one.woe for weight, one in zip(weights, chosen, strict=True)]
    moved, intercept = move_bins([one.places for one in chosen], told, intercept, bad)
    effects = []
    for one, effect in zip(chosen, moved, strict=True):
        effect[list(one.binning.homes.neutral)] = 0.0
        if one.held:
            rows = np.array(one.binning.homes.rows, dtype=np.float64)
            effect[:] = falling(effect, one.woe, rows)
        effects.append(effect + 0.0)  # no -0
    return effects, intercept


def _worthiest(left: IntArray, worth: FloatArray, kept: tuple[int, ...], bads: int) -> IntArray:
    """Return the candidates of highest IV, as many as the bads can tell apart, and those kept."""
    most = max(FEWEST, min(MOST_CANDIDATES, bads // BADS_EACH))
    order = sorted(left.tolist(), key=lambda place: (place not in kept, -worth[place], place))
    return np.array(sorted(order[: max(most, len(kept))]), dtype=np.int64)


def _length(sketches: list[Sketch], training: Training) -> int:
    """Return the greatest length that is as good out of fold as the best, within a standard error.

    Every characteristic is significant: none needs to go but for harm that is seen.
    """
    most = max(len(sketch.steps[-1]) for sketch in sketches)
    margins = np.empty((len(training.bad), most + 1))
    for fold, sketch in enumerate(sketches):
        margins[training.fold == fold] = sketch.margins(training, fold, most)
    losses = np.stack([row_losses(margins[:, size], training.bad) for size in range(most + 1)])
    behind = losses - losses[int(np.argmin(losses.mean(axis=1)))]
    error = behind.std(axis=1) / np.sqrt(len(training.bad))
    return int(np.flatnonzero(behind.mean(axis=1) <= error).max())


technique: Technique = Scorecard()
