"""Random policies and applications, and slow twins that decide by the letter of the docstrings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from solvent.domain import Verdict
from solvent.policy import (
    AllOf,
    Alternative,
    AnyOf,
    Band,
    Cap,
    Compare,
    Comparison,
    Condition,
    CostMatrix,
    Cutoffs,
    IsMissing,
    KnockOut,
    Not,
    OfferRule,
    OneOf,
    Policy,
    Variant,
)

NUMBERS, LABELS = ("age", "income", "repaid"), ("town",)
NAMES = NUMBERS + LABELS
PDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
AMOUNTS = (5.0, 10.0, 20.0, 40.0)
MONEY = CostMatrix(good_approved=1.0, bad_approved=-4.0)
PLAIN = OfferRule(variants=(Variant(name="loan", title="Loan"),))

_small = st.sampled_from([0.0, 5.0, 10.0, 18.0, 20.0])
_words = st.sampled_from(["Lima", "Bergen"])
_name = st.sampled_from(NAMES)


def _asks() -> st.SearchStrategy[Condition]:
    value = _small | _words
    return st.one_of(
        st.builds(
            Compare, feature=_name, comparison=st.sampled_from(list(Comparison)), value=value
        ),
        st.builds(OneOf, feature=_name, values=st.lists(value, max_size=2).map(tuple)),
        st.builds(IsMissing, feature=_name),
    )


def _joins(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(AllOf, parts=parts), st.builds(AnyOf, parts=parts), st.builds(Not, part=inner)
    )


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(_asks(), _joins, max_leaves=5)
VALUES = st.fixed_dictionaries(
    {name: st.none() | _small for name in NUMBERS} | {name: st.none() | _words for name in LABELS}
)


@st.composite
def policies(draw: st.DrawFn, *, falling: bool = False) -> Policy:
    """A sound policy; `falling`: limits of bands fall with the score, as a lender would have it."""
    cuts = sorted((draw(st.sampled_from(PDS)), draw(st.sampled_from(PDS))))
    ladder = draw(st.lists(st.sampled_from(AMOUNTS), max_size=4, unique=True))
    return Policy(
        product="p", name="n", economics=MONEY,
        cutoffs=Cutoffs(approve_below=cuts[0], refer_below=cuts[1]),
        knock_outs=draw(_rules()), bands=draw(_bands(falling=falling)),
        offer=OfferRule(
            variants=(*draw(_variants()), Variant(name="last", title="Last")),
            amounts=tuple(ladder), price=draw(st.none() | st.just(0.18)), currency="BRL",
            term_days=draw(st.none() | st.just(30)),
            caps=draw(
                st.lists(
                    st.builds(
                        Cap, feature=st.sampled_from(NAMES), times=st.sampled_from([0.5, 2.0]),
                        otherwise=_small, at_least=st.sampled_from([0.0, 5.0]),
                    ),
                    max_size=2,
                ).map(tuple)
            ),
        ),
        alternatives=draw(_alternatives(cuts[0])),
    )  # fmt: skip


@st.composite
def _rules(draw: st.DrawFn) -> tuple[KnockOut, ...]:
    return tuple(
        KnockOut(
            code=f"rule_{place}", when=draw(CONDITIONS), reason=f"Reason {place}",
            verdict=draw(st.sampled_from([Verdict.DECLINE, Verdict.REFER])),
            catches_unknown=draw(st.booleans()),
        )
        for place in range(draw(st.sampled_from([0, 0, 1, 2])))
    )  # fmt: skip


@st.composite
def _bands(draw: st.DrawFn, *, falling: bool) -> tuple[Band, ...]:
    froms = draw(st.lists(st.integers(480, 620), max_size=3, unique=True))
    limits = [draw(st.none() | st.sampled_from(AMOUNTS)) for _ in froms]
    if falling:
        froms.sort(reverse=True)
        limits.sort(key=lambda most: -(most or float("inf")))
    price = st.none() | st.just(0.25)
    return tuple(
        Band(name=f"band {start}", score_from=start, amount=limit, price=draw(price))
        for start, limit in zip(froms, limits, strict=True)
    )


@st.composite
def _variants(draw: st.DrawFn) -> list[Variant]:
    count = draw(st.integers(0, 2))
    return [Variant(name=f"v{n}", title=f"V{n}", when=draw(CONDITIONS)) for n in range(count)]


@st.composite
def _alternatives(draw: st.DrawFn, approve_below: float) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(
            name=f"other {n}", title=f"Other {n}", price=draw(st.none() | st.just(0.2)),
            approve_below=draw(st.sampled_from([x for x in (*PDS, 1.0) if x >= approve_below])),
            amount=draw(st.none() | st.sampled_from([2.0, 10.0])),
            when=draw(st.none() | CONDITIONS),
        )
        for n in range(draw(st.integers(0, 2)))
    )  # fmt: skip


# ---- slow twins


def answer(condition: Condition, values: Mapping[str, Any]) -> bool | None:
    """Kleene's logic by brute force: settled where every way to answer what is open agrees.

    Each question left open is answered apart, as Kleene's logic does: `x or not x` stays open.
    """
    leaves = list(_leaves(condition))
    asked = [_ask(leaf, values) for leaf in leaves]
    open_ones = [place for place, found in enumerate(asked) if found is None]
    outcomes = set()
    for guess in itertools.product([False, True], repeat=len(open_ones)):
        told = iter(
            [dict(zip(open_ones, guess, strict=True)).get(n, a) for n, a in enumerate(asked)]
        )
        outcomes.add(_settle(condition, told))
    return outcomes.pop() if len(outcomes) == 1 else None


def _leaves(condition: Condition) -> Iterator[Compare | OneOf | IsMissing]:
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from _leaves(part)
    elif isinstance(condition, Not):
        yield from _leaves(condition.part)
    else:
        yield condition


def _settle(condition: Condition, told: Iterator[bool | None]) -> bool:
    if isinstance(condition, AllOf):
        found = [_settle(part, told) for part in condition.parts]  # every part takes its answers
        return all(found)
    if isinstance(condition, AnyOf):
        found = [_settle(part, told) for part in condition.parts]
        return any(found)
    if isinstance(condition, Not):
        return not _settle(condition.part, told)
    return bool(next(told))


_SIGNS = {"below": "<", "at_most": "<=", "above": ">", "at_least": ">="}


def _ask(leaf: Compare | OneOf | IsMissing, values: Mapping[str, Any]) -> bool | None:
    value = values[leaf.feature]
    if isinstance(leaf, IsMissing):
        return value is None
    if value is None:
        return None
    if isinstance(leaf, OneOf):
        return any(value == one for one in leaf.values)
    if leaf.comparison == "equals":
        return bool(value == leaf.value)
    if isinstance(value, str) != isinstance(leaf.value, str) or isinstance(value, str):
        return None  # text is neither above nor below anything
    order = (value > leaf.value) - (value < leaf.value)
    return bool(eval(f"{order} {_SIGNS[leaf.comparison]} 0"))  # noqa: S307 - a twin's own words


@dataclass(frozen=True, kw_only=True)
class Slow:
    """What a twin says of one application."""

    verdict: str
    amount: float | None
    offer: tuple[str, float | None, float | None] | None
    alternatives: tuple[tuple[str, float | None], ...]
    rules: tuple[str, ...]


def slow_judge(policy: Policy, values: Mapping[str, Any], pd_at: Any, asked: float | None) -> Slow:
    """Decide by the letter: every amount is scored, then the largest approved one is picked.

    Args:
        policy: The policy.
        values: The application's values.
        pd_at: Amount -> (PD, score).
        asked: Amount asked for.
    """
    caught = [r for r in policy.knock_outs if _caught(r, values)]
    declining = [r.code for r in caught if r.verdict == "decline"]
    rules = (*declining, *(r.code for r in caught if r.verdict == "refer"))
    tried = _tried(policy, values, asked)
    fitting = [one for one in tried if _fits(policy, pd_at, one)]
    if fitting and not caught:
        amount = max(fitting, key=lambda one: -1.0 if one is None else one)
        return Slow(
            verdict="approve", amount=amount, offer=_offered(policy, values, amount, pd_at),
            alternatives=(), rules=(),
        )  # fmt: skip
    judged_at = asked if asked is not None else min(tried, key=lambda a: a or 0.0, default=None)
    pd = pd_at(judged_at)[0]
    verdict = (
        "refer" if pd < policy.cutoffs.refer_below or pd < policy.cutoffs.approve_below else ""
    )
    if caught:
        verdict = "" if declining else "refer"
    others = () if declining else _others(policy, values, pd_at, asked)
    return Slow(
        verdict=verdict or "decline", amount=judged_at, offer=None, alternatives=others, rules=rules
    )


def _caught(rule: KnockOut, values: Mapping[str, Any]) -> bool:
    found = answer(rule.when, values)
    return rule.catches_unknown if found is None else found


def _limits(policy: Policy, values: Mapping[str, Any], asked: float | None) -> list[float]:
    limits = [] if asked is None else [asked]
    for cap in policy.offer.caps:
        value = values[cap.feature]
        most = cap.times * value if isinstance(value, float) else cap.otherwise
        limits.append(max(most, cap.at_least))
    return limits


def _tried(policy: Policy, values: Mapping[str, Any], asked: float | None) -> list[float | None]:
    limits = _limits(policy, values, asked)
    if policy.offer.amounts:
        return [one for one in policy.offer.amounts if all(one <= limit for limit in limits)]
    if not limits:
        return [None]
    least = min(limits)
    if least != asked:  # cents a cap does not reach are not lent
        least = int(least * 10**policy.offer.scale) / 10**policy.offer.scale
    return [least] if least > 0 else []


def _fits(policy: Policy, pd_at: Any, amount: float | None) -> bool:
    pd, score = pd_at(amount)
    if not pd < policy.cutoffs.approve_below:
        return False
    by_score = sorted(policy.bands, key=lambda band: band.score_from)
    mine = [band for band in by_score if band.score_from <= score] or by_score[:1]
    limit = mine[-1].amount if mine else None
    if not [band for band in by_score if band.score_from <= score] and by_score:
        limit = by_score[0].amount
    return limit is None or amount is None or amount <= limit


def _offered(
    policy: Policy, values: Mapping[str, Any], amount: float | None, pd_at: Any
) -> tuple[str, float | None, float | None]:
    names = [v.name for v in policy.offer.variants if v.when is None or answer(v.when, values)]
    reached = [band for band in policy.bands if band.score_from <= pd_at(amount)[1]]
    reached.sort(key=lambda band: band.score_from)
    prices = [band.price for band in reached[-1:] if band.price is not None]
    return names[0], amount, (prices or [policy.offer.price])[0]


def _others(
    policy: Policy, values: Mapping[str, Any], pd_at: Any, asked: float | None
) -> tuple[tuple[str, float | None], ...]:
    return tuple(
        (one.name, one.amount)
        for one in policy.alternatives
        if (one.when is None or answer(one.when, values))
        and pd_at(one.amount)[0] < one.approve_below
        and (
            one.amount is None
            or all(one.amount <= limit for limit in _limits(policy, values, asked))
        )
    )
