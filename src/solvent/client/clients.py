"""One client of the lender: where they stand, what is known, compared with whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from solvent.client.decisions import Effect, Hint, Offer, Reason, SecondReason
from solvent.domain import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSummary:
    """A client in the list; the rest is None where nothing was ever decided."""

    key: str
    verdict: Verdict | None
    score: float | None
    pd: float | None
    decided_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPage:
    """One page of the list of clients, and how many clients match in all."""

    clients: tuple[ClientSummary, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Clients to compare with: a name for the API, words for people, how many they are."""

    name: str
    words: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """One line of a client's history."""

    id: str
    decided_at: str
    verdict: Verdict
    score: float
    pd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a client stands against the cutoff.

    Args:
        origin: "decision" (the newest one) or "now" (computed as of now, nothing stored).
        decision_id: Of the decision; None where `origin` is "now".
        as_of: ISO 8601 UTC.
        verdict: Approve, refer or decline.
        pd: Probability of default in [0, 1].
        repayment_probability: 1 - pd.
        score: Points, higher is safer.
        approve_score, approve_below: Where the policy starts to approve.
        band: The policy's band; may be empty.
        sentence: Score against cutoff, in one sentence.
        meaning: What it means for who knows no data science.
        effects: Everything weighed, strongest against first.
        reasons: At most four.
        reference: The group that effects are measured against.
        offer: What is offered; None unless approved.
        alternatives: Safer products.
        scored_with: The model of a chain that scored, in words; empty where there is a single one.
        second_reference, second_reasons: The group the policy did not name, and the reasons
            against it.
        hints: At most three changes with which it would be approved.
    """

    origin: str = field(metadata={"json": "from"})
    decision_id: str | None
    as_of: str
    verdict: Verdict
    pd: float
    repayment_probability: float
    score: float
    approve_score: float
    approve_below: float
    band: str | None
    sentence: str
    meaning: str
    effects: tuple[Effect, ...]
    reasons: tuple[Reason, ...]
    reference: str
    offer: Offer | None
    alternatives: tuple[Offer, ...]
    scored_with: str = ""
    second_reference: str = ""
    second_reasons: tuple[SecondReason, ...] = ()
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One thing known about a client, beside a group of clients.

    Args:
        feature: The model's name of it; never shown.
        title: Its name in words.
        unit: Its unit; may be empty.
        theme: What it is about, for filters.
        text: The value as a person reads it.
        value: A number, a category, or None where not known.
        percentile: Share of the group with a lower value, ties half; None where it has none.
        typical_text: The group's typical range, in words.
        low, median, high: Quartiles of the group; None for categories.
        share: For categories, share of the group with the same level.
        effect: Log-odds of bad it added; None where the model does not read it.
    """

    feature: str
    title: str
    unit: str | None
    theme: str
    text: str
    value: float | str | bool | None
    percentile: float | None
    typical_text: str | None
    low: float | None
    median: float | None
    high: float | None
    share: float | None
    effect: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRecord:
    """Everything the pages show of one client.

    Args:
        key: The client's number.
        product: Name of the product.
        standing: Where they stand.
        decisions: Newest first.
        values: What is known, beside `group`.
        group: The group compared with.
        groups: The groups that can be chosen.
        themes: The themes values fall into.
    """

    key: str
    product: str
    standing: Standing
    decisions: tuple[PastDecision, ...]
    values: tuple[Value, ...]
    group: Group
    groups: tuple[Group, ...]
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bar of a distribution: from `low` to `high` (None for a category), its shares."""

    low: float | None
    high: float | None
    label: str
    all: float
    group: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How one value is spread over all clients and over a group.

    Args:
        feature: The model's name of it; never shown.
        title: Its name in words.
        unit: Its unit; may be empty.
        kind: "number" or "category".
        value: The client's own value; None where not known.
        text: The client's own value as a person reads it.
        bins: Both shares sum to 1 over them; the last one may be "not known".
        group: The group compared with.
    """

    feature: str
    title: str
    unit: str | None
    kind: str
    value: float | str | bool | None
    text: str
    bins: tuple[Bin, ...]
    group: Group
