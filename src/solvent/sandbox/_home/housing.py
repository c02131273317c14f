"""The building the client lives in: 47 columns, mostly missing, near copies of one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Coded, Column, Floats
from solvent.sandbox._home.people import People
from solvent.sandbox._home.traits import Traits
from solvent.sandbox._spread import pick

_KNOWN = 0.535
"""Share of clients of whose building anything is known."""
_FUNDS = ("reg oper account", "reg oper spec account", "org spec account", "not specified")
_HOUSES = ("block of flats", "specific housing", "terraced house")
_WALLS = ("Panel", "Stone, brick", "Block", "Wooden", "Mixed", "Monolithic", "Others")
_NO_YES = ("No", "Yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of a building, scaled to [0, 1] over all buildings.

    Attributes:
        known: Share of clients for whom it is known.
        median: Its median.
        spread: Standard deviation of its logarithm, or of itself where `steps` is not 0.
        none: Share of known values that are 0.
        steps: Values lie on this grid; 0: they do not.
    """

    known: float
    median: float
    spread: float
    none: float = 0.0
    steps: float = 0.0


MEASURES = {
    "APARTMENTS": Measure(known=0.4925, median=0.088, spread=0.85, none=0.008),
    "BASEMENTAREA": Measure(known=0.4150, median=0.080, spread=0.62, none=0.085),
    "YEARS_BEGINEXPLUATATION": Measure(known=0.5112, median=0.9816, spread=0.008, steps=0.0005),
    "YEARS_BUILD": Measure(known=0.3359, median=0.755, spread=0.10, steps=0.0068),
    "COMMONAREA": Measure(known=0.3028, median=0.024, spread=1.10, none=0.08),
    "ELEVATORS": Measure(known=0.4664, median=0.10, spread=0.70, none=0.58, steps=0.04),
    "ENTRANCES": Measure(known=0.4957, median=0.138, spread=0.085, none=0.005, steps=0.0345),
    "FLOORSMAX": Measure(known=0.5017, median=0.21, spread=0.13, none=0.012, steps=0.0417),
    "FLOORSMIN": Measure(known=0.3220, median=0.23, spread=0.16, none=0.025, steps=0.0417),
    "LANDAREA": Measure(known=0.4068, median=0.056, spread=0.95, none=0.16),
    "LIVINGAPARTMENTS": Measure(known=0.3171, median=0.076, spread=0.80, none=0.004),
    "LIVINGAREA": Measure(known=0.4983, median=0.078, spread=0.88, none=0.002),
    "NONLIVINGAPARTMENTS": Measure(known=0.3064, median=0.010, spread=1.10, none=0.58),
    "NONLIVINGAREA": Measure(known=0.4483, median=0.020, spread=1.30, none=0.42),
}
_TOTAL = Measure(known=0.5166, median=0.070, spread=0.90, none=0.002)


def show_building(rng: np.random.Generator, traits: Traits, people: People) -> dict[str, Column]:
    """Draw the building columns of one block: averages, modes, medians, then the rest."""
    quality = 0.30 * traits.standing + 0.012 * (people.region - 60) + rng.standard_normal(BLOCK)
    known = rng.random(BLOCK) < _KNOWN
    average = {name: _draw(rng, one, quality, known) for name, one in MEASURES.items()}
    columns: dict[str, Column] = {}
    for suffix, drift in (("AVG", 0.0), ("MODE", 0.035), ("MEDI", 0.008)):
        for name, values in average.items():
            columns[f"{name}_{suffix}"] = _drift(rng, values, drift)
    texts = _texts(rng, known)
    return {**columns, **texts, "TOTALAREA_MODE": _draw(rng, _TOTAL, quality, known)}


def _draw(rng: np.random.Generator, measure: Measure, quality: Floats, known: Bools) -> Floats:
    own = 0.65 * quality / np.sqrt(1.1) + 0.76 * rng.standard_normal(BLOCK)
    if measure.steps and measure.none < 0.5:
        values = measure.median + measure.spread * own
    else:
        values = measure.median * np.exp(measure.spread * own)
    if measure.steps:
        values = np.maximum(np.round(values / measure.steps), 1.0) * measure.steps
    values = np.where(rng.random(BLOCK) < measure.none, 0.0, np.round(np.clip(values, 0, 1), 4))
    told = known & (rng.random(BLOCK) < measure.known / _KNOWN)
    shown: Floats = np.where(told, values, np.nan)
    return shown


def _drift(rng: np.random.Generator, values: Floats, drift: float) -> Floats:
    """A near copy: mostly the same, sometimes a little off."""
    if not drift:
        return values
    off = rng.random(BLOCK) < 0.35
    moved = values * np.where(off, np.exp(drift * rng.standard_normal(BLOCK)), 1.0)
    return np.minimum(moved, 1.0).round(4)


def _texts(rng: np.random.Generator, known: Bools) -> dict[str, Column]:
    def say(levels: tuple[str, ...], shares: tuple[float, ...]) -> Column:
        told = known & (rng.random(BLOCK) < sum(shares) / _KNOWN)
        return Coded(codes=np.where(told, pick(rng, shares, BLOCK), -1), levels=levels)

    return {
        "FONDKAPREMONT_MODE": say(_FUNDS, (0.241, 0.039, 0.019, 0.018)),
        "HOUSETYPE_MODE": say(_HOUSES, (0.489, 0.005, 0.004)),
        "WALLSMATERIAL_MODE": say(_WALLS, (0.216, 0.209, 0.031, 0.018, 0.007, 0.006, 0.005)),
        "EMERGENCYSTATE_MODE": say(_NO_YES, (0.518, 0.008)),
    }
