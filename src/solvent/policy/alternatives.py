"""Alternatives: safer products for whom the one asked for is not approved."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.errors import DeclarationError
from solvent.policy.conditions import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A safer product.

    Args:
        name: The policy's word for it.
        title: Words the applicant reads.
        approve_below: A PD below it is offered this product; in (0, 1].
        amount: What it lends, in major units; None where that is not stated.
        price: Fee as a share of the amount; None for none.
        detail: One more sentence for the applicant.
        when: Whom it is for; None for everybody.
    """

    name: str
    title: str
    approve_below: float
    amount: float | None = None
    price: float | None = None
    detail: str = ""
    when: Condition | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.approve_below <= 1.0:
            raise DeclarationError(
                f"{self.approve_below:g} is no PD to approve below",
                hint="give a probability above 0 and at most 1",
                field=f"alternatives.{self.name}.approve_below",
            )
