"""Bands: classes of scores, with what each may be lent and at what price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A class of scores.

    Args:
        name: "A", "B", ...
        score_from: Lowest score in it.
        amount: Most that may be lent, in major units; None for no limit of its own.
        price: Fee as a share of the amount; None takes the offer's.
    """

    name: str
    score_from: int
    amount: float | None = None
    price: float | None = None


def band_of(bands: Sequence[Band], score: int) -> Band | None:
    """Return the band a score lies in: the one with the highest `score_from` at or below it.

    >>> bands = (Band(name="A", score_from=600), Band(name="B", score_from=560))
    >>> [found.name if (found := band_of(bands, s)) else None for s in (600, 599, 559)]
    ['A', 'B', None]
    """
    reached = [band for band in bands if band.score_from <= score]
    return max(reached, key=lambda band: band.score_from, default=None)


def limit_of(bands: Sequence[Band], score: int) -> float | None:
    """Return the most that may be lent at a score, in major units; None for no limit.

    A score below every band is lent no more than the lowest: a limit must not end where risk grows.

    >>> bands = (Band(name="A", score_from=600, amount=9), Band(name="B", score_from=560, amount=5))
    >>> limit_of(bands, 600), limit_of(bands, 560), limit_of(bands, 300), limit_of((), 300)
    (9, 5, 5, None)
    """
    lowest = min(bands, key=lambda band: band.score_from, default=None)
    band = band_of(bands, score) or lowest
    return None if band is None else band.amount
