"""Loans from earlier applications, paid month by month: each instalment, and each month's state.

A loan's instalments follow its terms; what is paid, and when, follows the client's care, habit and
the strain of that month; the monthly states follow from the payments. Nothing is known beyond the
day of the application.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import Coded, Column, Columns, Floats, Ints, chance, stack_rows
from solvent.sandbox._home.previous import Earlier
from solvent.sandbox._home.traits import MONTH_DAYS, Traits, strain_at
from solvent.sandbox._spread import spread

STATES = ("Active", "Completed", "Signed", "Returned to the store", "Demand")
ACTIVE, COMPLETED, SIGNED, _RETURNED, DEMAND = range(5)
_LEVEL, _CARE, _STRAIN, _HABIT = -2.98, 0.90, 0.70, 0.45
_IN_PARTS = 0.045
"""Share of instalments paid in two parts."""
_STOPS = 0.0022
"""Share of loans on which the client of middling care stops paying at some point."""
_DEMANDED = 600
"""Days past due after which the whole is demanded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalments:
    """Instalments due before the application, ordered by loan and number; shape (instalments,).

    Attributes:
        loan: Row of the loan among the earlier applications.
        nth: Number of the instalment, from 0.
        due: Day on which it is due, before the application.
        paid: Day on which the last of it is paid, perhaps after the application.
        part: Share of it that is paid `ahead` days before the last, 0 where paid at once.
        ahead: Days between the parts.
        amount: What is due.
        last: Whether it repays the loan early.
    """

    loan: Ints
    nth: Ints
    due: Ints
    paid: Ints
    part: Floats
    ahead: Ints
    amount: Floats
    last: Ints


def draw_instalments(rng: np.random.Generator, traits: Traits, earlier: Earlier) -> Instalments:
    """Draw how the instalments of one block's loans were paid."""
    loan, nth = spread(_count_due(earlier))
    owner, rows = earlier.owner[loan], len(loan)
    due = earlier.due_day(nth, loan)
    paid = due + _draw_delays(rng, traits, owner, due) + _stop(rng, traits, earlier, loan, nth)
    in_parts = rng.random(rows) < _IN_PARTS
    early = (nth == earlier.paid_off[loan] - 1) & (earlier.paid_off < earlier.term)[loan]
    return Instalments(
        loan=loan,
        nth=nth,
        due=due,
        paid=paid,
        part=np.where(in_parts, rng.beta(2.0, 2.0, rows), 0.0),
        ahead=rng.integers(1, 25, rows),
        amount=_round(np.where(early, _left(earlier, loan, nth), earlier.annuity[loan])),
        last=early.astype(np.int64),
    )


def show_instalments(earlier: Earlier, drawn: Instalments) -> Columns:
    """Show each payment of an instalment, and each instalment of which nothing was paid yet."""
    split = (drawn.part > 0) & (drawn.paid - drawn.ahead < 0)
    before = np.flatnonzero(split)
    first_part = _round(drawn.amount * drawn.part)
    late = drawn.paid >= 0
    entry = np.where(late, np.nan, drawn.paid.astype(np.float64))
    rest = np.where(late, np.nan, _round(drawn.amount - np.where(split, first_part, 0.0)))
    kept = np.flatnonzero(~(split & late))
    parts = [
        _rows(earlier, drawn, before, (drawn.paid - drawn.ahead).astype(np.float64), first_part),
        _rows(earlier, drawn, kept, entry, rest),
    ]
    return stack_rows(parts)


def show_months(rng: np.random.Generator, earlier: Earlier, drawn: Instalments) -> Columns:
    """Show the state of each loan at the day each month before the application begins.

    Month m (negative) stands at day m times the length of a month, so a month's row tells nothing
    of the days after it.
    """
    lent = np.flatnonzero(earlier.lent)
    newest, oldest = _months_of(earlier, lent)
    place, nth = spread(np.maximum(oldest - newest + 1, 0))
    loan, month = lent[place], oldest[place] - nth
    at = np.floor(-month * MONTH_DAYS).astype(np.int64)
    due = np.clip(np.floor((at - earlier.first_due[loan]) / MONTH_DAYS) + 1, 0, None)
    passed = np.minimum(due.astype(np.int64), earlier.paid_off[loan])
    past_due = _past_due(drawn, loan, month)
    over = (passed >= earlier.paid_off[loan]) & (past_due == 0)
    state = np.where(over, COMPLETED, np.where(past_due > _DEMANDED, DEMAND, ACTIVE))
    state = np.where((nth == 0) & (rng.random(len(loan)) < 0.10), SIGNED, state)
    small = rng.random(len(earlier.owner))[loan] < 0.60
    untold = rng.random(len(loan)) < 0.0026
    term = np.where(over, passed, earlier.term[loan])
    return {
        "owner": earlier.owner[loan],
        "SK_ID_PREV": earlier.ids[loan],
        "MONTHS_BALANCE": -month,
        "CNT_INSTALMENT": np.where(untold, np.nan, term),
        "CNT_INSTALMENT_FUTURE": np.where(untold, np.nan, term - np.minimum(passed, term)),
        "NAME_CONTRACT_STATUS": Coded(codes=state, levels=STATES),
        "SK_DPD": past_due,
        "SK_DPD_DEF": np.where(small & (past_due < 60), 0, past_due),
    }


def _count_due(earlier: Earlier) -> Ints:
    """Instalments of each earlier application that were due before the day of application."""
    passed = np.floor((-1 - earlier.first_due) / MONTH_DAYS) + 1
    count = np.clip(passed, 0, earlier.paid_off).astype(np.int64)
    return np.where(earlier.lent, count, 0)


def _draw_delays(rng: np.random.Generator, traits: Traits, owner: Ints, due: Ints) -> Ints:
    """Days after the due day: mostly some days before it, sometimes after, rarely long after."""
    rows, care = len(owner), traits.care[owner]
    strain = strain_at(traits, owner, due)
    late = _LEVEL - _CARE * care + _STRAIN * strain + _HABIT * traits.habit[owner]
    length = 1.0 + rng.exponential(6.0, rows) * np.exp(0.28 * strain - 0.25 * care)
    length = np.where(rng.random(rows) < 0.03, 6.0 * length, length)
    ahead = rng.exponential(11.0, rows) * np.exp(0.30 * care - 0.35 * traits.habit[owner])
    ahead = np.where(rng.random(rows) < 0.22, 0.0, np.minimum(ahead, 60.0))
    delay = np.where(rng.random(rows) < chance(late), np.ceil(length), -np.floor(ahead))
    return delay.astype(np.int64)


def _stop(
    rng: np.random.Generator, traits: Traits, earlier: Earlier, loan: Ints, nth: Ints
) -> Ints:
    """Days added where a client has stopped paying, for long or for good."""
    rows = len(earlier.owner)
    stops = rng.random(rows) < _STOPS * np.exp(-0.9 * traits.care[earlier.owner])
    since = np.floor(rng.random(rows) * np.maximum(earlier.paid_off, 1))
    length = np.where(stops, 40 + rng.exponential(500.0, rows), 0.0)
    return np.where(nth >= since[loan], length[loan], 0.0).astype(np.int64)


def _left(earlier: Earlier, loan: Ints, nth: Ints) -> Floats:
    """What repays the loan with this instalment: it, and the principal left."""
    share = 1.0 - (nth + 1) / np.maximum(earlier.term[loan], 1)
    left: Floats = earlier.annuity[loan] + 0.94 * share * earlier.credit[loan]
    return left


def _rows(
    earlier: Earlier, drawn: Instalments, rows: Ints, entry: Floats, paid: Floats
) -> dict[str, Column]:
    loan = drawn.loan[rows]
    return {
        "owner": earlier.owner[loan],
        "SK_ID_PREV": earlier.ids[loan],
        "NUM_INSTALMENT_VERSION": (1 + drawn.last[rows]).astype(np.float64),
        "NUM_INSTALMENT_NUMBER": drawn.nth[rows] + 1,
        "DAYS_INSTALMENT": drawn.due[rows].astype(np.float64),
        "DAYS_ENTRY_PAYMENT": entry[rows],
        "AMT_INSTALMENT": drawn.amount[rows],
        "AMT_PAYMENT": paid[rows],
    }


def _months_of(earlier: Earlier, lent: Ints) -> tuple[Ints, Ints]:
    """Months back of the newest and the oldest row of each loan."""
    oldest = np.floor(-(earlier.decided[lent] + 20) / MONTH_DAYS).astype(np.int64)
    ends = np.floor(-earlier.last_due()[lent] / MONTH_DAYS).astype(np.int64)
    return np.maximum(ends, 1), np.minimum(oldest, 96)


def _past_due(drawn: Instalments, loan: Ints, month: Ints) -> Ints:
    """Days past due of the oldest unpaid instalment at the day each month begins.

    Args:
        drawn: The instalments.
        loan: Loan of each row of the monthly table, ascending, months descending within it.
        month: Months back of each row.
    """
    late = np.flatnonzero(drawn.paid > drawn.due)
    newest = np.maximum(np.floor(-drawn.paid[late] / MONTH_DAYS) + 1, 1).astype(np.int64)
    oldest = np.floor(-drawn.due[late] / MONTH_DAYS).astype(np.int64)
    oldest = np.minimum(oldest, 96)
    place, nth = spread(np.maximum(oldest - newest + 1, 0))
    months, which = newest[place] + nth, late[place]
    days = np.floor(-months * MONTH_DAYS).astype(np.int64) - drawn.due[which]
    key = loan * 128 + (127 - month)
    wanted = drawn.loan[which] * 128 + (127 - months)
    found = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    past_due = np.zeros(len(loan), dtype=np.int64)
    hit = key[found] == wanted if len(key) else np.zeros(0, dtype=bool)
    np.maximum.at(past_due, found[hit], days[hit])
    return past_due


def _round(amount: Floats) -> Floats:
    return np.round(amount, 2)
