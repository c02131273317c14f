"""Binning: a column cut into groups of applications, and what the groups tell of repayment.

Every binning ends with a bin for what is not known. Evidence is counted in goods and bads per bin;
the sign of woe is that of decision 0001: positive is safer.

Two ways to bins: `quantile_bins` and `level_bins` look at the column alone; `bin_numbers` and
`bin_levels` look at outcomes too and find the bins of highest IV that keep a set of `BinRules`.
"""

from __future__ import annotations

from solvent.binning.chance import Chance, chance
from solvent.binning.fitted import BinnedLevels, BinnedNumbers, LevelBinning, NumberBinning
from solvent.binning.iv import IvInterval, iv, iv_interval
from solvent.binning.levelling import bin_levels
from solvent.binning.levels import LevelBins, level_bins
from solvent.binning.numbering import (
    JoinedNumbers,
    PrebinnedNumbers,
    bin_numbers,
    prebin_numbers,
)
from solvent.binning.numbers import NumberBins, quantile_bins
from solvent.binning.outcomes import Outcomes
from solvent.binning.rules import BinRules, Home, OverTime, Trend
from solvent.binning.saved import binning_from_json
from solvent.binning.shape import Shape, shape
from solvent.binning.table import BinTable, Stability
from solvent.binning.woe import bin_counts, woe

__all__ = [
    "BinRules",
    "BinTable",
    "BinnedLevels",
    "BinnedNumbers",
    "Chance",
    "Home",
    "IvInterval",
    "JoinedNumbers",
    "LevelBinning",
    "LevelBins",
    "NumberBinning",
    "NumberBins",
    "Outcomes",
    "OverTime",
    "PrebinnedNumbers",
    "Shape",
    "Stability",
    "Trend",
    "bin_counts",
    "bin_levels",
    "bin_numbers",
    "binning_from_json",
    "chance",
    "iv",
    "iv_interval",
    "level_bins",
    "prebin_numbers",
    "quantile_bins",
    "shape",
    "woe",
]
