"""One applicant's standing with a lender, as a campaign counts it: PD, verdict, offer."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.app.applicants import Applicants
from solvent.app.live_product import LiveProduct
from solvent.domain import Verdict
from solvent.policy import Judgement
from solvent.store import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Who stands where.

    Args:
        key: The client.
        as_of: Instant features were computed for, UTC microseconds.
    """

    key: str
    as_of: int


def standing_of(live: LiveProduct, applicants: Applicants, place: int, who: Named) -> Standing:
    """Return how one of some applicants stands under the product's policy.

    Args:
        live: The product.
        applicants: Applicants with their aggregates computed.
        place: Which of them.
        who: Their key and instant.
    """
    found = applicants.judge(place)
    approved = found.verdict is Verdict.APPROVE
    money = applicants.worth(place, found.amount) if approved else None
    return _as_standing(live, found, who, money)


def _as_standing(
    live: LiveProduct, found: Judgement, who: Named, money: tuple[float, float, float] | None
) -> Standing:
    """Return a judgement as it is kept."""
    at_risk, if_good, if_bad = (None, None, None) if money is None else money
    offer, amount, fee = found.offer, None, None
    if offer is not None:
        amount = None if offer.amount is None else offer.amount.minor
        fee = None if offer.fee is None else offer.fee.minor
    return Standing(
        key=who.key, as_of=who.as_of, pd=found.pd, score=found.score,
        verdict=found.verdict.value, band=found.band.name if found.band else "",
        amount_minor=amount, fee_minor=fee, currency=live.policy.offer.currency,
        scale=live.policy.offer.scale, offer_name=offer.name if offer else "",
        offer_title=offer.title if offer else "", rule=found.rules[0].code if found.rules else "",
        at_risk=at_risk, if_good=if_good, if_bad=if_bad,
    )  # fmt: skip
