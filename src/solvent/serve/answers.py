"""What the API answers, as OpenAPI documents it; nothing is checked against these at run time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from solvent.serve.reasons import (
    ANSWER,
    Effect,
    Hint,
    HintText,
    Reason,
    ReasonText,
    SecondReason,
)

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Instant = Annotated[str, Field(description="ISO 8601, UTC", examples=["2026-11-02T09:30:00Z"])]
ScoredWith = Annotated[str, Field(description="The model of a chain that scored, in words.")]
DecisionId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Verdict = Literal["approve", "refer", "decline"]


class _Answer(BaseModel):
    model_config = ANSWER


class Problem(_Answer):
    """What went wrong (RFC 9457); it never repeats what somebody sent."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    field: str = Field(default="", description="The field it is about, where it is about one.")
    hint: str = Field(default="", description="What to do about it.")


class Alive(_Answer):
    """The process lives."""

    status: Literal["ok"]


class Ready(_Answer):
    """Decisions can be made and kept."""

    status: Literal["ready"]
    products: list[str]


class Money(_Answer):
    """An amount of money."""

    amount: float = Field(description="In major units, to the nearest float.")
    minor: int = Field(description="Whole minor units, exact.")
    currency: str
    words: str = Field(examples=["1,250.50 BRL"])


class Offer(_Answer):
    """An offer, or a safer product in its place."""

    name: str
    title: str
    amount: Money | None
    fee: Money | None
    price: float | None = Field(description="The fee as a share of the amount.")
    term_days: int | None
    detail: str


class Decision(_Answer):
    """A decision as the lender's staff sees it."""

    id: DecisionId
    token: str = Field(description="Lets the applicant see this decision, without PD and score.")
    product: str
    user_id: str
    application_id: str
    application_at: Instant | None
    decided_at: Instant
    verdict: Verdict
    pd: Share
    repayment_probability: Share
    score: int
    band: str
    approve_below: Share
    approve_score: int
    offer: Offer | None
    alternatives: list[Offer]
    reasons: Annotated[list[Reason], Field(max_length=4)]
    effects: list[Effect] = Field(description="All, strongest against first.")
    reference: str = Field(description="The group that effects are measured against.")
    model_version: int
    model_digest: str
    policy_version: int
    policy_digest: str
    policy_name: str
    solvent: str = Field(description="Version of the software.")
    high_water: int = Field(description="Sequence of the newest live row that was read.")
    rows_read: int = Field(description="Live rows that were known of the client; 0: none.")
    link: str = ""
    scored_with: ScoredWith = ""
    second_reference: str = Field(description="The other group that reasons are told against.")
    second_reasons: Annotated[list[SecondReason], Field(max_length=4)]
    hints: Annotated[list[Hint], Field(max_length=3)]


class ApplicantDecision(_Answer):
    """A decision as the applicant sees it: no PD, no score."""

    id: DecisionId
    token: str
    product: str
    title: str
    decided_at: Instant
    verdict: Verdict
    offer: Offer | None
    alternatives: list[Offer]
    reasons: Annotated[list[ReasonText], Field(max_length=4)]
    hints: Annotated[list[HintText], Field(max_length=3)]
    next_step: str


class Score(_Answer):
    """A PD; nothing was kept."""

    pd: Share
    repayment_probability: Share
    score: int
    model_version: int
    link: str = ""
    scored_with: ScoredWith = ""


class Receipt(_Answer):
    """What became of the rows."""

    accepted: int = Field(ge=0, description="Rows that are new.")
    repeated: int = Field(ge=0, description="Rows that were there already.")
    sequence: int = Field(ge=0, description="The newest row once they are in.")


class ProductSummary(_Answer):
    """A product in a line."""

    name: str
    title: str
    model_version: int
    policy_version: int
    policy_name: str
    clients: int
    currency: str


class Products(_Answer):
    """Every product that can decide."""

    products: list[ProductSummary]


class ApplicantProductLine(_Answer):
    """A product in a line, as an applicant sees it."""

    name: str
    title: str
    currency: str


class ApplicantProducts(_Answer):
    """Every product that can decide, as an applicant sees it."""

    products: list[ApplicantProductLine]


class Choice(_Answer):
    """One answer that can be chosen."""

    value: str
    words: str


class Question(_Answer):
    """A question of the application form."""

    column: str
    text: str
    detail: str
    kind: Literal["number", "money", "integer", "choice", "yes_no", "date"]
    unit: str
    choices: list[Choice]
    at_least: float | None
    at_most: float | None
    required: bool


class ApplicantProduct(ApplicantProductLine):
    """A product as an applicant sees it: its form, and no figure of the lender's."""

    form: list[Question]
    key_words: str


class Band(_Answer):
    """A class of scores."""

    name: str
    score_from: int


class Alternative(_Answer):
    """A safer product."""

    name: str
    title: str
    detail: str
    approve_below: Share


class SourceName(_Answer):
    """A table of what is known about clients."""

    name: str
    title: str


class Product(ProductSummary):
    """A product: its form, its cutoffs, what its model was trained on."""

    form: list[Question]
    approve_below: Share
    refer_below: Share
    approve_score: int
    bands: list[Band]
    alternatives: list[Alternative]
    sources: list[SourceName]
    key_words: str
    features: int
    trained_at: Instant
    test_auc: Share | None
    bad_words: str
    bad_rate: Share | None
    reference: str
    offer_unit: str
    pdo: float = Field(description="Points that double the odds of repayment.")


class ClientSummary(_Answer):
    """A client in a line; null where never decided."""

    key: str
    verdict: Verdict | None
    score: int | None
    pd: Share | None
    decided_at: Instant | None


class ClientPage(_Answer):
    """Some of the clients, and how many there are."""

    clients: list[ClientSummary]
    total: int


class PastDecision(_Answer):
    """A decision in a line."""

    id: DecisionId
    decided_at: Instant
    verdict: Verdict
    score: int
    pd: Share


class Group(_Answer):
    """Clients to compare with."""

    name: str
    words: str
    size: int


class Standing(_Answer):
    """Where a client stands against the cutoff, and why."""

    origin: Literal["decision", "now"] = Field(alias="from")
    decision_id: DecisionId | None
    as_of: Instant
    verdict: Verdict
    pd: Share
    repayment_probability: Share
    score: int
    approve_score: int
    approve_below: Share
    band: str
    sentence: str
    meaning: str
    effects: list[Effect]
    reasons: Annotated[list[Reason], Field(max_length=4)]
    reference: str
    scored_with: ScoredWith = ""
    second_reference: str
    second_reasons: Annotated[list[SecondReason], Field(max_length=4)]
    hints: Annotated[list[Hint], Field(max_length=3)]
    offer: Offer | None
    alternatives: list[Offer]


class Value(_Answer):
    """One thing known of a client, beside a group."""

    feature: str
    title: str
    unit: str
    theme: str
    text: str
    value: float | str | None
    percentile: Share | None = Field(description="Share of the group with less, ties half.")
    typical_text: str
    low: float | None
    median: float | None
    high: float | None
    share: Share | None = Field(description="Of a category: share of the group with the same.")
    effect: float | None = Field(description="Log-odds of bad; null where the model reads it not.")


class Client(_Answer):
    """A client: where they stand, and their values beside others'."""

    key: str
    product: str
    standing: Standing
    decisions: list[PastDecision]
    values: list[Value]
    group: Group
    groups: list[Group]
    themes: list[str]


class Bin(_Answer):
    """One bar of a distribution."""

    low: float | None
    high: float | None
    label: str
    all: Share
    group: Share


class Distribution(_Answer):
    """How a value is spread over all clients and over a group."""

    feature: str
    title: str
    unit: str
    kind: Literal["number", "category"]
    value: float | str | None
    text: str
    bins: list[Bin]
    group: Group


class CutoffPoint(_Answer):
    """What one cutoff brings."""

    cutoff: float
    approval_rate: Share
    bad_rate: Share | None
    profit: float
    recall: Share
    approved: int


class Profit(_Answer):
    """Money on the judged applications."""

    profit: float


class Confusion(_Answer):
    """Who is approved, good and bad."""

    bad_declined: int
    bad_approved: int
    good_declined: int
    good_approved: int


class ConfusionMoney(_Answer):
    """The money of each cell."""

    bad_declined: float
    bad_approved: float
    good_declined: float
    good_approved: float


class Portfolio(_Answer):
    """What every cutoff would have approved, lost and earned."""

    product: str
    currency: str
    cutoff: Share
    policy_cutoff: Share
    best_cutoff: float
    best_low: float | None
    best_high: float | None
    level: Share
    chosen_on: str
    judged_on: str
    applications: int
    bad_rate_all: Share
    curve: list[CutoffPoint]
    at: CutoffPoint
    at_policy: CutoffPoint
    at_best: CutoffPoint
    approve_all: Profit
    oracle: Profit
    confusion: Confusion
    confusion_money: ConfusionMoney
    economics: list[Annotated[list[str], Field(min_length=2, max_length=2)]]


class Job(_Answer):
    """Work the server does in the background."""

    id: str
    kind: str
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int
    created_at: Instant
    message: str


class FunnelStep(_Answer):
    """Who is left after a step."""

    label: str
    clients: int
    note: str


class CampaignPoint(_Answer):
    """What one confidence makes of the clients."""

    confidence: Share
    eligible: int
    expected_bad_rate: Share | None
    expected_profit: float | None


class SampleRow(_Answer):
    """One eligible client."""

    user_id: str
    pd: Share
    score: int
    band: str
    offer: str
    amount: Money | None
    fee: Money | None


class Campaign(_Answer):
    """The clients who repay with at least a confidence."""

    product: str
    currency: str
    confidence: Share
    status: Literal["none", "running", "done"]
    job: Job | None
    as_of: Instant | None
    clients: int
    eligible: int
    expected_bad_rate: Share | None
    expected_bad_debt: Money | None
    expected_profit: Money | None
    lent: Money | None
    funnel: list[FunnelStep]
    curve: list[CampaignPoint]
    sample: list[SampleRow]
    note: str
