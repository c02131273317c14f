"""What a lender offers: an amount at a price, or a safer product in place of the one asked for."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One offer.

    Args:
        name: The policy's word for it.
        title: Words the applicant reads.
        amount: What is lent; None where the product has no amount (a card without a stated limit).
        fee: What it costs beside the amount; None where the policy names no price.
        price: The fee as a share of the amount; None where the policy names no price.
        term_days: Days until it is due; None where the policy names no term.
        detail: One more sentence for the applicant; may be empty.
    """

    name: str
    title: str
    amount: Money | None = None
    fee: Money | None = None
    price: float | None = None
    term_days: int | None = None
    detail: str = ""
