"""The customers of the app: their phones, homes and habits, and the traits nobody sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints, chance, draw_uuids
from solvent.sandbox._clock import DAY, MINUTE, WEEK_DAYS
from solvent.sandbox._mobile.calendar import WEEKS
from solvent.sandbox._renewal import draw_mood

_PERSISTENCE = 0.92  # of the weekly strain
_CITIES = np.array([[2.1, -17.4], [3.4, -16.9], [4.0, -15.2], [2.8, -15.8], [5.1, -16.1]])
"""Made-up cities as latitude and longitude, degrees: out in the ocean, where nobody lives."""
_LAST_INSTALL_DAY = 335.0
_LOCATED = 0.92
"""Share of customers who let the app see where they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One block of customers; every array has shape (BLOCK,) unless stated.

    Attributes:
        uuids: Identifiers, one per customer.
        reliability: Latent will to repay, standard normal, higher is better.
        income: Latent level of income, standard normal.
        liveliness: Latent use of the phone, standard normal.
        mobility: Latent movement through the day, standard normal.
        strain: Latent, slowly drifting trouble by week since installation, shape (BLOCK, WEEKS).
        awake: How much the phone tells by week, 1 or almost 0 (off, empty, without network), shape
            (BLOCK, WEEKS).
        installed: When the app was installed, microseconds since the period's start.
        located: Whether the app may see where the phone is.
        blur: Natural logarithm of how exact the phone is, metres.
        night: How much of the use falls into the night, on the logit scale.
        curiosity: Leaning to read terms and prices, on the logit scale.
        trouble: Leaning to look for help, on the logit scale.
        wifi: Leaning to wifi, on the logit scale.
        home: Latitude and longitude, degrees, shape (BLOCK, 2).
        work: The same of where the days are spent.
    """

    uuids: tuple[str, ...]
    reliability: Floats
    income: Floats
    liveliness: Floats
    mobility: Floats
    strain: Floats
    awake: Floats
    installed: Ints
    located: Bools
    blur: Floats
    night: Floats
    curiosity: Floats
    trouble: Floats
    wifi: Floats
    home: Floats
    work: Floats


def draw_people(rng: np.random.Generator) -> People:
    """Draw one block of customers."""
    own = rng.standard_normal((9, BLOCK))
    reliability, income, liveliness = own[0], own[1], own[2]
    strain = draw_mood(rng, weeks=WEEKS, persistence=_PERSISTENCE)
    days = _LAST_INSTALL_DAY * rng.random(BLOCK) ** 0.8
    home = _CITIES[rng.integers(0, len(_CITIES), BLOCK)] + 0.05 * rng.standard_normal((BLOCK, 2))
    return People(
        uuids=draw_uuids(rng, BLOCK),
        reliability=reliability,
        income=income,
        liveliness=liveliness,
        mobility=0.3 * income + 0.95 * own[3],
        strain=strain,
        awake=_draw_awake(rng, strain),
        installed=(days * DAY).astype(np.int64) // MINUTE * MINUTE,
        located=rng.random(BLOCK) < _LOCATED,
        blur=2.9 - 0.25 * income + 0.35 * own[4],
        night=-2.1 - 0.3 * reliability + 0.8 * own[5],
        curiosity=-2.4 + 0.3 * reliability + 0.5 * own[6],
        trouble=-2.3 + 0.5 * own[7],
        wifi=-0.2 + 0.4 * income + 0.9 * own[8],
        home=home,
        work=home + 0.04 * rng.standard_normal((BLOCK, 2)),
    )


def strain_at(people: People, owner: Ints, at: Ints) -> Floats:
    """The strain of customers at instants (microseconds since the period's start)."""
    week = (at - people.installed[owner]) // (WEEK_DAYS * DAY)
    found: Floats = people.strain[owner, np.clip(week, 0, WEEKS - 1)]
    return found


def _draw_awake(rng: np.random.Generator, strain: Floats) -> Floats:
    """Weeks in which the phone says next to nothing, more of them under strain; they cling."""
    dark = np.zeros(strain.shape, dtype=np.bool_)
    pick = rng.random(strain.shape)
    for week in range(strain.shape[1]):
        before = dark[:, week - 1] if week else np.zeros(BLOCK, dtype=np.bool_)
        dark[:, week] = pick[:, week] < chance(-2.3 + 0.5 * strain[:, week] + 2.4 * before)
    return np.where(dark, 0.03, 1.0)
