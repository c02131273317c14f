"""What the applicants bought and drew before they applied, with a posting time of its own.

Times are days before the application, with fractions. A transaction becomes visible when it is
posted: mostly within a day, some days later, so that the last ones may not be known yet when the
application is decided. Some are posted twice, and of some the amount is corrected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Coded, Column, Columns, Floats, Ints, take_rows
from solvent.sandbox._portfolio.people import People
from solvent.sandbox._spread import number_rows, pick_each, spread

DAYS = 180
"""Days before the application that are known."""
LATE_SHARE, DUPLICATE_SHARE, CORRECTION_SHARE = 0.08, 0.010, 0.005
"""Shares of transactions posted later than a day, posted twice, and corrected."""
KINDS = (
    "groceries", "fuel", "pharmacy", "clothing", "restaurant", "electronics", "travel",
    "utilities", "cash", "gambling", "fee",
)  # fmt: skip
CASH, GAMBLING, FEE = 8, 9, 10
_SHARES = np.array([0.31, 0.09, 0.075, 0.10, 0.085, 0.02, 0.008, 0.12, 0.115, 0.02, 0.022])
_MEDIANS = np.array([32.0, 45.0, 24.0, 58.0, 22.0, 190.0, 260.0, 62.0, 60.0, 20.0, 12.0])
_OF_STANDING = np.array([0.0, 0.35, 0.05, 0.1, 0.25, 0.3, 0.6, 0.05, -0.1, 0.0, -0.1])
_OF_CARE = np.array([0.03, 0.0, 0.05, -0.05, -0.1, -0.05, 0.0, 0.28, -0.36, -0.55, -0.75])
_OF_STRAIN = np.array([0.0, -0.15, 0.0, -0.25, -0.2, -0.25, -0.4, -0.10, 0.35, 0.25, 0.75])
_STRAINED_DAYS = 45.0
"""Over how many days before the application the present strain is felt."""
_SECOND = 1.0 / 86_400.0
_FIRST_ID = 10_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Transactions in the order of the applicants, oldest first; shape (transactions,).

    Attributes:
        owner: Applicant's index in the block.
        at: Days from the application, negative, in whole seconds.
        posted: Days from the application at which it is posted; 0 or more: not known yet.
        kind: Index into KINDS.
        amount: In reais.
    """

    owner: Ints
    at: Floats
    posted: Floats
    kind: Ints
    amount: Floats


def draw_transactions(rng: np.random.Generator, people: People) -> Bought:
    """Draw the transactions of one block of applicants."""
    owner, at = _draw_times(rng, people)
    rows = len(owner)
    felt = people.strain[owner] * np.exp(at / _STRAINED_DAYS)
    weights = _SHARES * np.exp(
        np.outer(people.standing[owner], _OF_STANDING)
        + np.outer(people.care[owner], _OF_CARE)
        + np.outer(felt, _OF_STRAIN)
    )
    kind = pick_each(rng, weights)
    means = 0.55 * np.log(people.income[owner] / 520.0) - 0.10 * felt
    amount = _MEDIANS[kind] * np.exp(means + 0.75 * rng.standard_normal(rows))
    amount = np.where(kind == CASH, np.maximum(np.round(amount / 10) * 10, 10.0), amount)
    return Bought(
        owner=owner,
        at=at,
        posted=at + _draw_delays(rng, rows),
        kind=kind,
        amount=np.maximum(np.round(amount, 2), 0.5),
    )


def show_transactions(rng: np.random.Generator, bought: Bought, block: int) -> Columns:
    """Show the transactions, those posted twice and those corrected, by posting within clients."""
    rows = len(bought.owner)
    columns: dict[str, Column] = {
        "owner": bought.owner,
        "TRANSACTION_ID": number_rows(rng, block, rows, _FIRST_ID, bits=22),
        "DAYS": bought.at,
        "DAYS_POSTED": bought.posted,
        "AMOUNT": bought.amount,
        "MERCHANT_KIND": Coded(codes=bought.kind, levels=KINDS),
    }
    chances = rng.random(rows)
    again = np.flatnonzero(chances < DUPLICATE_SHARE)
    mended = np.flatnonzero(chances > 1.0 - CORRECTION_SHARE)
    row = np.concatenate([np.arange(rows), again, mended])
    later = np.zeros(len(row))
    later[rows:] = _whole(0.01 + 3.0 * rng.random(len(row) - rows))
    factor = np.ones(len(row))
    factor[rows + len(again) :] = 1.0 + 0.30 * (rng.random(len(mended)) + 0.1)
    shown = take_rows(columns, row)
    posted = bought.posted[row] + later
    shown["DAYS_POSTED"] = posted
    shown["AMOUNT"] = np.round(bought.amount[row] * factor, 2)
    return take_rows(shown, np.lexsort((posted, bought.owner[row])))


def _draw_times(rng: np.random.Generator, people: People) -> tuple[Ints, Floats]:
    """Days before the application; the strained buy less of late, the careful more steadily."""
    pace = 55.0 * rng.gamma(1.6, 1 / 1.6, BLOCK) * np.exp(0.15 * people.standing)
    counts = np.where(people.seen, np.minimum(1 + rng.poisson(pace), 600), 0)
    owner, _ = spread(counts.astype(np.int64))
    ago = rng.random(len(owner))
    lean = np.exp(-0.20 * people.strain[owner])
    at = -_whole(DAYS * ago**lean) - _SECOND
    order = np.lexsort((at, owner))
    return owner, at[order]


def _draw_delays(rng: np.random.Generator, rows: int) -> Floats:
    """Hours as a rule, days for those who send late."""
    late = rng.random(rows) < LATE_SHARE
    return _whole(np.where(late, 1.0 + 3.0 * rng.random(rows), 0.9 * rng.random(rows) ** 3))


def _whole(days: Floats) -> Floats:
    """Days in whole seconds."""
    seconds: Floats = np.floor(days / _SECOND) * _SECOND
    return seconds
