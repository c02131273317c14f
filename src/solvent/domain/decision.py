"""A decision: what was decided about one application, by what, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solvent.domain.hint import Hint
from solvent.domain.offer import Offer
from solvent.domain.reason import Effect, Reason


class Verdict(StrEnum):
    """What becomes of an application."""

    APPROVE = "approve"
    REFER = "refer"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Everything that made a decision, by name.

    Args:
        model: Version of the model in the registry.
        model_digest: SHA-256 of the bundle's manifest.
        policy: Version of the policy in the registry.
        policy_digest: SHA-256 of the policy's document.
        solvent: Version of the software.
    """

    model: int
    model_digest: str
    policy: int
    policy_digest: str
    solvent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision.

    Args:
        id: 32 hex digits, random.
        product: Name of the product.
        application: The lender's name of the application; may be empty.
        key: The entity (the customer).
        as_of: Instant as of which features were computed, int UTC microseconds.
        decided_at: When the server decided, int UTC microseconds.
        verdict: Approve, refer or decline.
        pd: Probability of default in (0, 1), at the amount offered (else the amount asked for).
        score: Points, higher is safer.
        band: Name of the policy's band the score lies in; empty where the policy has none.
        offer: What is offered; None unless approved.
        alternatives: Safer products offered instead; empty where approved.
        reasons: At most four, the strongest first; empty where approved.
        effects: Everything the model weighed, merged by reason text, strongest against first.
        reference: The group that effects are measured against, in words.
        second_reference: The field's other group, in words: reasons are told against it as well.
        second_reasons: The reasons of the model against that group; empty where approved, and
            where a rule decided.
        hints: At most three changes with which it would be approved; empty where approved.
        approve_below: The PD below which this decision's policy approves.
        versions: What made it.
        high_water: Sequence number of the newest live row that was there to be read.
        rows_read: Live rows, sent along or kept, that were known of the entity.
        link: The model of a chain that scored; empty where there is a single one.
        scored_with: That model in words; empty where there is a single one.
    """

    id: str
    product: str
    application: str
    key: str
    as_of: int
    decided_at: int
    verdict: Verdict
    pd: float
    score: int
    band: str
    offer: Offer | None
    alternatives: tuple[Offer, ...]
    reasons: tuple[Reason, ...]
    effects: tuple[Effect, ...]
    reference: str
    approve_below: float
    versions: Versions
    high_water: int
    rows_read: int = 0
    link: str = ""
    scored_with: str = ""
    second_reference: str = ""
    second_reasons: tuple[Reason, ...] = ()
    hints: tuple[Hint, ...] = ()
