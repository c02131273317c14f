"""What a product says of its scorecard: the scale, its length, and what was decided by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from solvent.binning import BinRules, Trend
from solvent.binning.rules import DEFAULTS, SEARCHED
from solvent.errors import DeclarationError, SolventError
from solvent.models._card_hands import matches, nearest, pattern_of, refused
from solvent.scoring import DEFAULT_SCALE, Scale

MOST: Final = 15
"""Characteristics that still fit on a printed page."""
BY_HAND: Final = ("rules", "special", "trends", "edges", "groups", "merge", "drop", "keep")
TOLD: Final = ("special", "edges", "groups", "merge")
TRENDS: Final = {1: Trend.ASCENDING, -1: Trend.DESCENDING}
Ranges = tuple[tuple[float, float] | tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """How a scorecard is made; whatever is decided by hand here is kept whenever it is refitted.

    Every mapping goes from a pattern of feature names ("top_ups_*") to a value; the first pattern
    that matches counts. What is said under `special`, `trends`, `edges`, `groups` and `merge` comes
    on top of `rules`. Edges and groups take the place of a search: rules of the search (`max_bins`,
    `min_share`, `over_time`, ...) that are said of a wider pattern yield to them, and such rules
    that are said of the same feature are refused.

    Args:
        pdo: Points that double the odds of good to bad.
        base_score: Score at `base_odds`.
        base_odds: Goods per bad at `base_score`.
        most: Most characteristics, >= 1.
        significance: Largest p-value of a characteristic, in (0, 1]: 0.3 keeps what is more signal
            than noise.
        least_iv: Least IV of a characteristic, >= 0.
        most_alike: Largest correlation of two characteristics' woe, in (0, 1].
        most_inflated: Largest variance inflation factor of a characteristic, > 1.
        rules: What bins must satisfy.
        special: Codes with a bin of their own (-999, "refused").
        trends: "ascending", "descending", "peak", "valley" or "none": of the bad rate.
        edges: Edges by hand, rising; an edge belongs to the bin below it. Where a trend or a
            direction is declared as well, the bins across an edge at which the rates go against it
            are joined, and so is a bin without rows; where they do so by more than chance explains
            (0.1 %) the two contradict each other and are refused.
        groups: Levels by hand, one tuple per bin; all others are together.
        merge: What may not be parted: (low, high) of a number, or labels of a category.
        drop: Features that must not be on the card.
        keep: Features that must be on the card.

    Raises:
        DeclarationError: A value is out of range, or two of them contradict each other.
    """

    pdo: float = DEFAULT_SCALE.pdo
    base_score: float = DEFAULT_SCALE.base_score
    base_odds: float = DEFAULT_SCALE.base_odds
    most: int = MOST
    significance: float = 0.3
    least_iv: float = 0.005
    most_alike: float = 0.9
    most_inflated: float = 10.0
    rules: Mapping[str, BinRules] = field(default_factory=dict)
    special: Mapping[str, tuple[float | str, ...]] = field(default_factory=dict)
    trends: Mapping[str, str] = field(default_factory=dict)
    edges: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    merge: Mapping[str, Ranges] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("drop", "keep"):
            if isinstance(getattr(self, name), str):
                raise refused(
                    name, "is one word where several are expected",
                    f'write {name}=("...",) with a comma',
                )  # fmt: skip
            object.__setattr__(self, name, tuple(getattr(self, name)))
        _ = self.scale
        _check_limits(self)
        for pattern, word in self.trends.items():
            if word not in set(Trend):
                raise refused(
                    "trends", f"{word!r} is no trend of {pattern!r}", f"one of {', '.join(Trend)}"
                )
        for pattern in sorted(
            {*self.rules, *(name for part in TOLD for name in getattr(self, part))}
        ):
            self.rules_for(pattern)
        _check_hands(self)

    @property
    def scale(self) -> Scale:
        """Where its scores stand.

        Raises:
            DeclarationError: The scale is none.
        """
        try:
            return Scale(base_score=self.base_score, base_odds=self.base_odds, pdo=self.pdo)
        except DeclarationError as error:
            raise refused(str(error.field), error.message, error.hint) from error

    def drops(self, name: str) -> bool:
        """Return whether a feature must not be on the card."""
        return matches(self.drop, name)

    def keeps(self, name: str) -> bool:
        """Return whether a feature must be on the card."""
        return matches(self.keep, name)

    def rules_for(self, name: str, direction: int = 0) -> BinRules:
        """Return what the bins of a feature must satisfy.

        Args:
            name: The feature.
            direction: +1 where a higher value may only be riskier, -1 only safer, 0 either.

        Raises:
            DeclarationError: What is said of the feature contradicts itself.

        >>> card = Card(rules={"*": BinRules(max_bins=4)}, trends={"age": "descending"})
        >>> card.rules_for("age").trend, card.rules_for("age").max_bins
        (<Trend.DESCENDING: 'descending'>, 4)
        """
        found = {part: pattern_of(getattr(self, part), name) for part in ("trends", "rules", *TOLD)}
        said: dict[str, Any] = {
            part: getattr(self, part)[pattern]
            for part in TOLD
            if (pattern := found[part]) is not None
        }
        rules = BinRules() if found["rules"] is None else self.rules[found["rules"]]
        by_hand = {found[part] for part in ("edges", "groups")} - {None}
        if by_hand and found["rules"] not in {name, *by_hand}:  # a rule for many yields to one hand
            said |= {rule: DEFAULTS[rule] for rule in SEARCHED}
        if found["trends"] is not None:
            said["trend"] = Trend(self.trends[found["trends"]])
        elif direction and rules.trend is Trend.AUTO:
            said["trend"] = TRENDS[direction]
        try:
            rules = replace(rules, **said)
        except SolventError as error:
            raise refused(str(error.field), f"of {name}: {error.message}", error.hint) from error
        if direction and rules.trend is not TRENDS[direction]:
            raise refused(
                "trends", f"{name} is to be {rules.trend}, directions say {TRENDS[direction]}",
                "take one of the two out",
            )  # fmt: skip
        return rules

    def require_known(self, names: Iterable[str], parts: tuple[str, ...] = BY_HAND) -> None:
        """Refuse what is decided by hand of a feature that is not there.

        Args:
            names: Of all features.
            parts: What is looked at.

        Raises:
            DeclarationError: A pattern matches none of them.
        """
        known = tuple(names)
        for part in parts:
            for pattern in getattr(self, part):
                if not any(matches((pattern,), name) for name in known):
                    raise refused(
                        part, f"{pattern!r} matches no feature",
                        nearest(pattern, known, "solvent features DIR lists them"),
                    )  # fmt: skip

    def of(self, names: Iterable[str]) -> Card:
        """Return it with what is decided by hand of some features alone.

        Args:
            names: Of the features.

        >>> Card(drop=("age", "clients_*")).of(["age", "income"]).drop
        ('age',)
        """
        known = tuple(names)
        said: dict[str, Any] = {}
        for part in BY_HAND:
            held = getattr(self, part)
            left = [p for p in held if any(matches((p,), name) for name in known)]
            said[part] = {p: held[p] for p in left} if isinstance(held, Mapping) else tuple(left)
        return replace(self, **said)


def _check_limits(card: Card) -> None:
    limits = {
        "most": card.most >= 1,
        "significance": 0.0 < card.significance <= 1.0,
        "least_iv": 0.0 <= card.least_iv < math.inf,
        "most_alike": 0.0 < card.most_alike <= 1.0,
        "most_inflated": card.most_inflated > 1.0,
    }
    for name, holds in limits.items():
        if not holds:
            raise refused(name, f"is out of range: {getattr(card, name):g}", "see Card")


def _check_hands(card: Card) -> None:
    both = set(card.drop) & set(card.keep)
    if both:
        raise refused("keep", f"{min(both)!r} is to be dropped as well", "take one of the two out")
    for name in card.keep:
        if card.drops(name):
            raise refused("keep", f"{name!r} is to be dropped as well", "take one of the two out")
    if len(card.keep) > card.most:
        raise refused(
            "keep", f"names {len(card.keep)} features where most allows {card.most}", "raise most"
        )
