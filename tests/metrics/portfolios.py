"""Portfolios for the laws: small, with many ties, drawn by hypothesis or from a seed."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Portfolio = tuple[NDArray[np.float64], NDArray[np.bool_]]

GRID = st.integers(0, 12).map(lambda step: step / 12)
ANYWHERE = st.floats(0.0, 1.0, allow_subnormal=False)
INSIDE = st.integers(1, 63).map(lambda step: step / 64)


def portfolios(
    pd: st.SearchStrategy[float] = GRID | ANYWHERE, *, of_each: int = 1
) -> st.SearchStrategy[Portfolio]:
    """Portfolios with at least `of_each` bads and goods, in any order of rows."""
    some = st.lists(pd, min_size=of_each, max_size=20)
    return st.tuples(some, some, st.randoms(use_true_random=False)).map(_mixed)


def _mixed(drawn: tuple[list[float], list[float], object]) -> Portfolio:
    of_bads, of_goods, chance = drawn
    rows = [(value, True) for value in of_bads] + [(value, False) for value in of_goods]
    chance.shuffle(rows)  # type: ignore[attr-defined]
    return np.array([value for value, _ in rows]), np.array([bad for _, bad in rows])


def sampled(seed: int, n: int, *, rate: float = 0.1, decimals: int = 12) -> Portfolio:
    """A calibrated portfolio: each account goes bad with just the chance its PD says."""
    chance = np.random.default_rng(seed)
    log_odds = chance.normal(np.log(rate / (1 - rate)), 1.0, n)
    pd = np.clip(np.round(1 / (1 + np.exp(-log_odds)), decimals), 1e-9, 1 - 1e-9)
    return pd, chance.random(n) < pd
