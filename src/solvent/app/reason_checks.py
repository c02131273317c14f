"""Do the reasons hold? Two checks on the tested applicants whom the PD alone declines.

*Agreement*: how often the two reference groups give the same first reason, and the same reasons.

*Fidelity*: how often the PD does not rise with the features of the reason that is told first set to
what they are in the reference group (`app.fidelity`), all else being as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.app.fidelity import ROUNDING, log_odds_at_reference
from solvent.app.live_product import LiveProduct, Reference
from solvent.features import FeatureFrame
from solvent.report import ReasonLine
from solvent.scoring import MOST_REASONS, Agreement, Weighed, agreement, weigh_many

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCheck:
    """What was found of the reasons of one model.

    Args:
        link_words: Whom the model of a chain is for; empty where there is a single one.
        words: The group that decisions are told against.
        second_words: The other group.
        agreement: Of the two, over the applicants declined.
        told: How many of them have a reason.
        strongest: Of these, for how many the strongest reason holds.
        faithful: For how many the reason told first holds: the strongest of theirs that does.
    """

    link_words: str
    words: str
    second_words: str
    agreement: Agreement
    told: int
    strongest: int
    faithful: int

    @property
    def fidelity(self) -> float | None:
        """Share of those with a reason whose first one holds; None where nobody has any."""
        return self.faithful / self.told if self.told else None


def check_reasons(live: LiveProduct) -> tuple[ReasonCheck, ...]:
    """Check the reasons of every model of a product, on the applicants it was tested on.

    Args:
        live: The product.

    Returns:
        One for each link of a chain, one alone where there is a single model.
    """
    texts = live.facts["reasons"]
    if any(name not in texts for one in live.references for name in one.features):
        return ()
    return tuple(_check(live, one) for one in live.references)


def reason_lines(live: LiveProduct) -> tuple[ReasonLine, ...]:
    """Return what `check_reasons` finds, as a report and the command line tell it."""
    return tuple(
        ReasonLine(
            whom=one.link_words, words=one.words, second_words=one.second_words,
            n=one.agreement.n, same_first=one.agreement.top, same_all=one.agreement.every,
            told=one.told, strongest=one.strongest, faithful=one.faithful,
        )
        for one in check_reasons(live)
    )  # fmt: skip


def _check(live: LiveProduct, reference: Reference) -> ReasonCheck:
    population, texts = live.population, live.facts["reasons"]
    explained = population.pd[population.explained]
    rows = reference.scored[explained[reference.scored] >= live.policy.cutoffs.refer_below]
    told = population.contributions[:, reference.places]
    first = weigh_many(told[rows], reference.mean, reference.features, texts)
    second = weigh_many(told[rows], reference.second_mean, reference.features, texts)
    held = _held(live, reference, rows, first)
    reasoned = [bool(own) for own in first.principal()]
    return ReasonCheck(
        link_words=reference.link_words, words=reference.words,
        second_words=reference.second_words, agreement=agreement(first, second),
        told=sum(reasoned), strongest=int(np.count_nonzero(held[:, 0])),
        faithful=int(np.count_nonzero(held.any(axis=1))),
    )  # fmt: skip


def _held(live: LiveProduct, reference: Reference, rows: IntArray, weighed: Weighed) -> BoolArray:
    """Return which reasons hold against the model, looked at in order until one does.

    Args:
        live: The product.
        reference: The groups of the model that scored these applicants.
        rows: Positions of the applicants among the explained rows, shape (n,).
        weighed: What was weighed of them.

    Returns:
        Shape (n, most reasons): True at the first that holds, nowhere where none does.
    """
    population, texts = live.population, live.facts["reasons"]
    some = population.frame.take(population.explained[rows])
    held = np.zeros((len(rows), MOST_REASONS), np.bool_)
    principal = weighed.principal()
    for rank in range(MOST_REASONS):
        asked = np.array([own[rank] if len(own) > rank else -1 for own in principal], np.int64)
        asked[held.any(axis=1)] = -1
        for text in np.unique(asked[asked >= 0]):
            names = {name for name in reference.features if texts[name] == weighed.texts[text]}
            who = np.flatnonzero(asked == text)
            held[who, rank] = _holds(live, some.take(who), reference, names)
    return held


def _holds(
    live: LiveProduct, some: FeatureFrame, reference: Reference, names: set[str]
) -> BoolArray:
    changed = log_odds_at_reference(live, some, reference, names)
    held: BoolArray = changed <= live.model.margin(some) + ROUNDING
    return held
