"""The verdict: knock-outs, then the PD at each amount that could be lent, then safer products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from solvent.domain import Offer, Verdict
from solvent.policy.bands import Band, band_of, limit_of
from solvent.policy.conditions import Values, holds
from solvent.policy.knock_outs import KnockOut, hit
from solvent.policy.offers import Variant, largest, offer_of
from solvent.policy.policy import Policy

Scored = tuple[float, int]
"""A PD in (0, 1) and its score."""
ScoreAt = Callable[[float | None], Scored]
"""Scores the application as if a given amount (major units) were lent; None: as it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a policy says of one application.

    Args:
        verdict: Approve, refer or decline.
        pd: PD at `amount`.
        score: Its score.
        amount: Amount the PD was scored at, in major units; None: as it was asked.
        band: Band of the score, if the policy has bands and the score reaches one.
        offer: What is offered where approved.
        alternatives: Safer products offered where not approved.
        rules: Knock-out rules that caught it, those that decline first.
        no_amount: True where the PD would do, but no amount may be lent.
    """

    verdict: Verdict
    pd: float
    score: int
    amount: float | None
    band: Band | None
    offer: Offer | None = None
    alternatives: tuple[Offer, ...] = ()
    rules: tuple[KnockOut, ...] = ()
    no_amount: bool = False


def judge(
    policy: Policy, values: Values, score_at: ScoreAt, *, asked: float | None = None
) -> Judgement:
    """Decide one application.

    Amounts are tried from the largest down, each at the PD it would have; the first approved is
    offered. Where none is, the PD as asked (else at the smallest amount) gives the verdict, and the
    policy's alternatives are tried in their order, but none that lends more than was asked for, or
    than the caps allow. A rule that declines leaves no alternative.

    Args:
        policy: The policy.
        values: Every feature the policy reads.
        score_at: Scores the application at an amount.
        asked: Amount asked for, in major units; None where nothing was asked.
    """
    rules = hit(policy.knock_outs, values)
    amounts = policy.offer.candidates(values, asked)
    if not rules:
        for amount in amounts:
            pd, score = score_at(amount)
            approved = policy.cutoffs.verdict(pd) is Verdict.APPROVE
            if approved and largest((amount,), limit_of(policy.bands, score)):
                band = band_of(policy.bands, score)
                offer = policy.offer.offer(values, amount, band)
                return Judgement(
                    verdict=Verdict.APPROVE, pd=pd, score=score, amount=amount, band=band,
                    offer=offer,
                )  # fmt: skip
    fallback = asked if asked is not None or not amounts else amounts[-1]
    pd, score = score_at(fallback)
    verdict = rules[0].verdict if rules else policy.cutoffs.verdict(pd)
    no_amount = verdict is Verdict.APPROVE
    if no_amount:
        verdict = Verdict.REFER  # the PD would do, but no amount may be lent: a person looks
    alternatives: tuple[Offer, ...] = ()
    if not rules or verdict is Verdict.REFER:
        alternatives = _alternatives(policy, values, score_at, asked)
    return Judgement(
        verdict=verdict, pd=pd, score=score, amount=fallback, band=band_of(policy.bands, score),
        alternatives=alternatives, rules=rules, no_amount=no_amount,
    )  # fmt: skip


def _alternatives(
    policy: Policy, values: Values, score_at: ScoreAt, asked: float | None
) -> tuple[Offer, ...]:
    found, most = [], policy.offer.most(values, asked)
    for one in policy.alternatives:
        if one.when is not None and not holds(one.when, values):
            continue
        if not largest((one.amount,), most):
            continue  # more than was asked for, or than the caps allow, is not safer
        pd, _ = score_at(one.amount)
        if pd < one.approve_below:
            variant = Variant(name=one.name, title=one.title, detail=one.detail)
            found.append(offer_of(variant, policy.offer, one.amount, one.price))
    return tuple(found)
