"""Loans one after the other: who runs out, what is lent at what price, and the draw of the outcome.

The outcome of each loan is drawn from its true PD before anything after it happens. Then the
customer's later top-ups are made to agree with it (`outcome.py`). The next loan looks back on that
changed life, so each draw is Bernoulli(true PD) given all that came before.
"""

from __future__ import annotations

import numpy as np

from solvent.sandbox._airtime.book import Book, Loans, join_loans, join_payments
from solvent.sandbox._airtime.calendar import END, LENDING, WRITE_OFF
from solvent.sandbox._airtime.outcome import collect, live_on
from solvent.sandbox._airtime.people import People
from solvent.sandbox._airtime.risk import Past, RunOuts, Seen, draw_hidden, look_back, true_pd
from solvent.sandbox._airtime.streams import Loyalty, TopUps
from solvent.sandbox._block import BLOCK, NULL, Floats, Ints
from solvent.sandbox._clock import DAY, MINUTE, owners_of, times_of, to_keys

MAX_LOANS = 32
"""Loans one customer can get in the year; reached by nobody, it bounds the loop."""
_MAX_EARLIER = 10
_GAP_DAYS = 62.0
_FIRST_DAYS = 14


def lend(rng: np.random.Generator, people: People, top_ups: TopUps, loyalty: Loyalty) -> Book:
    """Lend to a block of customers through the year."""
    past = Past.empty()
    pace = _GAP_DAYS * np.exp(-0.35 * people.proneness)
    cursor = _first_possible(rng, people, top_ups, pace)
    loans, payments, away = [], [], [np.zeros((0, 2), dtype=np.int64)]
    for _ in range(MAX_LOANS):
        found = _find_run_outs(rng, top_ups, cursor)
        if not len(found.owner):
            break
        seen = look_back(people, top_ups, loyalty, found)
        fresh = _issue(rng, people, found, seen, past)
        top_ups, quiet = live_on(rng, top_ups, fresh)
        fresh, paid = collect(top_ups, fresh)
        _remember(past, fresh)
        _move_on(rng, cursor, fresh, past, pace)
        loans.append(fresh)
        payments.append(paid)
        away.append(quiet)
    silences = np.concatenate(away)
    return Book(
        loans=join_loans(loans),
        payments=join_payments(payments),
        top_ups=top_ups,
        away=silences[np.argsort(silences[:, 0], kind="stable")],
    )


def _first_possible(
    rng: np.random.Generator, people: People, top_ups: TopUps, pace: Floats
) -> Ints:
    """When customers can first be lent to: days after joining, and after a top-up."""
    days = _FIRST_DAYS + pace * rng.exponential(0.8, BLOCK)
    first = np.searchsorted(
        top_ups.keys, to_keys(np.arange(BLOCK), np.zeros(BLOCK, dtype=np.int64))
    )
    first = np.minimum(first, len(top_ups.keys) - 1)
    topped_up = times_of(top_ups.keys[first]) + MINUTE
    possible: Ints = np.maximum(people.entered + _to_us(days), topped_up)
    return possible


def _find_run_outs(rng: np.random.Generator, top_ups: TopUps, cursor: Ints) -> RunOuts:
    """Find who runs out between `cursor` and the next top-up; the others never will again."""
    owner = np.flatnonzero(cursor < END)
    after = np.searchsorted(top_ups.keys, to_keys(owner, cursor[owner]))
    after = np.minimum(after, len(top_ups.keys) - 1)
    following = top_ups.keys[after]
    wait = np.minimum(times_of(following) - cursor[owner], 5 * DAY) - 1
    chance = rng.random(len(owner))
    created = cursor[owner] + 1 + np.floor(chance * np.maximum(wait, 0)).astype(np.int64)
    inside = (owners_of(following) == owner) & (wait > 0) & (created < END)
    cursor[owner[~inside]] = END
    topped_up = times_of(top_ups.keys[after - 1])
    return RunOuts(owner=owner[inside], created=created[inside], topped_up=topped_up[inside])


def _issue(
    rng: np.random.Generator, people: People, found: RunOuts, seen: Seen, past: Past
) -> Loans:
    """Price the loans and draw their outcomes."""
    owner, rows = found.owner, len(found.owner)
    units = _size(rng, seen, past, owner)
    percent = np.clip(20 - seen.tier - rng.integers(0, 3, rows), 15, 20)
    before = np.minimum(60 * MINUTE * rng.random(rows), 0.5 * (found.created - found.topped_up))
    pd = true_pd(people, seen, past, found, units, draw_hidden(rng, people, found))
    return Loans(
        owner=owner,
        nth=past.loans[owner],
        units=units,
        fee_cents=units * percent,
        created=found.created,
        paid=np.full(rows, NULL),
        share=rng.choice(np.array([50, 75, 100]), rows),
        channel=_draw_channels(rng, people, owner),
        ran_out=found.created - before.astype(np.int64) - 1,
        pd=pd,
        bad=rng.random(rows) < pd,
    )


def _size(rng: np.random.Generator, seen: Seen, past: Past, owner: Ints) -> Ints:
    """The lender's rule: more for those who top up more, hold a tier or borrowed before."""
    strength = 0.09 * seen.mean_units + 0.35 * seen.tier + 0.15 * np.minimum(past.loans[owner], 4)
    strength = strength + 0.5 * rng.standard_normal(len(owner))
    return np.array([5, 10, 20])[np.digitize(strength, [2.0, 3.0])]


def _draw_channels(rng: np.random.Generator, people: People, owner: Ints) -> Ints:
    """Most loans come unasked; the rest were asked for by menu, message or (smartphones) app."""
    pick = rng.random(len(owner))
    app = 0.18 * (people.handset[owner] == 2)
    channel = np.where(pick < 0.55, 0, np.where(pick < 0.55 + app, 3, np.where(pick < 0.87, 1, 2)))
    return np.where(rng.random(len(owner)) < 0.02, -1, channel)


def _remember(past: Past, loans: Loans) -> None:
    """Add loans that are over to what is known of their customers."""
    past.loans[loans.owner] += 1
    past.bad[loans.owner] += loans.bad
    repaid = loans.paid != NULL
    took = (loans.paid[repaid] - loans.created[repaid]) / DAY
    past.last_days[loans.owner[repaid]] = took


def _move_on(
    rng: np.random.Generator, cursor: Ints, loans: Loans, past: Past, pace: Floats
) -> None:
    """Set when each may run out next: some time after the loan was repaid or written off."""
    over = np.where(loans.paid == NULL, loans.created + WRITE_OFF, loans.paid)
    pause = _to_us(pace[loans.owner] * rng.exponential(1.0, len(over)))
    following = over + pause
    full = (past.loans[loans.owner] >= _MAX_EARLIER) & (loans.created < LENDING)
    cursor[loans.owner] = np.where(full, np.maximum(following, LENDING + pause), following)


def _to_us(days: Floats) -> Ints:
    return (days * DAY).astype(np.int64)
