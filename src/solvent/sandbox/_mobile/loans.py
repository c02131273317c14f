"""Loans one after the other: who asks, the draw of the outcome, and the silence of defaulters.

The outcome of each loan is drawn from its true PD before anything after it happens. Then some
defaulters go quiet, which the next loan looks back on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints
from solvent.sandbox._clock import DAY, HOUR, SECOND, to_keys
from solvent.sandbox._mobile.calendar import END, GRACE, TERMS
from solvent.sandbox._mobile.people import People
from solvent.sandbox._mobile.positions import Positions
from solvent.sandbox._mobile.risk import Asked, Past, draw_hidden, look_back, true_pd
from solvent.sandbox._mobile.taps import Taps

MAX_LOANS = 6
"""Loans one customer can get in the year; with half of them coming back, hardly reached."""
AMOUNTS = np.array([20, 30, 50, 80, 120])

_AT_ONCE = 0.25
"""Share of customers who ask on the day they install the app."""
_WAIT_DAYS, _PAUSE_DAYS = 32.0, 24.0
_COMES_BACK = np.array([0.50, 0.15])
"""Chance of a next loan after a repaid one, and after a default."""
_GONE = 0.5
"""Share of defaulters who stop using app and phone for months."""
_GONE_FOR = 60 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Loans:
    """Loans, one row each; every array has shape (loans,).

    Attributes:
        owner: Customer's index in the block.
        nth: How many loans the customer had before.
        amount: Whole units of currency.
        term: Days to repay in.
        created: When it was asked for and paid out, microseconds since the period's start.
        known: When the outcome was known (even beyond the data's end).
        pd: True probability of default.
        bad: What was drawn.
    """

    owner: Ints
    nth: Ints
    amount: Ints
    term: Ints
    created: Ints
    known: Ints
    pd: Floats
    bad: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All that lending did to a block: the loans, and what phone and app told in the end."""

    loans: Loans
    positions: Positions
    taps: Taps


def lend(
    rng: np.random.Generator, people: People, positions: Positions, taps: Taps, traits: Floats
) -> Book:
    """Lend to a block of customers through the year."""
    past, cursor = Past.empty(), _first_asked(rng, people)
    rounds: list[Loans] = []
    for _ in range(MAX_LOANS):
        asked = _ask(rng, past, np.flatnonzero(cursor < END), cursor)
        if not len(asked.owner):
            break
        seen = look_back(positions, taps, asked)
        pd = true_pd(asked, seen, past, traits, draw_hidden(rng, people, asked))
        loans = _settle(rng, asked, past, pd)
        positions, taps = _go_quiet(rng, loans, positions, taps)
        past.loans[loans.owner] += 1
        past.bad[loans.owner] += loans.bad
        cursor = _move_on(rng, loans)
        rounds.append(loans)
    names = [one.name for one in fields(Loans)]
    joined = {name: np.concatenate([getattr(part, name) for part in rounds]) for name in names}
    return Book(loans=Loans(**joined), positions=positions, taps=taps)


def _first_asked(rng: np.random.Generator, people: People) -> Ints:
    """When customers first ask: some at once, most within two months."""
    wait = _WAIT_DAYS * rng.exponential(1.0, BLOCK) + 1.0
    days = np.where(rng.random(BLOCK) < _AT_ONCE, rng.random(BLOCK), wait)
    return people.installed + HOUR + _whole_seconds(days * DAY)


def _ask(rng: np.random.Generator, past: Past, owner: Ints, cursor: Ints) -> Asked:
    """How much and for how long: larger loans for those who have repaid before."""
    good = past.loans[owner] - past.bad[owner]
    level = 0.8 + 0.8 * np.minimum(good, 3) + rng.standard_normal(len(owner))
    return Asked(
        owner=owner,
        created=cursor[owner],
        amount=AMOUNTS[np.clip(np.round(level), 0, len(AMOUNTS) - 1).astype(np.int64)],
        term=TERMS[(rng.random(len(owner)) < 0.55).astype(np.int64)],
    )


def _settle(rng: np.random.Generator, asked: Asked, past: Past, pd: Floats) -> Loans:
    """Draw each outcome, and when it was known: on repayment, or when the grace is over."""
    bad = rng.random(len(pd)) < pd
    length = asked.term * DAY
    repaid = length * rng.beta(5.0, 1.6, len(pd)) + GRACE * (rng.random(len(pd)) < 0.15) * 0.9
    known = asked.created + np.where(bad, length + GRACE, _whole_seconds(repaid))
    return Loans(
        owner=asked.owner,
        nth=past.loans[asked.owner],
        amount=asked.amount,
        term=asked.term,
        created=asked.created,
        known=known,
        pd=pd,
        bad=bad,
    )


def _go_quiet(
    rng: np.random.Generator, loans: Loans, positions: Positions, taps: Taps
) -> tuple[Positions, Taps]:
    """Let some defaulters vanish between the loan and two months after the default."""
    begin = loans.created + _whole_seconds(rng.random(len(loans.bad)) * loans.term * DAY)
    gone = loans.bad & (rng.random(len(loans.bad)) < _GONE)
    owner = loans.owner[gone]
    from_key = to_keys(owner, begin[gone])
    to_key = to_keys(owner, loans.known[gone] + _GONE_FOR)
    return (
        positions.keep(~_inside(positions.keys, from_key, to_key)),
        taps.keep(~_inside(taps.keys, from_key, to_key)),
    )


def _inside(keys: Ints, begin: Ints, end: Ints) -> Bools:
    """Which sorted keys lie within one of the stretches, of which each customer has one."""
    edge = np.zeros(len(keys) + 1, dtype=np.int64)
    np.add.at(edge, np.searchsorted(keys, begin), 1)
    np.add.at(edge, np.searchsorted(keys, end), -1)
    inside: Bools = np.cumsum(edge[:-1]) > 0
    return inside


def _move_on(rng: np.random.Generator, loans: Loans) -> Ints:
    """When each asks next: some time after the outcome was known, or never (END)."""
    cursor = np.full(BLOCK, END)
    back = rng.random(len(loans.bad)) < _COMES_BACK[loans.bad.astype(np.int64)]
    pause = HOUR + _whole_seconds(_PAUSE_DAYS * DAY * rng.exponential(1.0, len(back)))
    cursor[loans.owner] = np.where(back, loans.known + pause, END)
    return cursor


def _whole_seconds(span: Floats) -> Ints:
    return np.floor(span / SECOND).astype(np.int64) * SECOND
