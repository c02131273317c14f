"""The score scale: integers, higher is safer, `pdo` points double the odds of good to bad."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.errors import DeclarationError, RangeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where scores stand.

    Args:
        base_score: Score at `base_odds`.
        base_odds: Goods per bad at `base_score`, above 0.
        pdo: Points that double the odds, above 0.
    """

    base_score: float = 600.0
    base_odds: float = 30.0
    pdo: float = 20.0

    def __post_init__(self) -> None:
        for name in ("base_score", "base_odds", "pdo"):
            value = getattr(self, name)
            if not math.isfinite(value) or (value <= 0 and name != "base_score"):
                raise DeclarationError(
                    "must be a number, and above 0 for odds and points",
                    hint="600 points at 30 goods per bad, 20 points to double the odds",
                    field=name,
                )


DEFAULT_SCALE = Scale()


def score(pd: NDArray[np.float64], scale: Scale = DEFAULT_SCALE) -> NDArray[np.int64]:
    """Return the score of each PD.

    score = base_score + pdo / ln 2 * (ln((1 - pd) / pd) - ln base_odds), rounded to the nearest
    integer (halves to even).

    Args:
        pd: Probability of default strictly inside (0, 1), shape (n,).
        scale: Where scores stand.

    Returns:
        int64, shape (n,); higher is safer.

    Raises:
        RangeError: If a PD is not strictly inside (0, 1).

    Source: the points-to-double-the-odds scaling of credit scorecards.

    >>> score(np.array([1 / 31, 1 / 61])).tolist()
    [600, 620]
    """
    if not bool(((pd > 0) & (pd < 1)).all()):
        raise RangeError("has values outside (0, 1)", hint="scores need calibrated PDs", field="pd")
    log_odds = np.log1p(-pd) - np.log(pd)
    raw = scale.base_score + scale.pdo / np.log(2) * (log_odds - np.log(scale.base_odds))
    points: NDArray[np.int64] = np.rint(raw).astype(np.int64)
    return points
