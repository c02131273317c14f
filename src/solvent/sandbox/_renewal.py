"""Streams of events in warped time, and the slow moods that warp it."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import BLOCK, Floats, Ints
from solvent.sandbox._clock import WEEK_DAYS

_LANE = 4_000.0  # apart enough that no customer's operational time reaches the next one's


def draw_mood(rng: np.random.Generator, *, weeks: int, persistence: float) -> Floats:
    """Draw a slowly drifting standard normal by week, shape (BLOCK, weeks).

    Args:
        rng: The stream of chance.
        weeks: How many.
        persistence: Correlation of one week with the next, in [0, 1).
    """
    mood = rng.standard_normal((BLOCK, weeks))
    fresh = np.sqrt(1.0 - persistence**2)
    for week in range(1, weeks):
        mood[:, week] = persistence * mood[:, week - 1] + fresh * mood[:, week]
    return mood


def renew(rng: np.random.Generator, rate: Floats, shape: Floats) -> tuple[Ints, Floats]:
    """Draw renewals: gaps are gamma with mean 1 in operational time, which runs at `rate` a day.

    Args:
        rng: The stream of chance.
        rate: Events a day by week since entry, shape (BLOCK, weeks).
        shape: Shape of the gaps, shape (BLOCK,).

    Returns:
        The customer of each event, and its days since the customer entered; sorted by both.
    """
    weeks = rate.shape[1]
    total = np.concatenate([np.zeros((BLOCK, 1)), np.cumsum(rate * WEEK_DAYS, axis=1)], axis=1)
    limit = total[:, -1]
    enough = np.ceil(limit + 6.0 * np.sqrt(limit / shape) + 12.0).astype(np.int64)
    owner = np.repeat(np.arange(BLOCK), enough)
    gaps = rng.standard_gamma(shape[owner]) / shape[owner]
    run = np.cumsum(gaps)
    first = np.cumsum(enough) - enough
    # A customer is met in the middle of a gap, not right after an event.
    run = run - (run - gaps)[first][owner] - (gaps[first] * rng.random(BLOCK))[owner]
    kept = run < limit[owner]
    owner, run = owner[kept], run[kept]
    lanes = _LANE * np.arange(BLOCK)
    starts = np.tile(np.arange(weeks + 1) * float(WEEK_DAYS), BLOCK)
    days = np.interp(run + lanes[owner], (total + lanes[:, None]).ravel(), starts)
    return owner, np.minimum(days, weeks * WEEK_DAYS)
