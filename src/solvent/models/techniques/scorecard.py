"""A scorecard: optimal bins, woe, and a logistic regression that a person can follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.binning import LevelBinning, bin_counts
from solvent.errors import DataError, DeclarationError, TechniqueError
from solvent.models._card_bins import in_order, move_bins
from solvent.models._card_choice import Limits, Parabola, grow, least_z, unlike
from solvent.models._card_draft import Candidate, Draft, all_rules, placed, risks
from solvent.models._card_settings import SPACE, tuned_card
from solvent.models._settings import read_settings
from solvent.models.calibrators import row_losses
from solvent.models.card import Card
from solvent.models.card_stability import place_column
from solvent.models.irls import Binned, Curve, fit_curve
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

        A card made without a fold may be empty, and everybody has the bad rate; the final one not.
        Bins, choice and weights are made anew without each fold. The length is one that does no
        harm out of fold; then the final card is made of every row.

        Raises:
            DeclarationError: What is declared of the card contradicts itself, or the features.
            DataError: The rules of bins cannot be met; or there is no feature.
            TechniqueError: Nothing holds on the card; or scikit-learn is not installed.
        """
        if not training.frame.columns:
            raise DataError("there is no feature to learn from", field="frame")
        told = read_settings(self, training.guidance.settings, {})
        card = tuned_card(training.guidance.card or Card(), told)
        rules = all_rules(training.frame, card, training.guidance.directions)
        with (
            one_thread(NAME),
            progress.step("making cards, fold by fold", training.folds + 1) as step,
        ):
            made, sketches = Draft.of(training, rules), []
            for fold in range(training.folds):
                sketches.append(Sketch.of(made, card, fold))
                step.advance()
            length = choose_length(sketches, training)
            bag = tuple(sketch.card(length, card) for sketch in sketches)
            model = Sketch.of(made, card, None).card(length, card)
            step.advance()
        for name in rules:
            if card.keeps(name) and name not in model.features:
                raise DeclarationError(
                    f"{name!r} tells nothing, or has the wrong sign, beside the others kept",
                    hint="keep fewer features", field="card.keep",
                )  # fmt: skip
        if not model.characteristics:
            raise TechniqueError(
                f"no characteristic is left on the card: of {len(rules):,} features none is as "
                "strong, significant and of the right sign as it has to be",
                hint="lower card.least_iv, raise card.significance, or add features that tell more",
                field=NAME,
            )
        read = training.reading([name for name in rules if any(name in c.features for c in bag)])
        return Learnt(model=model, margin=out_of_fold(bag, read), bag=bag)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketch:
    """What may become a card.

    Args:
        draft: What it is made from.
        rows: Positions of the rows it learns from, shape (n,).
        candidates: Features in their bins, those worth it.
        parabola: The likelihood of all candidates.
        steps: Places of the candidates chosen, one more each time.
    """

    draft: Draft
    rows: IntArray
    candidates: list[Candidate]
    parabola: Parabola | None
    steps: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, draft: Draft, card: Card, held: int | None) -> Sketch:
        """Bin the features and choose among them, without one fold or with all."""
        training = draft.training
        rows = (
            np.arange(len(training.bad)) if held is None else np.flatnonzero(training.fold != held)
        )
        candidates = [
            one for one in draft.candidates(held)
            if one.varies and (one.binning.iv >= card.least_iv or card.keeps(one.name))
        ]  # fmt: skip
        if not candidates:
            return cls(draft=draft, rows=rows, candidates=[], parabola=None, steps=((),))
        some = rows[sample_rows(len(rows), MOST_ROWS)]
        alike = _binned(candidates, some, training.bad).alike()
        kept = tuple(at for at, one in enumerate(candidates) if card.keeps(one.name))
        worth = np.array([one.binning.iv for one in candidates])
        left = unlike(alike, worth, card.most_alike, kept)
        left = worthiest(left, worth, kept, int(training.bad[rows].sum()))
        candidates = [candidates[place] for place in left]
        parabola = Parabola.of(
            _binned(candidates, some, training.bad), alike[np.ix_(left, left)],
            len(rows) / len(some),
        )  # fmt: skip
        limits = Limits(
            most=card.most, z=least_z(card.significance), inflated=card.most_inflated,
            kept=tuple(at for at, one in enumerate(candidates) if card.keeps(one.name)),
        )  # fmt: skip
        return cls(
            draft=draft, rows=rows, candidates=candidates, parabola=parabola,
            steps=grow(parabola, limits),
        )  # fmt: skip

    @property
    def bad(self) -> BoolArray:
        """Labels of the rows it learns from."""
        return self.draft.training.bad[self.rows]

    def margins(self, out: IntArray, most: int) -> FloatArray:
        """Return what its cards of 0 to `most` characteristics say of rows it has not seen.

        Where it has fewer, its longest card speaks.

        Args:
            out: Their positions, shape (m,).
            most: The most characteristics.

        Returns:
            Shape (m, most + 1).
        """
        if self.parabola is None:
            rate = float(self.bad.mean())
            return np.full((len(out), most + 1), np.log(rate / (1.0 - rate)))
        read = [self.candidates[place] for place in self.steps[-1]]
        told = np.empty((len(out), len(read)))
        for place, one in enumerate(read):
            told[:, place] = -one.woe[one.table[one.codes[out]]]
        found = np.empty((len(out), most + 1))
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
        at, bad = list(self.at(size)), self.draft.training.bad
        z = least_z(card.significance)
        while True:
            chosen = [self.candidates[place] for place in at]
            rows = _binned(chosen, self.rows, bad)
            start = None if self.parabola is None else self.parabola.weights(tuple(at))
            plain = fit_curve(rows, start=start)
            weights, errors = plain.weights[1:], plain.errors[1:]
            least = np.array([0.0 if card.keeps(one.name) else z for one in chosen])
            short = weights / errors - least
            if not chosen or (short.min() >= 0.0 and weights.min() > 0.0):
                break
            del at[int(np.argmin(short))]
        effects, intercept = _effects(chosen, _alike(rows, plain), rows)
        return CardModel(
            technique=NAME, intercept=intercept, scale=card.scale,
            characteristics=tuple(
                self._characteristic(one, -weight, error, effect)
                for one, weight, error, effect in zip(
                    chosen, weights.tolist(), errors.tolist(), effects, strict=True
                )
            ),
        )  # fmt: skip

    def _characteristic(
        self, one: Candidate, coefficient: float, error: float, effect: FloatArray
    ) -> Characteristic:
        """Return a characteristic, with the rows that a reader of the card finds in its bins."""
        homes = one.binning.homes
        rows, bads = np.array(homes.rows), np.array(homes.bads).astype(np.int64)
        if isinstance(one.binning, LevelBinning):  # learnt from rows placed by other folds
            column = self.draft.training.frame[one.name]
            goods, bads = bin_counts(
                place_column(one.binning, column)[self.rows], self.bad, one.binning.size
            )
            rows = goods + bads
        return Characteristic(
            name=one.name, binning=one.binning, rows=rows, bads=bads, woe=one.woe,
            coefficient=coefficient, error=error, log_odds=effect,
        )  # fmt: skip


def _binned(candidates: list[Candidate], rows: IntArray, bad: BoolArray) -> Binned:
    """Return the risk of candidates side by side, for some rows."""
    return Binned(places=placed(candidates, rows), values=risks(candidates), bad=bad[rows])


def _alike(rows: Binned, plain: Curve) -> Curve:
    """Fit weights under a prior around the one weight that serves all: it matters to few rows.

    Args:
        rows: What to learn from.
        plain: Weights under no prior; the one for all is the best on the parabola around them.
    """
    both = np.zeros((len(plain.weights), 2))
    both[0, 0], both[1:, 1] = 1.0, 1.0
    together = np.linalg.lstsq(
        both.T @ plain.precision @ both, both.T @ plain.precision @ plain.weights
    )[0]
    tight = np.append(0.0, np.full(len(plain.weights) - 1, ALIKE))
    pull = tight * (plain.weights - together[1])
    near = plain.weights - np.linalg.solve(plain.precision + np.diag(tight), pull)
    return fit_curve(rows, towards=float(together[1]), precision=ALIKE, start=near)


def _effects(chosen: list[Candidate], curve: Curve, rows: Binned) -> tuple[list[FloatArray], float]:
    """Return what every bin of a card adds, and its intercept.

    Args:
        chosen: The characteristics.
        curve: Of minus their woe.
        rows: What to learn from.
    """
    weights, intercept = curve.weights[1:], float(curve.weights[0])
    if not chosen:
        return [], intercept
    told = [-weight * one.woe for weight, one in zip(weights, chosen, strict=True)]
    moved, intercept = move_bins(rows.places, told, intercept, rows.bad)
    effects = []
    for one, effect in zip(chosen, moved, strict=True):
        homes = one.binning.homes
        held = np.array(homes.rows, dtype=np.float64)
        effects.append(in_order(effect, one.woe, held, homes.neutral))
    return effects, intercept


def worthiest(left: IntArray, worth: FloatArray, kept: tuple[int, ...], bads: int) -> IntArray:
    """Return the candidates of highest IV, as many as the bads can tell apart, and those kept."""
    most = max(FEWEST, min(MOST_CANDIDATES, bads // BADS_EACH))
    order = sorted(left.tolist(), key=lambda place: (place not in kept, -worth[place], place))
    return np.array(sorted(order[: max(most, len(kept))]), dtype=np.int64)


def choose_length(sketches: list[Sketch], training: Training) -> int:
    """Return the greatest length that is as good out of fold as the best, within a standard error.

    The error is one over customers, whose rows go together.
    Every characteristic is significant: none needs to go but for harm that is seen.
    """
    most = max(len(sketch.steps[-1]) for sketch in sketches)
    some = sample_rows(len(training.bad), MOST_ROWS)
    losses = np.empty((most + 1, len(some)))
    for fold, sketch in enumerate(sketches):
        here = training.fold[some] == fold
        margins, bad = sketch.margins(some[here], most), training.bad[some[here]]
        losses[:, here] = row_losses(margins.T, bad)
    behind = losses - losses[int(np.argmin(losses.mean(axis=1)))]
    error = _errors(behind, training.groups[some])
    return int(np.flatnonzero(behind.mean(axis=1) <= error).max())


def _errors(behind: FloatArray, groups: IntArray) -> FloatArray:
    """Return the standard error over customers of each mean, shape (sizes,): as `mean_gain`.

    Args:
        behind: Shape (sizes, n).
        groups: The customer of each row, shape (n,).
    """
    away = behind - behind.mean(axis=1, keepdims=True)
    names, customer = np.unique(groups, return_inverse=True)
    if len(names) < len(groups):
        away = np.stack([np.bincount(customer, weights=one) for one in away])
    of_customers = len(names) / max(len(names) - 1, 1)
    found: FloatArray = np.sqrt(of_customers * (away**2).sum(axis=1)) / len(groups)
    return found


technique: Technique = Scorecard()
