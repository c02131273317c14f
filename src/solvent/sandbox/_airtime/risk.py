"""What is visible of a customer when a loan is made, and the true probability that it is bad."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._airtime.calendar import year_share
from solvent.sandbox._airtime.people import REGIONS, People, strain_at
from solvent.sandbox._airtime.streams import VOUCHER, Loyalty, TopUps
from solvent.sandbox._block import BLOCK, Floats, Ints, chance
from solvent.sandbox._clock import DAY, owners_of, sum_between, to_keys

_LEVEL = -2.87
_VISIBLE = 0.68
"""How much of the visible part counts; with the hidden part it sets what a good model can reach."""
_DRIFT = 0.35
_TIER = np.array([0.35, 0.15, -0.15, -0.45])
_REGION = np.linspace(-0.25, 0.30, len(REGIONS))[[3, 7, 1, 10, 5, 0, 8, 2, 11, 6, 4, 9]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What became of earlier loans, all of them over; shape (BLOCK,), updated in place.

    Attributes:
        loans: Loans so far.
        bad: Of these, not repaid in full within the term.
        last_days: Days the last repaid loan took, 0 before the first.
    """

    loans: Ints
    bad: Ints
    last_days: Floats

    @classmethod
    def empty(cls) -> Past:
        """Nobody has borrowed yet."""
        zeros = np.zeros(BLOCK, dtype=np.int64)
        return cls(loans=zeros, bad=zeros.copy(), last_days=np.zeros(BLOCK))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOuts:
    """Customers who ran out; every array has shape (run-outs,).

    Attributes:
        owner: Customer's index in the block, each at most once.
        created: When the loan is made, microseconds since the period's start.
        topped_up: The customer's last top-up before.
    """

    owner: Ints
    created: Ints
    topped_up: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Behaviour known strictly before a loan is made; every array has shape (loans,).

    Attributes:
        recency: Days since the last top-up.
        rhythm: Mean days between top-ups over 90 days.
        unevenness: Coefficient of variation of the gaps over 90 days.
        trend: Log of money topped up in 30 days against a third of that in 90 days.
        mean_units: Mean top-up over 90 days, units of currency.
        voucher: Share of vouchers among the top-ups of 90 days.
        tier: Loyalty tier recorded by then, index into TIERS.
        tenure: Years since joining.
    """

    recency: Floats
    rhythm: Floats
    unevenness: Floats
    trend: Floats
    mean_units: Floats
    voucher: Floats
    tier: Ints
    tenure: Floats


def look_back(people: People, top_ups: TopUps, loyalty: Loyalty, found: RunOuts) -> Seen:
    """Measure what is visible of customers the moment they run out."""
    owner, created = found.owner, found.created
    now = np.searchsorted(top_ups.keys, to_keys(owner, created))
    entered = people.entered[owner]
    begin90 = np.searchsorted(top_ups.keys, to_keys(owner, np.maximum(created - 90 * DAY, entered)))
    begin30 = np.searchsorted(top_ups.keys, to_keys(owner, np.maximum(created - 30 * DAY, entered)))
    gaps = np.diff(top_ups.keys, prepend=top_ups.keys[:1]) / DAY
    gaps[np.diff(owners_of(top_ups.keys), prepend=-1) != 0] = 0.0
    count = (now - begin90).astype(np.float64)
    money30 = sum_between(top_ups.units, begin30, now)
    money90 = sum_between(top_ups.units, begin90, now)
    seen_days = np.minimum(created - entered, 90 * DAY) / DAY
    mean_gap = sum_between(gaps, begin90, now) / np.maximum(count, 1.0)
    spread = sum_between(gaps**2, begin90, now) / np.maximum(count, 1.0) - mean_gap**2
    thirds = np.maximum(seen_days / 30.0, 1.0)
    return Seen(
        recency=(created - found.topped_up) / DAY,
        rhythm=seen_days / (count + 1.0),
        unevenness=np.sqrt(np.maximum(spread, 0.0)) / (mean_gap + 1.0),
        trend=np.log((money30 + 6.0) / (money90 / thirds + 6.0)),
        mean_units=(money90 + 8.0) / (count + 1.0),
        voucher=(sum_between(top_ups.method == VOUCHER, begin90, now) + 0.5) / (count + 1.2),
        tier=_known_tier(loyalty, owner, created),
        tenure=(created - people.joined[owner]) / (365 * DAY),
    )


def true_pd(
    people: People, seen: Seen, past: Past, found: RunOuts, units: Ints, hidden: Floats
) -> Floats:
    """The probability that loans of `units` are not repaid in full within the term."""
    owner, created = found.owner, found.created
    visible = (
        _behaviour(seen, units)
        + _history(past, seen, owner)
        + _TIER[seen.tier]
        - 0.45 * (np.log1p(seen.tenure) - 0.9)
        + _REGION[people.region[owner]]
        + 0.0009 * (people.age[owner] - 42.0) ** 2
    )
    drift = _DRIFT * year_share(created)
    logit = _LEVEL + drift + _VISIBLE * visible + hidden
    return chance(logit)


def draw_hidden(rng: np.random.Generator, people: People, found: RunOuts) -> Floats:
    """What no data show, on the logit scale: reliability, strain and the day's circumstances."""
    strain = strain_at(people, found.owner, found.created)
    day = rng.standard_normal(len(found.owner))
    return -0.38 * people.reliability[found.owner] + 0.30 * strain + 0.5 * day


def _behaviour(seen: Seen, units: Ints) -> Floats:
    silence = np.log1p(np.minimum(seen.recency / seen.rhythm, 6.0))
    falling = np.clip(-seen.trend, -1.0, 1.5)
    burden = np.clip(np.log(units / seen.mean_units) + 0.4, 0.0, 1.5)
    logit: Floats = (
        0.95 * (silence - 0.75)
        + 0.55 * (seen.recency > 12.0)
        + 0.75 * falling
        + 0.70 * burden * (seen.trend < 0.0)
        + 1.5 * np.maximum(seen.voucher - 0.25, 0.0)
        + 0.60 * (seen.voucher > 0.5) * (seen.tier == 0)
        + 0.55 * np.clip(seen.unevenness - 0.5, -0.5, 1.0)
    )
    return logit


def _history(past: Past, seen: Seen, owner: Ints) -> Floats:
    loans, bad = past.loans[owner], past.bad[owner]
    late_share = bad / (loans + 1.5)
    slow = np.clip(past.last_days[owner] / 30.0, 0.0, 1.5)
    young = 1.0 + 0.8 * (seen.tenure < 1.0)
    return 1.9 * late_share * young + 0.7 * np.maximum(slow - 0.5, 0.0)


def _known_tier(loyalty: Loyalty, owner: Ints, created: Ints) -> Ints:
    """Tier of the row recorded last before `created`; before the first record there is none."""
    keys = to_keys(loyalty.owner, np.maximum(loyalty.recorded_at, 0))
    order = np.argsort(keys, kind="stable")
    found = np.searchsorted(keys[order], to_keys(owner, created)) - 1
    row = order[np.maximum(found, 0)]
    known = (found >= 0) & (loyalty.owner[row] == owner)
    return np.where(known, loyalty.tier[row], 0)
