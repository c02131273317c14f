"""From a model's margin to a probability of default that means what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import BundleError
from solvent.metrics import shift_to_mean
from solvent.models.calibrators import FITS, READERS, Curve, row_losses, to_pd, to_stated_pd
from solvent.models.documents import Document, Json
from solvent.models.technique import sample_rows

__all__ = ["Calibration", "Trial", "choose_calibration", "to_pd"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

ERRORS: Final = 2.0
MOST_TRIED: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """From margin to PD.

    Args:
        curve: What outcomes say.
        shift: Log-odds added so that the mean PD is a stated central tendency; 0 for none.
    """

    curve: Curve
    shift: float = 0.0

    @property
    def kind(self) -> str:
        """The word of its curve."""
        return self.curve.kind

    def log_odds(self, margin: FloatArray) -> FloatArray:
        """Return calibrated log-odds of bad, shape (n,)."""
        return self.curve.log_odds(margin) + self.shift

    def pd(self, margin: FloatArray) -> FloatArray:
        """Return the probability of default, strictly inside (0, 1), shape (n,)."""
        return to_stated_pd(self.log_odds(margin))

    def contributions(self, contributions: FloatArray) -> FloatArray:
        """Return contributions to the margin as contributions to the log-odds.

        Args:
            contributions: Shape (n, k + 1), the baseline last.

        Returns:
            The same shape; a row sums to the `log_odds` of its margin, every feature keeps its sign
            and its place in the order.
        """
        found = self.curve.spread(contributions)
        found[:, -1] += self.shift
        return found

    def at(self, pd: FloatArray, central_tendency: float) -> Calibration:
        """Return it shifted so that the mean PD is a stated one.

        Args:
            pd: What it gives the population the mean is of, strictly inside (0, 1), shape (n,).
            central_tendency: The mean wanted, strictly inside (0, 1).

        Raises:
            RangeError: The mean wanted is no such share.
        """
        return replace(self, shift=self.shift + shift_to_mean(pd, central_tendency))

    def unshifted(self, pd: FloatArray) -> FloatArray:
        """Return PDs as they are without the shift, shape (n,)."""
        return to_pd(np.log(pd) - np.log1p(-pd) - self.shift) if self.shift else pd

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {**self.curve.document(), **({"shift": self.shift} if self.shift else {})}

    @classmethod
    def read(cls, document: Document) -> Calibration:
        """Read it back.

        Raises:
            BundleError: An entry is missing or of another kind, or the curve is unknown.
        """
        read = READERS.get(document.text("kind"))
        if read is None:
            raise BundleError(
                f"calibrates by {document.text('kind')!r}, which this version does not know",
                hint="use the version of solvent that wrote it, or train again",
                field=document.name,
            )
        shift = document.number("shift") if "shift" in document.entries() else 0.0
        return cls(curve=read(document), shift=shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a kind of calibrator did on folds it was not fitted on.

    Attributes:
        kind: Its word.
        log_loss: Mean over rows, in nats.
        gain: How much lower that is than the line's; below 0 it is higher.
        error: Standard error of the gain, over customers.
        chosen: Whether this kind calibrates the model.
    """

    kind: str
    log_loss: float
    gain: float
    error: float
    chosen: bool

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {
            "kind": self.kind, "log_loss": self.log_loss, "gain": self.gain, "error": self.error,
            "chosen": self.chosen,
        }  # fmt: skip


def choose_calibration(
    margin: FloatArray,
    bad: BoolArray,
    fold: IntArray,
    groups: IntArray,
    kinds: tuple[str, ...] = tuple(FITS),
) -> tuple[Calibration, tuple[Trial, ...]]:
    """Choose a kind of calibrator by log loss, and fit it on every row.

    Each kind is fitted on the margins of all folds but one and judged on that one. A simpler kind
    stays unless a richer one is better by more than two standard errors.

    Args:
        margin: What models that had not seen a row said of it, finite, shape (n,).
        bad: True where the account met the bad definition, shape (n,).
        fold: The fold of each row, shape (n,); without any one fold both classes are left.
        groups: The customer of each row, shape (n,).
        kinds: Those tried, the simplest first.

    Returns:
        The calibration, and how each kind did, the simplest first.

    Raises:
        OneClassError: `bad` is all true or all false.
        RangeError: A margin is not finite.
        ShapeError: The lengths differ.
    """
    some = _tried_on(bad, fold)
    losses = {kind: _losses(kind, margin[some], bad[some], fold[some]) for kind in kinds}
    trials = judge(losses, groups[some])
    (chosen,) = (trial.kind for trial in trials if trial.chosen)
    return Calibration(curve=FITS[chosen](margin, bad)), trials


def judge(losses: Mapping[str, FloatArray], groups: IntArray) -> tuple[Trial, ...]:
    """Return how each kind did, and which is chosen.

    The simplest kind stays until one is better than what stands by more than two standard errors.

    Args:
        losses: Log loss of each row by kind, the simplest first, each shape (n,).
        groups: The customer of each row, shape (n,).
    """
    simplest, *others = losses
    chosen = simplest
    for kind in others:
        gain, error = mean_gain(losses[chosen], losses[kind], groups)
        chosen = kind if gain > ERRORS * error else chosen
    trials = []
    for kind, loss in losses.items():
        gain, error = mean_gain(losses[simplest], loss, groups)
        mean = float(loss.mean())
        trials.append(
            Trial(kind=kind, log_loss=mean, gain=gain, error=error, chosen=kind == chosen)
        )
    return tuple(trials)


def _tried_on(bad: BoolArray, fold: IntArray) -> IntArray:
    """Return the rows that kinds are judged on: some, or all where some leave a class out."""
    some = sample_rows(len(bad), MOST_TRIED)
    for held in np.unique(fold).tolist():
        left = bad[some][fold[some] != held]
        if left.all() or not left.any():
            return np.arange(len(bad))
    return some


def _losses(kind: str, margin: FloatArray, bad: BoolArray, fold: IntArray) -> FloatArray:
    """Return the log loss of each row by a calibrator that had not seen its fold."""
    log_odds = np.empty(len(margin))
    for held in np.unique(fold).tolist():
        out = fold == held
        log_odds[out] = FITS[kind](margin[~out], bad[~out]).log_odds(margin[out])
    return row_losses(log_odds, bad)


def mean_gain(simple: FloatArray, rich: FloatArray, groups: IntArray) -> tuple[float, float]:
    """Return how much lower the second loss is, and the standard error over customers."""
    gains = simple - rich
    mean = float(gains.mean())
    _, customer = np.unique(groups, return_inverse=True)
    spread = np.bincount(customer, weights=gains - mean)
    of_customers = len(spread) / max(len(spread) - 1, 1)
    return mean, float(np.sqrt(of_customers * (spread @ spread))) / len(gains)
