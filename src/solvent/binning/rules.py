"""What bins must satisfy: the trend, their number and size, and what was decided by hand."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, fields
from enum import StrEnum
from statistics import NormalDist
from typing import Final

from solvent.errors import DeclarationError

FEWEST_ROWS: Final = 40
"""Rows a bin needs to tell anything: of missing values, special codes or rare levels, and of known
values where the column alone is looked at."""
PERIOD_ROWS: Final = 30
"""Rows a period needs in each of two bins to judge their order."""


SEARCHED: Final = (
    *("max_bins", "min_bins", "min_share", "min_gain", "significance", "prebins", "over_time"),
)  # fmt: skip
"""The rules of a search, which edges and groups by hand take the place of."""


class Trend(StrEnum):
    """How the bad rate may run as the number grows.

    `AUTO` solves every trend and takes the simplest that is as good out of fold, within noise.
    `PEAK` rises up to some bin and falls from it on, `VALLEY` the other way; either side may be
    empty.
    """

    AUTO = "auto"
    ASCENDING = "ascending"
    DESCENDING = "descending"
    PEAK = "peak"
    VALLEY = "valley"
    NONE = "none"


class Home(StrEnum):
    """Where rows go whose value is missing, or a declared special code.

    `OWN` is a bin of their own; `NEAREST` the bin with the bad rate closest to theirs; `NEUTRAL`
    a bin of their own that counts neither for nor against (woe 0). With fewer than `FEWEST_ROWS`
    rows nothing can be told of them: then every policy is `NEUTRAL`.
    """

    OWN = "own"
    NEAREST = "nearest"
    NEUTRAL = "neutral"


class OverTime(StrEnum):
    """What periods may say about the order of two neighbouring bins.

    `WITHIN_CHANCE` forbids the pair if in any period the rates stand the other way round by more
    than chance explains (`chance_z`); `STRICT` if they stand so at all; `IGNORED` never. Where
    all bins must rise, or all must fall, the same is asked of all rows below an edge and all rows
    above it. A period with fewer than `PERIOD_ROWS` rows on either side cannot judge.
    """

    WITHIN_CHANCE = "within chance"
    STRICT = "strict"
    IGNORED = "ignored"


def chance_z(periods: int) -> float:
    """Return the standard errors by which chance may turn a step round in the worst of periods.

    One-sided 5 % over all of them together (Bonferroni): among 24 months one in which the rates
    stand the other way round by two standard errors is to be expected.

    >>> round(chance_z(1), 3), round(chance_z(24), 3)
    (1.645, 2.865)
    """
    return NormalDist().inv_cdf(1.0 - 0.05 / max(1, periods))


def two_sided_z(p: float) -> float:
    """Return how many standard errors a two-sided p-value is, however small it be.

    >>> round(two_sided_z(0.05), 2), round(two_sided_z(1e-17), 2)
    (1.96, 8.57)
    """
    return -NormalDist().inv_cdf(max(p / 2.0, sys.float_info.min))


@dataclass(frozen=True, slots=True, kw_only=True)
class BinRules:
    """What bins must satisfy.

    Args:
        trend: Of the bad rate, as the number grows; levels stand in the order of their rate.
        max_bins: Most bins of known values, >= 1.
        min_bins: Fewest, >= 1; a binning that cannot have as many is refused.
        min_share: Share of all rows a bin of known values needs, in [0, 1); a single one may hold
            less, where hardly any value is known.
        min_gain: IV that every further bin must bring, >= 0.
        significance: Largest two-sided p-value between the rates of neighbours, in (0, 1]; None
            asks for none: on real portfolios the trend alone did better on new rows.
        prebins: Most bins before the search, 2 to 200.
        special: Codes that stand for a state and no amount (-999, "refused"); numbers or labels.
        missing: Where missing values go.
        special_home: Where special codes go.
        over_time: What periods may forbid, where they are given.
        edges: Edges by hand, rising, instead of a search; an edge belongs to the bin below it.
            Under a trend the bins across some may be joined: see `bin_numbers`.
        groups: Levels by hand, one tuple per bin, instead of a search; all others are together.
            Neither goes with the other, nor with rules of the search.
        merge: What may not be parted: (low, high) of a number, both with it, or labels of a
            category; merges that share a label are one.
    """

    trend: Trend = Trend.AUTO
    max_bins: int = 8
    min_bins: int = 1
    min_share: float = 0.05
    min_gain: float = 0.0
    significance: float | None = None
    prebins: int = 50
    special: tuple[float | str, ...] = ()
    missing: Home = Home.OWN
    special_home: Home = Home.OWN
    over_time: OverTime = OverTime.WITHIN_CHANCE
    edges: tuple[float, ...] | None = None
    groups: tuple[tuple[str, ...], ...] | None = None
    merge: tuple[tuple[float, float] | tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        _check_ranges(self)
        _check_by_hand(self)

    @property
    def special_numbers(self) -> tuple[float, ...]:
        """The special codes of a number."""
        return tuple(float(code) for code in self.special if not isinstance(code, str))

    @property
    def special_labels(self) -> tuple[str, ...]:
        """The special codes of a category."""
        return tuple(code for code in self.special if isinstance(code, str))


DEFAULTS: Final = {one.name: one.default for one in fields(BinRules)}


def _check_ranges(rules: BinRules) -> None:
    _need(rules.max_bins >= 1, "max_bins", f"must be at least 1, found {rules.max_bins}")
    _need(rules.min_bins >= 1, "min_bins", f"must be at least 1, found {rules.min_bins}")
    _need(
        rules.min_bins <= rules.max_bins, "min_bins",
        f"asks for {rules.min_bins} bins where max_bins allows {rules.max_bins}",
    )  # fmt: skip
    _need(0.0 <= rules.min_share < 1.0, "min_share", f"must lie in [0, 1), found {rules.min_share}")
    _need(
        rules.min_bins == 1 or rules.min_share * rules.min_bins <= 1.0 + 1e-9, "min_share",
        f"{rules.min_bins} bins of {rules.min_share:.0%} each are more than there is",
        "lower min_share or min_bins",
    )  # fmt: skip
    _need(
        math.isfinite(rules.min_gain) and rules.min_gain >= 0.0, "min_gain",
        f"must be at least 0, found {rules.min_gain}",
    )  # fmt: skip
    _need(
        rules.significance is None or 0.0 < rules.significance <= 1.0, "significance",
        f"must lie in (0, 1], found {rules.significance}", "None asks for no difference",
    )  # fmt: skip
    _need(2 <= rules.prebins <= 200, "prebins", f"must lie in 2 to 200, found {rules.prebins}")
    _need(
        all(isinstance(code, str) or math.isfinite(code) for code in rules.special), "special",
        "holds a number that is not finite", "what is not known needs no code: see `missing`",
    )  # fmt: skip
    _need(len(set(rules.special)) == len(rules.special), "special", "names one code twice")


def _check_by_hand(rules: BinRules) -> None:
    edges, groups = rules.edges, rules.groups
    if edges is not None:
        _need(
            all(math.isfinite(edge) for edge in edges) and list(edges) == sorted(set(edges)),
            "edges", "must be finite numbers that rise",
        )  # fmt: skip
    _need(
        edges is None or groups is None, "groups", "there are edges as well",
        "a number has edges, a category has groups",
    )  # fmt: skip
    by_hand = "groups" if edges is None else "edges"
    for rule in SEARCHED if edges is not None or groups is not None else ():
        _need(
            getattr(rules, rule) == DEFAULTS[rule], rule,
            f"rules a search, and {by_hand} by hand take its place", f"drop {rule} or {by_hand}",
        )  # fmt: skip
    named = [label for group in groups or () for label in group]
    _need(len(named) == len(set(named)), "groups", "names one level in two places")
    _need(all(groups or ()), "groups", "holds an empty group")
    both = set(named) & set(rules.special_labels)
    _need(not both, "groups", "names a level that `special` gives a bin of its own")
    for together in rules.merge:
        _need(
            len(together) >= 2 and len({isinstance(each, str) for each in together}) == 1, "merge",
            "needs (low, high) of a number, or two labels or more",
        )  # fmt: skip
        if isinstance(together[0], str):
            _check_together([str(label) for label in together], rules)
        else:
            _check_range([float(end) for end in together], rules)


def _check_range(ends: list[float], rules: BinRules) -> None:
    _need(
        len(ends) == 2 and ends[0] < ends[1], "merge", "needs low < high of a number",
    )  # fmt: skip
    cut = [edge for edge in rules.edges or () if ends[0] <= edge < ends[1]]
    _need(
        not cut, "merge", "keeps together what an edge by hand parts", "drop the edge or the merge"
    )


def _check_together(labels: list[str], rules: BinRules) -> None:
    homes = {
        next((at for at, group in enumerate(rules.groups or ()) if label in group), -1)
        for label in labels
    }
    _need(
        rules.groups is None or len(homes) == 1, "merge",
        "keeps together what the groups by hand part", "drop the groups or the merge",
    )  # fmt: skip
    _need(
        not set(labels) & set(rules.special_labels), "merge",
        "names a level that `special` gives a bin of its own",
    )  # fmt: skip


def _need(holds: bool, field: str, message: str, hint: str = "") -> None:
    if not holds:
        raise DeclarationError(message, hint=hint, field=field)
