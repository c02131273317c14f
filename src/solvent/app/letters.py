"""Letters about refusals: what a decision that was kept gives an adverse-action letter.

Everything about the decision is as it was kept. The lender's own words (who it is, the rights it
must tell of) come from the product's declaration, as no law is known here; what it leaves out, and
what is not kept here, such as the person's name, is named as left to fill in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from solvent.app.answers import Json
from solvent.app.bootstrap import Service
from solvent.app.decisions import answer_of, find_decision
from solvent.app.live_product import LiveProduct
from solvent.domain import Verdict
from solvent.errors import NotServedError
from solvent.scoring import MOST_REASONS, score

NOT_KEPT = ("recipient_name", "recipient_address")
"""Never known here: a decision knows a key, not a person."""


def letter(service: Service, decision_id: str) -> Json:
    """Return the data of the letter about a decision.

    Args:
        service: Everything that is wired together.
        decision_id: 32 hex digits.

    Raises:
        NotServedError: There is no such decision, the person was erased, or no letter is due: the
            request was approved, or a person is still to look at it.
        BundleError: The model that decided is gone.
    """
    answer = answer_of(find_decision(service, decision_id))
    verdict, offers = Verdict(answer["verdict"]), answer["alternatives"]
    if verdict is Verdict.APPROVE or (verdict is Verdict.REFER and not offers):
        why = "it was approved" if verdict is Verdict.APPROVE else "a person is to decide it first"
        raise NotServedError(
            f"there is no letter about this decision: {why}",
            hint="letters are about requests that were declined, or answered with another offer",
            field="decision",
        )  # fmt: skip
    live = _live(service, answer)
    head: Mapping[str, Any] = live.facts.get("letter", {})
    creditor = {name: str(head.get(name, "")) for name in ("creditor", "address", "contact")}
    rights = [str(text) for text in head.get("rights", ())]
    told = answer["reasons"]
    return {
        "decision_id": answer["id"], "product": answer["product"], "title": live.title,
        "date": answer["decided_at"], "application_id": answer["application_id"],
        "application_at": answer["application_at"], "verdict": verdict.value,
        "counter_offers": offers,
        **creditor,
        "rests_on": told[0]["source"] if told else "model",
        "reasons": _in_order(one["text"] for one in told),
        "key_factors": _in_order(
            [one["text"] for one in answer["effects"] if one["effect"] > 0.0][:MOST_REASONS]
        ),
        "score": _score_json(live, answer), "rights": rights,
        "to_fill": [*NOT_KEPT, *(name for name, text in creditor.items() if not text.strip()),
                    *([] if rights else ["rights"])],
    }  # fmt: skip


def _live(service: Service, answer: Mapping[str, Any]) -> LiveProduct:
    """Return the model and policy that decided: those served now, where they are the same."""
    served = service.live.get(answer["product"])
    named = answer["model_version"], answer["policy_version"]
    if served is not None and named == (served.registered.version, served.versioned.version):
        return served
    return service.pinned(answer["product"], *named)


def _in_order(texts: Iterator[str] | list[str]) -> list[Json]:
    """Return texts with their places, the first weighed most."""
    return [{"order": place, "text": text} for place, text in enumerate(texts, 1)]


def _score_json(live: LiveProduct, answer: Mapping[str, Any]) -> Json:
    """Return the score with the range that those the model was tested on lie in, and its date."""
    found = score(live.population.pd, live.scale)
    own = int(answer["score"])
    return {
        "value": own, "lowest": min(int(found.min()), own), "highest": max(int(found.max()), own),
        "needed": int(answer["approve_score"]), "date": answer["decided_at"],
        "model_version": answer["model_version"], "model_digest": answer["model_digest"],
        "model_date": str(live.registered.about["created_at"]),
    }  # fmt: skip
