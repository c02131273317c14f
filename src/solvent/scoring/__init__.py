"""From a PD to a score a person can compare, and to reasons a person can read."""

from solvent.scoring.agreement import Agreement, Weighed, agreement, weigh_many
from solvent.scoring.reasons import (
    FEWEST,
    MOST_REASONS,
    effects,
    just_approved,
    principal,
    reference_mean,
    text_of,
)
from solvent.scoring.scale import DEFAULT_SCALE, Scale, score

__all__ = [
    "DEFAULT_SCALE", "FEWEST", "MOST_REASONS", "Agreement", "Scale", "Weighed", "agreement",
    "effects", "just_approved", "principal", "reference_mean", "score", "text_of", "weigh_many",
]  # fmt: skip
