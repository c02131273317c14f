"""The clients: who they are by their own word, drawn so that it hangs together as in life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints, chance
from solvent.sandbox._home.traits import Traits
from solvent.sandbox._spread import pick, pick_each

GENDERS = ("F", "M", "XNA")
EDUCATIONS = (
    "Secondary / secondary special", "Higher education", "Incomplete higher",
    "Lower secondary", "Academic degree",
)  # fmt: skip
FAMILIES = ("Married", "Single / not married", "Civil marriage", "Separated", "Widow")
INCOME_TYPES = (
    "Working", "Commercial associate", "Pensioner", "State servant",
    "Unemployed", "Student", "Maternity leave", "Businessman",
)  # fmt: skip
HOUSINGS = (
    "House / apartment", "With parents", "Municipal apartment",
    "Rented apartment", "Office apartment", "Co-op apartment",
)  # fmt: skip

PENSIONER = 2
REGIONS = 80
NOT_EMPLOYED = 365_243
"""The code that DAYS_EMPLOYED holds for pensioners and the unemployed."""

REGION_SIZES = np.round(0.0006 + 0.072 * (np.arange(REGIONS) / (REGIONS - 1)) ** 1.9, 6)
"""REGION_POPULATION_RELATIVE of each region."""
_RANK = np.arange(REGIONS) / (REGIONS - 1)
_REGION_WEIGHTS = np.where(_RANK == 1.0, 0.35, (_RANK + 0.02) ** 0.9 * (1.02 - _RANK) ** 1.3)
_REGION_RATINGS = np.select([_RANK > 0.82, np.arange(REGIONS) % 6 == 1], [1, 3], 2)
_MEDIAN_INCOME = 143_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One block of clients; every array has shape (BLOCK,).

    Attributes:
        age: Days since birth.
        gender: Index into GENDERS.
        education: Index into EDUCATIONS.
        family: Index into FAMILIES.
        children: How many.
        income_type: Index into INCOME_TYPES.
        income: A year, in units of currency.
        worked: Days in the present job; NOT_EMPLOYED for those without.
        housing: Index into HOUSINGS.
        realty: Whether the client owns a home.
        car_age: Age of the client's car in years, -1 without a car.
        region: Index of the region, 0 the smallest.
        rating: Rating of the region, 1 (best) to 3.
        moved: Whether registered in another city than the one worked in.
    """

    age: Ints
    gender: Ints
    education: Ints
    family: Ints
    children: Ints
    income_type: Ints
    income: Floats
    worked: Ints
    housing: Ints
    realty: Bools
    car_age: Ints
    region: Ints
    rating: Ints
    moved: Bools

    @property
    def employed(self) -> Bools:
        """Whether the client has a job."""
        employed: Bools = self.worked != NOT_EMPLOYED
        return employed

    @property
    def years(self) -> Floats:
        """Age in years."""
        years: Floats = self.age / 365.25
        return years


def draw_people(rng: np.random.Generator, traits: Traits) -> People:
    """Draw one block of clients."""
    standing = traits.standing
    years = 20.6 + 48.4 * rng.beta(1.45, 1.65, BLOCK)
    male = rng.random(BLOCK) < 0.38 - 0.0022 * (years - 25)
    education = _draw_education(rng, standing, years)
    income_type = _draw_income_type(rng, standing, years, male)
    pensioner = income_type == PENSIONER
    region = pick(rng, tuple(_REGION_WEIGHTS.tolist()), BLOCK)
    family = _draw_family(rng, years)
    return People(
        age=np.floor(years * 365.25).astype(np.int64),
        gender=np.where(rng.random(BLOCK) < 1e-5, 2, male).astype(np.int64),
        education=education,
        family=family,
        children=_draw_children(rng, years, family),
        income_type=income_type,
        income=_draw_income(rng, standing, income_type, male, region),
        worked=np.where(pensioner, NOT_EMPLOYED, _draw_job(rng, years, income_type)),
        housing=_draw_housing(rng, years),
        realty=rng.random(BLOCK) < chance(0.84 + 0.012 * (years - 43)),
        car_age=_draw_car(rng, standing, male, years),
        region=region,
        rating=_REGION_RATINGS[region],
        moved=~pensioner & (rng.random(BLOCK) < chance(-0.92 - 0.022 * (years - 40))),
    )


def _draw_education(rng: np.random.Generator, standing: Floats, years: Floats) -> Ints:
    score = 0.8 * standing - 0.012 * (years - 43) + 0.6 * rng.standard_normal(BLOCK)
    reached = np.select([score > 3.4, score > 0.60, score < -2.3], [4, 1, 3], 0)
    studying = (reached == 1) & (rng.random(BLOCK) < np.where(years < 28, 0.35, 0.06))
    return np.where(studying, 2, reached).astype(np.int64)


def _draw_income_type(
    rng: np.random.Generator, standing: Floats, years: Floats, male: Bools
) -> Ints:
    """Women retire at 55 and men at 60, some earlier and many work on."""
    retires = (years - np.where(male, 60.0, 55.0)) / 1.6
    pensioner = rng.random(BLOCK) < 0.02 + 0.85 * chance(retires) * (years > 40)
    lead = np.exp(0.25 * standing)
    weights = np.column_stack(
        [0.63 + 0.0 * lead, 0.285 * lead, 0.0 * lead, 0.085 * lead]
        + [np.full(BLOCK, share) for share in (7e-5, 6e-5, 2e-5, 3e-5)]
    )
    return np.where(pensioner, PENSIONER, pick_each(rng, weights))


def _draw_income(
    rng: np.random.Generator, standing: Floats, kind: Ints, male: Bools, region: Ints
) -> Floats:
    """Lognormal with a long tail, and told in round numbers."""
    by_kind = np.array([0.0, 0.17, -0.25, 0.06, -0.4, -0.1, -0.2, 0.5])[kind]
    logs = by_kind + 0.20 * standing + 0.20 * male + 0.004 * (region - 50)
    logs = logs + 0.36 * rng.standard_normal(BLOCK) + 0.25 * (rng.random(BLOCK) < 0.03)
    told = _MEDIAN_INCOME * np.exp(logs)
    step = np.where(rng.random(BLOCK) < 0.7, np.where(told < 60_000, 9_000.0, 22_500.0), 4_500.0)
    income: Floats = np.clip(np.round(told / step) * step, 27_000.0, 9_000_000.0)
    return income


def _draw_job(rng: np.random.Generator, years: Floats, kind: Ints) -> Ints:
    """Days in the job: years pass in a state job, months elsewhere."""
    steady = np.where(kind == 3, 0.55, 0.0) + 0.012 * (years - 40)
    days = 1_650.0 * np.exp(steady + 0.95 * rng.standard_normal(BLOCK))
    most = (years - 17.5) * 365.25
    days = np.where(days > most, most * rng.random(BLOCK), days)
    return np.maximum(days, 60 * rng.random(BLOCK)).astype(np.int64) + 1


def _draw_family(rng: np.random.Generator, years: Floats) -> Ints:
    old = np.maximum(years - 45, 0.0)
    weights = np.column_stack([
        0.72 - 0.55 * np.exp(-(years - 20) / 6.0),
        0.06 + 0.72 * np.exp(-(years - 20) / 9.0),
        np.full(BLOCK, 0.11),
        np.full(BLOCK, 0.07) * np.minimum((years - 19) / 15, 1.0),
        0.009 * np.exp(0.205 * np.minimum(old, 20)),
    ])  # fmt: skip
    return pick_each(rng, weights)


def _draw_children(rng: np.random.Generator, years: Floats, family: Ints) -> Ints:
    peak = np.exp(-(((years - 36) / 9.5) ** 2))
    single = np.array([1.0, 0.3, 0.9, 0.7, 0.3])[family]
    mean = 1.12 * peak * single + 0.03
    children: Ints = np.minimum(rng.poisson(mean), 14).astype(np.int64)
    return np.where((children > 2) & (rng.random(BLOCK) < 0.6), 2, children)


def _draw_housing(rng: np.random.Generator, years: Floats) -> Ints:
    young = np.exp(-(years - 20) / 7.5)
    weights = np.column_stack([
        np.full(BLOCK, 0.91), 0.33 * young, np.full(BLOCK, 0.037),
        0.010 + 0.05 * young, np.full(BLOCK, 0.0085), np.full(BLOCK, 0.0036),
    ])  # fmt: skip
    return pick_each(rng, weights)


def _draw_car(rng: np.random.Generator, standing: Floats, male: Bools, years: Floats) -> Ints:
    owns = rng.random(BLOCK) < chance(-1.05 + 0.35 * standing + 1.0 * male - 0.015 * (years - 43))
    age = np.floor(rng.gamma(1.6, 6.6, BLOCK) * np.exp(-0.20 * standing)).astype(np.int64)
    age = np.where(rng.random(BLOCK) < 0.03, 64, np.minimum(age, 60))
    return np.where(owns, age, -1)
