"""Economics: what a loan brings when it is repaid and costs when it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.errors import DataError, DeclarationError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number per loan: a constant, or a multiple of an application's value within limits.

    Args:
        fixed: The constant, or what is taken where the feature is not known; None with a feature
            refuses loans where it is not known.
        feature: Name of a feature or application column; empty for a constant.
        times: Multiple of the feature.
        at_least: Lower limit.
        at_most: Upper limit.
    """

    fixed: float | None = None
    feature: str = ""
    times: float = 1.0
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if not self.feature and self.fixed is None:
            raise DeclarationError(
                "says neither a number nor a feature", hint="give a number, or feature: NAME",
                field="economics",
            )  # fmt: skip
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            raise DeclarationError(
                f"allows nothing between {low:g} and {high:g}",
                hint="at_least must not be above at_most", field="economics",
            )  # fmt: skip

    def of(self, columns: Mapping[str, FloatArray], rows: int) -> FloatArray:
        """Return the figure of each loan, shape (n,).

        Args:
            columns: Features by name, NaN where not known, each of shape (n,).
            rows: n.

        Raises:
            DataError: The feature is not known of some loan, and no `fixed` stands in for it.
        """
        if not self.feature:
            return np.full(rows, self.fixed, np.float64)
        found = self.times * columns[self.feature]
        unknown = np.isnan(found)
        if unknown.any():
            if self.fixed is None:
                raise DataError(
                    f"is not known of {int(unknown.sum()):,} of {rows:,} applications",
                    hint="give `otherwise:` in the policy, a number for those", field=self.feature,
                )  # fmt: skip
            found = np.where(unknown, self.fixed, found)
        return np.clip(found, self.at_least, self.at_most) if self._limited else found

    @property
    def _limited(self) -> bool:
        return self.at_least is not None or self.at_most is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Economics:
    """Money per loan.

    A repaid loan brings revenue less `cost_per_loan`; a bad one loses lgd × amount and
    `cost_per_loan`; every application, approved or not, costs `cost_per_application`.

    Args:
        amount: Exposure at default, in major units.
        revenue: What a repaid loan brings, in major units, where it is no share of the amount.
        rate: What a repaid loan brings as a share of the amount; 0 where `revenue` says it.
        lgd: Share of the amount lost with a bad loan, in [0, 1].
        cost_per_loan: Cost of making and keeping a loan, in major units.
        cost_per_application: Cost of looking at an application, in major units.
        currency: Code of the currency.
    """

    amount: Figure
    revenue: Figure | None = None
    rate: float = 0.0
    lgd: float = 1.0
    cost_per_loan: float = 0.0
    cost_per_application: float = 0.0
    currency: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.lgd <= 1.0:
            raise DeclarationError(
                f"{self.lgd:g} is no share", hint="lgd is the share of the amount lost, 0 to 1",
                field="economics.lgd",
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CostMatrix:
    """Money by verdict and outcome, the same for every loan; costs are negative.

    Args:
        good_approved: A good loan made.
        bad_approved: A bad loan made.
        good_declined: A good loan not made.
        bad_declined: A bad loan not made.
        currency: Code of the currency, or "units".
    """

    good_approved: float
    bad_approved: float
    good_declined: float = 0.0
    bad_declined: float = 0.0
    currency: str = "units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What each application is worth, by verdict and outcome, in major units, shape (n,) each.

    Args:
        good_approved, bad_approved, good_declined, bad_declined: As in `CostMatrix`.
        amount: What is lent if approved.
        currency: Code of the currency.
    """

    good_approved: FloatArray
    bad_approved: FloatArray
    good_declined: FloatArray
    bad_declined: FloatArray
    amount: FloatArray
    currency: str

    def __len__(self) -> int:
        return len(self.amount)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Worth:
        """Return the applications at `index`."""
        return Worth(
            good_approved=self.good_approved[index], bad_approved=self.bad_approved[index],
            good_declined=self.good_declined[index], bad_declined=self.bad_declined[index],
            amount=self.amount[index], currency=self.currency,
        )  # fmt: skip


def worth(economics: Economics | CostMatrix, columns: Mapping[str, FloatArray], rows: int) -> Worth:
    """Return what each application is worth.

    Args:
        economics: The policy's figures.
        columns: Every feature the figures read, NaN where not known, each of shape (n,).
        rows: n.

    Raises:
        DataError: A figure is not known of some application.

    >>> found = worth(Economics(amount=Figure(fixed=100.0), rate=0.2, lgd=0.5), {}, 1)
    >>> found.good_approved.tolist(), found.bad_approved.tolist()
    ([20.0], [-50.0])
    """
    if isinstance(economics, CostMatrix):
        return Worth(
            good_approved=np.full(rows, economics.good_approved),
            bad_approved=np.full(rows, economics.bad_approved),
            good_declined=np.full(rows, economics.good_declined),
            bad_declined=np.full(rows, economics.bad_declined),
            amount=np.ones(rows), currency=economics.currency,
        )  # fmt: skip
    amount = economics.amount.of(columns, rows)
    brings = economics.rate * amount
    if economics.revenue is not None:
        brings = brings + economics.revenue.of(columns, rows)
    seen = np.full(rows, -economics.cost_per_application)
    return Worth(
        good_approved=seen + brings - economics.cost_per_loan,
        bad_approved=seen - economics.lgd * amount - economics.cost_per_loan,
        good_declined=seen, bad_declined=seen, amount=amount, currency=economics.currency,
    )  # fmt: skip


def names_read(economics: Economics | CostMatrix) -> tuple[str, ...]:
    """Return the features the figures read."""
    if isinstance(economics, CostMatrix):
        return ()
    figures = (economics.amount, economics.revenue)
    return tuple(one.feature for one in figures if one is not None and one.feature)
