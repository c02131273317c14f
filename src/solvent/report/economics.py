"""A policy's economics in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from solvent.policy import CostMatrix, Economics, Figure
from solvent.report.figures import money, percent


def economics_words(
    economics: Economics | CostMatrix, titles: Mapping[str, str] = MappingProxyType({})
) -> tuple[tuple[str, str], ...]:
    """Write each figure a policy counts with.

    Args:
        economics: The policy's.
        titles: Words for the features it reads; others go by their names.

    Returns:
        (word, value), in the order a loan goes through them.

    >>> economics_words(CostMatrix(good_approved=1, bad_approved=-10))[1]
    ('A bad loan made', '−10\u202funits')
    """
    currency = economics.currency
    if isinstance(economics, CostMatrix):
        return (
            ("A good loan made", money(economics.good_approved, currency)),
            ("A bad loan made", money(economics.bad_approved, currency)),
            ("A good loan not made", money(economics.good_declined, currency)),
            ("A bad loan not made", money(economics.bad_declined, currency)),
        )
    told = [("Amount lent", _figure(economics.amount, currency, titles))]
    brings = [] if economics.revenue is None else [_figure(economics.revenue, currency, titles)]
    if economics.rate or not brings:
        brings.append(f"{percent(economics.rate)} of the amount")
    told.append(("A repaid loan brings", " and ".join(brings)))
    told.append(("A bad loan loses", f"{percent(economics.lgd)} of the amount (LGD)"))
    if economics.cost_per_loan:
        told.append(("Every loan costs", money(economics.cost_per_loan, currency)))
    if economics.cost_per_application:
        told.append(("Every application costs", money(economics.cost_per_application, currency)))
    return tuple(told)


def _figure(figure: Figure, currency: str, titles: Mapping[str, str]) -> str:
    if not figure.feature:
        return money(figure.fixed or 0.0, currency)
    multiple = "" if figure.times == 1.0 else f"{figure.times:g} × "
    words = f"{multiple}{titles.get(figure.feature, figure.feature)}"
    limits = [
        f"{name} {money(limit, currency)}"
        for name, limit in (("at least", figure.at_least), ("at most", figure.at_most))
        if limit is not None
    ]
    if figure.fixed is not None:
        limits.append(f"{money(figure.fixed, currency)} where it is not known")
    return ", ".join([words, *limits])
