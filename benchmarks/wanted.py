"""What all peers compute: names, windows and how equal the values must be. Imports nothing."""

from __future__ import annotations

WINDOW_DAYS: dict[str, int | None] = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "ever": None}
"""Windows by label; None looks back for ever."""
SHARE_WINDOWS = ("30d", "90d")
SHARED_CATEGORIES = ("gambling", "grocery", "salary")
RATIOS = (("7d", "30d"), ("30d", "90d"))
NIGHT_ENDS = 6
"""Hours before this one, in UTC, are night."""
KEY = "application_id"
TOLERANCES = {"std_": 1e-9, "since_": 4e-16}
"""Relative differences allowed, by beginning of a feature's name; all others are bitwise equal.

Peers sum squares in floats where solvent's are exact integers, and Polars divides by a constant
by multiplying with its reciprocal.
"""
