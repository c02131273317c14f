"""Debts elsewhere, as the bureau reports them, and their state month by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, NULL, Coded, Column, Floats, Ints, chance
from solvent.sandbox._home.people import People
from solvent.sandbox._home.traits import MONTH_DAYS, Traits, strain_at
from solvent.sandbox._spread import number_rows, pick, pick_each, spread

_FIRST_ID = 5_000_001
_LONGEST = 2_922
_MOST = 60
TYPES = (
    "Consumer credit", "Credit card", "Car loan", "Mortgage", "Microloan",
    "Loan for business development", "Another type of loan",
)  # fmt: skip
CONSUMER, CARD, _CAR, MORTGAGE, MICRO = range(5)
ACTIVE, CLOSED, SOLD = range(3)
_STATES = ("Active", "Closed", "Sold")
_CURRENCIES = ("currency 1", "currency 2", "currency 3")
_MEDIAN_DAYS = np.array([330.0, 1_250.0, 1_500.0, 5_200.0, 25.0, 1_000.0, 500.0])
_MEDIAN_SUM = np.array([118e3, 120e3, 1.1e6, 3.9e6, 26e3, 900e3, 150e3])
_EARLY = np.array([0.50, 0.35, 0.55, 0.30, 0.20, 0.30, 0.30])
STATUSES = ("C", "X", "0", "1", "2", "3", "4", "5")
_SETTLED, _UNKNOWN, _CURRENT = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debts:
    """Debts at the bureau, one row each, days from the application; shape (debts,).

    Attributes:
        owner: Client's index in the block.
        ids: SK_ID_BUREAU.
        kind: Index into TYPES.
        state: Index into the states.
        opened: Day of opening, 0 or before.
        due: Day on which it is to end by contract, perhaps after the application.
        ended: Day on which it ended, NULL while it runs.
        amount: Credit or limit.
        debt: What is still owed, 0 where ended.
        trouble: Leaning of this debt to be paid late, on the logit scale.
    """

    owner: Ints
    ids: Ints
    kind: Ints
    state: Ints
    opened: Ints
    due: Ints
    ended: Ints
    amount: Floats
    debt: Floats
    trouble: Floats


def draw_debts(rng: np.random.Generator, traits: Traits, people: People, block: int) -> Debts:
    """Draw the debts of one block of clients."""
    owner, _ = spread(_count_debts(rng, traits, people))
    rows = len(owner)
    hunger, care = traits.hunger[owner], traits.care[owner]
    kind = _draw_kinds(rng, hunger)
    past = np.minimum(_LONGEST, people.age[owner] - 18 * 365)
    opened = -(past * rng.beta(1.0, 1.6, rows) ** np.exp(0.28 * hunger + 0.0)).astype(np.int64)
    strain = strain_at(traits, owner, opened)
    length = _MEDIAN_DAYS[kind] * np.exp(0.55 * rng.standard_normal(rows))
    due = opened + np.maximum(length, 7).astype(np.int64)
    ended = _draw_ends(rng, kind, opened, due, care - 0.4 * traits.strain[owner, 0])
    scale = np.exp(1.2 * rng.standard_normal(rows) + 0.15 * traits.standing[owner])
    amount = np.maximum(_MEDIAN_SUM[kind] * scale * (length / _MEDIAN_DAYS[kind]) ** 0.6, 0.0)
    amount = np.where(rng.random(rows) < 0.5, np.round(amount / 4_500) * 4_500, amount)
    sold = (rng.random(rows) < 0.0025 * np.exp(-0.6 * care)) & (ended != NULL)
    use = chance(0.75 + 0.75 * traits.strain[owner, 0] + 0.45 * hunger + rng.standard_normal(rows))
    ahead = due / np.maximum(due - opened, 1)
    return Debts(
        owner=owner,
        ids=number_rows(rng, block, rows, _FIRST_ID),
        kind=kind,
        state=np.where(sold, SOLD, np.where(ended != NULL, CLOSED, ACTIVE)),
        opened=opened,
        due=due,
        ended=ended,
        amount=np.round(amount, 2),
        debt=np.where(ended == NULL, _owe(rng, kind, ahead, amount, use), 0.0),
        trouble=-4.15 - 0.85 * care + 0.30 * strain + 0.7 * rng.standard_normal(rows),
    )


def show_debts(rng: np.random.Generator, traits: Traits, debts: Debts) -> dict[str, Column]:
    """Show the debts as the bureau's table does."""
    rows, active = len(debts.owner), debts.state == ACTIVE
    late = active & (rng.random(rows) < 0.22 * chance(debts.trouble + 0.4 * _now(traits, debts)))
    overdue = np.where(late, 1 + rng.exponential(35.0, rows) ** 1.15, 0.0).astype(np.int64)
    ever = chance(debts.trouble + 2.35) * 1.05
    worst = np.where(rng.random(rows) < ever, _to_cent(debts.amount * 0.05 * _wild(rng, rows)), 0.0)
    updated = np.where(active, -(rng.exponential(45.0, rows)), -(rng.random(rows) ** 0.7) * 2_900)
    updated = np.minimum(np.maximum(updated, np.where(active, debts.opened, debts.ended)), 0.0)
    hide, currency = rng.random((5, rows)), pick(rng, (0.999, 0.0008, 0.0001), rows)
    endless = hide[0] < np.array([0.010, 0.21, 0.009, 0.04, 0.44, 0.05, 0.3])[debts.kind]
    card = debts.kind == CARD
    spare = np.where(
        card & active & (rng.random(rows) < 0.45),
        np.maximum(debts.amount - debts.debt, 0.0) * 0.35,
        0.0,
    )
    annuity = np.where(hide[4] < 0.62, 0.0, _to_half(debts.amount / 14 * _wild(rng, rows)))
    return {
        "owner": debts.owner,
        "SK_ID_BUREAU": debts.ids,
        "CREDIT_ACTIVE": Coded(codes=debts.state, levels=_STATES),
        "CREDIT_CURRENCY": Coded(codes=currency, levels=_CURRENCIES),
        "DAYS_CREDIT": debts.opened,
        "CREDIT_DAY_OVERDUE": overdue,
        "DAYS_CREDIT_ENDDATE": np.where(endless, np.nan, debts.due),
        "DAYS_ENDDATE_FACT": np.where(debts.ended == NULL, np.nan, debts.ended),
        "AMT_CREDIT_MAX_OVERDUE": np.where(hide[1] < 0.66, np.nan, worst),
        "CNT_CREDIT_PROLONG": (rng.random(rows) < 0.003).astype(np.int64),
        "AMT_CREDIT_SUM": debts.amount,
        "AMT_CREDIT_SUM_DEBT": np.where(hide[2] < 0.14, np.nan, debts.debt),
        "AMT_CREDIT_SUM_LIMIT": np.where(hide[3] < 0.36, np.nan, _to_cent(spare)),
        "AMT_CREDIT_SUM_OVERDUE": np.where(late, _to_cent(debts.debt * 0.08), 0.0),
        "CREDIT_TYPE": Coded(codes=debts.kind, levels=TYPES),
        "DAYS_CREDIT_UPDATE": np.floor(updated).astype(np.int64),
        "AMT_ANNUITY": np.where(rng.random(rows) < 0.57, np.nan, annuity),
    }  # fmt: skip


def show_balances(rng: np.random.Generator, traits: Traits, debts: Debts) -> dict[str, Column]:
    """Show the state of the debts by month, the present month 0, back to the opening."""
    reported = np.flatnonzero(traits.in_balances[debts.owner] & (rng.random(len(debts.ids)) < 0.9))
    newest = np.where(rng.random(len(reported)) < 0.62, 0, rng.integers(0, 25, len(reported)))
    ended = np.where(debts.ended == NULL, 0, -debts.ended)[reported] / MONTH_DAYS
    dropped = rng.random(len(reported)) < 0.40  # the lender reports no more once it has ended
    newest = np.where(dropped, np.maximum(ended.astype(np.int64), newest), newest)
    oldest = np.minimum((-debts.opened[reported] / MONTH_DAYS).astype(np.int64), 96)
    months = np.maximum(oldest - newest + 1, 0)
    debt, nth = spread(months)
    month = newest[debt] + nth
    debt = reported[debt]
    state = _draw_states(rng, traits, debts, debt, month)
    return {
        "owner": debts.owner[debt],
        "SK_ID_BUREAU": debts.ids[debt],
        "MONTHS_BALANCE": -month,
        "STATUS": Coded(codes=state, levels=STATUSES),
    }


def _count_debts(rng: np.random.Generator, traits: Traits, people: People) -> Ints:
    pace = 4.6 * np.exp(0.26 * traits.hunger + 0.05 * traits.standing)
    pace = pace * np.clip((people.years - 19) / 12, 0.25, 1.15)
    counts = 1 + rng.poisson(pace * rng.gamma(1.9, 1 / 1.9, BLOCK))
    return np.where(traits.has_file, np.minimum(counts, _MOST), 0).astype(np.int64)


def _draw_kinds(rng: np.random.Generator, hunger: Floats) -> Ints:
    lean = np.exp(0.35 * hunger)
    weights = np.column_stack([
        0.728 + 0.0 * lean, 0.225 * lean, 0.016 / lean, 0.010 / lean,
        0.0065 * lean**2, 0.001 + 0.0 * lean, 0.001 + 0.0 * lean,
    ])  # fmt: skip
    return pick_each(rng, weights)


def _draw_ends(rng: np.random.Generator, kind: Ints, opened: Ints, due: Ints, care: Floats) -> Ints:
    """Some end early, most on time, and some cards run on."""
    rows = len(kind)
    early = rng.random(rows) < np.clip(_EARLY[kind] * np.exp(0.22 * care), 0, 0.95)
    share = np.where(early, rng.beta(2.0, 1.2, rows), 1.0 + 0.02 * rng.exponential(1.0, rows))
    ended = opened + np.maximum((due - opened) * share, 1).astype(np.int64)
    runs_on = (kind == CARD) & (rng.random(rows) < 0.55)
    return np.where((ended >= 0) | runs_on, NULL, ended)


def _owe(
    rng: np.random.Generator, kind: Ints, ahead: Floats, amount: Floats, use: Floats
) -> Floats:
    """What is owed of a running debt: of a card what is used, of a loan what is not yet repaid."""
    left = amount * np.clip(ahead, 0.02, 1.0) ** 0.8 * (0.85 + 0.30 * use)
    idle = rng.random(len(kind)) < 0.42 - 0.25 * use
    used = np.where(idle, 0.0, amount * use)
    return _to_cent(np.where(kind == CARD, used, np.minimum(left, amount)))


def _now(traits: Traits, debts: Debts) -> Floats:
    present: Floats = traits.strain[debts.owner, 0]
    return present


def _wild(rng: np.random.Generator, rows: int) -> Floats:
    return np.exp(rng.standard_normal(rows))


def _draw_states(
    rng: np.random.Generator, traits: Traits, debts: Debts, debt: Ints, month: Ints
) -> Ints:
    """Settled after the end; before it unknown, current or late by how the client fared then."""
    rows = len(debt)
    ended = np.where(debts.ended == NULL, 1.0, debts.ended)[debt]
    over = -month * MONTH_DAYS >= ended
    logit = debts.trouble[debt] + 0.55 * traits.strain[debts.owner[debt], month]
    chances = rng.random((2, rows))
    late = chances[0] < chance(logit)
    deep = 3 + np.digitize(chances[1], [0.82, 0.89, 0.92, 0.935])
    unknown = _unknown_months(rng, len(debts.ids))[debt] > chances[1]
    return np.where(over, _SETTLED, np.where(late, deep, np.where(unknown, _UNKNOWN, _CURRENT)))


def _unknown_months(rng: np.random.Generator, debts: int) -> Floats:
    """Some lenders hardly report: share of each debt's months without a state."""
    return rng.beta(0.5, 0.62, debts)


def _to_cent(amount: Floats) -> Floats:
    return np.round(amount, 2)


def _to_half(amount: Floats) -> Floats:
    return np.round(amount / 4.5) * 4.5
