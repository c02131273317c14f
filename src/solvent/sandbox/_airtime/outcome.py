"""The life after a loan: top-ups that agree with its outcome, and what is withheld from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvent.sandbox._airtime.book import Loans, Payments
from solvent.sandbox._airtime.calendar import TERM, WRITE_OFF
from solvent.sandbox._airtime.streams import PRICES, TopUps
from solvent.sandbox._block import NULL, Bools, Floats, Ints
from solvent.sandbox._clock import SECOND, times_of, to_keys

_GONE = 0.45
"""Share of bad loans whose customer stays away until the loan is written off."""


def live_on(rng: np.random.Generator, top_ups: TopUps, loans: Loans) -> tuple[TopUps, Ints]:
    """Make the top-ups after the loans agree with their outcomes.

    Args:
        rng: The stream of chance.
        top_ups: Top-ups as they would run without these loans; at least one follows each loan.
        loans: One round of loans, at most one per customer.

    Returns:
        The changed top-ups, and the silences as keys (from, to), shape (silences, 2).
    """
    begin, term = _window(top_ups, loans, TERM)
    reach = _reach(top_ups, loans, begin)
    in_time = reach < term
    top_ups = _hurry(rng, top_ups, loans, ~loans.bad & ~in_time)
    return _go_quiet(rng, top_ups, loans, loans.bad & in_time)


def collect(top_ups: TopUps, loans: Loans) -> tuple[Loans, Payments]:
    """Withhold a share of each top-up until the loan is paid or written off."""
    begin, end = _window(top_ups, loans, WRITE_OFF)
    reach = _reach(top_ups, loans, begin)
    repaid = reach < end
    last = np.minimum(reach, len(top_ups.keys) - 1)
    paid = np.where(repaid, times_of(top_ups.keys[last]), NULL)
    stop = np.where(repaid, reach + 1, end)
    count = stop - begin
    loan = np.repeat(np.arange(len(begin)), count)
    row = np.arange(len(loan)) + np.repeat(begin - (np.cumsum(count) - count), count)
    cents = loans.share[loan] * top_ups.units[row]
    before = np.concatenate([[0], np.cumsum(top_ups.units)])
    left = _owed(loans)[loan] - loans.share[loan] * (before[row] - before[begin[loan]])
    payments = Payments(
        owner=loans.owner[loan],
        nth=loans.nth[loan],
        at=times_of(top_ups.keys[row]),
        cents=np.minimum(cents, left),
    )
    return replace(loans, paid=paid), payments


def _hurry(rng: np.random.Generator, top_ups: TopUps, loans: Loans, rows: Bools) -> TopUps:
    """Enlarge the last top-up of the term; with none in it, bring the next one forward."""
    begin, term = _window(top_ups, loans, TERM)
    early = _to_second(loans.created + (0.1 + 0.87 * rng.random(len(begin))) * TERM)
    begin, term, early, owner = begin[rows], term[rows], early[rows], loans.owner[rows]
    none = term == begin
    row = np.where(none, begin, term - 1)
    before = np.concatenate([[0], np.cumsum(top_ups.units)])
    short = _need(loans)[rows] - (before[row] - before[begin])
    units, keys = top_ups.units.copy(), top_ups.keys.copy()
    units[row] = PRICES[np.searchsorted(PRICES, short)]
    keys[row[none]] = to_keys(owner[none], early[none])
    return replace(top_ups, units=units, keys=keys)


def _go_quiet(
    rng: np.random.Generator, top_ups: TopUps, loans: Loans, enough: Bools
) -> tuple[TopUps, Ints]:
    """Drop top-ups that would repay a bad loan in time; for some, all until it is written off."""
    begin, term = _window(top_ups, loans, TERM)
    _, end = _window(top_ups, loans, WRITE_OFF)
    part = np.floor(rng.random(len(begin)) * (_reach(top_ups, loans, begin) - begin)).astype(
        np.int64
    )
    gone = loans.bad & (rng.random(len(begin)) < _GONE)
    first = np.where(enough, begin + part, term)
    past = np.where(gone, end, term)
    quiet = (enough | gone) & (past > first)
    until = loans.created + np.where(gone, WRITE_OFF, TERM)
    dropped = np.zeros(len(top_ups.keys) + 1, dtype=np.int64)
    dropped[first[quiet]] += 1
    np.add.at(dropped, past[quiet], -1)
    silence = np.stack(
        [top_ups.keys[first[quiet]], to_keys(loans.owner[quiet], until[quiet])], axis=1
    )
    return top_ups.keep(np.cumsum(dropped[:-1]) == 0), silence


def _window(top_ups: TopUps, loans: Loans, length: int) -> tuple[Ints, Ints]:
    """Rows of the top-ups in (created, created + length]: first row, and one past the last."""
    begin = np.searchsorted(top_ups.keys, to_keys(loans.owner, loans.created), side="right")
    end = np.searchsorted(top_ups.keys, to_keys(loans.owner, loans.created + length), side="right")
    return begin, end


def _reach(top_ups: TopUps, loans: Loans, begin: Ints) -> Ints:
    """Row of the top-up with which the loan would be repaid, were all the rows one customer's."""
    total = np.cumsum(top_ups.units)
    before = np.where(begin > 0, total[begin - 1], 0)
    return np.searchsorted(total, before + _need(loans))


def _owed(loans: Loans) -> Ints:
    return loans.units * 100 + loans.fee_cents


def _need(loans: Loans) -> Ints:
    """Whole units of currency that must be topped up to repay, given the share withheld."""
    return -(-_owed(loans) // loans.share)


def _to_second(at: Floats) -> Ints:
    return np.floor(at / SECOND).astype(np.int64) * SECOND
