"""What an applicant could change: which features a product may mark so, and the values to try."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvent.dataset.plan import reads
from solvent.domain import Way
from solvent.errors import DeclarationError
from solvent.features import Aggregate, Feature, FeatureFrame, Kind, NumberColumn, Own
from solvent.features.expressions import Column

FloatArray = NDArray[np.float64]
MOST_POINTS = 16
"""Values tried of one feature: each is judged while the applicant waits."""
PLAUSIBLE = (0.05, 0.95)
"""Between these quantiles of the training applications a value is called plausible."""
_IMMUTABLE = {
    "age", "birth", "birthday", "born", "dob", "ethnicity", "gender", "nationality", "race",
    "religion", "sex",
}  # fmt: skip


def changeable_features(
    patterns: Mapping[str, str], features: Iterable[Feature]
) -> dict[str, tuple[Feature, Way]]:
    """Return the features that may be changed, with the way of the first pattern that matches.

    Args:
        patterns: Pattern of feature names -> "lower" or "higher".
        features: The model's, and what its policy may read.
    """
    found: dict[str, tuple[Feature, Way]] = {}
    for feature in features:
        way = next((w for p, w in patterns.items() if fnmatchcase(feature.name, p)), None)
        if way is not None and _why_not(feature) == "":
            found[feature.name] = feature, Way(way)
    return found


def require_changeable(
    patterns: Mapping[str, str], features: Sequence[Feature], protected: Sequence[str]
) -> None:
    """Refuse a way that is none, and a pattern of nothing that an applicant could change.

    Args:
        patterns: As declared.
        features: Everything a model or a policy may read, and what is kept for fairness checks.
        protected: Protected columns.

    Raises:
        DeclarationError: A pattern is refused.
    """
    names = [*(feature.name for feature in features), *protected]
    for pattern, way in patterns.items():
        if way not in set(Way):
            raise _refused(pattern, f"{way!r} is no way to change", "write lower or higher")
        met = [feature for feature in features if fnmatchcase(feature.name, pattern)]
        closed = [one.name for one in met if any(c.name in protected for c in reads(one))]
        closed += [name for name in protected if fnmatchcase(name, pattern)]
        if closed:
            raise _refused(pattern, f"{closed[0]} is protected", "name what decides and can change")
        if not met:
            close = difflib.get_close_matches(pattern, names, n=3)
            hint = f"did you mean {' or '.join(map(repr, close))}?" if close else (
                "solvent features DIR lists them"
            )  # fmt: skip
            raise _refused(pattern, "matches no feature", hint)
        fixed = [one.name for one in met if _is_immutable(one)]
        if fixed:
            raise _refused(
                pattern, f"{fixed[0]} tells of what nobody can change",
                "name the amount, the income, a balance: what an applicant can do something about",
            )  # fmt: skip
        if all(_why_not(one) for one in met):
            why = f"{met[0].name} {_why_not(met[0])}"
            raise _refused(pattern, why, "name numbers of their own")


def _refused(pattern: str, message: str, hint: str) -> DeclarationError:
    return DeclarationError(message, hint=hint, field=f"changeable.{pattern}")


def _is_immutable(feature: Feature) -> bool:
    """Return whether a feature tells of age, birth or the like, by its name, words or columns."""
    columns = list(reads(feature))
    words = [feature.name, *(w for c in columns for w in (c.name, c.declared.title))]
    told = {word for text in words for word in re.split(r"[^a-z]+", text.lower())}
    return bool(told & _IMMUTABLE) or any(c.declared.kind is Kind.DATE for c in columns)


def _why_not(feature: Feature) -> str:
    """Return why a feature has no value of its own that could be set; empty where it has."""
    if feature.is_category:
        return "is a category, of which no value is higher"
    if _is_immutable(feature):
        return "tells of what nobody can change"
    if isinstance(feature, Aggregate):
        return ""
    plain = isinstance(feature, Own) and isinstance(feature.value, Column)
    if not plain or feature.name not in {column.name for column in reads(feature)}:
        return "is computed from others, which may be changed themselves"
    kinds = {column.declared.kind for column in reads(feature)}
    if not kinds <= {Kind.MONEY, Kind.INTEGER, Kind.NUMBER}:
        return "is no number"
    return ""


def grid(values: FloatArray) -> list[float]:
    """Return plausible values to try, increasing, at most sixteen.

    Args:
        values: Of the training applications, shape (n,); NaN where not known.

    Returns:
        Every value between the plausible quantiles where they are few; else round numbers, evenly
        spaced, no finer than the data are written. Empty where nothing is known.

    >>> grid(np.array([5.0, 10.0, 20.0, np.nan] * 9))
    [5.0, 10.0, 20.0]
    >>> grid(np.arange(0.0, 1001.0))
    [100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 800.0, 900.0]
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return []
    low, high = np.quantile(known, PLAUSIBLE, method="nearest")
    usual = np.unique(known[(known >= low) & (known <= high)])
    if len(usual) <= MOST_POINTS:
        return [float(one) for one in usual]
    step = max(_round_step((high - low) / MOST_POINTS), _written_to(known))
    first, last = math.ceil(low / step), math.floor(high / step)
    return [_times(place, step) for place in range(first, last + 1)][:MOST_POINTS]


def _round_step(step: float) -> float:
    """Return the next of 1, 2 and 5 times a power of ten.

    >>> _round_step(62.5), _round_step(0.011)
    (100.0, 0.02)
    """
    power = 10.0 ** math.floor(math.log10(step))
    return next(float(f"{times * power:.12g}") for times in (1, 2, 5, 10) if times * power >= step)


def _times(place: int, step: float) -> float:
    """Return a multiple of a step as it is written: 3 times 0.1 is 0.3."""
    return float(f"{place * step:.12g}")


def _written_to(known: FloatArray) -> float:
    """Return 1 for whole numbers, 0.01 for numbers of two decimals, 0 for measured ones."""
    if bool((known == np.rint(known)).all()):
        return 1.0
    cents = 100.0 * known
    return 0.01 if bool((np.abs(cents - np.rint(cents)) <= 1e-6 * np.abs(cents)).all()) else 0.0


def changeable_facts(
    patterns: Mapping[str, str], features: Sequence[Feature], frame: FeatureFrame
) -> dict[str, dict[str, Any]]:
    """Return what is kept of each changeable feature to find hints with: plain JSON.

    Args:
        patterns: As declared.
        features: What a decision computes.
        frame: Their values for the training applications.
    """
    found: dict[str, dict[str, Any]] = {}
    columns = {column.name: column for column in frame}
    for name, (_, way) in changeable_features(patterns, features).items():
        column = columns[name]
        if isinstance(column, NumberColumn):
            found[name] = {"way": way.value, "grid": grid(column.values)}
    return {name: told for name, told in found.items() if told["grid"]}
