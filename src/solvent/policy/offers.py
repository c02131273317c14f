"""Offers: how much is lent, of what, at what price."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from solvent.domain import Money, Offer
from solvent.errors import DeclarationError
from solvent.policy.bands import Band
from solvent.policy.conditions import Condition, Values, holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """Lends at most a multiple of something known of the customer.

    Args:
        feature: What is known ("largest amount repaid").
        times: Multiple of it.
        otherwise: The most where it is not known, in major units.
        at_least: The cap never falls below this, in major units.
    """

    feature: str
    times: float
    otherwise: float
    at_least: float = 0.0

    def most(self, values: Values) -> float:
        """Return the most that may be lent, in major units."""
        known = values[self.feature]
        found = self.otherwise if known is None or isinstance(known, str) else self.times * known
        return max(found, self.at_least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One shape an offer can take: airtime, or a data bundle.

    Args:
        name: The policy's word for it.
        title: Words the applicant reads.
        when: Whom it is for; None for everybody.
        detail: One more sentence; may be empty.
    """

    name: str
    title: str
    when: Condition | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRule:
    """What is offered to an approved applicant.

    Args:
        variants: Shapes in order of preference; the first whose condition holds is offered.
        amounts: Amounts that can be lent, in major units, any order; empty: what was asked for.
        currency: Code of the currency.
        scale: Decimals of the currency.
        price: Fee as a share of the amount; None where it has no price.
        term_days: Days until due; None for none.
        caps: Limits on the amount.
    """

    variants: tuple[Variant, ...]
    amounts: tuple[float, ...] = ()
    currency: str = ""
    scale: int = 2
    price: float | None = None
    term_days: int | None = None
    caps: tuple[Cap, ...] = ()

    def __post_init__(self) -> None:
        if not self.variants or self.variants[-1].when is not None:
            raise DeclarationError(
                "nothing is left to offer where no condition holds",
                hint="end the variants with one that has no `when`", field="offer.variants",
            )  # fmt: skip
        if any(amount <= 0 for amount in self.amounts):
            raise DeclarationError(
                "an amount is not above 0", hint="list what can be lent, such as [5, 10, 20]",
                field="offer.amounts",
            )  # fmt: skip

    def candidates(self, values: Values, asked: float | None) -> tuple[float | None, ...]:
        """Return the amounts to try, largest first; what was asked for and every cap bound them.

        Args:
            values: The application's values.
            asked: Amount asked for, in major units; None where nothing was asked.

        Returns:
            (None,) where no amount is known or listed; empty where nothing above 0 is left.
        """
        most = self.most(values, asked)
        if not self.amounts:
            if most is None:
                return (None,)
            unit = 10**self.scale
            whole = most if most == asked else math.floor(most * unit) / unit  # never above a cap
            return (whole,) if whole > 0 else ()
        return tuple(
            sorted((one for one in self.amounts if most is None or one <= most), reverse=True)
        )

    def most(self, values: Values, asked: float | None) -> float | None:
        """Return the most that may be lent by every cap and what was asked for; None: no limit.

        Args:
            values: The application's values.
            asked: Amount asked for, in major units; None where nothing was asked.
        """
        limits = [cap.most(values) for cap in self.caps]
        return min(limits if asked is None else [*limits, asked], default=None)

    def offer(self, values: Values, amount: float | None, band: Band | None) -> Offer:
        """Return the offer of an amount, at the band's price where it has one."""
        variant = next(v for v in self.variants if v.when is None or holds(v.when, values))
        price = self.price if band is None or band.price is None else band.price
        return offer_of(variant, self, amount, price)


def offer_of(variant: Variant, rule: OfferRule, amount: float | None, price: float | None) -> Offer:
    """Return an offer with its amount and fee as exact money."""
    money = None if amount is None else Money.of(amount, rule.currency, rule.scale)
    fee = None
    if amount is not None and price is not None:
        fee = Money.of(amount * price, rule.currency, rule.scale)
    return Offer(
        name=variant.name, title=variant.title, amount=money, fee=fee, price=price,
        term_days=rule.term_days, detail=variant.detail,
    )  # fmt: skip


def largest(amounts: Sequence[float | None], limit: float | None) -> tuple[float | None, ...]:
    """Return the amounts within a limit, in their order; all where there is no limit.

    >>> largest((20.0, 10.0, 5.0), 10.0)
    (10.0, 5.0)
    """
    if limit is None:
        return tuple(amounts)
    return tuple(one for one in amounts if one is None or one <= limit)
