"""What phone and app tell when a loan is asked for, and the true probability that it defaults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints, chance
from solvent.sandbox._clock import DAY, owners_of, sum_between, times_of, to_keys
from solvent.sandbox._mobile.calendar import year_share
from solvent.sandbox._mobile.people import People, strain_at
from solvent.sandbox._mobile.positions import Positions
from solvent.sandbox._mobile.taps import HELP, TERMS, WIFI, Taps, by_night

_LEVEL = -1.86
_VISIBLE, _HIDDEN = 1.0, 1.0
"""How much each part counts; together they set what a good model can reach."""
_DRIFT = 0.15
_NEVER_SEEN = 3.0
"""Days of silence that a phone without any position counts as: whoever never shared where they are
has not fallen silent."""
_LOOK_BACK = 60 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What became of earlier loans, all of them over; shape (BLOCK,), updated in place.

    Attributes:
        loans: Loans so far.
        bad: Of these, defaults.
    """

    loans: Ints
    bad: Ints

    @classmethod
    def empty(cls) -> Past:
        """Nobody has borrowed yet."""
        return cls(loans=np.zeros(BLOCK, dtype=np.int64), bad=np.zeros(BLOCK, dtype=np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Loans asked for; every array has shape (loans,).

    Attributes:
        owner: Customer's index in the block, each at most once.
        created: When, microseconds since the period's start.
        amount: Whole units of currency.
        term: Days to repay in.
    """

    owner: Ints
    created: Ints
    amount: Ints
    term: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Behaviour strictly before a loan is asked for; every array has shape (loans,).

    Attributes:
        recency: Days since the last position.
        accuracy: Mean logarithm of the positions' radius (metres) over 60 days.
        moving: Share of positions at walking speed or more.
        help: Share of screens that were help.
        terms: Share of screens that were terms.
        night: Share of taps between midnight and five.
        wifi: Share of taps over wifi.
    """

    recency: Floats
    accuracy: Floats
    moving: Floats
    help: Floats
    terms: Floats
    night: Floats
    wifi: Floats


def look_back(positions: Positions, taps: Taps, asked: Asked) -> Seen:
    """Measure what phone and app told before each loan was asked for."""
    now, since = _window(positions.keys, asked)
    told, before = _window(taps.keys, asked)
    last = positions.keys[np.maximum(now - 1, 0)]
    known = (now > 0) & (owners_of(last) == asked.owner)
    recency = np.where(known, (asked.created - times_of(last)) / DAY, _NEVER_SEEN)
    moving = np.nan_to_num(positions.speed) > 1.0
    return Seen(
        recency=recency,
        accuracy=_mean(np.log(positions.accuracy), since, now, 3.3),
        moving=_mean(moving, since, now, 0.22),
        help=_mean(taps.screen == HELP, before, told, 0.07),
        terms=_mean(taps.screen == TERMS, before, told, 0.06),
        night=_mean(by_night(taps.keys), before, told, 0.15),
        wifi=_mean(taps.network == WIFI, before, told, 0.45),
    )


def true_pd(asked: Asked, seen: Seen, past: Past, traits: Floats, hidden: Floats) -> Floats:
    """The probability that each loan is not repaid within the term and its grace.

    Args:
        asked: The loans.
        seen: What was visible before.
        past: Earlier loans.
        traits: What the broker's ten numbers stand for, shape (BLOCK, 10).
        hidden: What no data show, on the logit scale, shape (loans,).
    """
    visible = _behaviour(seen) + _history(past, asked) + _broker(traits[asked.owner])
    logit = _LEVEL + _DRIFT * year_share(asked.created) + _VISIBLE * visible + _HIDDEN * hidden
    return chance(logit)


def draw_hidden(rng: np.random.Generator, people: People, asked: Asked) -> Floats:
    """What no data show, on the logit scale: reliability, strain and the troubles to come."""
    strain = strain_at(people, asked.owner, asked.created)
    fate = rng.standard_normal(len(asked.owner))
    return -0.35 * people.reliability[asked.owner] + 0.30 * strain + 0.55 * fate


def _behaviour(seen: Seen) -> Floats:
    """Silence counts in steps, and more from those in trouble; night use more without wifi."""
    silent = seen.recency > 6.0
    logit: Floats = (
        0.25 * (seen.recency > 2.0)
        + 0.35 * silent
        + 0.45 * (seen.recency > 12.0)
        + 0.10 * (np.log1p(np.minimum(seen.recency, 60.0)) - 1.2)
        + 0.60 * silent * (seen.help > 0.09)
        + 0.30 * np.clip(seen.accuracy - 3.3, -1.0, 1.5)
        - 0.90 * (seen.moving - 0.22)
        + 1.4 * (seen.help - 0.07)
        - 1.8 * (seen.terms - 0.06)
        + 0.35 * (seen.night > 0.20)
        + 0.50 * (seen.night > 0.20) * (seen.wifi < 0.40)
        - 0.20 * (seen.wifi - 0.45)
    )
    return logit


def _history(past: Past, asked: Asked) -> Floats:
    loans, bad = past.loans[asked.owner], past.bad[asked.owner]
    burden = np.clip(np.log2(asked.amount / 50.0), -1.0, 2.0)
    late = 1.1 * bad / (loans + 1.0)
    return late - 0.10 * np.minimum(loans, 3) + 0.12 * burden + 0.10 * (asked.term > 14)


def _broker(traits: Floats) -> Floats:
    """Three of the ten numbers matter by themselves, one of them on both ends."""
    logit: Floats = (
        0.20 * traits[:, 3] - 0.16 * traits[:, 6] + 0.17 * (traits[:, 9] ** 2 - 1.0).clip(-1.0, 3.0)
    )
    return logit


def _window(keys: Ints, asked: Asked) -> tuple[Ints, Ints]:
    """Rows of 60 days before each loan: one past the last, and the first."""
    now = np.searchsorted(keys, to_keys(asked.owner, asked.created))
    since = np.maximum(asked.created - _LOOK_BACK, 0)
    return now, np.searchsorted(keys, to_keys(asked.owner, since))


def _mean(values: Bools | Ints | Floats, begin: Ints, end: Ints, usual: float) -> Floats:
    """Mean of rows [begin, end), drawn towards what is usual where rows are few."""
    mean: Floats = (sum_between(values, begin, end) + 3.0 * usual) / (end - begin + 3.0)
    return mean
