"""Whether the youngest test applications have had the time to go bad."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solvent.metrics import PeriodMetrics, by_period
from solvent.metrics.normal import two_sided_p
from solvent.report.training import TrainingRecord

AS_GIVEN = "as given"
"""How the words of an outcome that was taken as given end."""
CHANCE = 0.05
"""Below this probability a fall is no chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """A bad rate that only falls up to the end of the test.

    Attributes:
        first: The period it falls from.
        last: The last period of the test.
    """

    first: PeriodMetrics
    last: PeriodMetrics


def falling(record: TrainingRecord) -> Fall | None:
    """Find a bad rate that falls from period to period up to the last, by more than chance.

    Loans that are young when their outcome is read had less time to go bad. Where the outcome is
    taken as given nobody has waited, so such a fall is the only sign of it.

    Args:
        record: The training run.

    Returns:
        The longest fall that ends with the last period; None where outcomes were waited for, no
        times are declared, or chance explains it.

    Source: the two-proportion z test with a pooled rate.
    """
    if record.period_test is None or not record.bad_words.endswith(AS_GIVEN):
        return None
    periods = by_period(record.pd_test, record.bad_test, record.period_test)
    place = len(periods) - 1
    while place and periods[place - 1].bad_rate > periods[place].bad_rate:
        place -= 1
    first, last = periods[place], periods[-1]
    if first is last or chance(first, last) >= CHANCE:
        return None
    return Fall(first=first, last=last)


def chance(first: PeriodMetrics, last: PeriodMetrics) -> float:
    """How probable a difference of bad rates at least this wide is where there is none.

    Args:
        first, last: Two periods with different bad rates.

    Returns:
        The two-sided p-value of the two-proportion test.
    """
    pooled = (first.bads + last.bads) / (first.n + last.n)
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / first.n + 1.0 / last.n))
    return two_sided_p((first.bad_rate - last.bad_rate) / error)
