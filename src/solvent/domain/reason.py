"""Why a decision fell as it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """What a reason comes from."""

    MODEL = "model"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One principal reason, as the applicant reads it.

    Args:
        text: Words the applicant reads.
        source: The model that scored, or a knock-out rule.
        code: The rule's code; for the model the text itself names the reason.
        effect: What it added to the log-odds of bad against the reference group; 0 for a rule.
    """

    text: str
    source: Source
    code: str = ""
    effect: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What all features with one reason text together added, for or against.

    Args:
        text: The reason's words.
        effect: Log-odds of bad against the reference group: positive speaks against the applicant.
        features: The features it sums, in the model's order.
    """

    text: str
    effect: float
    features: tuple[str, ...]
