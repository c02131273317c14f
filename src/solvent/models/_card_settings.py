"""The settings of a scorecard that are worth tuning; what is decided by hand stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from solvent.binning import BinRules
from solvent.models.card import Card
from solvent.models.technique import Range, Settings

SPACE: Final[Mapping[str, Range]] = {
    "significance": Range(low=0.01, high=0.5, log=True),
    "most": Range(low=4, high=30, whole=True),
    "max_bins": Range(low=3, high=12, whole=True),
    "min_share": Range(low=0.02, high=0.1, log=True),
}
"""Two of the card's limits, and two of the rules of bins."""


def tuned_card(card: Card, told: Settings) -> Card:
    """Return a card with tuned settings.

    A limit of the card may be made stricter than it is declared, never looser; rules of bins are
    those of features that none are declared for.

    Args:
        card: What is declared.
        told: Some of `SPACE`.

    >>> tuned_card(Card(most=8), {"most": 20, "significance": 0.05}).most
    8
    >>> tuned_card(Card(), {"max_bins": 5}).rules_for("age").max_bins
    5
    """
    bins = BinRules(
        max_bins=int(told.get("max_bins", BinRules().max_bins)),
        min_share=told.get("min_share", BinRules().min_share),
    )
    rules = {**card.rules, "*": card.rules.get("*", bins)}
    return replace(
        card, most=int(min(card.most, told.get("most", card.most))),
        significance=min(card.significance, told.get("significance", card.significance)),
        rules=card.rules if bins == BinRules() else rules,
    )  # fmt: skip
