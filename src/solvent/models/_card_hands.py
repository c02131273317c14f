"""Whether what was decided by hand of a card fits the features, once they are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from solvent.binning import BinRules, Trend
from solvent.errors import DeclarationError

if TYPE_CHECKING:
    from solvent.models.card import Card

NEAR: Final = 0.8
"""Likeness from which a word is taken for another one misspelt."""
MOST_COMPARED: Final = 10_000
"""Labels among which one like a misspelt one is looked for."""
INSTEAD: Final = {
    "edges": ("give edges instead of groups", "give groups instead of edges"),
    "groups": ("give edges instead of groups", "give groups instead of edges"),
    "merge": ("a number keeps (low, high) together", "a category keeps labels together"),
    "special": ("a number has codes that are numbers", "a category has codes that are labels"),
    "trends": ("", "its bins stand in the order of their bad rate: take the trend out"),
}
"""What to do where a number, or a category, was meant to be the other."""


def matches(patterns: Iterable[str], name: str) -> bool:
    """Return whether a name is one of some patterns, or is meant by one."""
    return any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)


def pattern_of(said: Mapping[str, Any], name: str) -> str | None:
    """Return the pattern under which something is said of a feature: the first that matches."""
    return next((pattern for pattern in said if matches((pattern,), name)), None)


def refused(part: str, message: str, hint: str) -> DeclarationError:
    """Return the error that names the part of a card."""
    return DeclarationError(message, hint=hint, field=f"card.{part}")


def nearest(wrong: str, known: Sequence[str], otherwise: str = "") -> str:
    """Return which of some names a misspelt one was meant to be, as a hint.

    >>> nearest("incme", ["age", "income"])
    "did you mean 'income'?"
    """
    close = get_close_matches(wrong, known, n=3) if len(known) <= MOST_COMPARED else []
    return f"did you mean {' or '.join(map(repr, close))}?" if close else otherwise


def require_consistent(card: Card, numbers: Mapping[str, bool]) -> None:
    """Refuse what contradicts itself of some feature, or is said of one of the other kind.

    A pattern may match features of both kinds where it means one of them: it is refused where none
    is of the kind it speaks of. Edges and groups are for every feature they match.

    Args:
        card: What is declared.
        numbers: Feature -> whether it is a number; else it is a category.

    Raises:
        DeclarationError: Naming the part.
    """
    kept = [name for name in numbers if card.keeps(name)]
    for name in kept:
        if card.drops(name):
            raise refused("keep", f"{name!r} is to be dropped as well", "take one of the two out")
    if len(kept) > card.most:
        raise refused(
            "keep", f"its patterns keep {len(kept)} features where most allows {card.most}",
            "keep fewer, or raise most",
        )  # fmt: skip
    for field, part, pattern, of_number in _said(card):
        met = [name for name in numbers if matches((pattern,), name) and not card.drops(name)]
        wrong = [name for name in met if numbers[name] is not of_number]
        if wrong and (len(wrong) == len(met) or part in {"edges", "groups"}):
            kind = "category" if of_number else "number"
            raise refused(
                field, f"{wrong[0]} is a {kind}", INSTEAD[part][1 if of_number else 0]
            )  # fmt: skip


def _said(card: Card) -> Iterator[tuple[str, str, str, bool]]:
    """Yield what only a number, or only a category, can be told: field, part, pattern, number."""
    for part in INSTEAD:
        for pattern, told in getattr(card, part).items():
            for of_number in _meant(part, told):
                yield part, part, pattern, of_number
        for pattern, rules in card.rules.items():
            for of_number in _meant(part, _told(rules, part)):
                yield "rules", part, pattern, of_number


def _told(rules: BinRules, part: str) -> Any:  # noqa: ANN401 - whatever the rule holds
    if part == "trends":
        return None if rules.trend is Trend.AUTO else rules.trend
    return getattr(rules, part)


def _meant(part: str, told: Any) -> set[bool]:  # noqa: ANN401 - whatever a card says
    """Return the kinds that something can only be told of: numbers, True, or categories, False."""
    if told is None:
        return set()
    if part == "merge":
        return {not isinstance(together[0], str) for together in told}
    if part == "special":  # codes of both kinds concern features of either
        kinds = {not isinstance(code, str) for code in told}
        return kinds if len(kinds) == 1 else set()
    return {part != "groups"}


def require_levels(card: Card, name: str, levels: Sequence[str], rules: BinRules) -> None:
    """Refuse labels of a category that nobody has.

    A declared special label may be absent, for its state may not have occurred; it is refused only
    where it is a misspelt level. So is a merge under a pattern of several features.

    Args:
        card: What is declared.
        name: The feature.
        levels: Its labels.
        rules: Of its bins.

    Raises:
        DeclarationError: Naming the part.
    """
    known = set(levels)
    asked = [("groups", label) for group in rules.groups or () for label in group]
    labels = [label for each in rules.merge for label in each if isinstance(label, str)]
    if pattern_of(card.merge, name) == name or name in card.rules:
        asked += [("merge", label) for label in labels]
    for part, label in asked:
        if label not in known:
            field = part if pattern_of(getattr(card, part), name) else "rules"
            raise refused(
                field, f"no application has {label!r} as its {name}",
                nearest(label, levels, "labels must be written as in the data"),
            )  # fmt: skip
    for label in rules.special_labels:
        few = levels if len(levels) <= MOST_COMPARED else ()
        if label not in known and get_close_matches(label, few, cutoff=NEAR):
            raise refused(
                "special", f"no application has {label!r} as its {name}", nearest(label, levels)
            )
