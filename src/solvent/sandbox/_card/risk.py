"""The true probability that a card goes bad: what form and file tell, and what nobody sees."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import BLOCK, Floats, Ints, chance
from solvent.sandbox._card.calendar import period_share
from solvent.sandbox._card.file import File
from solvent.sandbox._card.people import People, log_income

_LEVEL = -2.32
_FORM, _FILE, _HIDDEN = 0.85, 0.85, 0.80
"""How much each part counts; together they set what a good model can reach."""
_DRIFT = -0.20
"""From the first day to the last, on the logit scale: the bank learns whom to invite."""
_EDUCATION = np.array([0.28, 0.12, -0.22, -0.35, -0.60])
_HOME = np.array([-0.32, 0.16, 0.34])
_WORK = np.array([-0.22, -0.10, 0.10])
_TIE = np.array([-0.15, 0.05, 0.15, 0.35])
_TENURE = np.array([0.28, 0.12, -0.05, -0.22])


def true_pd(people: People, file: File, day: Ints, hidden: Floats) -> Floats:
    """The probability that each application, if approved, goes bad, shape (BLOCK,)."""
    told = _FORM * _of_form(people) + _FILE * _of_file(people, file)
    return chance(_LEVEL + _DRIFT * period_share(day) + told + _HIDDEN * hidden)


def draw_hidden(rng: np.random.Generator, people: People) -> Floats:
    """What no data show: carelessness, and the troubles that are still to come."""
    return -0.45 * people.prudence + 0.90 * rng.standard_normal(BLOCK)


def _of_form(people: People) -> Floats:
    logit: Floats = (
        _EDUCATION[people.education]
        + _HOME[people.home - 1]
        + _WORK[people.work - 1]
        - 0.014 * (people.region - 50)
        - 0.15 * log_income(people.income)
        - 0.008 * (people.age - 40)
        + 0.25 * (people.age < 25)
        - 0.10 * people.car
        - 0.22 * people.foreign_car
        - 0.22 * people.good_work
        - 0.45 * people.passport
        + 0.06 * people.male
    )
    return logit


def _of_file(people: People, file: File) -> Floats:
    stretched = (file.inquiries > 3) & (log_income(people.income) < -0.2)
    logit: Floats = (
        0.95 * (file.bureau_score + 2.05)
        + 0.35 * np.log1p(file.declined)
        + 0.20 * (np.log1p(file.inquiries) - 0.9)
        + 0.25 * stretched
        + _TIE[file.tie - 1]
        + _TENURE[file.tenure - 1]
    )
    return logit
