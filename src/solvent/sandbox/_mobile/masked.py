"""Ten numbers about each customer, bought from a data broker that does not say what they mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Floats, Ints
from solvent.sandbox._clock import DAY, HOUR, MINUTE
from solvent.sandbox._mobile.calendar import END
from solvent.sandbox._mobile.people import People

NAMES = tuple(f"feature_{number}" for number in range(1, 11))
MISSING = np.array([0.0, 0.02, 0.05, 0.10, 0.15, 0.0, 0.20, 0.08, 0.30, 0.05])
"""Share of rows in which each number is missing."""
AFTER_DEFAULT = 5
"""Column that jumps once a default has become known: what leaks where time is not minded."""

_SCALE = np.array([1.0, 12.0, 0.3, 250.0, 5.0, 1.0, 0.1, 40.0, 3.0, 1.0])
_LEVEL = np.array([0.0, 50.0, 0.5, 900.0, -2.0, 0.0, 1.0, 300.0, 10.0, 0.0])
_NOISE = 0.35
_REFRESH_DAYS = 80.0
_JUMP = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """Rows of the broker's numbers, sorted by customer and `valid_from`.

    Attributes:
        owner: Customer's index in the block, shape (rows,).
        valid_from: When the row begins to hold, microseconds since the period's start.
        recorded_at: When the lender had it.
        values: The numbers before scaling, standard normal or so, shape (rows, 10).
    """

    owner: Ints
    valid_from: Ints
    recorded_at: Ints
    values: Floats


def draw_traits(rng: np.random.Generator, people: People) -> Floats:
    """What the ten numbers stand for, shape (BLOCK, 10): three tell of traits, two of conduct."""
    traits = rng.standard_normal((BLOCK, len(NAMES)))
    traits[:, 1] = 0.5 * people.income + 0.85 * traits[:, 1]
    traits[:, 2] = 0.45 * people.reliability + 0.9 * traits[:, 2]
    traits[:, 8] = 0.6 * people.mobility + 0.8 * traits[:, 8]
    return traits


def draw_masked(rng: np.random.Generator, people: People, traits: Floats) -> Masked:
    """Draw a row at installation and later ones, each known hours or days after it holds."""
    later = rng.poisson(np.maximum(END - people.installed, 0) / (_REFRESH_DAYS * DAY))
    owner = np.repeat(np.arange(BLOCK), 1 + later)
    first = np.diff(owner, prepend=-1) > 0
    since = people.installed[owner]
    anywhere = since + ((END - since) * rng.random(len(owner))).astype(np.int64)
    at = np.where(first, since, anywhere // MINUTE * MINUTE)
    order = np.lexsort((at, owner))
    delay = np.where(rng.random(len(at)) < 0.1, 10 * DAY, 6 * HOUR) * rng.random(len(at))
    noise = _NOISE * rng.standard_normal((len(at), len(NAMES)))
    return Masked(
        owner=owner[order],
        valid_from=at[order],
        recorded_at=at[order] + delay.astype(np.int64) // MINUTE * MINUTE + MINUTE,
        values=traits[owner[order]] + noise,
    )


def show_values(rng: np.random.Generator, masked: Masked, defaulted: Ints) -> Floats:
    """The numbers as the broker gives them, NaN where missing, shape (rows, 10).

    Args:
        rng: The stream of chance.
        masked: The rows.
        defaulted: When each customer's first default became known, END or later for never,
            shape (BLOCK,).
    """
    values = masked.values.copy()
    values[:, AFTER_DEFAULT] += _JUMP * (masked.valid_from > defaulted[masked.owner])
    values[:, 3] = np.exp(0.4 * values[:, 3]) - 1.0  # money, by the look of it
    shown: Floats = np.round(_LEVEL + _SCALE * values, 4)
    return np.where(rng.random(shown.shape) < MISSING, np.nan, shown)
