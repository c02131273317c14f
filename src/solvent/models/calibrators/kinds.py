"""The kinds of calibrators by name: how each is fitted and read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from solvent.models.calibrators.beta import Beta, fit_beta
from solvent.models.calibrators.curve import BoolArray, Curve, FloatArray
from solvent.models.calibrators.isotonic import Isotonic, fit_isotonic
from solvent.models.calibrators.line import Line, fit_line
from solvent.models.documents import Document

FITS: Final[Mapping[str, Callable[[FloatArray, BoolArray], Curve]]] = MappingProxyType(
    {"line": fit_line, "beta": fit_beta, "isotonic": fit_isotonic}
)
"""How each kind is fitted; the simplest first."""
READERS: Final[Mapping[str, Callable[[Document], Curve]]] = MappingProxyType(
    {"line": Line.read, "beta": Beta.read, "isotonic": Isotonic.read}
)
