"""Clients: who they are, where they stand against the cutoff, and their values beside others'."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from solvent.app.answers import decision_json, instant_json
from solvent.app.bootstrap import Service
from solvent.app.comparison import distribution_json, group_named, groups_of, value_json
from solvent.app.decide import Application, decide_application
from solvent.app.live_product import LiveProduct
from solvent.errors import NotServedError
from solvent.policy.conditions import Value
from solvent.store import StoredDecision

MOST_DECISIONS = 20
_IN_WORDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One client as last decided, or as they would be decided now.

    Args:
        origin: "decision" or "now".
        answer: The decision as staff see it.
        values: Every feature.
        weights: What each feature of the model added.
    """

    origin: str
    answer: Mapping[str, Any]
    values: Mapping[str, Value]
    weights: Mapping[str, float]


def list_clients(
    service: Service, product: str, *, search: str, limit: int, offset: int
) -> dict[str, Any]:
    """Return clients whose key begins with `search`: those decided, then those only known.

    Raises:
        NotServedError: No such product is served.
    """
    live = service.product(product)
    keys = service.clients.page(live.name, search=search, limit=limit, offset=offset)
    newest = {key: service.decisions.by_key(live.name, key, 1) for key in keys}
    return {
        "clients": [_summary(key, found[0] if found else None) for key, found in newest.items()],
        "total": service.clients.count(live.name, search=search),
    }


def _summary(key: str, kept: StoredDecision | None) -> dict[str, Any]:
    if kept is None:
        return {"key": key, "verdict": None, "score": None, "pd": None, "decided_at": None}
    return {
        "key": key, "verdict": kept.verdict, "score": kept.score, "pd": kept.pd,
        "decided_at": instant_json(kept.decided_at),
    }  # fmt: skip


def client(service: Service, product: str, key: str, group: str) -> dict[str, Any]:
    """Return everything the Client page shows of one client.

    Raises:
        NotServedError: No such product is served, client known or group there.
    """
    live = service.product(product)
    history = service.decisions.by_key(live.name, key, MOST_DECISIONS)
    profile = read_profile(service, live, key, history[0] if history else None)
    groups = groups_of(live, profile.values, float(profile.answer["pd"]))
    chosen = group_named(groups, group)
    values = [
        value_json(
            live, feature, profile.values.get(feature.name), chosen,
            profile.weights.get(feature.name),
        )
        for feature in live.program.features
    ]  # fmt: skip
    values.sort(key=lambda line: -abs(line["effect"] or 0.0))
    return {
        "key": key, "product": live.name, "standing": _standing(profile),
        "decisions": [
            {
                "id": one.id, "decided_at": instant_json(one.decided_at), "verdict": one.verdict,
                "score": one.score, "pd": one.pd,
            }
            for one in history
        ],
        "values": values, "group": chosen.json(), "groups": [one.json() for one in groups],
        "themes": list(dict.fromkeys(line["theme"] for line in values)),
    }  # fmt: skip


def distribution(
    service: Service, product: str, key: str, feature: str, group: str
) -> dict[str, Any]:
    """Return how one value is spread over all clients and over a group.

    Raises:
        NotServedError: No such product, client, feature or group.
    """
    live = service.product(product)
    history = service.decisions.by_key(live.name, key, 1)
    profile = read_profile(service, live, key, history[0] if history else None)
    known = {one.name: one for one in live.program.features}
    if feature not in known:
        raise NotServedError("no such value", hint="names are told by the client", field="feature")
    chosen = group_named(groups_of(live, profile.values, float(profile.answer["pd"])), group)
    return distribution_json(live, known[feature], profile.values.get(feature), chosen)


def read_profile(
    service: Service, live: LiveProduct, key: str, newest: StoredDecision | None
) -> Profile:
    """Return a client's newest decision as it was kept; else what would be decided now.

    Raises:
        NotServedError: Nothing is known of the client.
    """
    if newest is not None:
        document = json.loads(newest.document)
        return Profile(
            origin="decision", answer=document["answer"], values=_values(document["values"]),
            weights=document["weights"],
        )  # fmt: skip
    if not service.rows.any(live.name, key):
        raise NotServedError("there is no such client", hint="check the number", field="client")
    as_of = service.data_clock(live.name) if live.has_times else 0
    decided = decide_application(
        live, Application(key=key, as_of=as_of), service.rows, decision_id="", now=as_of
    )
    return Profile(
        origin="now", answer=decision_json(decided.decision, live, ""), values=decided.values,
        weights=decided.weights,
    )  # fmt: skip


def _values(kept: Mapping[str, Any]) -> dict[str, Value]:
    """Return stored values; JSON tells whole floats as they were kept."""
    return {name: float(value) if isinstance(value, int) else value for name, value in kept.items()}


def _standing(profile: Profile) -> dict[str, Any]:
    told = profile.answer
    score, needed = told["score"], told["approve_score"]
    return {
        "from": profile.origin, "decision_id": told["id"] or None,
        "as_of": told["application_at"] or told["decided_at"], "verdict": told["verdict"],
        "pd": told["pd"], "repayment_probability": told["repayment_probability"],
        "score": score, "approve_score": needed,
        "approve_below": told["approve_below"], "band": told["band"],
        "sentence": sentence(score, needed, told["verdict"], told["reasons"]),
        "meaning": meaning(told["pd"]), "effects": told["effects"], "reasons": told["reasons"],
        "reference": told["reference"], "scored_with": told.get("scored_with", ""),
        "offer": told["offer"], "alternatives": told["alternatives"],
        "second_reference": told.get("second_reference", ""),
        "second_reasons": told.get("second_reasons", []), "hints": told.get("hints", []),
    }  # fmt: skip


def sentence(score: int, needed: int, verdict: str, reasons: list[Mapping[str, Any]]) -> str:
    """Return a score against its cutoff in one sentence.

    >>> sentence(612, 598, "approve", [])
    'Score 612: 14 points above the 598 needed for approval.'
    >>> sentence(612, 598, "decline", [{"source": "rule", "text": "A loan is still open"}])
    'Score 612 would reach the 598 needed, but a rule stops it: a loan is still open.'
    """
    rule = next((one["text"] for one in reasons if one["source"] == "rule"), None)
    if rule is not None:
        small = rule[:1].lower() + rule[1:]
        reach = "would reach" if score >= needed else "does not reach"
        link = "but" if score >= needed else "and"
        return f"Score {score} {reach} the {needed} needed, {link} a rule stops it: {small}."
    gap = score - needed
    if gap == 0:
        side = "just above" if verdict == "approve" else "just below"
        return f"Score {score}: {side} the {needed} needed for approval."
    points = "point" if abs(gap) == 1 else "points"
    where = "above" if gap > 0 else "below"
    return f"Score {score}: {abs(gap)} {points} {where} the {needed} needed for approval."


def meaning(pd: float) -> str:
    """Return what a PD means for somebody who knows no statistics.

    >>> meaning(0.071)
    'Of 100 clients like this, about 7 do not repay.'
    >>> meaning(0.001)
    'Of 1,000 clients like this, about 1 does not repay.'
    """
    base = _IN_WORDS if pd >= 0.01 else 10 * _IN_WORDS
    few = round(pd * base)
    return f"Of {base:,} clients like this, about {few:,} {'does' if few == 1 else 'do'} not repay."
