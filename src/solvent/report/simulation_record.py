"""What a simulation tells its report: plain values and arrays, nothing to look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from solvent.domain import Verdict
from solvent.errors import RangeError, ShapeError
from solvent.policy import Cutoffs
from solvent.report.training import BoolArray
from solvent.simulate import Best, Decided, Referred

WATCHED = (
    "The outcome of every application is in the data, also of those the policy would refuse: the "
    "lender of the time lent to all of them. Whom that lender itself refused is not here, so the "
    "figures hold for applicants such as it approved."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleLine:
    """A knock-out rule and whom it caught.

    Attributes:
        code: Its name in the policy.
        reason: The reason as an applicant reads it.
        verdict: What it decides: decline or refer.
        caught: Whom it caught, shape (n,); several rules may catch one application.
    """

    code: str
    reason: str
    verdict: Verdict
    caught: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeLine:
    """A safer product and how often it was offered.

    Attributes:
        title: What a person calls it.
        offered: Applications it was offered to, >= 0.
        detail: Whom it is for, in words; may be empty.
    """

    title: str
    offered: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonLine:
    """How far the reasons of one model hold, on the tested applicants its PD declines.

    Attributes:
        whom: Whom the model of a chain is for; empty where there is a single one.
        words, second_words: The group that reasons are told against, and the other.
        n: Applicants declined, >= 0.
        same_first, same_all: For how many both groups give the same first reason, the same set.
        told: How many have a reason.
        strongest: For how many of these the strongest reason holds against the model.
        faithful: For how many the reason told first does.
    """

    whom: str
    words: str
    second_words: str
    n: int
    same_first: int
    same_all: int
    told: int
    strongest: int
    faithful: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulationRecord:
    """Everything the page of one simulation says.

    Attributes:
        product: Name of the product, as declared.
        title: What a person calls it.
        technique: The modelling technique, in words.
        model_version: Of the model.
        policy_name: What the lender calls the policy.
        policy_version: Of the policy; "not registered" for a file.
        policy_digest: SHA-256 of the policy's document.
        created_at: When it was simulated, as it shall be printed.
        bad_words: The definition of bad, in words.
        split_words: Goes on from "the applications are": "the test of a split by time, ...".
        unseen: Whether the model had seen none of them in training.
        decided: The applications with verdict, PD, outcome, worth and time.
        referred: What a person is assumed to decide about those referred.
        cutoffs: The policy's.
        rules: Its knock-out rules, with whom each caught, in the policy's order.
        alternatives: Its safer products, with how often each was offered.
        reasons: How far the reasons hold, a line for each model.
        best: The most profitable cutoff of the training side; None where none was sought.
        best_words: Goes on from "chosen on": "40,000 training applications, judged out of fold".
        economics: Its figures in words: (word, value); `economics_words` writes them.
        outcomes_words: How the outcome of those refused is known.
        limits: More that a reader should know, in sentences.
        sources: Data fingerprints: (name, rows, sha256).
        versions: Of the software, by name.

    Raises:
        ShapeError: a rule's mask of another length than the applications.
        RangeError: a rule caught an application that was approved, or a count is negative.
    """

    product: str
    title: str
    technique: str
    model_version: str
    policy_name: str
    policy_version: str
    policy_digest: str
    created_at: str
    bad_words: str
    split_words: str
    unseen: bool
    decided: Decided
    referred: Referred = Referred.DECLINED
    cutoffs: Cutoffs
    rules: tuple[RuleLine, ...] = ()
    alternatives: tuple[AlternativeLine, ...] = ()
    reasons: tuple[ReasonLine, ...] = ()
    best: Best | None = None
    best_words: str = ""
    economics: tuple[tuple[str, str], ...]
    outcomes_words: str = WATCHED
    limits: tuple[str, ...] = ()
    sources: tuple[tuple[str, int, str], ...]
    versions: Mapping[str, str]

    def __post_init__(self) -> None:
        approved = self.decided.given(Verdict.APPROVE)
        for rule in self.rules:
            if rule.caught.shape != approved.shape:
                raise ShapeError(
                    f"has {rule.caught.size:,} values where there are {approved.size:,} "
                    "applications",
                    hint="pass whom the rule caught, one value per application",
                    field=f"rules.{rule.code}",
                )
            both = int(np.count_nonzero(rule.caught & approved))
            if both:
                raise RangeError(
                    f"caught {both:,} applications that are approved",
                    hint="a rule declines or refers; pass the verdicts it was part of",
                    field=f"rules.{rule.code}",
                )
        for line in self.alternatives:
            if line.offered < 0:
                raise RangeError(
                    f"must be a count, found {line.offered!r}", field="alternatives.offered"
                )

    @property
    def barred(self) -> BoolArray:
        """Whom any rule caught, shape (n,)."""
        found = np.zeros(len(self.decided), np.bool_)
        for rule in self.rules:
            found = found | rule.caught
        return found

    @property
    def lent(self) -> BoolArray:
        """Who is lent to, under the assumption about those referred, shape (n,)."""
        return self.decided.approved(self.referred)

    @property
    def currency(self) -> str:
        """Code of the currency, or "units"."""
        return self.decided.worth.currency

    @property
    def lends_amounts(self) -> bool:
        """Whether amounts are known; a cost matrix counts every loan as one."""
        return bool(np.any(self.decided.worth.amount != 1.0))
