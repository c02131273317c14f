"""Calibration: whether a PD means what it says, by Cox's recalibration."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.errors import MetricError, RangeError
from solvent.metrics.accounts import (
    BoolArray,
    FloatArray,
    check_pd,
    check_two_classes,
)

_MOST_STEPS = 200
_SMALLEST_STEP = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The line that would recalibrate the PD: logit(true PD) = intercept + slope logit(pd).

    Attributes:
        slope: 1 is perfect; below 1 the PDs are too extreme (overfitted), above 1 too timid.
        intercept: 0 is perfect where the slope is 1; on the log-odds scale.
    """

    slope: float
    intercept: float


def calibration(pd: ArrayLike, bad: ArrayLike) -> Calibration:
    """Slope and intercept of a logistic regression of `bad` on logit(pd).

    Args:
        pd: Probability of default strictly between 0 and 1, shape (n,).
        bad: True where the account met the bad definition, shape (n,).

    Returns:
        The maximum-likelihood slope and intercept.

    Raises:
        OneClassError: `bad` is all true or all false.
        MetricError: the PD is constant or separates bads from goods, so no finite line fits best.
        RangeError: a PD of exactly 0 or 1 (its logit is infinite), or as `check_accounts`.
        ShapeError: as `check_accounts`.

    Source: Cox (1958); tests compare with scikit-learn and SciPy's optimiser.

    >>> pd = np.array([0.1, 0.1, 0.1, 0.1, 0.5, 0.5, 0.9, 0.9, 0.9, 0.9])
    >>> bad = np.array([False, False, False, True, False, True, True, True, True, False])
    >>> found = calibration(pd, bad)
    >>> round(found.slope, 4), abs(found.intercept) < 1e-9
    (0.5, True)
    """
    log_odds, bads = _check_log_odds(pd, bad)
    _check_overlap(log_odds, bads)
    middle = float(log_odds.mean())
    # The range cannot be zero, whatever rounding does to a standard deviation.
    spread = float(np.ptp(log_odds))
    height, steepness = _fit_line((log_odds - middle) / spread, bads)
    slope = steepness / spread
    return Calibration(slope=slope, intercept=height - slope * middle)


def calibration_in_the_large(pd: ArrayLike, bad: ArrayLike) -> float:
    """Shift of log-odds that would bring the mean PD to the bad rate.

    The intercept of a logistic regression of `bad` with logit(pd) as offset (slope held at 1).

    Args:
        pd: Probability of default strictly between 0 and 1, shape (n,).
        bad: True where the account met the bad definition, shape (n,).

    Returns:
        The shift; 0 is perfect, above 0 the PDs are too low, below 0 too high.

    Raises:
        OneClassError: `bad` is all true or all false.
        RangeError: a PD of exactly 0 or 1 (its logit is infinite), or as `check_accounts`.
        ShapeError: as `check_accounts`.

    Source: Cox (1958); tests compare with SciPy's root finder.

    >>> pd = np.array([0.2, 0.2, 0.2, 0.2])
    >>> round(calibration_in_the_large(pd, np.array([True, True, False, False])), 6)
    1.386294
    """
    log_odds, bads = _check_log_odds(pd, bad)
    return _shift_to(log_odds, float(bads.mean()))


def shift_to_mean(pd: ArrayLike, mean: float) -> float:
    """Shift of log-odds that would bring the mean PD to a stated one.

    Args:
        pd: Probability of default strictly between 0 and 1, shape (n,).
        mean: The mean wanted, strictly between 0 and 1.

    Returns:
        The shift; above 0 the PDs rise.

    Raises:
        RangeError: a PD or the mean of exactly 0 or 1, or outside; or as `check_pd`.
        ShapeError: as `check_pd`.

    Source: adjustment of a PD model to a central tendency; tests compare with SciPy's root finder.

    >>> round(shift_to_mean(np.array([0.2, 0.2]), 0.5), 6)
    1.386294
    """
    if not 0.0 < mean < 1.0:
        raise RangeError(
            f"must lie strictly between 0 and 1, found {mean!r}", hint="5 percent is 0.05",
            field="mean",
        )  # fmt: skip
    return _shift_to(_log_odds(check_pd(pd)), mean)


def _shift_to(log_odds: FloatArray, rate: float) -> float:
    """Newton's method, kept inside a bracket."""
    rate_log_odds = math.log(rate / (1.0 - rate))
    low, high = rate_log_odds - float(log_odds.max()), rate_log_odds - float(log_odds.min())
    shift, moved = min(max(0.0, low), high), math.inf
    for _ in range(_MOST_STEPS):
        expected = _sigmoid(log_odds + shift)
        excess = float(expected.mean()) - rate
        low, high = (low, shift) if excess > 0.0 else (shift, high)
        slope = float(np.mean(expected * (1.0 - expected)))
        newton = shift - excess / slope if slope > 0.0 else math.inf
        # In a far tail Newton creeps by one a step: unless it halves its steps, halve the bracket.
        trusted = low <= newton <= high and abs(newton - shift) <= moved / 2.0
        following = newton if trusted else (low + high) / 2.0
        shift, moved = following, abs(following - shift)
        if moved <= _SMALLEST_STEP * max(1.0, abs(shift)):
            return shift
    raise MetricError("calibration in the large did not settle", field="pd")


def _check_log_odds(pd: ArrayLike, bad: ArrayLike) -> tuple[FloatArray, BoolArray]:
    pds, bads = check_two_classes(pd, bad)
    return _log_odds(pds), bads


def _log_odds(pds: FloatArray) -> FloatArray:
    certain = int(np.count_nonzero((pds == 0.0) | (pds == 1.0)))
    if certain:
        raise RangeError(
            f"{certain} of {pds.size} values are exactly 0 or 1, so their log-odds are infinite",
            hint="calibrate the model so that nobody is certain, or leave this figure out",
            field="pd",
        )
    return np.log(pds) - np.log1p(-pds)


def _check_overlap(log_odds: FloatArray, bads: BoolArray) -> None:
    """The best line is finite exactly where neither class lies wholly on one side of the other."""
    of_bads, of_goods = log_odds[bads], log_odds[~bads]
    if of_goods.max() <= of_bads.min() or of_bads.max() <= of_goods.min():
        constant = log_odds.max() == log_odds.min()
        raise MetricError(
            "is constant" if constant else "separates bads from goods, so the slope is infinite",
            hint="measure calibration on more accounts",
            field="pd",
        )


def _fit_line(x: FloatArray, bads: BoolArray) -> tuple[float, float]:
    """Newton's method with halved steps; x is centred and its range is one."""
    rate = float(bads.mean())
    line = np.array([math.log(rate / (1.0 - rate)), 0.0])
    loss = _loss(line, x, bads)
    for _ in range(_MOST_STEPS):
        step = _newton_step(line, x, bads)
        while (reached := _loss(line + step, x, bads)) > loss + 1e-12 * loss:
            step = step / 2.0
        line, loss = line + step, reached
        if float(np.abs(step).max()) <= _SMALLEST_STEP * max(1.0, float(np.abs(line).max())):
            return float(line[0]), float(line[1])
    raise MetricError(
        "the calibration line did not settle", hint="bads and goods hardly overlap", field="pd"
    )


def _newton_step(line: FloatArray, x: FloatArray, bads: BoolArray) -> FloatArray:
    expected = _sigmoid(line[0] + line[1] * x)
    residual, weight = bads - expected, expected * (1.0 - expected)
    total = float(weight.sum())
    middle = float((weight * x).sum()) / total if total else 0.0
    spread = float((weight * (x - middle) ** 2).sum())
    steepness = float((residual * (x - middle)).sum()) / spread if spread else math.inf
    height = float(residual.sum()) / total - middle * steepness if total else math.inf
    if not math.isfinite(steepness + height):
        raise MetricError(
            "bads and goods hardly overlap, so the slope cannot be computed",
            hint="measure calibration on more accounts",
            field="pd",
        )
    return np.array([height, steepness])


def _loss(line: FloatArray, x: FloatArray, bads: BoolArray) -> float:
    log_odds = line[0] + line[1] * x
    return float(np.logaddexp(0.0, np.where(bads, -log_odds, log_odds)).sum())


def _sigmoid(log_odds: FloatArray) -> FloatArray:
    return np.exp(-np.logaddexp(0.0, -log_odds))
