"""The nouns of a decision: frozen values every room shares, from the standard library only."""

from solvent.domain.decision import Decision, Verdict, Versions
from solvent.domain.form import Question
from solvent.domain.hint import Hint, Way
from solvent.domain.job import LONGEST_LEASE, JobState
from solvent.domain.letterhead import Letterhead
from solvent.domain.money import Money
from solvent.domain.offer import Offer
from solvent.domain.outcome import Outcome, OutcomeWord
from solvent.domain.reason import Effect, Reason, Source

__all__ = [
    "LONGEST_LEASE",
    "Decision", "Effect", "Hint", "JobState", "Letterhead", "Money", "Offer", "Outcome",
    "OutcomeWord", "Question", "Reason", "Source", "Verdict", "Versions", "Way",
]  # fmt: skip
