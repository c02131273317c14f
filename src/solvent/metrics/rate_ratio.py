"""How many times one group's rate another's is, and how sure of that a sample makes us."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solvent.errors import MetricError, RangeError
from solvent.metrics.normal import two_sided_z


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRatio:
    """One rate over another.

    Attributes:
        ratio: >= 0.
        low, high: Ends of the two-sided interval, >= 0.
        level: Confidence level in (0, 1).
    """

    ratio: float
    low: float
    high: float
    level: float


def rate_ratio(
    group: tuple[int, int], reference: tuple[int, int], level: float = 0.95
) -> RateRatio:
    """Ratio of two rates of independent groups, with the interval of its logarithm.

    Where the group's own count is zero the upper end comes of half a case in its place.

    Args:
        group: Cases and members of the group, 0 <= cases <= members, members >= 1.
        reference: The same of the group it is compared with; at least one case.
        level: Confidence level in (0, 1).

    Raises:
        RangeError: counts that cannot be, or `level` outside (0, 1).
        MetricError: the reference has no case, so there is no ratio.

    Source: Katz, Baptista, Azen and Pike (1978); tests compare with `scipy.stats.contingency`.

    >>> found = rate_ratio((100, 200), (210, 300))
    >>> round(found.ratio, 4), round(found.low, 4), round(found.high, 4)
    (0.7143, 0.6104, 0.8358)
    """
    for cases, members in (group, reference):
        if not 0 <= cases <= members or members < 1:
            raise RangeError(
                f"must be a count among its members, found {cases} of {members}", field="group"
            )
    z = two_sided_z(level)
    (cases, members), (others, of_others) = group, reference
    if not others:
        raise MetricError("the reference has no case, so there is no ratio", field="reference")
    ratio = (cases / members) / (others / of_others)
    counted = max(cases, 0.5)
    error = math.sqrt(1.0 / counted - 1.0 / members + 1.0 / others - 1.0 / of_others)
    middle = (counted / members) / (others / of_others)
    return RateRatio(
        ratio=ratio, low=middle * math.exp(-z * error) if cases else 0.0,
        high=middle * math.exp(z * error), level=float(level),
    )  # fmt: skip
