"""The loans of a block of customers and what was paid back, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from solvent.sandbox._airtime.streams import TopUps
from solvent.sandbox._block import Bools, Floats, Ints

CHANNELS = ("auto", "ussd", "sms", "app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loans:
    """Loans, one row each; every array has shape (loans,), money in hundredths.

    Attributes:
        owner: Customer's index in the block.
        nth: How many loans the customer had before.
        units: Amount lent, whole units of currency.
        fee_cents: Fee.
        created: When lent, microseconds since the period's start.
        paid: When repayments reached amount and fee (even beyond the data's end), NULL if never.
        share: Percent of each top-up withheld.
        channel: Index into CHANNELS, -1 where not recorded.
        ran_out: When the customer last used the service before.
        pd: True probability of bad.
        bad: What was drawn.
    """

    owner: Ints
    nth: Ints
    units: Ints
    fee_cents: Ints
    created: Ints
    paid: Ints
    share: Ints
    channel: Ints
    ran_out: Ints
    pd: Floats
    bad: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Repayments withheld from top-ups; every array has shape (payments,).

    Attributes:
        owner: Customer's index in the block.
        nth: Which of the customer's loans is paid.
        at: When, microseconds since the period's start.
        cents: How much.
    """

    owner: Ints
    nth: Ints
    at: Ints
    cents: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All that lending did to a block.

    Attributes:
        loans: Every loan, round by round.
        payments: Every repayment.
        top_ups: The top-ups as changed by the outcomes.
        away: Keys at which customers went quiet and came back, shape (silences, 2), sorted.
    """

    loans: Loans
    payments: Payments
    top_ups: TopUps
    away: Ints


def join_loans(rounds: list[Loans]) -> Loans:
    """Put the rounds of lending one after the other."""
    names = [field.name for field in fields(Loans)]
    return replace(
        rounds[0],
        **{name: np.concatenate([getattr(part, name) for part in rounds]) for name in names},
    )


def join_payments(rounds: list[Payments]) -> Payments:
    """Put the repayments of the rounds one after the other."""
    names = [field.name for field in fields(Payments)]
    return replace(
        rounds[0],
        **{name: np.concatenate([getattr(part, name) for part in rounds]) for name in names},
    )
