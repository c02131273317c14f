"""Decide, keep, answer: the answer goes out only after the decision is kept."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

from solvent.app.answers import decision_json, document_json, for_applicant
from solvent.app.bootstrap import Service
from solvent.app.decide import Application, Decided, decide_application, prepare_applicant
from solvent.app.intake import RawApplication, read_application
from solvent.app.live_product import LiveProduct
from solvent.errors import NotServedError
from solvent.models.documents import to_bytes
from solvent.store import StoredDecision

_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRequest:
    """What a caller asks to be decided.

    Args:
        product: Name of the product.
        application: The application as it was sent.
        owner: Who asks: the id of an API key, or the public form.
        idempotency_key: Names the request, so that it is decided once; None for none.
        body: The request's bytes: another body under the same key is another request.
        applicant: True where an applicant asks, who is told no PD and no score.
    """

    product: str
    application: RawApplication
    owner: str
    idempotency_key: str | None
    body: bytes
    applicant: bool = False


def decide(service: Service, request: DecisionRequest) -> dict[str, Any]:
    """Decide an application once, keep the decision, and return the answer for who asks.

    What a key was answered first is sent again as it was kept, whatever is served since.

    Args:
        service: Everything that is wired together.
        request: What is asked.

    Raises:
        NotServedError: No such product is served.
        DataError: The application is unreadable.
        IdempotencyError: The key was used for another request.
        StoreError: The decision could not be kept; there is none then.
    """
    digest = hashlib.sha256(request.product.encode() + b"\0" + request.body).hexdigest()
    if request.idempotency_key is not None:
        kept = service.decisions.replay(request.owner, request.idempotency_key, digest)
        if kept is not None:
            return _with_token(service, kept)
    live = service.product(request.product)
    now = service.now()
    application = read_application(live, request.application, now=now)
    decided = decide_application(
        live, application, service.rows, decision_id=uuid.uuid4().hex, now=now
    )
    stored, answer = stored_decision(decided, application, live)
    sent = for_applicant(answer, live.title) if request.applicant else dict(answer)
    sent.pop("token", None)
    found = service.decisions.add(
        stored, answer=to_bytes(sent), owner=request.owner,
        idempotency_key=request.idempotency_key, request_digest=digest,
    )  # fmt: skip
    if service.figures is not None and not found.replayed:
        service.figures.decided(live.name, live.registered.version, stored.verdict, stored.pd)
    return _with_token(service, found.body)


def stored_decision(
    decided: Decided, application: Application, live: LiveProduct
) -> tuple[StoredDecision, dict[str, Any]]:
    """Return a decision as it is kept, and the answer it gives.

    Args:
        decided: The decision with what it rests on.
        application: What was asked.
        live: The product that made it.
    """
    made, answer = decided.decision, decision_json(decided.decision, live, "")
    document = to_bytes(document_json(answer, decided, application, live))
    return StoredDecision(
        id=made.id, product=made.product, key=made.key, application=made.application,
        as_of=made.as_of, decided_at=made.decided_at, verdict=made.verdict.value, pd=made.pd,
        score=made.score, document=document,
    ), answer  # fmt: skip


def read_decision(service: Service, decision_id: str) -> dict[str, Any]:
    """Return a decision as staff see it, as it was kept.

    Raises:
        NotServedError: There is none, or the person was erased.
    """
    kept = find_decision(service, decision_id)
    return {**answer_of(kept), "token": service.token(decision_id)}


def find_decision(service: Service, decision_id: str) -> StoredDecision:
    """Return a decision as it is kept.

    Raises:
        NotServedError: There is none, or the person was erased.
    """
    kept = service.decisions.get(decision_id) if _ID.fullmatch(decision_id) else None
    if kept is None:
        raise NotServedError("there is no such decision", hint="check its id", field="decision")
    if not kept.document:
        raise NotServedError(
            "the person the decision was about was erased", hint="its verdict and PD are kept",
            field="decision",
        )  # fmt: skip
    return kept


def answer_of(kept: StoredDecision) -> dict[str, Any]:
    """Return the answer that was given, without its token."""
    answer: dict[str, Any] = json.loads(kept.document)["answer"]
    return answer


def score_application(
    service: Service, product: str, application: RawApplication
) -> dict[str, Any]:
    """Return the PD of an application as it was asked for; nothing is kept.

    Raises:
        NotServedError: No such product is served.
        DataError: The application is unreadable.
    """
    live = service.product(product)
    typed = read_application(live, application, now=service.now())
    applicants = prepare_applicant(live, typed, service.rows, until=None)
    (pd, points), model = applicants.scored(None), applicants.reference(0)
    return {
        "pd": float(pd[0]), "repayment_probability": 1.0 - float(pd[0]), "score": int(points[0]),
        "model_version": live.registered.version, "link": model.link,
        "scored_with": model.scored_with,
    }  # fmt: skip


def _with_token(service: Service, body: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(body)
    return {**answer, "token": service.token(answer["id"])}
