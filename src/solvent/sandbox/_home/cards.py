"""Cards from earlier applications: limit, drawings, payments and arrears month by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import Bools, Coded, Columns, Floats, Ints, chance
from solvent.sandbox._home.previous import APPROVED, REVOLVING, Earlier
from solvent.sandbox._home.traits import MONTH_DAYS, Traits
from solvent.sandbox._spread import pick

STATES = ("Active", "Completed", "Signed")
_MOST = 96
_NEVER_USED = 0.36
_MONTHLY = 0.019
"""Interest on what is owed, a month."""
_LEAST = 0.05
"""Share of what is owed that is due each month."""
_DUE_BEFORE = 25
"""Days before the day of a month's balance at which its payment is due."""
_LATE, _MISSES = -2.7, -2.9
"""How often payments are late and missed, on the logit scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """Cards and their months; arrays have shape (cards, months) unless stated, oldest month first.

    Attributes:
        row: Row of each card among the earlier applications, shape (cards,).
        month: Months back of each column, shape (months,).
        open: Whether the card is there in that month.
        limit: The limit then.
        atm: Drawn at cash machines.
        shop: Drawn in shops.
        due: Least payment due.
        paid: Paid.
        balance: Owed at the month's end.
        past_due: Days past due.
        waited: Days by which the payment came after (or, negative, before) its due day.
    """

    row: Ints
    month: Ints
    open: Ints
    limit: Floats
    atm: Floats
    shop: Floats
    due: Floats
    paid: Floats
    balance: Floats
    past_due: Ints
    waited: Ints


def draw_cards(rng: np.random.Generator, traits: Traits, earlier: Earlier) -> Cards:
    """Live one block's cards through their months."""
    row = np.flatnonzero((earlier.kind == REVOLVING) & (earlier.status == APPROVED))
    owner = earlier.owner[row]
    month = np.arange(_MOST, 0, -1)
    opened = np.floor(-earlier.decided[row] / MONTH_DAYS)
    shape = (len(row), _MOST)
    use = _draw_use(rng, traits, owner)
    limit = _draw_limits(rng, earlier.credit[row], shape)
    chances, sizes = rng.random((4, *shape)), np.exp(0.8 * rng.standard_normal((2, *shape)))
    lively = use[:, None] * (month[None, :] < opened[:, None])
    strain = traits.strain[owner][:, month]
    weak = -0.75 * traits.care[owner][:, None] + 0.50 * strain
    drawn = _Drawn(
        atm=(chances[0] < lively * chance(-1.15 + 0.60 * strain)) * sizes[0] * 0.28 * limit,
        shop=(chances[1] < lively * 0.20) * sizes[1] * 0.06 * limit,
        fails=chances[2] < chance(_MISSES + weak),
        eager=_draw_eagerness(chances[3], 0.5 * traits.care[owner][:, None] - 0.3 * strain),
    )
    moved, past_due = _live(drawn, limit)
    late = rng.random(shape) < chance(_LATE + weak + 0.5 * traits.habit[owner][:, None])
    days = np.minimum(rng.exponential(7.0, shape), _DUE_BEFORE - 1)
    return Cards(
        row=row,
        month=month,
        open=(month[None, :] <= opened[:, None]).astype(np.int64),
        limit=limit,
        waited=np.where(late, np.ceil(days), -np.floor(days)).astype(np.int64),
        past_due=past_due,
        **moved,
    )


def show_cards(rng: np.random.Generator, earlier: Earlier, cards: Cards) -> Columns:
    """Show one row per card and month, as the table of card balances does."""
    which, at = np.nonzero(_shown(rng, cards))
    atm, shop = np.round(cards.atm[which, at], 2), np.round(cards.shop[which, at], 2)
    balance, limit = np.round(cards.balance[which, at], 2), cards.limit[which, at]
    paid, rows = np.round(cards.paid[which, at], 2), len(which)
    quiet = (atm + shop + balance == 0) & (rng.random(rows) < 0.44)
    counts = [np.where(drawn > 0, 1 + rng.poisson(mean, rows), 0).astype(np.int64)
              for drawn, mean in ((atm, 0.9), (shop, 2.5))]  # fmt: skip
    other = np.where((shop > 0) & (rng.random(rows) < 0.004), shop, 0.0)
    past_due = cards.past_due[which, at]
    matured = np.cumsum(cards.due > 0, axis=1)[which, at].astype(np.float64)
    silent = rng.random(len(cards.row))[which] < 0.07
    return {
        "owner": earlier.owner[cards.row[which]],
        "SK_ID_PREV": earlier.ids[cards.row[which]],
        "MONTHS_BALANCE": -cards.month[at],
        "AMT_BALANCE": balance,
        "AMT_CREDIT_LIMIT_ACTUAL": limit.astype(np.int64),
        "AMT_DRAWINGS_ATM_CURRENT": _told(~quiet, atm),
        "AMT_DRAWINGS_CURRENT": np.round(atm + shop, 2),
        "AMT_DRAWINGS_OTHER_CURRENT": _told(~quiet, other),
        "AMT_DRAWINGS_POS_CURRENT": _told(~quiet, np.round(shop - other, 2)),
        "AMT_INST_MIN_REGULARITY": _told(~silent, np.round(cards.due[which, at], 2)),
        "AMT_PAYMENT_CURRENT": _told(~quiet, paid),
        "AMT_PAYMENT_TOTAL_CURRENT": paid,
        "AMT_RECEIVABLE_PRINCIPAL": np.round(balance * 0.965, 2),
        "AMT_RECIVABLE": balance,
        "AMT_TOTAL_RECEIVABLE": balance,
        "CNT_DRAWINGS_ATM_CURRENT": _told(~quiet, counts[0]),
        "CNT_DRAWINGS_CURRENT": counts[0] + counts[1],
        "CNT_DRAWINGS_OTHER_CURRENT": _told(~quiet, other > 0),
        "CNT_DRAWINGS_POS_CURRENT": _told(~quiet, np.maximum(counts[1] - (other > 0), 0)),
        "CNT_INSTALMENT_MATURE_CUM": _told(~silent, matured),
        "NAME_CONTRACT_STATUS": Coded(codes=_states(cards, which, at), levels=STATES),
        "SK_DPD": past_due,
        "SK_DPD_DEF": np.where(past_due > 31, past_due, np.where(which % 2, past_due, 0)),
    }


def show_card_payments(earlier: Earlier, cards: Cards) -> Columns:
    """Show the monthly payments made on cards as instalments of version 0."""
    which, at = np.nonzero((cards.paid > 0) & (cards.open > 0))
    due = np.floor(-cards.month[at] * MONTH_DAYS) - _DUE_BEFORE
    number = np.cumsum(cards.due > 0, axis=1)[which, at]
    return {
        "owner": earlier.owner[cards.row[which]],
        "SK_ID_PREV": earlier.ids[cards.row[which]],
        "NUM_INSTALMENT_VERSION": np.zeros(len(which)),
        "NUM_INSTALMENT_NUMBER": number.astype(np.int64),
        "DAYS_INSTALMENT": due,
        "DAYS_ENTRY_PAYMENT": due + cards.waited[which, at],
        "AMT_INSTALMENT": np.round(cards.due[which, at], 2),
        "AMT_PAYMENT": np.round(cards.paid[which, at], 2),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """What a card is used for and how it is paid, before what its limit allows."""

    atm: Floats
    shop: Floats
    fails: Bools
    eager: Floats


def _draw_eagerness(chances: Floats, lean: Floats) -> Floats:
    """Share of what is owed that is paid beyond what is due: little, or now and then all."""
    whole = chances < 0.045 * np.exp(lean)
    return np.where(whole, 1.0, 0.035 * chances * np.exp(lean))


def _draw_use(rng: np.random.Generator, traits: Traits, owner: Ints) -> Floats:
    """How lively each card is, 0 for those never used, shape (cards,)."""
    never = rng.random(len(owner)) < _NEVER_USED
    lean = 0.35 * traits.hunger[owner] + 0.5 * rng.standard_normal(len(owner))
    return np.where(never, 0.0, np.minimum(0.55 * np.exp(lean), 2.0))


def _draw_limits(rng: np.random.Generator, credit: Floats, shape: tuple[int, int]) -> Floats:
    """Limits start low or at once at what was granted, and are raised or cut now and then."""
    steps = np.cumsum(rng.random(shape) < 0.012, axis=1) - 0.5
    first = np.array([1.0, 0.5, 0.0])[pick(rng, (0.66, 0.26, 0.08), len(credit))]
    factor = np.clip(first[:, None] * (1.0 + 0.25 * steps), 0.0, 3.0)
    base = np.where(credit > 0, credit, 90_000.0)[:, None]
    limits: Floats = np.round(base * factor / 4_500) * 4_500
    return limits


def _live(drawn: _Drawn, limit: Floats) -> tuple[dict[str, Floats], Ints]:
    """Run balances through the months: draw within the limit, pay what is due or more."""
    moved = {name: np.zeros_like(limit) for name in ("atm", "shop", "due", "paid", "balance")}
    past_due = np.zeros(limit.shape, dtype=np.int64)
    owed, behind = np.zeros(len(limit)), np.zeros(len(limit), dtype=np.int64)
    for at in range(limit.shape[1]):
        due = np.where(owed > 500, np.maximum(_LEAST * owed, 225.0), 0.0)
        fails = drawn.fails[:, at] & (due > 0)
        paid = np.where(fails, 0.0, np.minimum(due + drawn.eager[:, at] * owed, owed))
        owed = (owed - paid) * (1.0 + _MONTHLY)
        room = np.maximum(limit[:, at] - owed, 0.0)
        atm = np.minimum(np.round(drawn.atm[:, at] / 4_500) * 4_500, np.floor(room / 4_500) * 4_500)
        shop = np.minimum(drawn.shop[:, at], room - atm)
        owed = np.where(owed + atm + shop < 20.0, 0.0, owed + atm + shop)
        behind = np.where(fails, behind + 1, 0)
        past_due[:, at] = np.where(behind > 0, 30 * behind - 23, 0)
        for name, values in (("atm", atm), ("shop", shop), ("due", due), ("paid", paid)):
            moved[name][:, at] = values
        moved["balance"][:, at] = owed
    return moved, past_due


def _shown(rng: np.random.Generator, cards: Cards) -> Ints:
    """Rows begin some time after the opening for many cards, and some cards end."""
    begins = np.argmax(cards.balance + 1e-9 * cards.open > 0, axis=1)
    ends = np.where(rng.random(len(cards.row)) < 0.15, rng.integers(1, 30, len(cards.row)), 0)
    late = rng.random(len(cards.row)) < 0.25
    column = np.arange(_MOST)[None, :]
    running = column >= np.where(late, begins, 0)[:, None]
    return cards.open & running & (cards.month[None, :] > ends[:, None])


def _states(cards: Cards, which: Ints, at: Ints) -> Ints:
    idle = (cards.balance[which, at] == 0) & (cards.month[at] < 12)
    rare = (which * 7 + 3) % 5 == 0
    return np.where(idle & rare, 1, 0)


def _told(told: Bools, values: Bools | Ints | Floats) -> Floats:
    return np.where(told, values, np.nan)
