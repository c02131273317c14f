"""The customers: who they are, and the traits and slow moods nobody sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._airtime.calendar import END, WEEKS
from solvent.sandbox._block import BLOCK, NULL, Floats, Ints, draw_uuids
from solvent.sandbox._clock import DAY, WEEK_DAYS
from solvent.sandbox._renewal import draw_mood

REGIONS = (
    "capital", "coast", "delta", "east", "highlands", "islands",
    "lakes", "north", "plains", "south", "valley", "west",
)  # fmt: skip
SEXES = ("female", "male")
HANDSETS = ("basic", "feature", "smart")

_PERSISTENCE = 0.93  # of the weekly strain: half of a bad patch is gone in ten weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One block of customers; every array has shape (BLOCK,) unless stated.

    Attributes:
        uuids: Identifiers, one per customer.
        reliability: Latent will to repay, standard normal, higher is better.
        income: Latent level of income, standard normal.
        activity: Latent liveliness, standard normal.
        proneness: Latent tendency to run out, standard normal.
        regularity: Shape of the gamma gaps between top-ups; above 1 is steadier than chance.
        voucher_taste: Latent leaning to vouchers, on the logit scale.
        strain: Latent, slowly drifting trouble by week since `entered`, standard normal,
            shape (BLOCK, WEEKS).
        joined: Microseconds from the period's start to joining (negative: before it).
        entered: The later of `joined` and the period's start.
        birth_day: Days since 1970-01-01, NULL where unknown.
        age: True age in years at the period's start, even where `birth_day` is NULL.
        region: Index into REGIONS.
        sex: Index into SEXES, -1 where unknown.
        handset: Index into HANDSETS.
    """

    uuids: tuple[str, ...]
    reliability: Floats
    income: Floats
    activity: Floats
    proneness: Floats
    regularity: Floats
    voucher_taste: Floats
    strain: Floats
    joined: Ints
    entered: Ints
    birth_day: Ints
    age: Floats
    region: Ints
    sex: Ints
    handset: Ints


def draw_people(rng: np.random.Generator) -> People:
    """Draw one block of customers."""
    reliability, income, own, other, taste, steady = rng.standard_normal((6, BLOCK))
    joined = _draw_joined(rng)
    age = 18.0 + 50.0 * rng.beta(1.5, 2.8, BLOCK)
    handset_score = 0.8 * income + rng.standard_normal(BLOCK)
    return People(
        uuids=draw_uuids(rng, BLOCK),
        reliability=reliability,
        income=income,
        activity=0.3 * income + 0.95 * own,
        proneness=-0.4 * income + 0.9 * other,
        regularity=np.exp(0.5 + 0.3 * reliability + 0.45 * steady),
        voucher_taste=0.8 * taste,
        strain=draw_mood(rng, weeks=WEEKS, persistence=_PERSISTENCE),
        joined=joined,
        entered=np.maximum(joined, 0),
        birth_day=_draw_birth_days(rng, age),
        age=age,
        region=rng.choice(len(REGIONS), BLOCK, p=_region_shares()).astype(np.int64),
        sex=np.where(rng.random(BLOCK) < 0.06, -1, rng.integers(0, 2, BLOCK)),
        handset=np.digitize(handset_score, [-1.1, 0.0]).astype(np.int64),
    )


def strain_at(people: People, owner: Ints, at: Ints) -> Floats:
    """The strain of customers at instants (microseconds since the period's start)."""
    week = (at - people.entered[owner]) // (WEEK_DAYS * DAY)
    found: Floats = people.strain[owner, np.clip(week, 0, WEEKS - 1)]
    return found


def _draw_joined(rng: np.random.Generator) -> Ints:
    """Most joined up to eight years before the period, the others in its first eleven months."""
    before = -rng.exponential(2.2 * 365, BLOCK).clip(1, 8 * 365)
    during = rng.random(BLOCK) * (END // DAY - 32)
    days = np.where(rng.random(BLOCK) < 0.78, before, during)
    return (days * 86_400).astype(np.int64) * (DAY // 86_400)


def _draw_birth_days(rng: np.random.Generator, age: Floats) -> Ints:
    period_start = 19_723  # 2024-01-01 in days since 1970-01-01
    days = np.floor(period_start - age * 365.25).astype(np.int64)
    return np.where(rng.random(BLOCK) < 0.04, NULL, days)


def _region_shares() -> Floats:
    weights = np.linspace(2.0, 0.6, len(REGIONS))
    shares: Floats = weights / weights.sum()
    return shares
