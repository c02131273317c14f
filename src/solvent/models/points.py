"""A card in whole points: what a person adds up by hand, and what the sum says."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from solvent.binning import LevelBins, NumberBinning, NumberBins
from solvent.errors import BundleError
from solvent.features import FeatureFrame
from solvent.models.scorers.card import CardModel, Characteristic
from solvent.models.technique import FloatArray, IntArray
from solvent.models.trained import TrainedModel
from solvent.scoring import Scale

SHIFTS: Final = np.linspace(-0.45, 0.45, 19)
"""Shifts tried to round a characteristic well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """A bin of a characteristic: who belongs to it, what it held in training, what it is worth.

    A value belongs to it where one of its conditions holds. Missing values and special codes come
    before ranges and levels.

    Args:
        words: Its conditions in words.
        ranged: Whether it holds the numbers above `above` up to and including `up_to`.
        above, up_to: None where that side is open.
        levels: Levels of a category.
        others: Whether it holds every level named nowhere.
        special: Special codes.
        missing: Whether it holds what is missing.
        share: Of the training rows, in [0, 1].
        bad_rate: Of the training rows in it; None where there are none.
        woe: Positive is safer; 0 where nothing can be told. Of a category it is that of rows
            placed by what other folds say of their level, so that none speaks for itself.
        neutral: Whether it counts neither for nor against, because nothing can be told.
        log_odds: Added to the margin.
        points: Added to the score.
    """

    words: str
    ranged: bool
    above: float | None
    up_to: float | None
    levels: tuple[str, ...]
    others: bool
    special: tuple[float | str, ...]
    missing: bool
    share: float
    bad_rate: float | None
    woe: float
    neutral: bool
    log_odds: float
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A characteristic in points.

    Args:
        name: The feature.
        is_number: Else a category.
        coefficient: Log-odds of bad per unit of woe.
        error: Its standard error.
        iv: Of its bins.
        bins: All of them.
    """

    name: str
    is_number: bool
    coefficient: float
    error: float
    iv: float
    bins: tuple[Bin, ...]

    @property
    def most(self) -> int:
        """The most points it gives; the least are 0."""
        return max(one.points for one in self.bins)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Straight:
    """The line that calibrates a card: intercept + slope * margin, then + shift.

    Args:
        intercept, shift: In log-odds.
        slope: > 0.
    """

    intercept: float
    slope: float
    shift: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointsCard:
    """A card in whole points.

    The least points of a characteristic are 0. Points and `start` are rounded so that the average
    training applicant has the score of their PD.

    Args:
        model: The card.
        calibration: From its margin to log-odds.
        start: Points everybody starts with.
        lines: Its characteristics, in the order their log-odds are added.
    """

    model: CardModel
    calibration: Straight
    start: int
    lines: tuple[Line, ...]

    @property
    def scale(self) -> Scale:
        """Where its scores stand."""
        return self.model.scale

    @property
    def range(self) -> tuple[int, int]:
        """The lowest and the highest score there is."""
        return self.start, self.start + sum(line.most for line in self.lines)

    def scores(self, frame: FeatureFrame) -> IntArray:
        """Return the sum of points of each row, shape (n,).

        Raises:
            DataError: As `CardModel.margin`.
        """
        counted = tuple(
            replace(own, log_odds=np.array([float(one.points) for one in line.bins]))
            for line, own in zip(self.lines, self.model.characteristics, strict=True)
        )
        model = replace(self.model, intercept=float(self.start), characteristics=counted)
        return model.margin(frame).astype(np.int64)

    def exact_scores(self, frame: FeatureFrame) -> FloatArray:
        """Return the score of each row before anything is rounded, shape (n,).

        Raises:
            DataError: As `CardModel.margin`.
        """
        moved = self.model.margin(frame) - self.model.intercept
        exact = _start(self.model, self.calibration)
        return exact - _per_log_odds(self.scale) * self.calibration.slope * moved

    def pd_at(self, points: float) -> float:
        """Return the PD that a score stands for.

        >>> from solvent.scoring import DEFAULT_SCALE
        >>> model = CardModel(technique="", intercept=0.0, characteristics=(), scale=DEFAULT_SCALE)
        >>> card = PointsCard(
        ...     model=model, calibration=Straight(intercept=0.0, slope=1.0), start=0, lines=()
        ... )
        >>> round(1 / card.pd_at(600.0), 6)
        31.0
        """
        odds = self.scale.base_odds * 2.0 ** ((points - self.scale.base_score) / self.scale.pdo)
        return float(1.0 / (1.0 + odds))


def points_card(trained: TrainedModel) -> PointsCard:
    """Return a model as a card in points.

    Raises:
        BundleError: It is no card, or no straight line calibrates it.
    """
    model = trained.model
    if not isinstance(model, CardModel):
        raise BundleError(
            f"is made by {trained.technique}, which gives no card",
            hint="solvent train DIR --technique scorecard", field="model",
        )  # fmt: skip
    calibration = _straight(trained)
    start = _start(model, calibration)
    lines = []
    for own in model.characteristics:
        exact = -_per_log_odds(model.scale) * calibration.slope * own.log_odds
        points = _rounded(exact - exact.min(), own.share)
        start += float(own.share @ (exact - points))
        lines.append(_line(own, points))
    return PointsCard(model=model, calibration=calibration, start=round(start), lines=tuple(lines))


def _per_log_odds(scale: Scale) -> float:
    return scale.pdo / math.log(2.0)


def _start(model: CardModel, calibration: Straight) -> float:
    """Return the score of a row whose characteristics all add nothing, unrounded."""
    log_odds = calibration.intercept + calibration.slope * model.intercept + calibration.shift
    factor = _per_log_odds(model.scale)
    return model.scale.base_score - factor * (log_odds + math.log(model.scale.base_odds))


def _rounded(exact: FloatArray, share: FloatArray) -> IntArray:
    """Return whole points, the least 0, whose errors differ least from bin to bin.

    Args:
        exact: The least is 0, shape (size,).
        share: Of the training rows, shape (size,).
    """
    tried = np.rint(exact[None, :] + SHIFTS[:, None])
    off = tried - exact
    off -= (off @ share)[:, None]
    best = int(np.argmin((off**2) @ share))
    points: IntArray = tried[best].astype(np.int64)
    return points


def _straight(trained: TrainedModel) -> Straight:
    told = trained.calibration.document()
    if told["kind"] != "line":
        raise BundleError(
            "is calibrated by a curve, and points add up under a straight line alone",
            hint="train the card again", field="model",
        )  # fmt: skip
    return Straight(
        intercept=float(str(told["intercept"])), slope=float(str(told["slope"])),
        shift=float(str(told.get("shift", 0.0))),
    )  # fmt: skip


def _line(own: Characteristic, points: IntArray) -> Line:
    binning, homes = own.binning, own.binning.homes
    share, labels = own.share, binning.labels
    rows, bads = own.rows.tolist(), own.bads.tolist()
    return Line(
        name=own.name, is_number=isinstance(binning, NumberBinning), iv=binning.iv,
        coefficient=own.coefficient, error=own.error,
        bins=tuple(
            Bin(
                words=labels[place], share=float(share[place]),
                bad_rate=bads[place] / rows[place] if rows[place] else None,
                woe=float(own.woe[place]), neutral=place in homes.neutral,
                log_odds=float(own.log_odds[place]), points=int(points[place]),
                **_conditions(own, place),
            )
            for place in range(binning.size)
        ),
    )  # fmt: skip


def _conditions(own: Characteristic, place: int) -> dict[str, Any]:
    """Return who belongs to a fitted bin."""
    binning = own.binning
    bins = binning.bins
    raw = [at for at, home in enumerate(binning.homes.joins) if home == place]
    known = [at for at in raw if at < bins.known]
    special = tuple(bins.special[at - bins.known] for at in raw if bins.known <= at < bins.size - 1)
    told: dict[str, Any] = {
        "ranged": False, "above": None, "up_to": None, "levels": (), "others": False,
        "special": special, "missing": bins.size - 1 in raw,
    }  # fmt: skip
    if known and isinstance(bins, NumberBins):
        above, up_to = bins.ends(known[0])
        told |= {"ranged": True, "above": above, "up_to": up_to}
    elif known and isinstance(bins, LevelBins):
        levels = [level for at in known if at < bins.ordered for level in bins.groups[at]]
        told |= {"levels": tuple(levels), "others": bins.ordered in known}
    return told
