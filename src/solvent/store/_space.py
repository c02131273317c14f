"""Under which name keys are told apart: those of customers from those of a source's rows."""

from __future__ import annotations

from typing import Final

BELOW: Final = "/"
"""Parts a product's name from the source whose ids are the keys; no product's name has it."""


def space(product: str, parent: str) -> str:
    """Return under which name keys are told apart: a customer's from those of a source's rows.

    >>> space("home_credit", ""), space("home_credit", "bureau")
    ('home_credit', 'home_credit/bureau')
    """
    return f"{product}{BELOW}{parent}" if parent else product
