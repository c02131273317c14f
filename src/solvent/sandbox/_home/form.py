"""The application table as the lender sees it: form, contact, place, what others say."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Coded, Column, Floats, Ints, chance
from solvent.sandbox._home.people import (
    EDUCATIONS,
    FAMILIES,
    GENDERS,
    HOUSINGS,
    INCOME_TYPES,
    PENSIONER,
    REGION_SIZES,
    People,
)
from solvent.sandbox._home.request import CONTRACTS, REVOLVING, Request
from solvent.sandbox._home.traits import Traits
from solvent.sandbox._spread import pick, pick_each

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
SUITES = (
    "Unaccompanied", "Family", "Spouse, partner", "Children",
    "Other_B", "Other_A", "Group of people",
)  # fmt: skip
OCCUPATIONS = (
    "Laborers", "Sales staff", "Core staff", "Managers", "Drivers", "High skill tech staff",
    "Accountants", "Medicine staff", "Security staff", "Cooking staff", "Cleaning staff",
    "Private service staff", "Low-skill Laborers", "Waiters/barmen staff", "Secretaries",
    "Realty agents", "HR staff", "IT staff",
)  # fmt: skip
_OCCUPATION_SHARES = np.array([
    0.180, 0.106, 0.090, 0.070, 0.061, 0.037, 0.031, 0.028, 0.022,
    0.019, 0.015, 0.009, 0.007, 0.004, 0.004, 0.0025, 0.002, 0.002,
])  # fmt: skip
_SKILL = np.array([-0.5, -0.3, 0.5, 0.8, -0.2, 0.7, 0.9, 0.2, -0.5,
                   -0.6, -0.8, 0.2, -1.0, -0.4, 0.3, 0.4, 0.6, 1.0])  # fmt: skip
_WOMEN = np.array([-0.6, 1.0, 0.5, -0.2, -2.5, -0.6, 1.5, 1.5, -1.5,
                   1.0, 1.2, 0.6, -0.5, 0.5, 1.5, 0.4, 1.0, -0.8])  # fmt: skip
ORGANIZATIONS = (
    "Business Entity Type 3", "Self-employed", "Other", "Medicine", "Government",
    "Business Entity Type 2", "School", "Trade: type 7", "Kindergarten", "Construction",
    "Business Entity Type 1", "Transport: type 4", "Trade: type 3", "Industry: type 9",
    "Industry: type 3", "Security", "Housing", "Industry: type 11", "Military", "Bank",
    "Agriculture", "Police", "Transport: type 2", "Postal", "Security Ministries",
    "Trade: type 2", "Restaurant", "Services", "University", "Industry: type 7",
    "Transport: type 3", "Industry: type 1", "Hotel", "Electricity", "Industry: type 4",
    "Trade: type 6", "Industry: type 5", "Insurance", "Telecom", "Emergency",
    "Industry: type 2", "Advertising", "Realtor", "Culture", "Industry: type 12",
    "Trade: type 1", "Mobile", "Legal Services", "Cleaning", "Transport: type 1",
    "Industry: type 6", "Industry: type 10", "Religion", "Industry: type 13",
    "Trade: type 4", "Trade: type 5", "Industry: type 8", "XNA",
)  # fmt: skip
_ORGANIZATION_SHARES = tuple(
    [0.220, 0.128, 0.054, 0.037, 0.034, 0.033, 0.029, 0.026, 0.022, 0.022, 0.019]
    + [0.0175 * 0.917**place for place in range(len(ORGANIZATIONS) - 12)]
)
_NO_OCCUPATION = 0.155  # of those who work
_RARE_DOCUMENTS = {
    2: 4e-5, 4: 8e-5, 7: 2e-4, 9: 0.0039, 10: 2e-5, 11: 0.0039, 12: 7e-6, 13: 0.0035,
    14: 0.0029, 15: 0.0012, 16: 0.0099, 17: 2.7e-4, 18: 0.0081, 19: 6e-4, 20: 5e-4, 21: 3.3e-4,
}  # fmt: skip
_CIRCLE_SILENT = 0.0034
_INQUIRIES_SILENT = 0.02  # besides most of those without a file


def show_form(
    rng: np.random.Generator, traits: Traits, people: People, request: Request
) -> dict[str, Column]:
    """Show one block's application forms, without building, documents and what others say."""
    employed = people.employed
    return {
        "NAME_CONTRACT_TYPE": Coded(codes=request.contract, levels=CONTRACTS),
        "CODE_GENDER": Coded(codes=people.gender, levels=GENDERS),
        "FLAG_OWN_CAR": Coded(codes=_number(people.car_age >= 0), levels=("N", "Y")),
        "FLAG_OWN_REALTY": Coded(codes=_number(people.realty), levels=("N", "Y")),
        "CNT_CHILDREN": people.children,
        "AMT_INCOME_TOTAL": people.income,
        "AMT_CREDIT": request.credit,
        "AMT_ANNUITY": request.annuity,
        "AMT_GOODS_PRICE": request.goods,
        "NAME_TYPE_SUITE": _show_suite(rng),
        "NAME_INCOME_TYPE": Coded(codes=people.income_type, levels=INCOME_TYPES),
        "NAME_EDUCATION_TYPE": Coded(codes=people.education, levels=EDUCATIONS),
        "NAME_FAMILY_STATUS": Coded(codes=people.family, levels=FAMILIES),
        "NAME_HOUSING_TYPE": Coded(codes=people.housing, levels=HOUSINGS),
        "REGION_POPULATION_RELATIVE": REGION_SIZES[people.region],
        "DAYS_BIRTH": -people.age,
        "DAYS_EMPLOYED": np.where(employed, -people.worked, people.worked),
        "DAYS_REGISTRATION": (0 - request.registered).astype(np.float64),
        "DAYS_ID_PUBLISH": -request.published,
        "OWN_CAR_AGE": np.where(people.car_age >= 0, people.car_age, np.nan),
        "OCCUPATION_TYPE": _show_occupation(rng, traits, people),
        "CNT_FAM_MEMBERS": _count_family(people),
        "ORGANIZATION_TYPE": _show_organization(rng, people),
        **_show_contact(rng, people),
        **_show_place(rng, people),
        **_show_moment(rng),
    }


def show_documents(rng: np.random.Generator, people: People, request: Request) -> dict[str, Column]:
    """Show which of twenty documents were handed in: one main one, and rarely others."""
    main = request.document_3
    pension = ~main & (people.income_type == PENSIONER) & (request.contract != REVOLVING)
    other = ~main & ~pension & (request.contract != REVOLVING)
    eight = other & (rng.random(BLOCK) < 0.52)
    shown: dict[str, Column] = {
        "FLAG_DOCUMENT_3": _number(main),
        "FLAG_DOCUMENT_5": _number(other & ~eight & (rng.random(BLOCK) < 0.2)),
        "FLAG_DOCUMENT_6": _number(pension | (rng.random(BLOCK) < 0.052)),
        "FLAG_DOCUMENT_8": _number(eight),
    }
    for number, share in _RARE_DOCUMENTS.items():
        shown[f"FLAG_DOCUMENT_{number}"] = _number(rng.random(BLOCK) < share)
    return shown


def show_others(rng: np.random.Generator, traits: Traits, request: Request) -> dict[str, Column]:
    """Show what others say: three scores, the circle, inquiries at the bureau."""
    silent = rng.random(BLOCK) < _CIRCLE_SILENT
    unasked = (~traits.has_file & (rng.random(BLOCK) < 0.80)) | (
        rng.random(BLOCK) < _INQUIRIES_SILENT
    )
    names = ("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR")
    late, later = request.circle_late, request.circle_later
    fewer = np.maximum(request.circle - (rng.random(BLOCK) < 0.03), late)
    return {
        **_show_scores(request),
        "OBS_30_CNT_SOCIAL_CIRCLE": np.where(silent, np.nan, request.circle),
        "DEF_30_CNT_SOCIAL_CIRCLE": np.where(silent, np.nan, late),
        "OBS_60_CNT_SOCIAL_CIRCLE": np.where(silent, np.nan, fewer),
        "DEF_60_CNT_SOCIAL_CIRCLE": np.where(silent, np.nan, later),
        "DAYS_LAST_PHONE_CHANGE": (0 - request.phone_changed).astype(np.float64),
        **{
            f"AMT_REQ_CREDIT_BUREAU_{name}": np.where(unasked, np.nan, request.inquiries[place])
            for place, name in enumerate(names)
        },
    }


def _show_scores(request: Request) -> dict[str, Column]:
    """Ratings as scores in [0, 1], each with a shape of its own."""
    first, second, third = chance(1.702 * request.ratings)  # close to the normal's own shares
    shapes = (
        0.04 + 0.92 * first**0.95,
        0.80 * second**0.56,
        0.83 * third**0.62,
    )
    return {
        f"EXT_SOURCE_{place + 1}": np.where(request.silent[place], np.nan, np.round(values, 9))
        for place, values in enumerate(shapes)
    }


def _show_suite(rng: np.random.Generator) -> Column:
    codes = pick(rng, (0.809, 0.130, 0.037, 0.011, 0.006, 0.003, 0.001), BLOCK)
    return Coded(codes=np.where(rng.random(BLOCK) < 0.0043, -1, codes), levels=SUITES)


def _show_occupation(rng: np.random.Generator, traits: Traits, people: People) -> Column:
    """Who does what depends on place in society and on being a man or a woman."""
    woman = np.where(people.gender == 0, 0.5, -0.5)
    learned = 0.6 * traits.standing + 0.5 * (people.education == 1)
    weights = _OCCUPATION_SHARES * np.exp(
        np.outer(learned, _SKILL) * 0.8 + np.outer(woman, _WOMEN) * 0.7
    )
    codes = pick_each(rng, weights)
    untold = ~people.employed | (rng.random(BLOCK) < _NO_OCCUPATION)
    return Coded(codes=np.where(untold, -1, codes), levels=OCCUPATIONS)


def _show_organization(rng: np.random.Generator, people: People) -> Column:
    codes = pick(rng, _ORGANIZATION_SHARES, BLOCK)
    none = len(ORGANIZATIONS) - 1
    return Coded(codes=np.where(people.employed, codes, none), levels=ORGANIZATIONS)


def _count_family(people: People) -> Floats:
    """The client, children, and a husband or wife, by law or not."""
    members = 1 + people.children + np.isin(people.family, [0, 2])
    return members.astype(np.float64)


def _show_contact(rng: np.random.Generator, people: People) -> dict[str, Column]:
    return {
        "FLAG_MOBIL": np.ones(BLOCK, dtype=np.int64),
        "FLAG_EMP_PHONE": _number(people.employed),
        "FLAG_WORK_PHONE": _number(people.employed & (rng.random(BLOCK) < 0.242)),
        "FLAG_CONT_MOBILE": _number(rng.random(BLOCK) < 0.998),
        "FLAG_PHONE": _number(rng.random(BLOCK) < 0.28),
        "FLAG_EMAIL": _number(rng.random(BLOCK) < 0.055),
    }


def _show_place(rng: np.random.Generator, people: People) -> dict[str, Column]:
    """Ratings of region and city, and whether living, working and registered places differ."""
    better = (people.rating > 1) & (rng.random(BLOCK) < 0.02)
    region = people.moved & (rng.random(BLOCK) < 0.215)
    lives_there = rng.random(BLOCK) < 0.20
    city_moved = (rng.random(BLOCK) < 0.045) | (people.moved & (rng.random(BLOCK) < 0.14))
    away = people.moved & (~city_moved | (rng.random(BLOCK) < 0.2))
    return {
        "REGION_RATING_CLIENT": people.rating,
        "REGION_RATING_CLIENT_W_CITY": people.rating - better,
        "REG_REGION_NOT_LIVE_REGION": _number(region & lives_there | (rng.random(BLOCK) < 0.005)),
        "REG_REGION_NOT_WORK_REGION": _number(region),
        "LIVE_REGION_NOT_WORK_REGION": _number(region & ~lives_there),
        "REG_CITY_NOT_LIVE_CITY": _number(city_moved),
        "REG_CITY_NOT_WORK_CITY": _number(people.moved),
        "LIVE_CITY_NOT_WORK_CITY": _number(away),
    }


def _show_moment(rng: np.random.Generator) -> dict[str, Column]:
    weekday = pick(rng, (0.167, 0.174, 0.169, 0.163, 0.162, 0.111, 0.054), BLOCK)
    hour = np.clip(np.round(12.1 + 3.2 * rng.standard_normal(BLOCK)), 0, 23).astype(np.int64)
    return {
        "WEEKDAY_APPR_PROCESS_START": Coded(codes=weekday, levels=WEEKDAYS),
        "HOUR_APPR_PROCESS_START": hour,
    }


def _number(asserted: Bools) -> Ints:
    return asserted.astype(np.int64)
