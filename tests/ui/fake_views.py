"""What the fake API says of one client, of a portfolio and of a campaign."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import NormalDist

from tests.ui.fake_data import (
    DIGEST,
    LEVELS,
    NOW,
    VALUES,
    Json,
    alternatives_of,
    chance_of,
    client_keys,
    effects_of,
    money,
    offer_of,
    pd_of,
    product,
    reasons_of,
    score_of,
    verdict_of,
)

SCORED_WITH = "the model for clients we *know*"


def standing(key: str, name: str) -> Json:
    pd, whole = pd_of(key), product(name)
    gap = score_of(pd) - whole["approve_score"]
    side = "above" if gap >= 0 else "below"
    return {
        "from": "decision", "decision_id": "d" * 32, "as_of": NOW, "verdict": verdict_of(pd, name),
        "pd": pd, "repayment_probability": round(1 - pd, 4), "score": score_of(pd),
        "approve_score": whole["approve_score"], "approve_below": whole["approve_below"],
        "band": band_of(pd, name),
        "sentence": f"Score {score_of(pd)}: {abs(gap)} points {side} the {whole['approve_score']} "
        "needed for approval.",
        "meaning": f"Of 100 clients like this, about {round(100 * pd)} do not repay.",
        "effects": effects_of(key), "reasons": reasons_of(key, name),
        "reference": whole["reference"], "offer": offer_of(pd, name),
        "alternatives": alternatives_of(pd, name), "scored_with": SCORED_WITH,
        "second_reference": "all 2,000 applicants", "hints": hints_of(key, name),
        "second_reasons": [
            {"text": one["text"], "effect": one["effect"]} for one in reasons_of(key, name)[::-1]
        ],
    }  # fmt: skip


def hints_of(key: str, name: str) -> list[Json]:
    """What would have been approved, in words that Markdown would read otherwise."""
    if verdict_of(pd_of(key), name) == "approve":
        return []
    return [
        {
            "feature": "amount", "title": "the *amount*", "way": "lower", "value": 300.0,
            "value_text": "300 EUR", "beyond": True, "told": "The *amount*: 300 EUR or less",
            "text": "With the *amount* at 300 EUR or less this would be approved.",
        }
    ]  # fmt: skip


def band_of(pd: float, name: str) -> str:
    for band in product(name)["bands"]:
        if band["score_from"] is None or score_of(pd) >= band["score_from"]:
            return str(band["name"])
    return ""


def decision(key: str, name: str, number: int) -> Json:
    now = standing(key, name)
    shared = (
        "verdict", "pd", "repayment_probability", "score", "band", "approve_below", "approve_score",
        "offer", "alternatives", "reasons", "effects", "reference", "hints", "second_reasons",
        "second_reference",
    )  # fmt: skip
    return {field: now[field] for field in shared} | {
        "id": f"{number:032x}", "token": f"token-{number}", "product": name, "user_id": key,
        "application_id": f"A-{number}", "application_at": NOW, "decided_at": NOW,
        "model_version": 3, "policy_version": 2, "policy_name": "spring", "model_digest": DIGEST,
        "policy_digest": DIGEST, "high_water": 1204,
    }  # fmt: skip


NEXT_STEPS = {
    "approve": "We prepare your contract now and send it to you today.",
    "refer": "A colleague looks at your application and calls you within one working day.",
    "decline": "You may ask us in writing how we came to this answer.",
}


def applicant_decision(whole: Json) -> Json:
    shared = ("id", "token", "product", "decided_at", "verdict", "offer", "alternatives")
    return {field: whole[field] for field in shared} | {
        "title": product(whole["product"])["title"],
        "reasons": [{"text": reason["text"]} for reason in whole["reasons"]],
        "next_step": NEXT_STEPS[whole["verdict"]],
        "hints": [{"text": hint["told"]} for hint in whole["hints"]],
    }


def summary_of(key: str, name: str) -> Json:
    if key.endswith("7"):
        return dict.fromkeys(("verdict", "score", "pd", "decided_at")) | {"key": key}
    pd = pd_of(key)
    return {
        "key": key, "verdict": verdict_of(pd, name), "score": score_of(pd), "pd": pd,
        "decided_at": NOW,
    }  # fmt: skip


def groups(key: str, name: str) -> list[Json]:
    band = band_of(pd_of(key), name)
    return [
        {"name": "all", "words": "all clients", "size": product(name)["clients"]},
        {"name": "band", "words": f"clients in band {band}", "size": 96},
        {"name": "level:x26", "words": "clients with loyalty tier silver", "size": 131},
    ]


def group_of(key: str, name: str, group: str | None) -> Json:
    return next((each for each in groups(key, name) if each["name"] == group), groups(key, name)[0])


def written(value: float, unit: str) -> str:
    if unit == "%":
        return f"{100 * value:.0f} %"
    number = f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.1f}"
    return f"{number} {unit}".strip()


def values(key: str, group: Json) -> list[Json]:
    chance = chance_of("values " + key)
    by_feature = {
        name: row["effect"] for row in effects_of(key) for name in row["features"][:1]
    }  # fmt: skip
    found = []
    for number, (title, theme, unit, centre, spread) in enumerate(VALUES):
        effect = by_feature.get(f"x{number}") if number % 7 == 0 else None
        if number % 3 == 1:
            effect = round(chance.gauss(0, 0.2), 3)
        row: Json = {
            "feature": f"x{number}", "title": title, "theme": theme, "unit": unit, "effect": effect,
        }  # fmt: skip
        empty = dict.fromkeys(("percentile", "low", "median", "high", "share"))
        if title in LEVELS:
            level = chance.choice(LEVELS[title])
            share = round(chance.uniform(0.15, 0.6), 3)
            found.append(
                row | empty | {"value": level, "text": level, "share": share}
                | {"typical_text": f"most often {LEVELS[title][0]}"}
            )  # fmt: skip
            continue
        shift = 0.3 * spread if group["name"] == "band" else 0.0
        normal = NormalDist(centre + shift, spread)
        low, high = max(0.0, normal.inv_cdf(0.25)), normal.inv_cdf(0.75)
        quartiles = {"low": low, "median": normal.mean, "high": high}
        typical = f"{written(low, '')} to {written(high, unit)}"
        if unit == "%":
            typical = f"{100 * low:.0f} to {100 * high:.0f} %"
        if number in {11, 17}:
            text: Json = {"value": None, "text": "not known", "typical_text": typical}
        else:
            value = round(max(0.0, chance.gauss(centre, spread)), 2)
            text = {
                "value": value, "text": written(value, unit), "typical_text": typical,
                "percentile": round(normal.cdf(value), 3),
            }  # fmt: skip
        found.append(row | empty | quartiles | text)
    return found


def client(key: str, name: str, group: str | None) -> Json:
    chosen = group_of(key, name, group)
    past = [
        {"id": f"{n:032x}", "decided_at": f"2026-0{3 - n}-02T09:41:07Z",
         "verdict": verdict_of(pd, name), "score": score_of(pd), "pd": pd}
        for n, pd in enumerate((pd_of(key), min(0.9, pd_of(key) * 1.3), pd_of(key) * 0.8))
    ]  # fmt: skip
    return {
        "key": key, "product": name, "standing": standing(key, name),
        "decisions": [] if key.endswith("7") else past, "values": values(key, chosen),
        "group": chosen, "groups": groups(key, name),
        "themes": list(dict.fromkeys(theme for _, theme, *_ in VALUES)),
    }  # fmt: skip


def distribution(key: str, name: str, feature: str, group: str | None) -> Json:
    chosen = group_of(key, name, group)
    row = next(each for each in values(key, chosen) if each["feature"] == feature)
    title, _, unit, centre, spread = VALUES[int(feature[1:])]
    bins: list[Json] = []
    if title in LEVELS:
        shares = [0.5, 0.3, 0.15, 0.05][: len(LEVELS[title])]
        bins = [
            {"low": None, "high": None, "label": level, "all": share / sum(shares),
             "group": 1 / len(shares)}
            for level, share in zip(LEVELS[title], shares, strict=True)
        ]  # fmt: skip
    else:
        step = spread / 2
        first = max(0.0, centre - 3 * spread)
        edges = [first + step * n for n in range(13)]
        everyone, some = NormalDist(centre, spread), NormalDist(centre + 0.3 * spread, spread)
        for low, high in pairwise(edges):
            label = f"{written(low, '')} to {written(high, unit)}"
            shares = [n.cdf(high) - n.cdf(low) for n in (everyone, some)]
            bins.append(
                {"low": low, "high": high, "label": label, "all": shares[0], "group": shares[1]}
            )
        missing = {"low": None, "high": None, "label": "not known", "all": 0.03, "group": 0.02}
        bins.append(missing)
        for side in ("all", "group"):
            total = sum(each[side] for each in bins)
            for each in bins:
                each[side] = round(each[side] / total, 5)
    return {
        "feature": feature, "title": title, "unit": unit, "bins": bins, "group": chosen,
        "kind": "category" if title in LEVELS else "number",
        "value": row["value"], "text": row["text"],
    }  # fmt: skip


def _point(cutoff: float, n: int) -> Json:
    """Lend 100 to each: a good loan earns 9, a bad one costs 62."""
    normal = NormalDist(-1.9, 0.95)
    z = math.log(cutoff / (1 - cutoff)) if 0 < cutoff < 1 else (9.0 if cutoff >= 1 else -9.0)
    share = normal.cdf(z)
    grid = [-6 + k * 0.02 for k in range(int((min(z, 6) + 6) / 0.02))]
    bad = sum(normal.pdf(x) * 0.02 / (1 + math.exp(-x)) for x in grid)
    whole = 0.1716
    approved = round(share * n)
    return {
        "cutoff": round(cutoff, 4), "approval_rate": share,
        "bad_rate": bad / share if approved else None,
        "profit": round(n * (9 * (share - bad) - 62 * bad), 2), "recall": max(0.0, 1 - bad / whole),
        "approved": approved,
    }  # fmt: skip


def portfolio(name: str, cutoff: float | None) -> Json:
    whole, n = product(name), 12_480
    at = _point(whole["approve_below"] if cutoff is None else cutoff, n)
    bads = round(0.1716 * n)
    bad_approved = round((at["bad_rate"] or 0) * at["approved"])
    return {
        "product": name, "currency": whole["currency"], "cutoff": at["cutoff"],
        "policy_cutoff": whole["approve_below"], "best_cutoff": 0.128, "best_low": 0.109,
        "best_high": 0.151, "level": 0.9,
        "chosen_on": "6,240 loans of October to December 2025",
        "judged_on": "12,480 loans of January and February 2026, which the model never saw",
        "applications": n, "bad_rate_all": 0.1716,
        "curve": [_point(0.01 * k, n) for k in range(61)], "at": at,
        "at_policy": _point(whole["approve_below"], n), "at_best": _point(0.128, n),
        "approve_all": {"profit": _point(1.0, n)["profit"]},
        "oracle": {"profit": round(9 * (n - bads), 2)},
        "confusion": {
            "bad_approved": bad_approved, "bad_declined": bads - bad_approved,
            "good_approved": at["approved"] - bad_approved,
            "good_declined": n - bads - at["approved"] + bad_approved,
        },
        "confusion_money": {
            "bad_approved": -62.0 * bad_approved, "bad_declined": 0.0,
            "good_approved": 9.0 * (at["approved"] - bad_approved), "good_declined": 0.0,
        },
        "economics": [
            ["Amount of a loan", f"100 {whole['currency']}"],
            ["A good loan earns", f"9 {whole['currency']} (fee of 15 %, less 6 % cost of money)"],
            ["A bad loan loses", f"62 {whole['currency']} (38 % is recovered)"],
        ],
    }  # fmt: skip


def eligible_keys(name: str, confidence: float) -> list[str]:
    return [
        key for key in client_keys(name)
        if 1 - pd_of(key) >= confidence and verdict_of(pd_of(key), name) == "approve"
        and not key.endswith("3")
    ]  # fmt: skip


def _campaign_point(name: str, confidence: float) -> Json:
    keys = eligible_keys(name, confidence)
    pds = [pd_of(key) for key in keys]
    return {
        "confidence": confidence, "eligible": len(keys),
        "expected_bad_rate": sum(pds) / len(pds) if pds else None,
        "expected_profit": sum(9 * (1 - pd) - 62 * pd for pd in pds) if pds else None,
    }  # fmt: skip


def sample_row(key: str, name: str) -> Json:
    pd = pd_of(key)
    offer = offer_of(pd, name) or {"title": "", "amount": None, "fee": None}
    return {
        "user_id": key, "pd": pd, "score": score_of(pd), "band": band_of(pd, name),
        "offer": offer["title"], "amount": offer["amount"] and offer["amount"]["amount"],
        "fee": offer["fee"] and offer["fee"]["amount"],
    }  # fmt: skip


def campaign(name: str, confidence: float, status: str, job: Json | None) -> Json:
    whole = product(name)
    point = _campaign_point(name, confidence)
    keys = eligible_keys(name, confidence)
    done = status == "done"
    out: Json = {
        "product": name, "currency": whole["currency"], "confidence": confidence, "status": status,
        "job": job, "as_of": NOW if done else None, "clients": whole["clients"] if done else 0,
        "eligible": 0, "expected_bad_rate": None, "expected_bad_debt": None,
        "expected_profit": None, "lent": None, "funnel": [], "curve": [], "sample": [],
    }  # fmt: skip
    if not done:
        return out
    everyone = client_keys(name)
    free = [key for key in everyone if not key.endswith("3")]
    sure = [key for key in free if 1 - pd_of(key) >= confidence]
    steps = [
        ("All clients", len(everyone), "known to the server"),
        ("No knock-out rule", len(free), f"{len(everyone) - len(free)} have a loan still open"),
        (
            "Sure enough",
            len(sure),
            f"{len(free) - len(sure)} repay with less than {confidence:.1%}",
        ),
        ("Approved by the policy", len(keys), f"{len(sure) - len(keys)} lie above its cutoff"),
    ]
    bad = (point["expected_bad_rate"] or 0) * 100 * len(keys)
    if keys:
        out |= {
            "expected_bad_rate": point["expected_bad_rate"],
            "expected_bad_debt": money(round(bad, 2), whole["currency"]),
            "expected_profit": money(round(point["expected_profit"], 2), whole["currency"]),
            "lent": money(100.0 * len(keys), whole["currency"]),
        }
    return out | {
        "eligible": len(keys),
        "funnel": [
            {"label": label, "clients": count, "note": note} for label, count, note in steps
        ],
        "curve": [_campaign_point(name, c / 200) for c in range(100, 200)],
        "sample": [sample_row(key, name) for key in keys[:10]],
    }
