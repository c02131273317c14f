"""Binning: a column cut into groups of applications, and what the groups tell of repayment.

Every binning ends with a bin for what is not known. Evidence is counted in goods and bads per bin;
the sign of woe is that of decision 0001: positive is safer.
"""

from __future__ import annotations

from solvent.binning.chance import Chance, chance
from solvent.binning.iv import IvInterval, iv, iv_interval
from solvent.binning.levels import LevelBins, level_bins
from solvent.binning.numbers import NumberBins, quantile_bins
from solvent.binning.shape import Shape, shape
from solvent.binning.woe import bin_counts, woe

__all__ = [
    "Chance",
    "IvInterval",
    "LevelBins",
    "NumberBins",
    "Shape",
    "bin_counts",
    "chance",
    "iv",
    "iv_interval",
    "level_bins",
    "quantile_bins",
    "shape",
    "woe",
]
