"""A lender made up for the fake API: two products, their clients, values and portfolios."""

from __future__ import annotations

import math
import random
from typing import Any

Json = dict[str, Any]

FACTOR = 40 / math.log(2)  # 40 points double the odds
DIGEST = "9f2c" * 16
NOW = "2026-03-02T09:41:07Z"

ALTERNATIVES = [
    ("secured_card", "Secured card", "You deposit an amount with us and spend up to it.", 0.30),
    ("small_limit", "Card with a limit of 5,000 RUB", "The limit grows as you repay.", 0.18),
    ("instalments", "Instalments at our partner shops", "Three equal parts, no fee.", 0.25),
]

# text, theme, unit, centre, spread; a unit of "" with a spread of 0 is a category
VALUES = [
    ("Days since the last top-up", "Top-ups", "days", 9, 7),
    ("Top-ups in the last 30 days", "Top-ups", "", 6, 3),
    ("Top-ups in the last 90 days", "Top-ups", "", 17, 8),
    ("Average top-up", "Top-ups", "BRL", 14.2, 5),
    ("Largest top-up in 90 days", "Top-ups", "BRL", 31.0, 12),
    ("Amount topped up in 30 days", "Top-ups", "BRL", 83.5, 35),
    ("Amount topped up in 90 days", "Top-ups", "BRL", 241.0, 90),
    ("Share of top-ups through the app", "Top-ups", "%", 0.38, 0.2),
    ("Longest pause between top-ups", "Top-ups", "days", 15, 8),
    ("Earlier loans", "Earlier loans", "", 11, 6),
    ("Earlier loans in 90 days", "Earlier loans", "", 4, 2),
    ("Loans still open", "Earlier loans", "", 0.4, 0.6),
    ("Average days until repaid", "Earlier loans", "days", 6.5, 4),
    ("Longest time until repaid", "Earlier loans", "days", 17, 9),
    ("Share of loans repaid within 7 days", "Earlier loans", "%", 0.71, 0.2),
    ("Amount still owed", "Earlier loans", "BRL", 3.4, 4),
    ("Amount lent in 90 days", "Earlier loans", "BRL", 22.0, 10),
    ("Days since the last loan", "Earlier loans", "days", 21, 14),
    ("Days since the first loan", "Earlier loans", "days", 410, 180),
    ("Data used in 30 days", "Use of the network", "MB", 1840, 900),
    ("Data used in 90 days", "Use of the network", "MB", 5210, 2400),
    ("Days with data used in 30 days", "Use of the network", "", 19, 7),
    ("Days since data was last used", "Use of the network", "days", 2.1, 2),
    ("Different networks used", "Use of the network", "", 2, 1),
    ("Use at night", "Use of the network", "%", 0.17, 0.1),
    ("Loyalty points", "Loyalty", "points", 620, 400),
    ("Loyalty tier", "Loyalty", "", 0, 0),
    ("Days in the current tier", "Loyalty", "days", 140, 70),
    ("Repayments in 30 days", "Repayments", "", 3, 2),
    ("Amount repaid in 30 days", "Repayments", "BRL", 17.8, 8),
    ("Days since the last repayment", "Repayments", "days", 12, 8),
    ("Part payments in 90 days", "Repayments", "", 1.2, 1),
    ("Age", "Customer", "years", 34, 11),
    ("Time as a customer", "Customer", "days", 890, 400),
    ("Region", "Customer", "", 0, 0),
    ("Kind of handset", "Customer", "", 0, 0),
    ("Hour of the request", "This request", "", 14, 5),
    ("Day of the month of the request", "This request", "", 15, 8),
    ("Amount asked for", "This request", "BRL", 5, 2),
    ("Requests today", "This request", "", 1.1, 0.4),
]
LEVELS = {
    "Loyalty tier": ["bronze", "silver", "gold"],
    "Region": ["Northeast", "Southeast", "South", "North"],
    "Kind of handset": ["smartphone", "feature phone"],
}

EFFECTS = [
    ("Earlier loans were repaid late", 0.62, 3),
    ("Few top-ups lately", 0.41, 2),
    ("An earlier loan is still open", 0.33, 1),
    ("Long pauses between top-ups", 0.21, 2),
    ("Requests several times a day", 0.14, 1),
    ("A short time as a customer", 0.11, 2),
    ("Data is used irregularly", 0.08, 2),
    ("Small top-ups", 0.06, 2),
    ("Part payments of earlier loans", 0.04, 1),
    ("Time of the request", 0.02, 2),
    ("Region", -0.01, 1),
    ("Kind of handset", -0.03, 1),
    ("Age", -0.05, 1),
    ("Loyalty points", -0.09, 1),
    ("Top-ups through the app", -0.12, 1),
    ("Many earlier loans repaid", -0.18, 2),
    ("Steady use of the network", -0.22, 3),
    ("Loyalty tier", -0.27, 2),
    ("Amount asked for is small", -0.31, 1),
    ("Amount topped up in 90 days", -0.44, 3),
]  # fmt: skip


def chance_of(name: str) -> random.Random:
    return random.Random(name)  # noqa: S311  made-up clients, the same in every run


def score_of(pd: float) -> int:
    return round(500 + FACTOR * math.log((1 - pd) / pd))


def money(amount: float, currency: str) -> Json:
    words = f"{amount:,.2f}".removesuffix(".00") + f" {currency}"
    return {"amount": amount, "minor": round(amount * 100), "currency": currency, "words": words}


def question(column: str, text: str, kind: str, **more: Any) -> Json:
    rest = {
        "detail": "", "unit": "", "choices": [], "at_least": None, "at_most": None,
        "required": True,
    }  # fmt: skip
    return {"column": column, "text": text, "kind": kind} | rest | more


FORM = [
    question("age", "How old are you?", "integer", unit="years", at_least=21, at_most=75),
    question(
        "education", "What is your highest education?", "choice",
        choices=[
            {"value": "SCH", "words": "School"},
            {"value": "UGR", "words": "University, unfinished"},
            {"value": "GRD", "words": "University degree"},
            {"value": "PGR", "words": "Second degree"},
        ],
    ),
    question(
        "income", "What do you earn a month?", "money", unit="RUB", at_least=0, at_most=2_000_000,
        detail="After tax, as it arrives in your account.",
    ),
    question("car", "Do you own a car?", "yes_no"),
    question(
        "first_time", "How long have you been with us?", "choice", required=False,
        choices=[
            {"value": 1, "words": "I am new"}, {"value": 2, "words": "Less than a year"},
            {"value": 3, "words": "One to three years"}, {"value": 4, "words": "Longer"},
        ],
    ),
    question(
        "foreign_passport", "Do you have a passport for travel?", "yes_no", required=False,
        detail="We do not ask for its number.",
    ),
]  # fmt: skip


def product(name: str) -> Json:
    airtime = name == "airtime_loans"
    currency = "BRL" if airtime else "RUB"
    cutoff = 0.16 if airtime else 0.12
    return {
        "name": name, "title": "Airtime loans" if airtime else "Instant card",
        "model_version": 3 if airtime else 1, "policy_version": 2, "policy_name": "spring",
        "clients": 412 if airtime else 38, "currency": currency,
        "form": [] if airtime else FORM,
        "approve_below": cutoff, "refer_below": cutoff + 0.06, "approve_score": score_of(cutoff),
        "bands": [
            {"name": "A", "score_from": 680}, {"name": "B", "score_from": 640},
            {"name": "C", "score_from": score_of(cutoff)}, {"name": "D", "score_from": 540},
            {"name": "E", "score_from": None},
        ],
        "alternatives": [] if airtime else [
            {"name": n, "title": t, "detail": d, "approve_below": b} for n, t, d, b in ALTERNATIVES
        ],
        "sources": [{"name": "top_ups", "title": "top-up"}] if airtime else [],
        "key_words": "customer number" if airtime else "client number", "features": 40,
        "trained_at": "2026-02-11T14:03:00Z", "test_auc": 0.741,
        "bad_words": "not repaid in full within 30 days", "bad_rate": 0.146,
        "reference": "customers approved in 2025", "offer_unit": currency,
        "pdo": 40,
    }  # fmt: skip


SUMMARY = (
    "name", "title", "model_version", "policy_version", "policy_name", "clients", "currency",
)  # fmt: skip


def summary(name: str) -> Json:
    whole = product(name)
    return {field: whole[field] for field in SUMMARY}


LINE = ("name", "title", "currency")


def for_applicant(told: Json) -> Json:
    """Return of a product, or of its line, what an applicant's key is told."""
    return {field: told[field] for field in (*LINE, "form", "key_words") if field in told}


def client_keys(name: str) -> list[str]:
    chance = chance_of(name)
    return [f"{chance.randrange(10_000, 99_999)}-{n:03d}" for n in range(product(name)["clients"])]


def pd_of(key: str) -> float:
    chance = chance_of(key)
    return min(0.9, max(0.004, round(1 / (1 + math.exp(-chance.gauss(-1.9, 0.95))), 4)))


def verdict_of(pd: float, name: str) -> str:
    whole = product(name)
    if pd < whole["approve_below"]:
        return "approve"
    return "refer" if pd < whole["refer_below"] else "decline"


def offer_of(pd: float, name: str) -> Json | None:
    if verdict_of(pd, name) != "approve":
        return None
    if name == "airtime_loans":
        amount = 10.0 if pd < 0.08 else 5.0
        return {
            "name": "airtime", "title": f"{amount:g} BRL of airtime",
            "amount": money(amount, "BRL"),
            "fee": money(amount * 0.15, "BRL"), "price": 0.15, "term_days": 30,
            "detail": "Repaid out of the next top-ups.",
        }  # fmt: skip
    return {
        "name": "classic", "title": "Classic card", "amount": money(120_000, "RUB"), "fee": None,
        "price": None, "term_days": None, "detail": "No fee in the first year.",
    }  # fmt: skip


def alternatives_of(pd: float, name: str) -> list[Json]:
    if name == "airtime_loans" or verdict_of(pd, name) == "approve":
        return []
    empty = {"fee": None, "price": None, "term_days": None}
    amounts = {"secured_card": None, "small_limit": money(5_000, "RUB"), "instalments": None}
    return [
        {"name": n, "title": t, "detail": d, "amount": amounts[n]} | empty
        for n, t, d, below in ALTERNATIVES
        if pd < below
    ]


def effects_of(key: str) -> list[Json]:
    chance = chance_of("effects " + key)
    lean = (pd_of(key) - 0.15) * 1.5
    rows = [
        {"text": text, "features": [f"x{n}" for n in range(many)],
         "effect": round(effect * chance.uniform(0.3, 1.4) + lean * chance.uniform(0, 0.2), 4)}
        for text, effect, many in EFFECTS
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -float(str(row["effect"])))


def reasons_of(key: str, name: str) -> list[Json]:
    if verdict_of(pd_of(key), name) == "approve":
        return []
    return [
        {"text": row["text"], "source": "model", "code": "", "effect": row["effect"]}
        for row in effects_of(key)[:4]
    ]
