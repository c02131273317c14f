"""Top-ups, usage and loyalty as they would run if no loan were ever made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._airtime.calendar import END, LAST_MONTH, year_share
from solvent.sandbox._airtime.people import People, strain_at
from solvent.sandbox._block import BLOCK, Bools, Floats, Ints, chance
from solvent.sandbox._clock import DAY, HOUR, MINUTE, owners_of, times_of, to_clock, to_keys
from solvent.sandbox._renewal import renew

METHODS = ("voucher", "app", "agent", "bank", "kiosk")
VOUCHER = 0
KIOSK = 4
"""A way to pay that opens in the last month: a level no training set has seen."""
TIERS = ("none", "bronze", "silver", "gold")
KINDS = ("voice", "sms", "data", "social")
NETWORKS = ("2g", "3g", "4g")
PRICES = np.array([3, 5, 8, 10, 15, 20, 30, 50], dtype=np.int64)
"""Top-ups one can buy, whole units of currency."""

_TOP_UPS_A_DAY = 0.20
_USES_A_DAY = 0.30
AFTER_END = 90 * DAY
"""How far top-ups run beyond the data's end, so that the last loans can be repaid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUps:
    """Top-ups of a block, sorted by customer and time; every array has shape (top-ups,).

    Attributes:
        keys: Customer and time in one number (see `calendar.to_keys`).
        units: What was paid, whole units of currency.
        method: Index into METHODS.
    """

    keys: Ints
    units: Ints
    method: Ints

    def keep(self, kept: Bools) -> TopUps:
        """The same without the rows where `kept` is false."""
        return TopUps(keys=self.keys[kept], units=self.units[kept], method=self.method[kept])


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Usage of a block; every array has shape (events,).

    Attributes:
        keys: Customer and time in one number.
        kind: Index into KINDS.
        units: Minutes, messages or megabytes.
        network: Index into NETWORKS, -1 where not recorded.
    """

    keys: Ints
    kind: Ints
    units: Floats
    network: Ints

    def keep(self, kept: Bools) -> Usage:
        """The same without the rows where `kept` is false."""
        return Usage(
            keys=self.keys[kept],
            kind=self.kind[kept],
            units=self.units[kept],
            network=self.network[kept],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loyalty:
    """Loyalty rows of a block, sorted by customer and `valid_from`; every array has shape (rows,).

    Attributes:
        owner: Customer's index in the block.
        valid_from: When the row begins to hold, microseconds since the period's start.
        recorded_at: When it could be known.
        tier: Index into TIERS.
        points: Points then held.
    """

    owner: Ints
    valid_from: Ints
    recorded_at: Ints
    tier: Ints
    points: Ints


def draw_top_ups(rng: np.random.Generator, people: People) -> TopUps:
    """Draw when, how much and how customers top up: renewals in warped time."""
    rate = _TOP_UPS_A_DAY * np.exp(0.40 * people.activity[:, None] - 0.38 * people.strain)
    owner, days = renew(rng, rate.clip(0.04, 1.2), people.regularity)
    at = _place(people, owner, days)
    owner, at = owner[at < END + AFTER_END], at[at < END + AFTER_END]
    strain = strain_at(people, owner, at)
    size = 0.33 * people.income[owner] - 0.16 * strain + 0.10 * year_share(at)
    paid = 8.5 * np.exp(size + 0.38 * rng.standard_normal(len(at)))
    units = PRICES[np.searchsorted(PRICES[1:], paid)]
    return TopUps(
        keys=to_keys(owner, at), units=units, method=_draw_methods(rng, people, owner, at, strain)
    )


def draw_usage(rng: np.random.Generator, people: People) -> Usage:
    """Draw calls, messages, data and social bundles: a Poisson stream in warped time."""
    rate = _USES_A_DAY * np.exp(0.30 * people.activity[:, None] - 0.25 * people.strain)
    owner, days = renew(rng, rate.clip(0.03, 3.0), np.ones(BLOCK))
    at = _place(people, owner, days)
    kept = at < END
    return describe_usage(rng, people, to_keys(owner[kept], at[kept]))


def describe_usage(rng: np.random.Generator, people: People, keys: Ints) -> Usage:
    """Say what was used, how much and over which network, for given customers and times."""
    owner, at = owners_of(keys), times_of(keys)
    smart = people.handset[owner] / 2.0
    pick = rng.random(len(keys))
    social = 0.06 + 0.14 * smart + 0.07 * (people.reliability[owner] < -0.3)
    data = 0.05 + 0.35 * smart
    kind = np.where(
        pick < social,
        3,
        np.where(pick < social + data, 2, np.where(pick < social + data + 0.18, 1, 0)),
    )
    scale = np.array([3.0, 1.0, 40.0, 15.0])[kind] * np.exp(0.2 * people.income[owner])
    # Data bundles grow by half in the last month: a level shift for drift monitors to find.
    scale = np.where((kind == 2) & (at >= LAST_MONTH), 1.5 * scale, scale)
    units = np.where(kind == 1, 1.0, np.round(scale * rng.exponential(1.0, len(keys)) + 0.1, 1))
    return Usage(keys=keys, kind=kind, units=units, network=_draw_networks(rng, smart, at))


def join_usage(one: Usage, other: Usage) -> Usage:
    """Usage of both, ordered by customer and time."""
    keys = np.concatenate([one.keys, other.keys])
    order = np.argsort(keys, kind="stable")
    return Usage(
        keys=keys[order],
        kind=np.concatenate([one.kind, other.kind])[order],
        units=np.concatenate([one.units, other.units])[order],
        network=np.concatenate([one.network, other.network])[order],
    )


def draw_loyalty(rng: np.random.Generator, people: People) -> Loyalty:
    """Draw a row at joining and later changes, recorded hours or days after they hold."""
    present = (END - people.entered) / END
    rows = 1 + rng.poisson(3.2 * present) + (rng.random(BLOCK) < 0.6)
    owner = np.repeat(np.arange(BLOCK), rows)
    first = np.ones(len(owner), dtype=np.bool_)
    first[1:] = owner[1:] != owner[:-1]
    later = people.entered[owner] + ((END - people.entered[owner]) * rng.random(len(owner))).astype(
        np.int64
    )
    at = np.where(first, people.joined[owner], later)
    order = np.lexsort((at, owner))
    at = at[order]
    years = np.log1p(np.maximum(at - people.joined[owner], 0) / (365 * DAY))
    own = rng.standard_normal(BLOCK)[owner]
    score = (
        0.75 * people.reliability[owner] + 0.3 * people.activity[owner] + 0.5 * years + 0.35 * own
    )
    score = score - 0.25 * strain_at(people, owner, at) + 0.3 * rng.standard_normal(len(owner))
    delay = np.where(rng.random(len(at)) < 0.10, 15 * DAY, DAY) * rng.random(len(at))
    return Loyalty(
        owner=owner,
        valid_from=at,
        recorded_at=at + delay.astype(np.int64) // MINUTE * MINUTE + HOUR,
        tier=np.digitize(score, [-0.5, 0.5, 1.4]).astype(np.int64),
        points=np.floor(60.0 * np.exp(0.7 * score + 0.5 * rng.standard_normal(len(at)))).astype(
            np.int64
        ),
    )


def _place(people: People, owner: Ints, days: Floats) -> Ints:
    """Put events on the clock, none before the customer has joined."""
    entered = people.entered[owner]
    return np.maximum(to_clock(entered / DAY + days), entered + MINUTE)


def _draw_methods(
    rng: np.random.Generator, people: People, owner: Ints, at: Ints, strain: Floats
) -> Ints:
    leaning = people.voucher_taste[owner] - 0.75 * people.reliability[owner] + 0.6 * strain
    voucher = chance(leaning - 0.4)
    app = 0.15 + 0.25 * people.handset[owner] + 0.10 * year_share(at)
    pick = rng.random(len(owner))
    rest = rng.random(len(owner))
    method = np.where(
        pick < voucher, VOUCHER, np.where(rest < app, 1, np.where(rest < 0.5 + 0.5 * app, 2, 3))
    )
    opened = (at >= LAST_MONTH) & (rng.random(len(owner)) < 0.012)
    return np.where(opened, KIOSK, method)


def _draw_networks(rng: np.random.Generator, smart: Floats, at: Ints) -> Ints:
    pick = rng.random(len(at))
    fast = smart * (0.35 + 0.25 * year_share(at))
    network = np.where(pick < fast, 2, np.where(pick < fast + 0.35, 1, 0))
    return np.where(rng.random(len(at)) < 0.07, -1, network)
