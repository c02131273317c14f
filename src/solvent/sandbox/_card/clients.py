"""The bank's database of its clients: some applicants are in it, reviewed once a quarter."""

from __future__ import annotations

from datetime import date

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Column, Floats, Ints, chance, stack_rows
from solvent.sandbox._card.calendar import FIRST_DAY, to_midnight
from solvent.sandbox._card.file import File
from solvent.sandbox._card.people import People

REVIEWS = tuple((day - FIRST_DAY).days for day in (date(2023, 10, 1), FIRST_DAY, date(2024, 4, 1)))
"""Days of the reviews, 0 the first of the four months; the last comes after most applications."""
SLOWEST_DAYS = 9
"""How long after a review its rows are in the database at the latest."""

_NEVER = 10_000
_HOUR_US = 3_600_000_000
_MONTH_DAYS = 30.4375
_NO_SCORE = 0.06
"""Share of rows without a bureau score."""
_MOVED = 0.08
_SEEN_BAD, _OLD_ENOUGH = 0.7, 30
"""Share of bad cards, and their least days, that the last review shows as arrears."""


def draw_clients(
    rng: np.random.Generator, people: People, file: File, *, day: Ints, bad: Bools
) -> dict[str, Column]:
    """Draw the rows of one block of applicants who are clients, each known days after its review.

    Args:
        rng: The stream of chance.
        people: The applicants.
        file: What bureau and bank know of them.
        day: Day of each application, 0 the first, shape (BLOCK,).
        bad: What became of the card, shape (BLOCK,): seen by the last review alone.
    """
    since = _draw_since(rng, people, file)
    arrears = rng.poisson(0.45 * np.exp(-0.75 * people.prudence))
    worst = np.ceil(12.0 * rng.standard_gamma(1.2, BLOCK)).astype(np.int64) * (arrears > 0)
    products = 1 + rng.poisson(0.5 * np.log1p(np.maximum(-since, 0) / 365.0))
    moved = 10 * rng.integers(-1, 2, BLOCK) * (rng.random(BLOCK) < _MOVED)
    fresh = bad & (day + _OLD_ENOUGH < REVIEWS[-1]) & (rng.random(BLOCK) < _SEEN_BAD)
    parts = []
    for number, review in enumerate(REVIEWS):
        owner = np.flatnonzero(since < review)
        seen = fresh[owner] & (review == REVIEWS[-1])
        parts.append(
            {
                **_date(rng, owner, review),
                "bureau_score": _draw_scores(rng, file.bureau_score[owner], number),
                "months_with_bank": np.floor((review - since[owner]) / _MONTH_DAYS).astype(
                    np.int64
                ),
                "arrears": arrears[owner] + seen,
                "days_late_most": np.maximum(worst[owner], seen * _OLD_ENOUGH),
                "past_products": products[owner],
                "region_rating": np.clip(people.region + moved, 20, 80)[owner],
            }
        )
    return stack_rows(parts)


def _draw_since(rng: np.random.Generator, people: People, file: File) -> Ints:
    """The day each became a client, far ahead for those who never did: mostly long-held files."""
    known = rng.random(BLOCK) < chance(-2.2 + 0.68 * file.tenure.astype(np.float64))
    years = np.array([0.6, 1.5, 3.5, 7.0])[file.tenure - 1] * rng.standard_gamma(2.0, BLOCK) / 2.0
    days = 365.0 * np.minimum(years, people.age - 18)  # an account wants an adult
    return np.where(known, REVIEWS[-1] - 1 - days.astype(np.int64), _NEVER)


def _date(rng: np.random.Generator, owner: Ints, review: int) -> dict[str, Column]:
    """When the rows of a review hold, and when they were in the database."""
    midnight = np.full(len(owner), to_midnight(np.array([review]))[0])
    hours = rng.integers(24, 24 * SLOWEST_DAYS, len(owner))
    return {"owner": owner, "valid_from": midnight, "recorded_at": midnight + hours * _HOUR_US}


def _draw_scores(rng: np.random.Generator, scores: Floats, number: int) -> Floats:
    """Bureau scores as of a review, NaN where there was none: an older one has had time to move."""
    stale = 0.12 * (1 + len(REVIEWS) - number)
    seen = np.round(scores + stale * rng.standard_normal(len(scores)), 6)
    return np.where(rng.random(len(scores)) < _NO_SCORE, np.nan, seen)
