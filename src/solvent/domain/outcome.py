"""What became of a loan, as the lender tells it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from solvent.domain.money import Money


class OutcomeWord(StrEnum):
    """What is so of a loan at an instant."""

    GOOD = "good"
    BAD = "bad"
    REPAID = "repaid"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one loan, and since when that is known.

    Args:
        decision: Id of the decision that made the loan.
        word: good: not bad when it was observed; repaid: paid in full, so it stays good; bad: met
            the bad definition; open: neither is known (takes back what was told before).
        observed_at: Instant at which it was so, int UTC microseconds.
        known_from: Instant from which the lender knew it, int UTC microseconds, >= `observed_at`.
        paid: Money that came back; None where it was not told.
        lost: Money that did not; None where it was not told.
    """

    decision: str
    word: OutcomeWord
    observed_at: int
    known_from: int
    paid: Money | None = None
    lost: Money | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of all it says: what is told twice is known again by it.

        >>> told = Outcome(decision="ab", word=OutcomeWord.BAD, observed_at=1, known_from=2)
        >>> told.digest == Outcome(
        ...     decision="ab", word=OutcomeWord.BAD, observed_at=1, known_from=3
        ... ).digest
        False
        """
        amounts = (
            "-" if money is None else f"{money.minor} {money.scale} {money.currency}"
            for money in (self.paid, self.lost)
        )
        parts = (self.decision, self.word.value, self.observed_at, self.known_from, *amounts)
        return hashlib.sha256("\n".join(map(str, parts)).encode()).digest()
