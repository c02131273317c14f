"""The policy as a whole: one declaration of how a lender decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from solvent.errors import DeclarationError
from solvent.policy.alternatives import Alternative
from solvent.policy.bands import Band
from solvent.policy.conditions import Condition, names_in
from solvent.policy.cutoffs import Cutoffs
from solvent.policy.economics import CostMatrix, Economics, names_read
from solvent.policy.knock_outs import KnockOut
from solvent.policy.offers import OfferRule


class ReferenceGroup(StrEnum):
    """Whom an applicant is compared with when reasons are told."""

    JUST_APPROVED = "just_approved"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a lender decides.

    Args:
        product: Name of the product it decides for.
        name: What the lender calls this version.
        cutoffs: From PD to verdict.
        offer: What an approved applicant is offered.
        knock_outs: Rules that decide whatever the PD says.
        bands: Classes of scores.
        alternatives: Safer products, tried in order.
        economics: Money per loan, or per cell of the confusion matrix.
        compare_with: Whom reasons compare an applicant with.
    """

    product: str
    name: str
    cutoffs: Cutoffs
    offer: OfferRule
    economics: Economics | CostMatrix
    knock_outs: tuple[KnockOut, ...] = ()
    bands: tuple[Band, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    compare_with: ReferenceGroup = ReferenceGroup.JUST_APPROVED

    def __post_init__(self) -> None:
        _require_once("knock_outs", [rule.code for rule in self.knock_outs])
        _require_once("bands", [band.name for band in self.bands])
        _require_once("bands.score_from", [str(band.score_from) for band in self.bands])
        _require_once("alternatives", [one.name for one in self.alternatives])
        for one in self.alternatives:
            if one.approve_below < self.cutoffs.approve_below:
                raise DeclarationError(
                    f"{one.approve_below:g} is stricter than the product's own "
                    f"{self.cutoffs.approve_below:g}, so nobody would be offered it",
                    hint="a safer product can bear a higher PD",
                    field=f"alternatives.{one.name}.approve_below",
                )

    @property
    def features(self) -> tuple[str, ...]:
        """Every feature or application column the policy reads, each once."""
        return tuple(dict.fromkeys(self._names()))

    def _names(self) -> Iterator[str]:
        for condition in self.conditions():
            yield from names_in(condition)
        yield from (cap.feature for cap in self.offer.caps)
        yield from names_read(self.economics)

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition, of rules, offers and alternatives."""
        yield from (rule.when for rule in self.knock_outs)
        yield from (one.when for one in self.offer.variants if one.when is not None)
        yield from (one.when for one in self.alternatives if one.when is not None)


def _require_once(field: str, names: list[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise DeclarationError(
                f"{name!r} stands {times} times", hint="give each its own", field=field
            )
