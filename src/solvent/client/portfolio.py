"""What a cutoff makes of a portfolio of judged applications."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoffPoint:
    """What one cutoff makes of the applications.

    Args:
        cutoff: PD below which an application is approved.
        approval_rate: Share approved.
        bad_rate: Share of bad loans among those approved; None where none is approved.
        profit: Money on the judged applications.
        recall: Share of the defaulters that are declined.
        approved: How many are approved.
    """

    cutoff: float
    approval_rate: float
    bad_rate: float | None
    profit: float
    recall: float
    approved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitOnly:
    """The profit of a rule to compare with."""

    profit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How many good and bad loans a cutoff makes or refuses."""

    bad_declined: int
    bad_approved: int
    good_declined: int
    good_approved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionMoney:
    """What the loans of each cell brought together; below zero where they cost money."""

    bad_declined: float
    bad_approved: float
    good_declined: float
    good_approved: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """Approval, bad rate and profit over every cutoff.

    Args:
        product: Name of the product.
        currency: Of every profit.
        cutoff: The one asked about.
        policy_cutoff: The one in force.
        best_cutoff: The one with the highest profit.
        best_low, best_high: Its bootstrap interval.
        level: Level of that interval.
        chosen_on: What `best_cutoff` was chosen on, in words.
        judged_on: What the figures were computed on, in words.
        applications: How many applications were judged.
        bad_rate_all: Share of bad ones among all of them.
        curve: Points in order of the cutoff.
        at, at_policy, at_best: The points of the three cutoffs.
        approve_all: Approving everybody.
        oracle: Perfect foresight.
        confusion: At `cutoff`.
        economics: Label and words of each assumption about money.
        confusion_money: Money of each cell, at `cutoff`; None where the server does not say.
    """

    product: str
    currency: str
    cutoff: float
    policy_cutoff: float
    best_cutoff: float
    best_low: float | None
    best_high: float | None
    level: float
    chosen_on: str
    judged_on: str
    applications: int
    bad_rate_all: float
    curve: tuple[CutoffPoint, ...]
    at: CutoffPoint
    at_policy: CutoffPoint
    at_best: CutoffPoint
    approve_all: ProfitOnly
    oracle: ProfitOnly
    confusion: Confusion
    economics: tuple[tuple[str, str], ...]
    confusion_money: ConfusionMoney | None = None
