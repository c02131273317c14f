"""Decisions as JSON: what the API answers, what the store keeps, what an applicant may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from solvent.app.decide import Application, Decided
from solvent.app.live_product import LiveProduct
from solvent.domain import Decision, Effect, Hint, Money, Offer, Verdict
from solvent.features.describe import capital

Json = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEXT_STEPS = {
    Verdict.APPROVE: "Your request is approved. Nothing more is needed from you.",
    Verdict.REFER: "A member of staff will look at your request and answer you.",
    Verdict.DECLINE: "We cannot offer this now. You may ask for a review, or apply again later.",
}
ALTERNATIVE_STEP = "We cannot offer this now, but you can have one of the products below."


def instant_json(microseconds: int) -> str:
    """Return an instant as ISO text in UTC, to the microsecond where it has any.

    >>> instant_json(1_700_000_000_000_000)
    '2023-11-14T22:13:20Z'
    """
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return moment.isoformat().replace("+00:00", "Z")


def money_json(money: Money | None) -> Json | None:
    """Return money with its amount, minor units, currency and words."""
    if money is None:
        return None
    return {
        "amount": money.major, "minor": money.minor, "currency": money.currency,
        "words": money.words,
    }  # fmt: skip


def offer_json(offer: Offer | None) -> Json | None:
    """Return an offer."""
    if offer is None:
        return None
    return {
        "name": offer.name, "title": offer.title, "amount": money_json(offer.amount),
        "fee": money_json(offer.fee), "price": offer.price, "term_days": offer.term_days,
        "detail": offer.detail,
    }  # fmt: skip


def effect_json(effect: Effect) -> Json:
    """Return what features with one reason text added."""
    return {"text": effect.text, "effect": effect.effect, "features": list(effect.features)}


def hint_json(hint: Hint) -> Json:
    """Return a hint, with the sentence staff read and the more careful one for the applicant."""
    return {
        "feature": hint.feature, "title": hint.title, "way": hint.way.value, "value": hint.value,
        "value_text": hint.value_text, "beyond": hint.beyond,
        "text": f"With {hint.title} at {hint.bound} this would be approved.",
        "told": f"{capital(hint.title)}: {hint.bound}",
    }  # fmt: skip


def decision_json(decision: Decision, live: LiveProduct, token: str) -> Json:
    """Return a decision as staff see it.

    Args:
        decision: The decision.
        live: The product that made it.
        token: Lets the applicant see it.
    """
    told = decision
    return {
        "id": told.id, "token": token, "product": told.product, "user_id": told.key,
        "application_id": told.application,
        "application_at": instant_json(told.as_of) if live.has_times else None,
        "decided_at": instant_json(told.decided_at), "verdict": told.verdict.value,
        "pd": told.pd, "repayment_probability": 1.0 - told.pd, "score": told.score,
        "band": told.band, "approve_below": told.approve_below,
        "approve_score": live.approve_score, "offer": offer_json(told.offer),
        "alternatives": [offer_json(one) for one in told.alternatives],
        "reasons": [
            {"text": one.text, "source": one.source.value, "code": one.code, "effect": one.effect}
            for one in told.reasons
        ],
        "effects": [effect_json(one) for one in told.effects], "reference": told.reference,
        "model_version": told.versions.model, "model_digest": told.versions.model_digest,
        "policy_version": told.versions.policy, "policy_digest": told.versions.policy_digest,
        "policy_name": live.policy.name, "solvent": told.versions.solvent,
        "high_water": told.high_water, "rows_read": told.rows_read, "link": told.link,
        "scored_with": told.scored_with, "second_reference": told.second_reference,
        "second_reasons": [{"text": one.text, "effect": one.effect} for one in told.second_reasons],
        "hints": [hint_json(one) for one in told.hints],
    }  # fmt: skip


def for_applicant(told: Mapping[str, Any], title: str) -> Json:
    """Return what the applicant may see of a decision: no PD, no score, nobody else's figures.

    Args:
        told: From `decision_json`.
        title: What a person calls the product.
    """
    verdict = Verdict(told["verdict"])
    step = NEXT_STEPS[verdict]
    if verdict is Verdict.DECLINE and told["alternatives"]:
        step = ALTERNATIVE_STEP
    return {
        "id": told["id"], "token": told["token"], "product": told["product"], "title": title,
        "decided_at": told["decided_at"], "verdict": verdict.value, "offer": told["offer"],
        "alternatives": told["alternatives"],
        "reasons": [{"text": one["text"]} for one in told["reasons"]], "next_step": step,
        "hints": [{"text": one["told"]} for one in told.get("hints", ())],
    }  # fmt: skip


def document_json(
    answer: Mapping[str, Any], decided: Decided, application: Application, live: LiveProduct
) -> Json:
    """Return everything the store keeps of a decision: the answer, what was asked, the values.

    Args:
        answer: From `decision_json`.
        decided: The decision with what it rests on.
        application: What was asked.
        live: The product that made it; it typed the application.
    """
    return {
        "answer": {name: value for name, value in answer.items() if name != "token"},
        "request": {
            "attributes": dict(application.attributes), "known": dict(application.known),
            "as_of": application.as_of, "typing": live.typings[live.applications.name].name,
            "inline": [
                {
                    "source": one.source, "event_id": one.row.event_id,
                    "event_time": one.row.event_time, "available_time": one.row.available_time,
                    "body": dict(one.row.body), "known": dict(one.row.known),
                }
                for one in application.inline
            ],
        },
        "values": dict(decided.values),
        "weights": dict(decided.weights),
    }  # fmt: skip
