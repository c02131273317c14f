"""Credit decisions you can replay, explain and defend.

Everything a `product.py` needs is importable from here.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solvent.binning import BinRules
    from solvent.dataset import Waiver, equals, unpaid
    from solvent.domain import Letterhead, Question
    from solvent.features import (
        EVER,
        Applications,
        Attributes,
        Csv,
        Database,
        Events,
        Excel,
        active_days,
        active_months,
        active_streak,
        attribute,
        behaviour,
        category,
        count,
        date,
        days,
        difference,
        distinct,
        entropy,
        first,
        flag,
        hours,
        instant,
        integer,
        last,
        longest_gap,
        longest_streak,
        maximum,
        mean,
        mean_gap,
        median,
        minimum,
        minutes,
        money,
        months,
        most_common,
        night_share,
        number,
        own,
        quantile,
        ratio,
        sessions,
        share,
        shares,
        shortest_gap,
        since_first,
        since_last,
        std,
        std_gap,
        total,
        trend,
        weekend_share,
        zscore,
    )
    from solvent.models import Card, Selection
    from solvent.models.links import Link
    from solvent.product import Product

__all__ = [
    "EVER", "Applications", "Attributes", "BinRules", "Card", "Csv", "Database", "Events", "Excel",
    "Letterhead", "Link",
    "Product", "Question", "Selection", "Waiver", "active_days", "active_months", "active_streak",
    "attribute", "behaviour", "category", "count", "date", "days", "difference", "distinct",
    "entropy", "equals", "first", "flag", "hours", "instant", "integer", "last", "longest_gap",
    "longest_streak", "maximum", "mean", "mean_gap", "median", "minimum", "minutes", "money",
    "months", "most_common", "night_share", "number", "own", "quantile", "ratio", "sessions",
    "share", "shares", "shortest_gap", "since_first", "since_last", "std", "std_gap", "total",
    "trend", "unpaid", "weekend_share", "zscore",
]  # fmt: skip

_ROOMS = {
    "Product": "solvent.product", "Letterhead": "solvent.domain",
    "Question": "solvent.domain", "Waiver": "solvent.dataset",
    "BinRules": "solvent.binning", "Card": "solvent.models.card",
    "Link": "solvent.models.links", "Selection": "solvent.models.selection",
    "equals": "solvent.dataset", "unpaid": "solvent.dataset",
}  # fmt: skip


def __dir__() -> list[str]:
    """Return the words of a `product.py`, for those who look round in a shell."""
    return list(__all__)


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: `import solvent` alone loads no engine."""
    if name not in __all__:
        raise AttributeError(f"module 'solvent' has no attribute {name!r}")
    return getattr(_import_module(_ROOMS.get(name, "solvent.features")), name)
