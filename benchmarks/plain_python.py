"""The plain way to a customer's features: fetch the rows, walk them once in pure Python.

It knows the features that `wanted.py` lists; solvent's figures are of the whole declared set.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from benchmarks.wanted import NIGHT_ENDS, RATIOS, SHARE_WINDOWS, SHARED_CATEGORIES, WINDOW_DAYS

DAY = 86_400_000_000
HOUR = 3_600_000_000
Row = tuple[int, int, str, int]
"""Event time in microseconds, cents, category, merchant."""


def features(rows: Sequence[Row], as_of: int) -> dict[str, float]:
    """Return every feature by name; NaN is nothing.

    Args:
        rows: What came before `as_of`, newest first.
        as_of: UTC microseconds.
    """
    found: dict[str, float] = {}
    total = squares = count = 0
    smallest, largest = math.inf, -math.inf
    merchants: set[int] = set()
    days: set[int] = set()
    levels: dict[str, int] = {}
    night = place = 0
    for label, length in WINDOW_DAYS.items():
        starts = -math.inf if length is None else as_of - length * DAY
        while place < len(rows) and rows[place][0] >= starts:
            time, cents, level, merchant = rows[place]
            place += 1
            count += 1
            total += cents
            squares += cents * cents
            smallest, largest = min(smallest, cents), max(largest, cents)
            merchants.add(merchant)
            days.add(time // DAY)
            levels[level] = levels.get(level, 0) + 1
            night += time % DAY < NIGHT_ENDS * HOUR
        found |= _window(label, count, total, squares)
        found[f"min_{label}"] = smallest if count else math.nan
        found[f"max_{label}"] = largest if count else math.nan
        found[f"merchants_{label}"] = len(merchants)
        if label in SHARE_WINDOWS:
            for name in SHARED_CATEGORIES:
                found[f"{name}_{label}"] = levels.get(name, 0) / count if count else math.nan
            found[f"night_{label}"] = night / count if count else math.nan
            found[f"days_{label}"] = len(days)
    return found | _ends(rows, as_of) | _ratios(found)


def _window(label: str, count: int, total: int, squares: int) -> dict[str, float]:
    spread = count * squares - total * total
    return {
        f"count_{label}": count,
        f"sum_{label}": total,
        f"mean_{label}": total / count if count else math.nan,
        f"std_{label}": math.sqrt(spread / (count * (count - 1))) if count > 1 else math.nan,
    }


def _ends(rows: Sequence[Row], as_of: int) -> dict[str, float]:
    if not rows:
        return dict.fromkeys(("last_amount", "since_last", "since_first"), math.nan)
    return {
        "last_amount": rows[0][1],
        "since_last": (as_of - rows[0][0]) / DAY,
        "since_first": (as_of - rows[-1][0]) / DAY,
    }


def _ratios(found: Mapping[str, float]) -> dict[str, float]:
    return {
        f"{word}_{short}_of_{long}": found[f"{word}_{short}"] / found[f"{word}_{long}"]
        if found[f"{word}_{long}"]
        else math.nan
        for short, long in RATIOS
        for word in ("count", "sum")
    }
