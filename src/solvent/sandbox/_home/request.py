"""What the client asks for now, and what others say of the client: scores, inquiries, circle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints, chance
from solvent.sandbox._home.people import People
from solvent.sandbox._home.traits import Traits

CASH, REVOLVING = 0, 1
CONTRACTS = ("Cash loans", "Revolving loans")
_REVOLVING_SHARE = 0.095
_TERMS = np.array([12.0, 18.0, 24.0, 30.0, 36.0, 42.0, 48.0, 54.0, 60.0])
_GAP_1, _GAP_2, _GAP_3 = 0.565, 0.0022, 0.095
"""Share of clients on whom each outside score is silent; the third also where there is no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for and said at the time of one block of applications, shape (BLOCK,).

    Attributes:
        contract: Index into CONTRACTS.
        credit: Amount of the credit.
        annuity: Monthly payment.
        goods: Price of what it is for, NaN where not told.
        ratings: What three outside raters make of the client, standard normal, higher is safer,
            shape (3, BLOCK).
        silent: Where a rater says nothing, shape (3, BLOCK).
        inquiries: Inquiries at the bureau in the last hour, day, week, month, quarter and year,
            each without the one before, shape (6, BLOCK).
        circle: People around the client whose loans are observed.
        circle_late: Of these, 30 days late.
        circle_later: Of those, 60 days late.
        phone_changed: Days since the phone number changed.
        registered: Days since the registration changed.
        published: Days since the identity document was issued.
        document_3: Whether the most usual document was handed in.
    """

    contract: Ints
    credit: Floats
    annuity: Floats
    goods: Floats
    ratings: Floats
    silent: Bools
    inquiries: Ints
    circle: Ints
    circle_late: Ints
    circle_later: Ints
    phone_changed: Ints
    registered: Ints
    published: Ints
    document_3: Bools


def draw_request(rng: np.random.Generator, traits: Traits, people: People) -> Request:
    """Draw what one block of clients asks for, and what others say of them."""
    contract = (rng.random(BLOCK) < _REVOLVING_SHARE).astype(np.int64)
    credit, annuity, goods = _draw_amounts(rng, people, contract)
    circle, late, later = _draw_circle(rng, traits)
    return Request(
        contract=contract,
        credit=credit,
        annuity=annuity,
        goods=goods,
        ratings=_draw_ratings(rng, traits, people),
        silent=_draw_silence(rng, traits),
        inquiries=_draw_inquiries(rng, traits),
        circle=circle,
        circle_late=late,
        circle_later=later,
        phone_changed=_draw_phone(rng, traits),
        registered=(people.age * 0.92 * rng.beta(1.0, 2.1, BLOCK)).astype(np.int64),
        published=_draw_published(rng, people),
        document_3=(contract == CASH) & (rng.random(BLOCK) < 0.785),
    )


def monthly_payment(amount: Floats, months: Floats, yearly: Floats) -> Floats:
    """Equal monthly payments that repay an amount with a yearly rate."""
    monthly = yearly / 12.0
    payment: Floats = amount * monthly / (1.0 - (1.0 + monthly) ** -months)
    return payment


def _draw_amounts(
    rng: np.random.Generator, people: People, contract: Ints
) -> tuple[Floats, Floats, Floats]:
    """Price of the goods, credit with its insurance, and payments over the term."""
    wish = 0.55 * np.log(people.income / 148_000.0) + 0.62 * rng.standard_normal(BLOCK)
    wanted = 475_000.0 * np.exp(wish + 0.006 * (people.years - 43))
    round_sum = np.where(wanted < 400_000, 45_000.0, 225_000.0)
    step = np.where(rng.random(BLOCK) < 0.55, round_sum, 4_500.0)
    goods = np.clip(np.round(wanted / step) * step, 45_000.0, 2_250_000.0)
    insured = rng.random(BLOCK) < 0.66
    credit = goods * np.where(insured, 1.05 + 0.29 * rng.beta(1.6, 1.6, BLOCK), 1.0)
    place = np.clip(np.round(2.2 + 1.45 * wish + 1.6 * rng.standard_normal(BLOCK)), 0, 8)
    term = _TERMS[place.astype(np.int64)]
    yearly = np.clip(0.19 + 0.07 * rng.standard_normal(BLOCK), 0.06, 0.40)
    annuity = monthly_payment(credit, term, yearly)
    revolving = contract == REVOLVING
    limit = np.array([135e3, 180e3, 270e3, 405e3, 540e3, 675e3])[
        np.clip(np.round(2.0 + 1.1 * wish + rng.standard_normal(BLOCK)), 0, 5).astype(np.int64)
    ]
    untold = revolving & (rng.random(BLOCK) < 0.009)
    credit, annuity = np.where(revolving, limit, credit), np.where(revolving, limit / 20, annuity)
    goods = np.where(untold, np.nan, np.where(revolving, limit, goods))
    return _to_half(credit), _to_half(annuity), goods


def _to_half(amount: Floats) -> Floats:
    """Amounts are told in steps of 4.5, a scale the published data have."""
    rounded: Floats = np.round(amount / 4.5) * 4.5
    return rounded


def _draw_ratings(rng: np.random.Generator, traits: Traits, people: People) -> Floats:
    """Three raters who look at different things, so that they agree little."""
    own = rng.standard_normal((3, BLOCK))
    first = 0.055 * (people.years - 43) + 0.30 * traits.standing + 0.18 * traits.care
    second = 0.28 * traits.standing - 0.12 * traits.hunger - 0.10 * traits.strain[:, 0]
    third = 0.17 * traits.care - 0.20 * traits.hunger - 0.15 * traits.strain[:, 0]
    third = third + 0.015 * (people.years - 43)
    means = np.stack([first, second, third])
    ratings: Floats = means + own * np.array([[0.68], [0.93], [0.93]])
    return ratings


def _draw_silence(rng: np.random.Generator, traits: Traits) -> Bools:
    silent = rng.random((3, BLOCK)) < np.array([[_GAP_1], [_GAP_2], [_GAP_3]])
    silent[2] |= ~traits.has_file & (rng.random(BLOCK) < 0.82)
    return silent


def _draw_inquiries(rng: np.random.Generator, traits: Traits) -> Ints:
    """Hunger and present strain send people from lender to lender."""
    pace = np.exp(0.38 * traits.hunger + 0.18 * traits.strain[:, 0] - 0.09)
    wild = rng.gamma(1.5, 1.0 / 1.5, BLOCK) * pace
    means = np.array([[0.006], [0.006], [0.033], [0.24], [0.25], [1.75]])
    return rng.poisson(means * wild).astype(np.int64)


def _draw_circle(rng: np.random.Generator, traits: Traits) -> tuple[Ints, Ints, Ints]:
    observed = rng.poisson(1.42 * rng.gamma(0.45, 1 / 0.45, BLOCK)).astype(np.int64)
    share = chance(-2.36 - 0.25 * traits.care - 0.15 * traits.standing)
    late = rng.binomial(observed, share).astype(np.int64)
    return observed, late, rng.binomial(late, 0.70).astype(np.int64)


def _draw_phone(rng: np.random.Generator, traits: Traits) -> Ints:
    """Those who avoid calls change their number."""
    days = 1_050.0 * rng.gamma(1.1, 1.0, BLOCK) * np.exp(0.20 * traits.care)
    same_day = rng.random(BLOCK) < 0.12
    return np.where(same_day, 0, np.minimum(days, 4_185)).astype(np.int64)


def _draw_published(rng: np.random.Generator, people: People) -> Ints:
    """The document is renewed at 20 and 45 years."""
    since = np.where(people.years >= 45, people.years - 45, people.years - 20) * 365.25
    own = 4_500.0 * rng.beta(2.1, 1.2, BLOCK) + 700.0 * rng.random(BLOCK)
    days = np.where(rng.random(BLOCK) < 0.55, np.minimum(own, since), own)
    return np.clip(days, 0, 7_000).astype(np.int64)
