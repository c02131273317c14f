"""How many times one group's rate another's is, and how sure of that a sample makes us."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from solvent.errors import MetricError, RangeError
from solvent.metrics.normal import two_sided_z

HALVINGS = 100


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
    """Ratio of two rates of independent groups, with the interval of the score test.

    The interval holds every ratio that the counts do not contradict, given the rates that fit them
    best under it. It has width where all or none of either group is a case.

    Args:
        group: Cases and members of the group, 0 <= cases <= members, members >= 1.
        reference: The same of the group it is compared with; at least one case.
        level: Confidence level in (0, 1).

    Raises:
        RangeError: counts that cannot be, or `level` outside (0, 1).
        MetricError: the reference has no case, so there is no ratio.

    Source: Koopman (1984), whose interval of 36 of 40 over 16 of 80 is 2.94 to 7.15; tests compare
    with a search for the likeliest rates by SciPy.

    >>> found = rate_ratio((36, 40), (16, 80))
    >>> round(found.ratio, 4), round(found.low, 2), round(found.high, 2)
    (4.5, 2.94, 7.15)
    """
    for cases, members in (group, reference):
        if not 0 <= cases <= members or members < 1:
            raise RangeError(
                f"must be a count among its members, found {cases} of {members}", field="group"
            )
    z = two_sided_z(level)
    if not reference[0]:
        raise MetricError("the reference has no case, so there is no ratio", field="reference")
    ratio = (group[0] / group[1]) / (reference[0] / reference[1])

    def against(tried: float) -> float:
        return _score(group, reference, tried)

    # Ratios far beyond any that a test of these counts could leave standing.
    furthest = 1e3 * group[1] * reference[1] * (1.0 + z * z)
    return RateRatio(
        ratio=ratio,
        low=_where(against, z, 1.0 / furthest, ratio) if group[0] else 0.0,
        high=_where(against, -z, ratio or 1.0 / furthest, furthest),
        level=float(level),
    )


def _score(group: tuple[int, int], reference: tuple[int, int], ratio: float) -> float:
    """Return by how many standard errors the counts lie above a ratio."""
    (cases, members), (others, of_others) = group, reference
    off = cases / members - ratio * others / of_others
    # The rate of the reference at which counts of that ratio are likeliest: the lesser root.
    first = ratio * (members + of_others)
    second = ratio * (members + others) + cases + of_others
    third = cases + others
    rate = 2.0 * third / (second + math.sqrt(max(0.0, second * second - 4.0 * first * third)))
    rate = min(rate, 1.0, 1.0 / ratio)
    own = ratio * rate
    variance = own * (1.0 - own) / members + ratio * ratio * rate * (1.0 - rate) / of_others
    if variance <= 0.0:
        return math.copysign(math.inf, off) if off else 0.0
    return off / math.sqrt(variance)


def _where(score: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Return the ratio whose score is the wanted one; scores fall as ratios rise."""
    for _ in range(HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if score(middle) > wanted else (low, middle)
    return math.sqrt(low * high)
