"""Knock-out rules: what decides whatever the PD says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solvent.domain import Verdict
from solvent.errors import DeclarationError
from solvent.policy.conditions import Condition, Values, holds


@dataclass(frozen=True, slots=True, kw_only=True)
class KnockOut:
    """One rule.

    Args:
        code: Short name, unique in the policy.
        when: The application it catches.
        reason: The reason as the applicant reads it.
        verdict: Decline or refer.
        catches_unknown: True where a question left open by a missing value catches as well.
    """

    code: str
    when: Condition
    reason: str
    verdict: Verdict = Verdict.DECLINE
    catches_unknown: bool = False

    def __post_init__(self) -> None:
        if self.verdict is Verdict.APPROVE:
            raise DeclarationError(
                "a rule cannot approve", hint="let it decline or refer",
                field=f"knock_outs.{self.code}",
            )  # fmt: skip

    def catches(self, values: Values) -> bool:
        """Return whether the rule catches an application."""
        found = holds(self.when, values)
        return self.catches_unknown if found is None else found


def hit(rules: Sequence[KnockOut], values: Values) -> tuple[KnockOut, ...]:
    """Return the rules that catch an application: those that decline first, each in its order."""
    caught = [rule for rule in rules if rule.catches(values)]
    return tuple(sorted(caught, key=lambda rule: rule.verdict is not Verdict.DECLINE))
