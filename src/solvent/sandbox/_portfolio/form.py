"""The application form of the card portfolio: 53 columns, of which some never vary."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Coded, Column, Floats, Ints
from solvent.sandbox._portfolio.people import SEXES, People
from solvent.sandbox._portfolio.places import (
    BOROUGH_SHARES,
    BOROUGHS,
    CITIES,
    STATES,
    draw_city,
    postal_area,
    write_cities,
    write_names,
)
from solvent.sandbox._spread import pick

_NO_YES = ("N", "Y")
_ZIPS = tuple(f"{number:03d}" for number in range(1_000))
_WAYS = ("0", "Web", "Carga")
_PRODUCTS = np.array([1, 2, 7])
_PROFESSION_SHARES = (
    0.050, 0.008, 0.045, 0.004, 0.005, 0.006, 0.012, 0.022, 0.014, 0.560, 0.020, 0.078,
    0.008, 0.006, 0.002, 0.002, 0.001, 0.001,
)  # fmt: skip


def show_form(rng: np.random.Generator, people: People) -> dict[str, Column]:
    """Show one block's application forms."""
    return {
        **_show_person(rng, people),
        **_show_residence(rng, people),
        **_show_work(rng, people),
        **_show_money(rng, people),
        **_show_constants(),
        "PAYMENT_DAY": people.payment_day,
        "APPLICATION_SUBMISSION_TYPE": Coded(codes=people.web, levels=_WAYS),
        "PRODUCT": _PRODUCTS[people.product],
        "FLAG_EMAIL": _number(rng.random(BLOCK) < 0.802),
    }


def _show_person(rng: np.random.Generator, people: People) -> dict[str, Column]:
    untold = rng.random(BLOCK) < 0.041
    city = draw_city(rng, people.born)
    at_home = (people.born == people.state) & (rng.random(BLOCK) < 0.6)
    city = write_cities(rng, np.where(at_home, people.city, city), 0.93)
    mate = np.isin(people.marital, [2, 4]) & (rng.random(BLOCK) < 0.68)
    mate_job = np.where(rng.random(BLOCK) < 0.62, 0, pick(rng, _PROFESSION_SHARES, BLOCK))
    nation = np.where(untold, 0, 1 + (rng.random(BLOCK) < 0.002))
    return {
        "SEX": Coded(codes=np.where(rng.random(BLOCK) < 3e-4, -1, people.sex), levels=SEXES),
        "MARITAL_STATUS": people.marital,
        "QUANT_DEPENDANTS": people.dependants,
        "STATE_OF_BIRTH": Coded(codes=np.where(untold, -1, people.born), levels=STATES),
        "CITY_OF_BIRTH": Coded(codes=np.where(untold, -1, city), levels=CITIES),
        "NACIONALITY": nation.astype(np.int64),
        "MATE_PROFESSION_CODE": _where(mate, mate_job),
        "EDUCATION_LEVEL_2": _where(
            mate & (rng.random(BLOCK) < 0.84),
            pick(rng, (0.905, 0.003, 0.020, 0.034, 0.034, 0.003), BLOCK),
        ),
        "AGE": people.age,
    }


def _show_residence(rng: np.random.Generator, people: People) -> dict[str, Column]:
    city = write_cities(rng, people.city, 0.62)
    borough = pick(rng, BOROUGH_SHARES, BLOCK)
    zips = Coded(codes=postal_area(people.city), levels=_ZIPS)
    return {
        "POSTAL_ADDRESS_TYPE": 1 + _number(rng.random(BLOCK) < 0.007),
        "RESIDENCIAL_STATE": Coded(codes=people.state, levels=STATES),
        "RESIDENCIAL_CITY": Coded(codes=city, levels=CITIES),
        "RESIDENCIAL_BOROUGH": Coded(
            codes=np.where(rng.random(BLOCK) < 2e-4, -1, write_names(rng, borough, 0.7)),
            levels=BOROUGHS,
        ),
        "FLAG_RESIDENCIAL_PHONE": Coded(codes=_number(people.phone), levels=_NO_YES),
        "RESIDENCIAL_PHONE_AREA_CODE": _where(people.phone, people.area),
        "RESIDENCE_TYPE": _where(rng.random(BLOCK) >= 0.027, people.residence),
        "MONTHS_IN_RESIDENCE": _where(rng.random(BLOCK) >= 0.0756, people.years_there),
        "RESIDENCIAL_ZIP_3": zips,
        "PROFESSIONAL_ZIP_3": zips,
    }


def _show_work(rng: np.random.Generator, people: People) -> dict[str, Column]:
    """Where the work is, is told by most of those who name an employer."""
    told = people.employer & (rng.random(BLOCK) < 0.715)
    near = rng.random(BLOCK) < 0.8
    city = write_cities(rng, np.where(near, people.city, draw_city(rng, people.state)), 0.8)
    borough = write_names(rng, pick(rng, (0.25, *BOROUGH_SHARES[1:]), BLOCK), 0.75)
    job = pick(rng, _PROFESSION_SHARES, BLOCK)
    months = np.where(rng.random(BLOCK) < 0.02, rng.geometric(0.2, BLOCK), 0)
    return {
        "COMPANY": Coded(codes=_number(people.employer), levels=_NO_YES),
        "PROFESSIONAL_STATE": Coded(codes=np.where(told, people.state, -1), levels=STATES),
        "PROFESSIONAL_CITY": Coded(codes=np.where(told, city, -1), levels=CITIES),
        "PROFESSIONAL_BOROUGH": Coded(codes=np.where(told, borough, -1), levels=BOROUGHS),
        "FLAG_PROFESSIONAL_PHONE": Coded(codes=_number(people.work_phone), levels=_NO_YES),
        "PROFESSIONAL_PHONE_AREA_CODE": _where(people.work_phone, people.area),
        "MONTHS_IN_THE_JOB": np.minimum(months, 35).astype(np.int64),
        "PROFESSION_CODE": _where(rng.random(BLOCK) >= 0.156, job),
        "OCCUPATION_TYPE": _where(rng.random(BLOCK) >= 0.146, people.occupation),
    }


def _show_money(rng: np.random.Generator, people: People) -> dict[str, Column]:
    """Income, assets, and the cards and accounts held already."""
    other = np.where(rng.random(BLOCK) < 0.085, np.round(rng.gamma(1.2, 220.0, BLOCK), -1), 0.0)
    assets = np.where(rng.random(BLOCK) < 0.042, np.round(rng.gamma(0.9, 45e3, BLOCK), -3), 0.0)
    holds = np.exp(0.5 * people.standing - 0.12)
    accounts = _number(people.account) + (people.account & (rng.random(BLOCK) < 5e-4))
    return {
        "PERSONAL_MONTHLY_INCOME": people.income.astype(np.float64),
        "OTHER_INCOMES": other,
        "FLAG_VISA": _number(rng.random(BLOCK) < 0.111 * holds),
        "FLAG_MASTERCARD": _number(rng.random(BLOCK) < 0.098 * holds),
        "FLAG_DINERS": _number(rng.random(BLOCK) < 0.0013),
        "FLAG_AMERICAN_EXPRESS": _number(rng.random(BLOCK) < 0.0018),
        "FLAG_OTHER_CARDS": _number(rng.random(BLOCK) < 0.0021),
        "QUANT_BANKING_ACCOUNTS": accounts,
        "QUANT_SPECIAL_BANKING_ACCOUNTS": accounts,
        "PERSONAL_ASSETS_VALUE": assets,
        "QUANT_CARS": _number(people.car),
    }


def _show_constants() -> dict[str, Column]:
    """What never varies in this lender's data, as in the published data."""
    zero = np.zeros(BLOCK, dtype=np.int64)
    numbers = (
        "QUANT_ADDITIONAL_CARDS", "EDUCATION_LEVEL", "FLAG_HOME_ADDRESS_DOCUMENT", "FLAG_RG",
        "FLAG_CPF", "FLAG_INCOME_PROOF",
    )  # fmt: skip
    texts = {"CLERK_TYPE": "C", "FLAG_MOBILE_PHONE": "N", "FLAG_ACSP_RECORD": "N"}
    return {
        **dict.fromkeys(numbers, zero),
        **{name: Coded(codes=zero, levels=(level,)) for name, level in texts.items()},
    }


def _where(told: Bools, values: Ints) -> Floats:
    shown: Floats = np.where(told, values.astype(np.float64), np.nan)
    return shown


def _number(asserted: Bools) -> Ints:
    return asserted.astype(np.int64)
