from __future__ import annotations

from collections.abc import Sequence

from solvent.binning.fitted import BinnedLevels
from solvent.binning.levels import CodeArray
from solvent.binning.outcomes import Outcomes
from solvent.binning.rules import BinRules


def bin_levels(
    codes: CodeArray, levels: Sequence[str], outcomes: Outcomes, rules: BinRules
) -> BinnedLevels:
    raise NotImplementedError
