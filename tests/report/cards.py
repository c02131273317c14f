"""What the page of a card is made of."""

from __future__ import annotations

from collections.abc import Mapping

from solvent.models import points_card
from solvent.report.card import CardRecord, Rounding
from tests.models.cards import trained_card


def card_record(title: str = "Shop loans", titles: Mapping[str, str] | None = None) -> CardRecord:
    card = points_card(trained_card())
    return CardRecord(
        product="shop", title=title, version=3, created_at="2026-11-01T09:30:00+00:00",
        bad_words="not paid", card=card,
        titles=titles or {"income": "Income <b>", "debt now": "Debt"}, units={"income": "EUR"},
        auc=0.7512, learnt_from=4000,
        rounding=Rounding(
            applications=1000, auc=0.7504, auc_exact=0.7512, agreement=0.9993, furthest=1.6
        ),
    )  # fmt: skip
