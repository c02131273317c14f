"""Validation: every figure of a model on one sample, gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.errors import MetricError
from solvent.metrics.accounts import BoolArray, FloatArray, check_count, check_two_classes
from solvent.metrics.brier import brier
from solvent.metrics.calibration import calibration, calibration_in_the_large
from solvent.metrics.confusion import Confusion, confusion
from solvent.metrics.delong import AucInterval, auc_interval
from solvent.metrics.ece import ece
from solvent.metrics.gini import GiniInterval
from solvent.metrics.ks import ks
from solvent.metrics.log_loss import log_loss
from solvent.metrics.plain import (
    read_number,
    read_number_or_none,
    read_table,
    read_text,
    read_whole,
)
from solvent.metrics.pr_auc import pr_auc


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """How good a PD is on one sample; each figure is defined where its function is.

    Attributes:
        n: Accounts.
        bads: Bad accounts.
        bad_rate: bads / n.
        mean_pd: In [0, 1]; equals the bad rate where the PD is calibrated in the large.
        auc: With DeLong's interval.
        gini: With DeLong's interval.
        pr_auc: Average precision; compare with the bad rate, which a blind model reaches.
        ks: Fraction in [0, 1].
        brier: In [0, 1].
        log_loss: Nats.
        calibration_slope, calibration_intercept, calibration_in_the_large: On the log-odds scale;
            None where they do not exist.
        calibration_missing: Why one of them does not exist; empty where all do.
        ece: Over `ece_bins` bins of equally many accounts.
        ece_bins: Bins asked for.
        confusion: At the stated cutoff.
    """

    n: int
    bads: int
    bad_rate: float
    mean_pd: float
    auc: AucInterval
    gini: GiniInterval
    pr_auc: float
    ks: float
    brier: float
    log_loss: float
    calibration_slope: float | None
    calibration_intercept: float | None
    calibration_in_the_large: float | None
    calibration_missing: str
    ece: float
    ece_bins: int
    confusion: Confusion

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON: numbers, text, None and nested dicts; nothing from numpy."""
        return {**asdict(self), "confusion": self.confusion.as_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Validation:
        """Read back `as_dict`: `Validation.from_dict(v.as_dict()) == v`.

        Raises:
            MetricError: a figure is missing or of the wrong type.
        """
        return cls(
            n=read_whole(values, "n"),
            bads=read_whole(values, "bads"),
            bad_rate=read_number(values, "bad_rate"),
            mean_pd=read_number(values, "mean_pd"),
            auc=_read_auc(read_table(values, "auc")),
            gini=_read_gini(read_table(values, "gini")),
            pr_auc=read_number(values, "pr_auc"),
            ks=read_number(values, "ks"),
            brier=read_number(values, "brier"),
            log_loss=read_number(values, "log_loss"),
            calibration_slope=read_number_or_none(values, "calibration_slope"),
            calibration_intercept=read_number_or_none(values, "calibration_intercept"),
            calibration_in_the_large=read_number_or_none(values, "calibration_in_the_large"),
            calibration_missing=read_text(values, "calibration_missing"),
            ece=read_number(values, "ece"),
            ece_bins=read_whole(values, "ece_bins"),
            confusion=Confusion.from_dict(read_table(values, "confusion")),
        )


def validate(
    pd: ArrayLike,
    bad: ArrayLike,
    *,
    cutoff: float,
    level: float = 0.95,
    bins: int = 10,
    clusters: ArrayLike | None = None,
) -> Validation:
    """Measure a PD against what happened.

    Ranking and error figures always exist here. The calibration line may not (a PD of exactly 0 or
    1, bads and goods that do not overlap): then it is None and the reason is kept.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,); at least two
            bads and two goods.
        cutoff: PD in [0, 1] from which an account is predicted bad.
        level: Confidence level of the intervals, in (0, 1).
        bins: Bins of the calibration error, >= 1.
        clusters: As `auc_interval`: whose each account is.

    Returns:
        All figures.

    Raises:
        OneClassError: `bad` is all true or all false.
        MetricError: only one bad or only one good, or all of either from one customer.
        ShapeError, RangeError: as `auc_interval`; an option outside its range.

    >>> found = validate([0.9, 0.4, 0.6, 0.1, 0.2], [True, True, False, False, False], cutoff=0.5)
    >>> found.n, found.bads, round(found.gini.gini, 4), found.confusion.tp
    (5, 2, 0.6667, 1)
    """
    pds, bads = check_two_classes(pd, bad)
    auc = auc_interval(pds, bads, level, clusters=clusters)
    count = int(np.count_nonzero(bads))
    slope, intercept, in_the_large, missing = _calibrate(pds, bads)
    return Validation(
        n=pds.size,
        bads=count,
        bad_rate=count / pds.size,
        mean_pd=float(pds.mean()),
        auc=auc,
        gini=GiniInterval.of(auc),
        pr_auc=pr_auc(pds, bads),
        ks=ks(pds, bads),
        brier=brier(pds, bads),
        log_loss=log_loss(pds, bads),
        calibration_slope=slope,
        calibration_intercept=intercept,
        calibration_in_the_large=in_the_large,
        calibration_missing=missing,
        ece=ece(pds, bads, bins),
        ece_bins=check_count(bins, "bins"),
        confusion=confusion(pds, bads, cutoff),
    )


def _calibrate(
    pd: FloatArray, bad: BoolArray
) -> tuple[float | None, float | None, float | None, str]:
    in_the_large = None
    try:
        in_the_large = calibration_in_the_large(pd, bad)
        line = calibration(pd, bad)
    except MetricError as error:
        return None, None, in_the_large, f"{error.field} {error.message}"
    return line.slope, line.intercept, in_the_large, ""


def _read_auc(values: Mapping[str, object]) -> AucInterval:
    return AucInterval(
        auc=read_number(values, "auc"),
        low=read_number(values, "low"),
        high=read_number(values, "high"),
        standard_error=read_number(values, "standard_error"),
        level=read_number(values, "level"),
    )


def _read_gini(values: Mapping[str, object]) -> GiniInterval:
    return GiniInterval(
        gini=read_number(values, "gini"),
        low=read_number(values, "low"),
        high=read_number(values, "high"),
        standard_error=read_number(values, "standard_error"),
        level=read_number(values, "level"),
    )
