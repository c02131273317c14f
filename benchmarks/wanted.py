"""What all peers compute: names, windows and how equal the values must be. Imports nothing."""

from __future__ import annotations

WINDOW_DAYS: dict[str, int | None] = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "ever": None}
"""Windows by label; None looks back for ever."""
SHARE_WINDOWS = ("30d", "90d")
SHARED_CATEGORIES = ("gambling", "grocery", "salary")
RATIOS = (("7d", "30d"), ("30d", "90d"))
NIGHT_ENDS = 6
"""Hours before this one, in UTC, are night."""
SESSION_WINDOWS = ("7d", "30d")
SESSION_MINUTES = 30
"""Payments further apart than this belong to different sessions."""
RECENT = "90d"
"""Window of the entropy of categories and of the trend of amounts."""
PLAIN = frozenset(
    f"{word}_{label}"
    for word in ("count", "sum", "mean", "std", "min", "max", "merchants")
    for label in WINDOW_DAYS
)
"""The 35 features that Featuretools has too."""
KEY = "application_id"
FEATURES = 56
TOLERANCES = {"std_": 1e-9, "since_": 4e-16, "entropy_": 1e-9, "trend_": 1e-9}
"""Relative differences allowed, by beginning of a feature's name; all others are bitwise equal.

Standard deviations: peers sum squares in floats where solvent's are exact integers. Times: Polars
divides by a constant by multiplying with its reciprocal. Entropies: terms are added in another
order. Trends: solvent's recurrence runs over days in floats, the peers' over other sums.
"""
