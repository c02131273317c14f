"""Products as the API tells them: the form, the cutoffs, what the model was trained on."""

from __future__ import annotations

from typing import Any

from solvent.app.bootstrap import Service
from solvent.app.live_product import LiveProduct


def applicant_line_json(live: LiveProduct) -> dict[str, Any]:
    """Return a product in a line, as an applicant may see it."""
    return {"name": live.name, "title": live.title, "currency": live.currency}


def applicant_json(live: LiveProduct) -> dict[str, Any]:
    """Return a product as an applicant may see it: its form, and no figure of the lender's."""
    facts = live.facts
    return {
        **applicant_line_json(live), "form": facts["form"], "key_words": facts["key_words"],
    }  # fmt: skip


def summary_json(service: Service, live: LiveProduct) -> dict[str, Any]:
    """Return a product in a line."""
    return {
        "name": live.name, "title": live.title, "model_version": live.registered.version,
        "policy_version": live.versioned.version, "policy_name": live.policy.name,
        "clients": service.clients.count(live.name), "currency": live.currency,
    }  # fmt: skip


def product_json(service: Service, live: LiveProduct) -> dict[str, Any]:
    """Return a product with its form and figures."""
    policy, about, facts = live.policy, live.registered.about, live.facts
    test = about["metrics"]["test"]
    return {
        **summary_json(service, live), "form": facts["form"],
        "approve_below": policy.cutoffs.approve_below, "refer_below": policy.cutoffs.refer_below,
        "approve_score": live.approve_score, "pdo": live.scale.pdo,
        "bands": [{"name": band.name, "score_from": band.score_from} for band in policy.bands],
        "alternatives": [
            {
                "name": one.name, "title": one.title, "detail": one.detail,
                "approve_below": one.approve_below,
            }
            for one in policy.alternatives
        ],
        "sources": [{"name": name, "title": facts["tables"][name]} for name in live.sources],
        "key_words": facts["key_words"], "features": len(live.model.features),
        "trained_at": str(about["created_at"]).replace("+00:00", "Z"),
        "test_auc": test["auc"]["auc"],
        "bad_words": about["bad"]["words"], "bad_rate": test["bad_rate"],
        "reference": live.reference_words, "offer_unit": policy.offer.currency,
    }  # fmt: skip
