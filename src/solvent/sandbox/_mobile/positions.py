"""Where the phone was: positions as the app would record them if no loan were ever made."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints, chance
from solvent.sandbox._clock import DAY, MINUTE, owners_of, times_of, to_clock, to_keys
from solvent.sandbox._mobile.calendar import END
from solvent.sandbox._mobile.people import People, strain_at
from solvent.sandbox._renewal import renew

_A_DAY = 0.46
_COARSE_SHARE = 0.14
"""Share of positions told by radio masts alone: off by a kilometre, and without a speed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """Positions of a block, sorted by customer and time; every array has shape (positions,).

    Attributes:
        keys: Customer and time in one number (see `_clock.to_keys`).
        accuracy: Radius within which the phone was, metres.
        speed: Metres a second, NaN where not measured.
        latitude: Degrees.
        longitude: Degrees.
    """

    keys: Ints
    accuracy: Floats
    speed: Floats
    latitude: Floats
    longitude: Floats

    def keep(self, kept: Bools) -> Positions:
        """The same without the rows where `kept` is false."""
        return Positions(**{one.name: getattr(self, one.name)[kept] for one in fields(self)})


def draw_positions(rng: np.random.Generator, people: People) -> Positions:
    """Draw when and where the phone says it is: renewals in warped time, one at installation."""
    rate = _A_DAY * np.exp(0.40 * people.liveliness[:, None] - 0.40 * people.strain)
    rate = rate.clip(0.05, 2.5) * people.awake * people.located[:, None]
    owner, days = renew(rng, rate, np.full(BLOCK, 0.8))
    at = np.maximum(to_clock(people.installed[owner] / DAY + days), people.installed[owner])
    first = np.flatnonzero(people.located & (rng.random(BLOCK) < 0.9))
    keys = np.concatenate(
        [to_keys(owner, at + MINUTE), to_keys(first, people.installed[first] + MINUTE)]
    )
    return _describe(rng, people, np.sort(keys[times_of(keys) <= END]))


def _describe(rng: np.random.Generator, people: People, keys: Ints) -> Positions:
    """Say how exact each position is, how fast the phone moved, and where it was."""
    owner, rows = owners_of(keys), len(keys)
    coarse = rng.random(rows) < _COARSE_SHARE
    noise = rng.standard_normal((3, rows))
    accuracy = np.exp(people.blur[owner] + 0.45 * noise[0] + 3.2 * coarse)
    strain = strain_at(people, owner, times_of(keys))
    moving = rng.random(rows) < chance(-1.1 + 0.6 * people.mobility[owner] - 0.2 * strain)
    speed = np.where(moving, 1.0 + 2.0 * rng.standard_gamma(2.0, rows), 0.25 * rng.random(rows))
    place = np.where(moving[:, None], people.work[owner], people.home[owner])
    place = place + accuracy[:, None] / 111_000.0 * noise[1:].T
    return Positions(
        keys=keys,
        accuracy=np.round(accuracy, 1),
        speed=np.where(coarse | (rng.random(rows) < 0.08), np.nan, np.round(speed, 1)),
        latitude=np.round(place[:, 0], 4),
        longitude=np.round(place[:, 1], 4),
    )
