"""The policy: versioned data that turns a PD into a verdict, an offer and money."""

from solvent.policy.alternatives import Alternative
from solvent.policy.bands import Band, band_of
from solvent.policy.conditions import (
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    Condition,
    IsMissing,
    Not,
    OneOf,
    holds,
    leaves,
    names_in,
)
from solvent.policy.cutoffs import Cutoffs
from solvent.policy.economics import CostMatrix, Economics, Figure, Worth, names_read, worth
from solvent.policy.judge import Judgement, judge
from solvent.policy.knock_outs import KnockOut, hit
from solvent.policy.offers import Cap, OfferRule, Variant
from solvent.policy.policy import Policy, ReferenceGroup

__all__ = [
    "AllOf", "Alternative", "AnyOf", "Band", "Cap", "Compare", "Comparison", "Condition",
    "CostMatrix", "Cutoffs", "Economics", "Figure", "IsMissing", "Judgement", "KnockOut", "Not",
    "OfferRule", "OneOf", "Policy", "ReferenceGroup", "Variant", "Worth", "band_of", "hit",
    "holds", "judge", "leaves", "names_in", "names_read", "worth",
]  # fmt: skip
