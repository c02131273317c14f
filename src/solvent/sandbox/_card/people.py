"""The applicants: what they write in the form, and the traits behind it that nobody sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints, chance

EDUCATIONS = ("SCH", "UGR", "GRD", "PGR", "ACD")
"""School, unfinished higher, higher, second degree, academic degree."""
SEXES = ("F", "M")
NO_YES = ("N", "Y")

YOUNGEST, OLDEST = 21, 72
MISSING_EDUCATION = 0.006
"""Share of forms that do not say the education."""

_MEDIAN_INCOME = 33_000.0
_LEAST_INCOME, _MOST_INCOME = 6_000.0, 1_000_000.0
_EXACT_SHARE = 0.1  # of incomes told to the rouble; people round the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One block of applicants; every array has shape (BLOCK,).

    Attributes:
        standing: Latent place in society, standard normal; much of the form comes from it.
        prudence: Latent care with debt, standard normal; the bank's file shows something of it.
        education: Index into EDUCATIONS, true even where the form does not say it.
        education_told: The same, -1 where the form does not say it.
        male: Whether the form says the second of SEXES.
        age: Whole years.
        car: Whether there is a car.
        foreign_car: Whether it is a foreign one.
        good_work: Whether the employer is one the bank thinks well of.
        income: A month, whole roubles.
        passport: Whether there is a passport for travel.
        region: Rating of the region, 20 to 80 in steps of 10, higher is wealthier.
        home: Category of the home address, 1 (best) to 3.
        work: Category of the work address, 1 (best) to 3.
    """

    standing: Floats
    prudence: Floats
    education: Ints
    education_told: Ints
    male: Bools
    age: Ints
    car: Bools
    foreign_car: Bools
    good_work: Bools
    income: Ints
    passport: Bools
    region: Ints
    home: Ints
    work: Ints


def draw_people(rng: np.random.Generator) -> People:
    """Draw one block of applicants."""
    standing, prudence = rng.standard_normal((2, BLOCK))
    male = rng.random(BLOCK) < 0.48
    years = YOUNGEST + (OLDEST + 1 - YOUNGEST) * rng.beta(1.6, 2.6, BLOCK)
    age = np.minimum(np.floor(years), OLDEST).astype(np.int64)
    education = _draw_education(rng, standing, age)
    region = _draw_region(rng, standing)
    income = _draw_income(rng, standing, education, male, region)
    car = _happens(rng, -0.90 + 0.55 * standing + 0.60 * male + 0.015 * (age - 40))
    home, work = _draw_addresses(rng, standing, region)
    return People(
        standing=standing,
        prudence=prudence,
        education=education,
        education_told=np.where(rng.random(BLOCK) < MISSING_EDUCATION, -1, education),
        male=male,
        age=age,
        car=car,
        foreign_car=car & _happens(rng, 0.20 + 0.70 * standing),
        good_work=_happens(rng, -1.7 + 0.60 * standing + 0.35 * (education >= 2)),
        income=income,
        passport=_happens(rng, -1.8 + 0.60 * standing + 0.80 * log_income(income)),
        region=region,
        home=home,
        work=work,
    )


def log_income(income: Ints) -> Floats:
    """Natural logarithm of incomes against the median one."""
    logs: Floats = np.log(income / _MEDIAN_INCOME)
    return logs


def _draw_education(rng: np.random.Generator, standing: Floats, age: Ints) -> Ints:
    """Who is young may still study; a second degree takes years."""
    score = 0.75 * standing + 0.66 * rng.standard_normal(BLOCK)
    reached = np.digitize(score, [-0.10, 0.35, 1.6, 2.3])
    reached = np.where((reached > 2) & (age < 26), 2, reached)
    studying = (reached == 2) & (age < 24) & (rng.random(BLOCK) < 0.5)
    return np.where(studying, 1, reached).astype(np.int64)


def _draw_income(
    rng: np.random.Generator, standing: Floats, education: Ints, male: Bools, region: Ints
) -> Ints:
    """Lognormal, and mostly told in round thousands."""
    logs = 0.26 * standing + 0.06 * (education - 1) + 0.12 * male + 0.008 * (region - 50)
    told = _MEDIAN_INCOME * np.exp(logs + 0.42 * rng.standard_normal(BLOCK))
    step = np.where(told < 100_000.0, 1_000.0, 5_000.0)
    step = np.where(rng.random(BLOCK) < _EXACT_SHARE, 1.0, step)
    rounded = np.round(told / step) * step
    income: Ints = np.clip(rounded, _LEAST_INCOME, _MOST_INCOME).astype(np.int64)
    return income


def _draw_region(rng: np.random.Generator, standing: Floats) -> Ints:
    score = 0.40 * standing + 0.92 * rng.standard_normal(BLOCK)
    rating: Ints = 20 + 10 * np.digitize(score, [-1.75, -1.15, -0.5, 0.25, 0.85, 1.5])
    return rating


def _draw_addresses(rng: np.random.Generator, standing: Floats, region: Ints) -> tuple[Ints, Ints]:
    """Who lives well often works near it."""
    own, other = rng.standard_normal((2, BLOCK))
    home = 0.45 * standing + 0.012 * (region - 50) + 0.85 * own
    work = 0.25 * standing + 0.50 * home + 0.80 * other
    return _rank(home, (-1.1, 0.35)), _rank(work, (0.0, 0.95))


def _rank(score: Floats, cuts: tuple[float, float]) -> Ints:
    """Categories 1 for the highest scores to 3 for the lowest."""
    return 3 - np.digitize(score, cuts).astype(np.int64)


def _happens(rng: np.random.Generator, logit: Floats) -> Bools:
    return rng.random(BLOCK) < chance(logit)
