"""Earlier applications with this lender: what was asked for, decided, and agreed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints
from solvent.sandbox._home.people import People
from solvent.sandbox._home.request import monthly_payment
from solvent.sandbox._home.traits import MONTH_DAYS, Traits, strain_at
from solvent.sandbox._spread import number_rows, pick_each, spread

_FIRST_ID = 1_000_001
_LONGEST = 2_920
_MOST = 50
CASH, CONSUMER, REVOLVING = range(3)
APPROVED, CANCELED, REFUSED, UNUSED = range(4)
_CONSUMER_TERMS = np.array([4.0, 6.0, 8.0, 10.0, 12.0, 18.0, 24.0, 36.0])
_CONSUMER_WEIGHTS = (0.05, 0.22, 0.06, 0.22, 0.28, 0.06, 0.09, 0.02)
_CASH_TERMS = np.array([6.0, 12.0, 18.0, 24.0, 36.0, 48.0, 60.0])
_CASH_WEIGHTS = (0.06, 0.36, 0.13, 0.22, 0.12, 0.07, 0.04)
_LIMITS = np.array([45e3, 90e3, 135e3, 180e3, 225e3, 270e3, 450e3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Earlier applications, one row each, ordered by client; shape (applications,).

    Attributes:
        owner: Client's index in the block.
        ids: SK_ID_PREV.
        kind: CASH, CONSUMER or REVOLVING.
        status: APPROVED, CANCELED, REFUSED or UNUSED.
        decided: Day of the decision, before the application.
        first: Whether it is the client's first.
        asked: Amount asked for, 0 where the talk broke off.
        credit: Amount granted or offered.
        down: Down payment.
        annuity: Monthly payment.
        term: Months, 0 for cards.
        yearly: Yearly rate of interest.
        insured: Whether insured.
        first_due: Day of the first instalment.
        paid_off: Instalments after which it ends, below `term` where repaid early.
    """

    owner: Ints
    ids: Ints
    kind: Ints
    status: Ints
    decided: Ints
    first: Bools
    asked: Floats
    credit: Floats
    down: Floats
    annuity: Floats
    term: Ints
    yearly: Floats
    insured: Bools
    first_due: Ints
    paid_off: Ints

    @property
    def lent(self) -> Bools:
        """Whether it became a loan with instalments."""
        lent: Bools = (self.status == APPROVED) & (self.kind != REVOLVING)
        return lent

    def due_day(self, nth: Ints, rows: Ints) -> Ints:
        """The day on which instalment `nth` (from 0) of some rows is due."""
        return self.first_due[rows] + np.round(nth * MONTH_DAYS).astype(np.int64)

    def last_due(self) -> Ints:
        """The day of the last instalment paid or to be paid."""
        return self.due_day(np.maximum(self.paid_off - 1, 0), np.arange(len(self.owner)))


def draw_earlier(rng: np.random.Generator, traits: Traits, people: People, block: int) -> Earlier:
    """Draw the earlier applications of one block of clients."""
    owner, nth = spread(_count(rng, traits))
    rows = len(owner)
    decided = _draw_days(rng, traits, people, owner)
    first = nth == 0
    kind = _draw_kinds(rng, first)
    status = _draw_statuses(rng, traits, owner, kind, decided)
    asked = _draw_amounts(rng, people, owner, kind)
    insured = (kind != REVOLVING) & (rng.random(rows) < 0.34)
    down = np.where(kind == CONSUMER, asked * np.maximum(0.28 * rng.random(rows) - 0.10, 0), 0.0)
    credit = (asked - down) * np.where(insured, 1.06 + 0.14 * rng.random(rows), 1.0)
    term = _draw_terms(rng, kind, asked)
    yearly = np.where(kind == CASH, 0.24, 0.23) + 0.13 * np.clip(rng.standard_normal(rows), -1.5, 2)
    annuity = np.where(kind == REVOLVING, credit / 20, 0.0)
    months = np.maximum(term, 1).astype(np.float64)
    annuity = np.where(kind == REVOLVING, annuity, monthly_payment(credit, months, yearly))
    broke_off = (status == CANCELED) & (rng.random(rows) < np.array([0.965, 0.82, 0.99])[kind])
    silent = broke_off | ((kind == REVOLVING) & (rng.random(rows) < 0.41))
    return Earlier(
        owner=owner,
        ids=number_rows(rng, block, rows, _FIRST_ID),
        kind=kind,
        status=status,
        decided=decided,
        first=first,
        asked=np.where(silent, 0.0, asked),
        credit=np.where(broke_off, 0.0, np.round(credit / 4.5) * 4.5),
        down=np.round(down / 4.5) * 4.5,
        annuity=np.where(broke_off, np.nan, np.round(annuity, 2)),
        term=term,
        yearly=yearly,
        insured=insured,
        first_due=decided + 30 + rng.integers(0, 9, rows),
        paid_off=_draw_ends(rng, traits, owner, kind, term),
    )


def end_days(earlier: Earlier) -> tuple[Floats, Floats, Floats]:
    """Last day by contract, last day in fact and day of closing, as known at the application.

    Returns:
        Days, NaN for applications that did not become a loan; those still to come are FUTURE.
    """
    rows = np.arange(len(earlier.owner))
    by_contract = earlier.due_day(np.maximum(earlier.term - 1, 0), rows).astype(np.float64)
    last = earlier.last_due().astype(np.float64)
    card = earlier.kind == REVOLVING
    last = np.where((last >= 0) | card, FUTURE, last)
    by_contract = np.where(card, FUTURE, by_contract)
    closed = np.where(last == FUTURE, FUTURE, np.minimum(last + 1 + earlier.ids % 9, -1.0))
    shown = earlier.status == APPROVED
    by_contract, last, closed = np.where(shown, np.stack([by_contract, last, closed]), np.nan)
    return by_contract, last, closed


FUTURE = 365_243.0
"""The code of a day that is still to come."""


def _count(rng: np.random.Generator, traits: Traits) -> Ints:
    pace = 4.1 * np.exp(0.32 * traits.hunger) * rng.gamma(1.5, 1 / 1.5, BLOCK)
    counts = 1 + rng.poisson(pace)
    none = rng.random(BLOCK) < 0.045
    return np.where(none, 0, np.minimum(counts, _MOST)).astype(np.int64)


def _draw_days(rng: np.random.Generator, traits: Traits, people: People, owner: Ints) -> Ints:
    """Days of decision, oldest first within each client; the hungry came back of late."""
    past = np.minimum(_LONGEST, people.age[owner] - 19 * 365)
    ago = 680.0 * np.exp(1.05 * rng.standard_normal(len(owner)) - 0.30 * traits.hunger[owner])
    ago = np.where(ago > past, past * rng.random(len(owner)), ago)
    day = -2 - ago.astype(np.int64)
    return day[np.lexsort((day, owner))]


def _draw_kinds(rng: np.random.Generator, first: Bools) -> Ints:
    """Clients come through a shop, then are offered cash and cards."""
    weights = np.where(
        first[:, None], np.array([[0.06, 0.90, 0.04]]), np.array([[0.55, 0.29, 0.16]])
    )
    return pick_each(rng, weights)


def _draw_statuses(
    rng: np.random.Generator, traits: Traits, owner: Ints, kind: Ints, day: Ints
) -> Ints:
    """Careless, hungry and strained clients are refused more often."""
    weakness = (
        -0.45 * traits.care[owner]
        + 0.55 * traits.hunger[owner]
        + 0.38 * strain_at(traits, owner, day)
    )
    base = np.array([
        [0.390, 0.375, 0.205, 0.0006],
        [0.855, 0.002, 0.095, 0.038],
        [0.545, 0.245, 0.205, 0.0002],
    ])[kind]  # fmt: skip
    long_ago = (-day / 480.0) ** -0.75  # few refusals of long ago are on file
    base[:, CANCELED] *= long_ago
    base[:, REFUSED] *= long_ago * np.exp(weakness - 0.30)
    return pick_each(rng, base)


def _draw_amounts(rng: np.random.Generator, people: People, owner: Ints, kind: Ints) -> Floats:
    rows = len(owner)
    wealth = 0.45 * np.log(people.income[owner] / 148_000.0)
    cash = 275_000.0 * np.exp(wealth + 0.85 * rng.standard_normal(rows))
    goods = 76_000.0 * np.exp(0.6 * wealth + 0.75 * rng.standard_normal(rows))
    cash = np.clip(np.round(cash / 22_500) * 22_500, 22_500, 2_250_000)
    place = np.clip(np.round(2.4 + wealth + 1.4 * rng.standard_normal(rows)), 0, 6)
    limit = _LIMITS[place.astype(np.int64)]
    step = np.where(rng.random(rows) < 0.3, 4_500.0, 4.5)
    goods = np.maximum(np.round(goods / step) * step, 4_500.0)
    return np.select([kind == CASH, kind == CONSUMER], [cash, goods], limit)


def _draw_terms(rng: np.random.Generator, kind: Ints, asked: Floats) -> Ints:
    rows = len(kind)
    shop = _CONSUMER_TERMS[pick_each(rng, np.tile(_CONSUMER_WEIGHTS, (rows, 1)))]
    larger = np.clip(np.log(asked / 240_000.0), -1.0, 1.0)[:, None]
    lean = np.exp(larger * np.linspace(-0.9, 0.9, len(_CASH_TERMS)))
    cash = _CASH_TERMS[pick_each(rng, np.array(_CASH_WEIGHTS) * lean)]
    return np.select([kind == CASH, kind == CONSUMER], [cash, shop], 0.0).astype(np.int64)


def _draw_ends(
    rng: np.random.Generator, traits: Traits, owner: Ints, kind: Ints, term: Ints
) -> Ints:
    """Many repay early; the careful more often."""
    rows = len(owner)
    willing = np.where(kind == CASH, 0.36, 0.24) * np.exp(0.14 * traits.care[owner])
    early = (rng.random(rows) < willing) & (term > 3)
    at = np.ceil(term * rng.beta(1.6, 1.6, rows)).astype(np.int64)
    return np.where(early, np.clip(at, 2, np.maximum(term - 1, 2)), term)
