"""What is sent and answered about outcomes, as OpenAPI documents it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from solvent.serve.answers import Instant, Share
from solvent.serve.bodies import MOST_ROWS

# A row that does not fit is told of by its place and costs no other: nothing in it is refused here.
OutcomeRow = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                "decision_id": {"description": "Id of the decision; or name the application."},
                "application_id": {"description": "Your own name of the application."},
                "bad": {"description": "true, false, 1 or 0; or tell the outcome."},
                "outcome": {"description": "good, bad, repaid or open."},
                "observed_at": {"description": "ISO 8601 instant with a zone: when it was so."},
                "available": {"description": "Since when you know it; left out: observed_at."},
                "paid": {"description": "What came back, in the product's currency."},
                "lost": {"description": "What did not, in the product's currency."},
            },
        }
    ),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class OutcomesBody(_Strict):
    """What became of loans. Each names its decision, or the application as you call it.

    Fields of a row: `decision_id` or `application_id`; `bad` (true, false) or `outcome` (good, bad,
    repaid, open); `observed_at`; and, where they are known, `available` (since when you know it;
    left out: since it was observed), `paid` and `lost`, in the product's currency.
    """

    outcomes: Annotated[list[OutcomeRow], Field(min_length=1, max_length=MOST_ROWS)]


class RefusedRow(_Strict):
    """A row that was not kept; it never repeats what the row holds."""

    row: int = Field(description="Its place in the list, from 0.")
    field: str = Field(description="What it is about; empty where that is the row itself.")
    detail: str
    hint: str


class OutcomeReceipt(_Strict):
    """What became of the list."""

    accepted: int
    repeated: int = Field(description="They were there already, and count once.")
    corrected: int = Field(description="Of those accepted: they correct what was told before.")
    refused: list[RefusedRow]


class OutcomeGroup(_Strict):
    """Decisions of a month, of a band, or of both; figures are of loans whose outcome is known."""

    month: str = Field(description="As 2026-03; empty for all.")
    band: str = Field(description="Empty for all.")
    decided: int
    approved: int
    known: int
    immature: int = Field(description="Their performance window is not over.")
    untold: int = Field(description="It is over, and nobody told how they ended.")
    customers: int | None
    bads: int | None
    expected_bads: float | None = Field(description="Sum of the PDs.")
    mean_pd: Share | None
    bad_rate: Share | None
    low: Share | None = Field(description="Of the bad rate's interval, by customer.")
    high: Share | None
    z: float | None = Field(description="Above 0: more bads than predicted, in standard errors.")
    p_value: Share | None
    p_adjusted: Share | None = Field(description="For testing every band, or every month (Holm).")
    agrees: bool | None = Field(description="The mean PD lies in the interval.")


class Ranking(_Strict):
    """How well the PD ranked the loans whose outcome is known, with intervals by customer."""

    auc: Share
    auc_low: Share
    auc_high: Share
    gini: float
    gini_low: float
    gini_high: float


class RealisedAnswer(_Strict):
    """Realised against predicted."""

    product: str
    at: Instant
    level: Share
    banded_by: Literal["policy", "deciles"]
    loans: Literal["approved", "all"]
    bad_words: str
    window_days: float
    whole: OutcomeGroup
    months: list[OutcomeGroup]
    bands: list[OutcomeGroup]
    cells: list[OutcomeGroup]
    ranking: Ranking | None
    ranking_missing: str
    known_of_others: int = Field(description="Known outcomes of loans that were not approved.")
    currency: str
    paid: float | None
    lost: float | None
    note: str
