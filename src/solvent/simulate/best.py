"""The cutoff a lender may choose: the most profitable one, or one that catches a share of bads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.errors import RangeError
from solvent.metrics import cutoff_for_recall
from solvent.metrics.accounts import FloatArray, IntArray, check_count
from solvent.policy import Worth
from solvent.simulate.cases import check_barred, check_scored
from solvent.simulate.sweep import Ranked, Sweep, rank, sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How the bootstrap is run.

    Attributes:
        replicates: Resamples of the applications, >= 1.
        level: Confidence level of the intervals, in (0, 1).
        seed: Of the draws, >= 0.

    Raises:
        RangeError: a value outside its range.
    """

    replicates: int = 500
    level: float = 0.9
    seed: int = 0

    def __post_init__(self) -> None:
        check_count(self.replicates, "replicates")
        check_count(self.seed, "seed", least=0)
        if not 0.0 < self.level < 1.0:
            raise RangeError(
                f"must lie in (0, 1), found {self.level!r}", hint="90 percent is 0.9", field="level"
            )


USUAL = Resampling()


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The most profitable cutoff of a sample, and how sure the sample is of it.

    Attributes:
        cutoff: A PD below it is approved.
        profit: Money the sample would have made with it, in major units.
        low, high: Ends of the two-sided interval of the cutoff.
        level: Confidence level of both intervals, in (0, 1).
        approved: Applications of the sample it approves.
        n: All applications of the sample.
        gain: Profit over approving everybody no knock-out stops, in major units, >= 0.
        gain_low, gain_high: Ends of the two-sided interval of the gain, the cutoff held fixed.
        currency: Code of the currency.
    """

    cutoff: float
    profit: float
    low: float
    high: float
    level: float
    approved: int
    n: int
    gain: float
    gain_low: float
    gain_high: float
    currency: str


def most_profitable(
    pd: ArrayLike,
    bad: ArrayLike,
    worth: Worth,
    *,
    barred: ArrayLike | None = None,
    resampling: Resampling = USUAL,
) -> Best:
    """Find the cutoff that makes the most money, with a bootstrap interval.

    The cutoff lies halfway between the last PD approved and the next; where several earn the same,
    the one that approves fewest. It flatters itself on the applications it was chosen on: choose it
    on training data judged out of fold, and judge it on the test.

    Each resample draws n applications with replacement and finds its own best cutoff; the interval
    holds the middle share `level` of them. The best cutoff is an argmax, which plain resampling
    does not cover exactly (Abrevaya and Huang 2005): read the interval as a range of cutoffs the
    data cannot tell apart, no more. The interval of the gain holds the cutoff fixed.

    Args:
        pd: Probability of default in [0, 1], shape (n,), n >= 1.
        bad: True where the application met the bad definition, shape (n,); one class is enough.
        worth: Money by verdict and outcome, in major units.
        barred: True where a knock-out stops the application whatever its PD; None for nobody.
        resampling: Replicates, level and seed of the bootstrap.

    Raises:
        ShapeError: no application, or arrays of different lengths.
        RangeError: a PD outside [0, 1], or a mask that is not boolean.

    Source: tests compare with every cutoff tried in turn, and the interval with the known optimum
    of simulated portfolios.

    >>> from solvent.policy import CostMatrix, worth
    >>> three = worth(CostMatrix(good_approved=10, bad_approved=-50), {}, 3)
    >>> found = most_profitable([0.1, 0.2, 0.4], [False, False, True], three)
    >>> round(found.cutoff, 3), found.profit, found.gain
    (0.3, 20.0, 50.0)
    """
    tried = sweep(pd, bad, worth, barred=barred)
    pds, found = check_scored(pd, bad, worth)
    ranked = rank(pds, found, check_barred(barred, len(found)))
    chosen, gains = _resample(ranked, found.gain, tried.best, resampling)
    tails = [(1.0 - resampling.level) / 2.0, (1.0 + resampling.level) / 2.0]
    # An interval of a choice among given cutoffs ends at two of them.
    low, high = np.quantile(chosen, tails, method="inverted_cdf").tolist()
    gain_low, gain_high = np.quantile(gains, tails).tolist()
    point = tried.best_point
    return Best(
        cutoff=point.cutoff,
        profit=point.profit,
        low=float(tried.cutoffs[low]),
        high=float(tried.cutoffs[high]),
        level=resampling.level,
        approved=point.approved,
        n=tried.n,
        gain=_over_everybody(tried),
        gain_low=gain_low,
        gain_high=gain_high,
        currency=tried.currency,
    )


def for_recall(pd: ArrayLike, bad: ArrayLike, recall: float) -> float:
    """The highest cutoff that still turns away the stated share of defaulters.

    A PD below the cutoff is approved, so a defaulter whose PD equals it is caught.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the application met the bad definition, shape (n,).
        recall: Share of defaulters to catch, in (0, 1].

    Returns:
        A PD that occurs in `pd`.

    Raises:
        OneClassError: every application is bad, or none is.
        ShapeError, RangeError: as `metrics.cutoff_for_recall`.

    >>> for_recall([0.9, 0.4, 0.3, 0.1], [True, False, True, False], 0.8)
    0.3
    """
    return cutoff_for_recall(pd, bad, recall)


def _over_everybody(tried: Sweep) -> float:
    return float(tried.profit[tried.best] - tried.profit[-1])


def _resample(
    ranked: Ranked, gain: FloatArray, best: int, how: Resampling
) -> tuple[IntArray, FloatArray]:
    """Return each replicate's best position, and what position `best` gains over everybody.

    What a declined application brings is the same for every cutoff, so only the gain of approving
    is added up, weighted by how often the application was drawn.
    """
    random = np.random.default_rng(how.seed)
    n, open_to = gain.size, ranked.order.size
    rising = gain[ranked.order]
    chosen = np.zeros(how.replicates, np.int64)
    gains = np.zeros(how.replicates)
    running = np.zeros(open_to + 1)
    for number in range(how.replicates):
        # Rows from `open_to` on stand for those barred: drawn, never approved.
        drawn = np.bincount(random.integers(0, n, n), minlength=n)[:open_to]
        np.cumsum(drawn * rising, out=running[1:])
        at = running[ranked.ends]
        chosen[number] = np.argmax(at)
        gains[number] = at[best] - at[-1]
    return chosen, gains
