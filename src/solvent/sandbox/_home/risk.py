"""The true probability of payment difficulties: what is told, what is shown, what nobody sees."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import BLOCK, Floats, chance
from solvent.sandbox._home.people import People
from solvent.sandbox._home.request import REVOLVING, Request
from solvent.sandbox._home.traits import Traits

_LEVEL = -3.28
_TOLD, _RATED, _LIVED, _HIDDEN = 0.84, 0.74, 1.55, 0.50
"""How much each part counts; together they set what a good model can reach."""
_EDUCATION = np.array([0.12, -0.28, 0.08, 0.30, -0.60])
_INCOME_TYPE = np.array([0.10, -0.02, -0.15, -0.20, 0.60, -0.30, 0.60, -0.60])
_RATING = np.array([-0.30, 0.0, 0.20])
_HOUSING = np.array([0.0, 0.12, 0.08, 0.25, -0.05, 0.0])
_FAMILY = np.array([-0.05, 0.10, 0.10, 0.05, -0.10])


def true_pd(traits: Traits, people: People, request: Request, hidden: Floats) -> Floats:
    """The probability that each loan runs into payment difficulties, shape (BLOCK,)."""
    told = _TOLD * (_of_people(people) + _of_request(people, request))
    known = told + _RATED * _of_ratings(request) + _LIVED * _of_traits(traits)
    return chance(_LEVEL + known + _HIDDEN * hidden)


def draw_hidden(rng: np.random.Generator) -> Floats:
    """What no data show: the troubles that are still to come."""
    return rng.standard_normal(BLOCK)


def _of_people(people: People) -> Floats:
    years_in_job = np.where(people.employed, people.worked / 365.25, 6.0)
    logit: Floats = (
        -0.004 * (people.years - 43)
        + 0.24 * (people.gender == 1)
        + _EDUCATION[people.education]
        + _INCOME_TYPE[people.income_type]
        + _FAMILY[people.family]
        + _HOUSING[people.housing]
        + _RATING[people.rating - 1]
        - 0.26 * (np.log1p(years_in_job) - 1.6)
        - 0.16 * (people.car_age >= 0)
        + 0.012 * np.minimum(np.maximum(people.car_age, 0), 30)
        + 0.10 * people.moved
    )
    return logit


def _of_request(people: People, request: Request) -> Floats:
    """The price of insurance, the length of the loan and its burden on income."""
    insured = np.nan_to_num(request.credit / request.goods, nan=1.0) - 1.12
    months = request.credit / request.annuity - 20.5
    burden = np.log(12.0 * request.annuity / people.income) - 0.65
    logit: Floats = (
        1.25 * insured
        + 0.030 * np.clip(months, -14, 14)
        + 0.14 * np.clip(burden, -1.5, 1.5)
        - 0.35 * (request.contract == REVOLVING)
        + 0.12 * request.document_3
        + 0.18 * np.minimum(request.circle_late, 3)
        - 0.00010 * np.minimum(request.phone_changed, 2_500)
        - 0.00006 * np.minimum(request.published, 5_000)
    )
    return logit


def _of_ratings(request: Request) -> Floats:
    weights = np.array([[-0.50], [-0.52], [-0.58]])
    logit: Floats = (weights * request.ratings).sum(axis=0)
    return logit


def _of_traits(traits: Traits) -> Floats:
    """Behaviour shows these, month by month, in all child tables."""
    return (
        -0.42 * traits.care
        + 0.36 * traits.strain[:, 0]
        + 0.34 * traits.hunger
        - 0.10 * traits.standing
    )
