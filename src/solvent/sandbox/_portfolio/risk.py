"""The true probability that a card goes bad: the form tells little of it, transactions more."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import BLOCK, Floats, chance
from solvent.sandbox._portfolio.people import People

_LEVEL = -1.33
_TOLD, _LIVED, _HIDDEN = 1.25, 1.55, 0.50
"""How much each part counts; together they set what a good model can reach."""
_MARITAL = np.array([0.10, 0.20, -0.12, 0.05, 0.02, -0.05, 0.18, 0.10])
_OCCUPATION = np.array([0.05, 0.10, -0.02, 0.10, 0.12, -0.22])
_WAY = np.array([-0.10, 0.08, -0.15])
_PRODUCT = np.array([0.02, -0.15, 0.10])


def true_pd(people: People, hidden: Floats) -> Floats:
    """The probability that each card goes bad, shape (BLOCK,)."""
    told = _TOLD * _of_form(people)
    return chance(_LEVEL + told + _LIVED * _of_traits(people) + _HIDDEN * hidden)


def draw_hidden(rng: np.random.Generator) -> Floats:
    """What no data show: the troubles that are still to come."""
    return rng.standard_normal(BLOCK)


def _of_form(people: People) -> Floats:
    region = np.sin(1.7 * people.state) * 0.14 + np.sin(0.9 * people.city) * 0.06
    logit: Floats = (
        -0.021 * (np.clip(people.age, 18, 75) - 42)
        + _MARITAL[people.marital]
        + _OCCUPATION[people.occupation]
        + _WAY[people.web]
        + _PRODUCT[people.product]
        + region
        - 0.42 * (people.phone - 0.84)
        - 0.12 * people.work_phone
        + 0.11 * (people.sex == 1)
        + 0.012 * (people.payment_day - 12)
        - 0.10 * np.log(people.income / 520.0)
        - 0.006 * np.minimum(people.years_there, 30)
        + 0.14 * (people.residence != 1)
    )
    return logit


def _of_traits(people: People) -> Floats:
    """Transactions show these."""
    logit: Floats = -0.42 * people.care + 0.36 * people.strain - 0.10 * people.standing
    return logit
