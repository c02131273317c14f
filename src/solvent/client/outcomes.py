"""What became of loans, and whether it is what was predicted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOutcome:
    """An outcome the server did not keep.

    Args:
        row: Its place in the list, from 0.
        field: What it is about; may be empty.
        detail: What is wrong.
        hint: What to do about it.
    """

    row: int
    field: str
    detail: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReceipt:
    """What became of a list of outcomes.

    Args:
        accepted: New ones.
        repeated: Those that were there already.
        corrected: Of the new ones, those that correct what was told before.
        refused: Those that were not kept.
    """

    accepted: int
    repeated: int
    corrected: int
    refused: tuple[RefusedOutcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeGroup:
    """Decisions of a month, of a band, or of both.

    Args:
        month: As "2026-03"; empty for all.
        band: Its label; empty for all.
        decided, approved: How many were.
        known: Loans whose outcome is known; the figures below are theirs, None where there is none.
        immature: Loans whose performance window is not over.
        untold: Loans whose window is over and whose outcome nobody told.
        customers: Whose the known loans are.
        bads, expected_bads: As they were, and as predicted.
        mean_pd, bad_rate: The same as shares.
        low, high: Interval of the bad rate, by customer.
        z: Above 0 there were more bads than predicted, in standard errors.
        p_value, p_adjusted: Of that, and adjusted for testing every band or month.
        agrees: True where the mean PD lies in the interval.
    """

    month: str
    band: str
    decided: int
    approved: int
    known: int
    immature: int
    untold: int
    customers: int | None
    bads: int | None
    expected_bads: float | None
    mean_pd: float | None
    bad_rate: float | None
    low: float | None
    high: float | None
    z: float | None
    p_value: float | None
    p_adjusted: float | None
    agrees: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How well the PD ranked the loans whose outcome is known."""

    auc: float
    auc_low: float
    auc_high: float
    gini: float
    gini_low: float
    gini_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """Realised against predicted.

    Args:
        product: Name of the product.
        at: Instant as of which it was asked.
        level: Level of every interval.
        banded_by: policy or deciles.
        loans: approved, or all.
        bad_words: The definition of bad, in words.
        window_days: Days before which nothing is known of a loan; 0 where none is named.
        whole: All decisions.
        months, bands, cells: By month, by band, by both.
        ranking: None where it cannot be said.
        ranking_missing: Why it cannot.
        known_of_others: Known outcomes of loans that were not approved.
        currency: Of `paid` and `lost`.
        paid, lost: Money of the known loans, where it was told.
        note: What these figures do not say.
    """

    product: str
    at: str
    level: float
    banded_by: str
    loans: str
    bad_words: str
    window_days: float
    whole: OutcomeGroup
    months: tuple[OutcomeGroup, ...]
    bands: tuple[OutcomeGroup, ...]
    cells: tuple[OutcomeGroup, ...]
    ranking: Ranking | None
    ranking_missing: str
    known_of_others: int
    currency: str
    paid: float | None
    lost: float | None
    note: str
