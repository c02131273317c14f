"""An application, the decision on it, and what is offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from solvent.domain import Verdict
from solvent.errors import InvalidError

Cell = str | float | int | bool | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What is sent to be decided or scored.

    Args:
        user_id: The client's number; empty lets the server make one.
        application_id: The lender's name of the application; may be empty.
        application_at: When it was made, with its zone; None for now.
        attributes: Answers by column.
        events: Rows the server shall know for this decision, by source.

    >>> Application(user_id="A-7", attributes={"age": 34}).body()
    {'user_id': 'A-7', 'attributes': {'age': 34}}
    """

    user_id: str = ""
    application_id: str = ""
    application_at: datetime | None = None
    attributes: Mapping[str, Cell] = field(default_factory=dict)
    events: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """Return the JSON body; what was left out stays out.

        Raises:
            InvalidError: `application_at` names no zone.
        """
        found: dict[str, object] = {
            name: value
            for name, value in (
                ("user_id", self.user_id),
                ("application_id", self.application_id),
                ("application_at", self._instant()),
                ("attributes", dict(self.attributes)),
                ("events", {source: [*rows] for source, rows in self.events.items()}),
            )
            if value
        }
        return found

    def _instant(self) -> str:
        if self.application_at is None:
            return ""
        if self.application_at.tzinfo is None:
            raise InvalidError(
                "the time names no zone", hint="give it one: datetime(…, tzinfo=UTC)",
                field="application_at",
            )  # fmt: skip
        return self.application_at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount of money.

    Args:
        amount: In major units, to the nearest float.
        minor: Whole minor units, exact.
        currency: Code or unit.
        words: As a person reads it.
    """

    amount: float
    minor: int
    currency: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One offer, or one safer product in its place.

    Args:
        name: The policy's word for it.
        title: Words the applicant reads.
        amount: What is lent; None where it has no stated amount.
        fee: What it costs; None where no price is named.
        price: The fee as a share of the amount; None where no price is named.
        term_days: Days until it is due; None where no term is named.
        detail: One more sentence; may be empty.
    """

    name: str
    title: str
    amount: Money | None
    fee: Money | None
    price: float | None
    term_days: int | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One principal reason: its words, the model or rule it comes from, its log-odds."""

    text: str
    source: str
    code: str
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReason:
    """A principal reason against the group the policy did not name: its words, its log-odds."""

    text: str
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One change with which the same model and policy approved, all else the same.

    Args:
        feature: What would be another; never shown.
        title: That in words.
        way: "lower" or "higher".
        value, value_text: The nearest value tried with which it is approved.
        beyond: True where every value tried further that way is approved as well.
        text: The sentence for staff.
        told: What the applicant reads.
    """

    feature: str
    title: str
    way: str
    value: float
    value_text: str
    beyond: bool
    text: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What all features with one reason text added to the log-odds of bad."""

    text: str
    effect: float
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision as the lender's staff reads it.

    Args:
        id, token: Name it; the token lets the applicant read it.
        product: Name of the product.
        user_id, application_id: Of the client and the application.
        application_at, decided_at: ISO 8601 UTC; `application_at` is None where the product has
            no times.
        verdict: Approve, refer or decline.
        pd: Probability of default in [0, 1].
        repayment_probability: 1 - pd.
        score: Points, higher is safer.
        band: The policy's band; may be empty.
        approve_below, approve_score: Where this decision's policy starts to approve.
        offer: What is offered; None unless approved.
        alternatives: Safer products offered instead.
        reasons: At most four, strongest first; empty where approved.
        effects: Everything weighed, strongest against first.
        reference: The group that effects are measured against.
        model_version, policy_version, policy_name: What decided.
        model_digest, policy_digest: SHA-256 of both.
        high_water: Sequence of the newest live row that was read.
        rows_read: Live rows that were known of the client.
        link, scored_with: The model of a chain that scored, by name and in words; empty where there
            is a single one.
        second_reference, second_reasons: The group the policy did not name, and the reasons
            against it.
        hints: At most three changes with which it would be approved.
    """

    id: str
    token: str
    product: str
    user_id: str
    application_id: str | None
    application_at: str | None
    decided_at: str
    verdict: Verdict
    pd: float
    repayment_probability: float
    score: float
    band: str | None
    approve_below: float
    approve_score: float
    offer: Offer | None
    alternatives: tuple[Offer, ...]
    reasons: tuple[Reason, ...]
    effects: tuple[Effect, ...]
    reference: str
    model_version: int | str
    policy_version: int | str
    policy_name: str
    model_digest: str
    policy_digest: str
    high_water: int
    rows_read: int = 0
    link: str = ""
    scored_with: str = ""
    second_reference: str = ""
    second_reasons: tuple[SecondReason, ...] = ()
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantReason:
    """One principal reason as the applicant reads it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantHint:
    """A change with which it would have been approved, as the applicant reads it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantDecision:
    """A decision as the applicant reads it: no score, no PD.

    Args:
        id, token: Together they let the applicant read it again.
        product, title: Of the product.
        decided_at: ISO 8601 UTC.
        verdict: Approve, refer or decline.
        offer: What is offered; None unless approved.
        alternatives: Safer products offered instead.
        reasons: At most four, strongest first.
        next_step: What happens now, in words.
        hints: At most three changes with which it would have been approved.
    """

    id: str
    token: str
    product: str
    title: str
    decided_at: str
    verdict: Verdict
    offer: Offer | None
    alternatives: tuple[Offer, ...]
    reasons: tuple[ApplicantReason, ...]
    next_step: str
    hints: tuple[ApplicantHint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score of which nothing was stored.

    Args:
        pd, repayment_probability, score, model_version: As of a `Decision`.
        link, scored_with: As of a `Decision`.
    """

    pd: float
    repayment_probability: float
    score: float
    model_version: int | str
    link: str = ""
    scored_with: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of the rows sent: taken, known already, and the sequence number after them."""

    accepted: int
    repeated: int
    sequence: int
