"""The earlier applications as their table shows them: 37 columns."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import Bools, Coded, Column, Floats, Ints
from solvent.sandbox._home.form import SUITES, WEEKDAYS
from solvent.sandbox._home.previous import (
    APPROVED,
    CASH,
    CONSUMER,
    FUTURE,
    REFUSED,
    REVOLVING,
    UNUSED,
    Earlier,
    end_days,
)
from solvent.sandbox._spread import pick

KINDS = ("Cash loans", "Consumer loans", "Revolving loans")
STATUSES = ("Approved", "Canceled", "Refused", "Unused offer")
REASONS = ("XAP", "HC", "LIMIT", "SCO", "CLIENT", "SCOFR", "XNA", "VERIF", "SYSTEM")
PURPOSES = (
    "XAP", "XNA", "Repairs", "Other", "Urgent needs", "Buying a used car",
    "Building a house or an annex", "Everyday expenses", "Medicine",
    "Payments on other loans", "Education",
)  # fmt: skip
PAYMENTS = ("Cash through the bank", "XNA", "Non-cash from your account")
CLIENTS = ("Repeater", "New", "Refreshed", "XNA")
GOODS = (
    "XNA", "Mobile", "Consumer Electronics", "Computers", "Audio/Video", "Furniture",
    "Construction Materials", "Clothing and Accessories", "Photo / Cinema Equipment",
    "Auto Accessories", "Jewelry", "Homewares",
)  # fmt: skip
_GOODS_SHARES = (0.30, 0.165, 0.148, 0.133, 0.074, 0.036, 0.036, 0.033, 0.01, 0.009, 0.007)
PORTFOLIOS = ("POS", "Cash", "XNA", "Cards")
PRODUCTS = ("XNA", "x-sell", "walk-in")
CHANNELS = (
    "Credit and cash offices", "Country-wide", "Stone", "Regional / Local",
    "Contact center", "AP+ (Cash loan)", "Channel of corporate sales",
)  # fmt: skip
INDUSTRIES = (
    "XNA", "Consumer electronics", "Connectivity", "Furniture", "Construction", "Clothing",
    "Industry", "Auto technology", "Jewelry",
)  # fmt: skip
YIELDS = ("XNA", "low_action", "low_normal", "middle", "high")
COMBINATIONS = (
    "Cash", "Cash X-Sell: low", "Cash X-Sell: middle", "Cash X-Sell: high",
    "Cash Street: low", "Cash Street: middle", "Cash Street: high",
    "POS mobile with interest", "POS mobile without interest",
    "POS household with interest", "POS household without interest",
    "POS industry with interest", "POS industry without interest",
    "Card Street", "Card X-Sell",
)  # fmt: skip
_SELLS = np.array([0, 2, 1, 1, 1, 3, 4, 5, 1, 7, 8, 1])
"""Which industry sells which goods."""


def show_earlier(rng: np.random.Generator, earlier: Earlier) -> dict[str, Column]:
    """Show earlier applications, ordered by client and day."""
    rows, kind = len(earlier.owner), earlier.kind
    consumer = kind == CONSUMER
    broke_off = np.isnan(earlier.annuity)
    untold = broke_off | ((earlier.status == REFUSED) & (rng.random(rows) < 0.15))
    untold |= earlier.status == UNUSED
    down = np.where(consumer & ~untold, earlier.down, np.nan)
    full = earlier.down + earlier.credit
    last = (rng.random(rows) >= 0.0045).astype(np.int64)
    return {
        "owner": earlier.owner,
        "SK_ID_PREV": earlier.ids,
        "NAME_CONTRACT_TYPE": Coded(codes=kind, levels=KINDS),
        "AMT_ANNUITY": np.where(untold, np.nan, earlier.annuity),
        "AMT_APPLICATION": earlier.asked,
        "AMT_CREDIT": earlier.credit,
        "AMT_DOWN_PAYMENT": down,
        "AMT_GOODS_PRICE": np.where(earlier.asked > 0, earlier.asked, np.nan),
        "WEEKDAY_APPR_PROCESS_START": Coded(
            codes=pick(rng, (0.151, 0.157, 0.152, 0.148, 0.153, 0.141, 0.097), rows),
            levels=WEEKDAYS,
        ),
        "HOUR_APPR_PROCESS_START": np.clip(
            np.round(12.5 + 3.3 * rng.standard_normal(rows)), 0, 23
        ).astype(np.int64),
        "FLAG_LAST_APPL_PER_CONTRACT": Coded(codes=last, levels=("N", "Y")),
        "NFLAG_LAST_APPL_IN_DAY": (rng.random(rows) >= 0.0035).astype(np.int64),
        "RATE_DOWN_PAYMENT": down / np.where(full > 0, full, np.nan),
        **_show_rates(rng, earlier),
        "NAME_CONTRACT_STATUS": Coded(codes=earlier.status, levels=STATUSES),
        "DAYS_DECISION": earlier.decided,
        "CODE_REJECT_REASON": _show_reason(rng, earlier),
        "NAME_CLIENT_TYPE": _show_client(rng, earlier),
        **_show_sale(rng, earlier, broke_off),
        "CNT_PAYMENT": np.where(untold, np.nan, earlier.term),
        **_show_days(rng, earlier),
    }


def _show_rates(rng: np.random.Generator, earlier: Earlier) -> dict[str, Column]:
    """Rates are almost never told."""
    told = (earlier.kind == CONSUMER) & (rng.random(len(earlier.owner)) < 0.01)
    return {
        "RATE_INTEREST_PRIMARY": np.where(told, np.round(0.6 * earlier.yearly, 6), np.nan),
        "RATE_INTEREST_PRIVILEGED": np.where(told, np.round(0.55 + earlier.yearly, 6), np.nan),
    }


def _show_reason(rng: np.random.Generator, earlier: Earlier) -> Column:
    shares = (0.108, 0.033, 0.019, 0.0, 0.007, 0.003, 0.002, 0.0004)
    codes = np.where(earlier.status == REFUSED, 1 + pick(rng, shares, len(earlier.owner)), 0)
    return Coded(codes=np.where(earlier.status == UNUSED, 4, codes), levels=REASONS)


def _show_client(rng: np.random.Generator, earlier: Earlier) -> Column:
    """New at first, later known; after a long time refreshed."""
    codes = pick(rng, (0.89, 0.0, 0.109, 0.001), len(earlier.owner))
    return Coded(codes=np.where(earlier.first, 1, codes), levels=CLIENTS)


def _show_sale(rng: np.random.Generator, earlier: Earlier, broke_off: Bools) -> dict[str, Column]:
    rows, kind = len(earlier.owner), earlier.kind
    shop, cash, card = kind == CONSUMER, kind == CASH, kind == REVOLVING
    goods = np.where(shop, 1 + pick(rng, _GOODS_SHARES, rows), 0)
    offered = ~shop & (rng.random(rows) < np.where(card, 0.60, 0.82))
    groups = 1 + np.digitize(earlier.yearly, [0.09, 0.20, 0.32])
    groups = np.where(card | broke_off, 0, groups)
    channel = _draw_channels(rng, kind)
    talked = cash & ~broke_off & (rng.random(rows) < 0.13)
    named = 2 + pick(rng, (14, 9, 5, 2, 1, 2, 1, 2, 1), rows)
    purpose = np.where(talked, named, cash.astype(np.int64))
    bank = rng.random(rows)
    suite = pick(rng, (0.61, 0.245, 0.075, 0.036, 0.022, 0.01, 0.002), rows)
    return {
        "NAME_CASH_LOAN_PURPOSE": Coded(codes=purpose, levels=PURPOSES),
        "NAME_PAYMENT_TYPE": Coded(
            codes=np.where(broke_off | (bank < 0.24), 1, np.where(bank > 0.995, 2, 0)),
            levels=PAYMENTS,
        ),
        "NAME_TYPE_SUITE": Coded(
            codes=np.where(broke_off | (rng.random(rows) < 0.33), -1, suite), levels=SUITES
        ),
        "NAME_GOODS_CATEGORY": Coded(codes=goods, levels=GOODS),
        "NAME_PORTFOLIO": Coded(
            codes=np.where(broke_off, 2, np.array([1, 0, 3])[kind]), levels=PORTFOLIOS
        ),
        "NAME_PRODUCT_TYPE": Coded(
            codes=np.where(shop | broke_off, 0, np.where(offered, 1, 2)), levels=PRODUCTS
        ),
        "CHANNEL_TYPE": Coded(codes=channel, levels=CHANNELS),
        "SELLERPLACE_AREA": _draw_area(rng, channel, shop),
        "NAME_SELLER_INDUSTRY": Coded(codes=_SELLS[goods], levels=INDUSTRIES),
        "NAME_YIELD_GROUP": Coded(codes=groups, levels=YIELDS),
        "PRODUCT_COMBINATION": Coded(
            codes=_combine(kind, groups, offered, goods), levels=COMBINATIONS
        ),
    }  # fmt: skip


def _draw_channels(rng: np.random.Generator, kind: Ints) -> Ints:
    rows = len(kind)
    desks = pick(rng, (0.80, 0.085, 0.053, 0.047, 0.005, 0.004, 0.003), rows)
    cash = np.array([0, 4, 1, 5, 6, 2, 3])[desks]
    shop = np.array([1, 2, 3, 0])[pick(rng, (0.592, 0.272, 0.134, 0.002), rows)]
    return np.where(kind == CONSUMER, shop, cash)


def _draw_area(rng: np.random.Generator, channel: Ints, shop: Bools) -> Ints:
    area = np.minimum(np.exp(4.6 + 1.7 * rng.standard_normal(len(channel))), 4_000).astype(np.int64)
    return np.where(shop, area, np.where(channel == 0, -1, np.minimum(area, 60)))


def _combine(kind: Ints, groups: Ints, offered: Bools, goods: Ints) -> Ints:
    """The product's full name follows from kind, yield group, way of sale and goods."""
    level = np.clip(groups - 2, 0, 2)
    cash = np.where(groups == 0, 0, np.where(offered, 1, 4) + level)
    place = np.select([goods == 1, np.isin(goods, [2, 3, 4, 8, 11])], [7, 9], 11)
    shop = place + (groups == 1)
    card = np.where(offered, 14, 13)
    return np.select([kind == CASH, kind == CONSUMER], [cash, shop], card)


def _show_days(rng: np.random.Generator, earlier: Earlier) -> dict[str, Column]:
    by_contract, last, closed = end_days(earlier)
    approved = earlier.status == APPROVED
    card = earlier.kind == REVOLVING
    drawn = np.minimum(earlier.decided + rng.integers(1, 200, len(card)), -1)
    drawing = np.where(card & (rng.random(len(card)) < 0.65), drawn, FUTURE)
    first = np.where(earlier.first_due < 0, earlier.first_due, FUTURE)
    return {
        "DAYS_FIRST_DRAWING": _where_told(approved, drawing),
        "DAYS_FIRST_DUE": _where_told(approved, first),
        "DAYS_LAST_DUE_1ST_VERSION": by_contract,
        "DAYS_LAST_DUE": last,
        "DAYS_TERMINATION": closed,
        "NFLAG_INSURED_ON_APPROVAL": _where_told(approved, earlier.insured.astype(np.float64)),
    }


def _where_told(told: Bools, values: Floats) -> Floats:
    return np.where(told, values, np.nan)
