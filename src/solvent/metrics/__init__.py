"""Metrics: arrays in, numbers out.

One file per concept. Everywhere `pd` is the probability of default (higher is riskier) and `bad` is
true where the account met the bad definition. Input that cannot be measured raises an error from
`solvent.errors`; no function returns NaN.
"""

from __future__ import annotations

from solvent.metrics.auc import auc
from solvent.metrics.bands import Binning
from solvent.metrics.brier import brier
from solvent.metrics.by_period import PeriodMetrics, by_period
from solvent.metrics.by_segment import SegmentCalibration, calibration_by_segment
from solvent.metrics.calibration import (
    Calibration,
    calibration,
    calibration_in_the_large,
    shift_to_mean,
)
from solvent.metrics.calibration_curve import CalibrationBin, calibration_curve
from solvent.metrics.clustered import ClusteredCalibration, clustered_calibration
from solvent.metrics.confusion import Confusion, confusion
from solvent.metrics.cutoff import (
    cutoff_for_best_accuracy,
    cutoff_for_best_f1,
    cutoff_for_recall,
)
from solvent.metrics.delong import AucDifference, AucInterval, auc_difference, auc_interval
from solvent.metrics.ece import ece
from solvent.metrics.gains import GainsBand, gains
from solvent.metrics.gini import GiniInterval, gini, gini_interval
from solvent.metrics.holm import holm
from solvent.metrics.ks import ks
from solvent.metrics.log_loss import log_loss
from solvent.metrics.pr_auc import pr_auc
from solvent.metrics.precision_recall import PrecisionRecallPoint, precision_recall_curve
from solvent.metrics.psi import psi
from solvent.metrics.rate_ratio import RateRatio, rate_ratio
from solvent.metrics.roc import RocPoint, roc_curve
from solvent.metrics.validate import Validation, validate
from solvent.metrics.wilson import wilson_interval

__all__ = [
    "AucDifference",
    "AucInterval",
    "Binning",
    "Calibration",
    "CalibrationBin",
    "ClusteredCalibration",
    "Confusion",
    "GainsBand",
    "GiniInterval",
    "PeriodMetrics",
    "PrecisionRecallPoint",
    "RateRatio",
    "RocPoint",
    "SegmentCalibration",
    "Validation",
    "auc",
    "auc_difference",
    "auc_interval",
    "brier",
    "by_period",
    "calibration",
    "calibration_by_segment",
    "calibration_curve",
    "calibration_in_the_large",
    "clustered_calibration",
    "confusion",
    "cutoff_for_best_accuracy",
    "cutoff_for_best_f1",
    "cutoff_for_recall",
    "ece",
    "gains",
    "gini",
    "gini_interval",
    "holm",
    "ks",
    "log_loss",
    "pr_auc",
    "precision_recall_curve",
    "psi",
    "rate_ratio",
    "roc_curve",
    "shift_to_mean",
    "validate",
    "wilson_interval",
]
