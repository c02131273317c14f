"""Cutoffs: from a PD to a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.domain import Verdict
from solvent.errors import DeclarationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """Approve below one PD, refer to a person below another, decline from there on.

    Args:
        approve_below: A PD below it is approved; in (0, 1].
        refer_below: A PD below it, but not below `approve_below`, goes to a person; at least
            `approve_below`. Equal: nobody is referred.
    """

    approve_below: float
    refer_below: float

    def __post_init__(self) -> None:
        if not 0.0 < self.approve_below <= 1.0:
            raise DeclarationError(
                f"{self.approve_below:g} is no PD to approve below",
                hint="give a probability above 0 and at most 1, such as 0.15",
                field="cutoffs.approve_below",
            )
        if not self.approve_below <= self.refer_below <= 1.0:
            raise DeclarationError(
                f"{self.refer_below:g} lies below approve_below, or above 1",
                hint="refer from approve_below up to a higher PD, or leave refer_below out",
                field="cutoffs.refer_below",
            )

    def verdict(self, pd: float) -> Verdict:
        """Return the verdict on a PD; a PD equal to a cutoff is not below it.

        >>> cutoffs = Cutoffs(approve_below=0.1, refer_below=0.2)
        >>> [cutoffs.verdict(pd).value for pd in (0.0999, 0.1, 0.2)]
        ['approve', 'refer', 'decline']
        """
        if pd < self.approve_below:
            return Verdict.APPROVE
        return Verdict.REFER if pd < self.refer_below else Verdict.DECLINE
