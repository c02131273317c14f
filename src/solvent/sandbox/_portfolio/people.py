"""The applicants of the card portfolio: who they are, and the traits behind it nobody sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints, chance
from solvent.sandbox._portfolio.places import STATE_SHARES, area_code, draw_city
from solvent.sandbox._spread import pick, pick_each

SEXES = ("F", "M", "N")
MARRIED = 2
"""MARITAL_STATUS of the married; 1 is single, 5 widowed."""
_MEDIAN_INCOME = 520.0
_CARD_HOLDERS = 0.72
"""Share of applicants whose transactions are known, from a shop's card or an account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One block of applicants; every array has shape (BLOCK,).

    Attributes:
        standing: Latent place in society, standard normal.
        care: Latent care with money, standard normal; transactions show much of it.
        strain: Latent present trouble with money, standard normal; of late, transactions show it.
        age: Whole years.
        sex: Index into SEXES.
        marital: MARITAL_STATUS, 0 to 7.
        dependants: How many.
        state: Index of the state of residence.
        city: Number of the city of residence.
        born: Index of the state of birth.
        income: A month, in whole reais.
        phone: Whether there is a phone at home.
        work_phone: Whether there is one at work.
        employer: Whether an employer was named.
        account: Whether there is a bank account.
        car: Whether there is a car.
        residence: RESIDENCE_TYPE, 0 to 5.
        years_there: Years at the residence.
        occupation: OCCUPATION_TYPE, 0 to 5.
        payment_day: Day of the month on which the card is to be paid.
        web: 0 where the application came in another way, 1 by the web, 2 in a file.
        product: Index of the card asked for.
        seen: Whether transactions are known.
    """

    standing: Floats
    care: Floats
    strain: Floats
    age: Ints
    sex: Ints
    marital: Ints
    dependants: Ints
    state: Ints
    city: Ints
    born: Ints
    income: Ints
    phone: Bools
    work_phone: Bools
    employer: Bools
    account: Bools
    car: Bools
    residence: Ints
    years_there: Ints
    occupation: Ints
    payment_day: Ints
    web: Ints
    product: Ints
    seen: Bools

    @property
    def area(self) -> Ints:
        """Telephone area of the residence."""
        return area_code(self.state, self.city)


def draw_people(rng: np.random.Generator) -> People:
    """Draw one block of applicants."""
    standing, care, strain = rng.standard_normal((3, BLOCK))
    age = _draw_age(rng)
    state = pick(rng, STATE_SHARES, BLOCK)
    marital = _draw_marital(rng, age)
    sex = pick(rng, (0.616, 0.383, 0.001), BLOCK)
    employer = rng.random(BLOCK) < chance(-0.15 + 0.35 * standing - 0.016 * (age - 41))
    moved = rng.random(BLOCK) < 0.16
    return People(
        standing=standing,
        care=care,
        strain=strain,
        age=age,
        sex=sex,
        marital=marital,
        dependants=_draw_dependants(rng, age, marital),
        state=state,
        city=draw_city(rng, state),
        born=np.where(moved, pick(rng, STATE_SHARES, BLOCK), state),
        income=_draw_income(rng, standing, sex),
        phone=rng.random(BLOCK) < chance(1.75 + 0.4 * standing + 0.2 * care + 0.012 * (age - 41)),
        work_phone=employer & (rng.random(BLOCK) < 0.61),
        employer=employer,
        account=rng.random(BLOCK) < chance(-0.65 + 0.6 * standing),
        car=rng.random(BLOCK) < chance(-0.75 + 0.55 * standing),
        residence=_draw_residence(rng, age),
        years_there=_draw_years(rng, age),
        occupation=_draw_occupation(rng, age, employer),
        payment_day=_draw_payment_day(rng, care),
        web=pick(rng, (0.389, 0.564, 0.047), BLOCK),
        product=pick(rng, (0.853, 0.121, 0.026), BLOCK),
        seen=rng.random(BLOCK) < _CARD_HOLDERS,
    )


def _draw_age(rng: np.random.Generator) -> Ints:
    """From 18, and now and then a slip of the pen."""
    age = 18.0 + 66.0 * rng.beta(1.35, 2.35, BLOCK)
    slips = rng.random(BLOCK) < 0.0012
    return np.where(slips, rng.integers(7, 107, BLOCK), np.floor(age)).astype(np.int64)


def _draw_marital(rng: np.random.Generator, age: Ints) -> Ints:
    young = np.exp(-(np.maximum(age, 18) - 18) / 14.0)
    weights = np.column_stack([
        np.full(BLOCK, 0.004), 0.13 + 0.85 * young, 0.66 - 0.50 * young,
        np.full(BLOCK, 0.012), 0.035 + 0.0012 * age, 0.002 * np.exp(0.052 * age),
        np.full(BLOCK, 0.038), np.full(BLOCK, 0.011),
    ])  # fmt: skip
    return pick_each(rng, weights)


def _draw_dependants(rng: np.random.Generator, age: Ints, marital: Ints) -> Ints:
    mean = 1.75 * np.exp(-(((age - 40) / 16.0) ** 2)) * np.where(marital == MARRIED, 1.0, 0.45)
    none = rng.random(BLOCK) < 0.40
    return np.where(none, 0, np.minimum(rng.poisson(mean), 13)).astype(np.int64)


def _draw_income(rng: np.random.Generator, standing: Floats, sex: Ints) -> Ints:
    """Skewed, never far below the least wage, and mostly told in round tens."""
    logs = 0.45 * standing + 0.12 * (sex == 1) + 0.38 * rng.standard_normal(BLOCK)
    told = 220.0 + (_MEDIAN_INCOME - 230.0) * np.exp(1.65 * logs)
    least_wage = rng.random(BLOCK) < 0.09
    step = np.where(rng.random(BLOCK) < 0.72, np.where(told < 1_000, 50.0, 100.0), 1.0)
    told = np.where(least_wage, rng.choice(np.array([300.0, 350.0, 380.0]), BLOCK), told)
    income: Ints = np.maximum(np.round(told / step) * step, 60.0).astype(np.int64)
    return income


def _draw_residence(rng: np.random.Generator, age: Ints) -> Ints:
    young = np.exp(-(np.maximum(age, 18) - 18) / 12.0)
    weights = np.column_stack([
        np.full(BLOCK, 0.015), np.full(BLOCK, 0.86), 0.05 + 0.12 * young,
        np.full(BLOCK, 0.003), np.full(BLOCK, 0.006), 0.02 + 0.10 * young,
    ])  # fmt: skip
    return pick_each(rng, weights)


def _draw_years(rng: np.random.Generator, age: Ints) -> Ints:
    years = 11.5 * rng.gamma(0.85, 1.0, BLOCK) * np.clip(age / 42.0, 0.4, 1.5)
    return np.minimum(years, np.maximum(age, 1)).astype(np.int64)


def _draw_occupation(rng: np.random.Generator, age: Ints, employer: Bools) -> Ints:
    """1 has none of the pensioners, who are mostly 5; 2 is employed, 4 works alone."""
    old = 1.0 / (1.0 + np.exp(-(age - 58) / 4.0))
    weights = np.column_stack([
        np.full(BLOCK, 0.06), 0.26 - 0.20 * old, 0.25 + 0.36 * employer - 0.20 * old,
        np.full(BLOCK, 0.006), 0.21 - 0.13 * employer, 0.05 + 0.75 * old,
    ])  # fmt: skip
    return pick_each(rng, np.maximum(weights, 0.0))


def _draw_payment_day(rng: np.random.Generator, care: Floats) -> Ints:
    """Who pays early in the month is a little more careful."""
    days = np.array([1, 5, 10, 15, 20, 25])
    lean = np.exp(np.outer(care, np.array([0.12, 0.10, 0.05, -0.02, -0.10, -0.14])))
    return days[pick_each(rng, np.array([0.035, 0.146, 0.41, 0.175, 0.094, 0.142]) * lean)]
