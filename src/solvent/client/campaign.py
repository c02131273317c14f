"""A campaign: the clients a policy would approve now, and the job that scores them."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.client.decisions import Money
from solvent.domain import JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work the server does in the background.

    Args:
        id: Names it.
        kind: What it does.
        state: How far it is.
        done, total: Clients scored so far, and to score; `total` is 0 before they are counted.
        created_at: ISO 8601 UTC.
        message: What went wrong, or what it is at; may be empty.
    """

    id: str
    kind: str
    state: JobState
    done: int
    total: int | None
    created_at: str
    message: str | None

    @property
    def is_over(self) -> bool:
        """Whether it is done or has failed."""
        return self.state in {JobState.DONE, JobState.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """How many clients are left after a step, and who fell out there."""

    label: str
    clients: int
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPoint:
    """What one confidence makes of the clients."""

    confidence: float
    eligible: int
    expected_bad_rate: float | None
    expected_profit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """One eligible client with the offer they may get."""

    user_id: str
    pd: float
    score: float
    band: str | None
    offer: str | None
    amount: float | Money | None
    fee: float | Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """The clients that may be offered a loan at a stated confidence.

    Args:
        product: Name of the product.
        currency: Of its money.
        confidence: Least probability of repayment, in [0, 1].
        status: "none" (never scored), "running" or "done".
        job: The newest scoring; None where there was none.
        as_of: When the clients were scored, ISO 8601 UTC; None where they were not.
        clients: How many were scored.
        eligible: How many may be offered a loan.
        expected_bad_rate: Mean PD of those; None where there is none.
        expected_bad_debt, expected_profit, lent: Money if each takes the offer.
        funnel: From all clients to the eligible ones.
        curve: Points in order of the confidence.
        sample: The first rows of the file.
        note: Why an earlier scoring does not count any more; empty where it does.
    """

    product: str
    currency: str
    confidence: float
    status: str
    job: Job | None
    as_of: str | None
    clients: int
    eligible: int
    expected_bad_rate: float | None
    expected_bad_debt: Money | None
    expected_profit: Money | None
    lent: Money | None
    funnel: tuple[FunnelStep, ...]
    curve: tuple[CampaignPoint, ...]
    sample: tuple[SampleRow, ...]
    note: str = ""
