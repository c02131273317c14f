"""A number cut into the bins of highest IV that keep the rules."""

from __future__ import annotations

from solvent.binning.fitted import BinnedNumbers
from solvent.binning.outcomes import Outcomes
from solvent.binning.rules import BinRules
from solvent.binning.woe import FloatArray


def bin_numbers(values: FloatArray, outcomes: Outcomes, rules: BinRules) -> BinnedNumbers:
    raise NotImplementedError
