"""Calibrators: curves from a model's margin to log-odds that mean what they say, one file each.

Every curve rises strictly, so calibrating changes no ranking.
"""

from solvent.models.calibrators.beta import Beta, fit_beta
from solvent.models.calibrators.curve import Curve, row_losses, to_pd, to_stated_pd
from solvent.models.calibrators.isotonic import Isotonic, fit_isotonic
from solvent.models.calibrators.kinds import FITS, READERS
from solvent.models.calibrators.line import Line, fit_line

__all__ = [
    "FITS", "READERS", "Beta", "Curve", "Isotonic", "Line", "fit_beta", "fit_isotonic", "fit_line",
    "row_losses", "to_pd", "to_stated_pd",
]  # fmt: skip
