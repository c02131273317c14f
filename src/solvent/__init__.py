"""Credit decisions you can replay, explain and defend.

Everything a `product.py` needs is importable from here.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solvent.dataset import Waiver, equals, unpaid
    from solvent.domain import Question
    from solvent.features import (
        EVER,
        Applications,
        Attributes,
        Csv,
        Events,
        active_days,
        attribute,
        behaviour,
        category,
        count,
        date,
        days,
        distinct,
        flag,
        hours,
        instant,
        integer,
        last,
        maximum,
        mean,
        minimum,
        money,
        number,
        own,
        ratio,
        share,
        since_first,
        since_last,
        std,
        total,
    )
    from solvent.product import Product

__all__ = [
    "EVER", "Applications", "Attributes", "Csv", "Events", "Product", "Question", "Waiver",
    "active_days", "attribute", "behaviour", "category", "count", "date", "days", "distinct",
    "equals", "flag", "hours", "instant", "integer", "last", "maximum", "mean", "minimum", "money",
    "number", "own", "ratio", "share", "since_first", "since_last", "std", "total", "unpaid",
]  # fmt: skip

_ROOMS = {
    "Product": "solvent.product", "Question": "solvent.domain", "Waiver": "solvent.dataset",
    "equals": "solvent.dataset", "unpaid": "solvent.dataset",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: `import solvent` alone loads no engine."""
    if name not in __all__:
        raise AttributeError(f"module 'solvent' has no attribute {name!r}")
    return getattr(_import_module(_ROOMS.get(name, "solvent.features")), name)
