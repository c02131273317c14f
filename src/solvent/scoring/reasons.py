"""Reasons: what each feature added to the log-odds, measured against a reference group, in words.

A feature's effect is its contribution to the calibrated log-odds of the very model that decided,
less the mean contribution of the reference group. Effects sum to the applicant's log-odds less the
group's mean log-odds. Features that share a reason text are one reason.

Source: Regulation B, official commentary 1002.9(b)(2)-5, which names both groups: applicants at or
slightly above the cutoff, and all applicants.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from solvent.domain import Effect, Reason, Source
from solvent.errors import NoRowsError, ShapeError

FloatArray = NDArray[np.float64]
MOST_REASONS = 4
CLOSEST_SHARE = 0.1
"""Share of all applicants, those approved most narrowly, who make up the group at the cutoff."""
FEWEST = 30
"""The group at the cutoff has at least so many, where so many were approved."""


def just_approved(pd: FloatArray, approve_below: float) -> NDArray[np.int64]:
    """Return who was approved most narrowly: a tenth of all, nearest below the cutoff.

    Args:
        pd: PD of each applicant, shape (n,).
        approve_below: The PD below which applicants are approved.

    Returns:
        Positions, nearest to the cutoff first; everybody's, safest first, where none is approved.
    """
    order = np.argsort(-pd, kind="stable")
    approved = order[pd[order] < approve_below]
    if not len(approved):
        approved = order[::-1]
    size = max(round(CLOSEST_SHARE * len(pd)), FEWEST)
    return approved[:size]


def reference_mean(contributions: FloatArray) -> FloatArray:
    """Return the mean contributions of a reference group.

    Args:
        contributions: Of its members, the baseline last, shape (m, k + 1).

    Returns:
        Shape (k + 1,).

    Raises:
        NoRowsError: The group is empty.
    """
    if not len(contributions):
        raise NoRowsError("the reference group is empty", field="reasons")
    mean: FloatArray = contributions.mean(axis=0)
    return mean


def effects(
    contributions: FloatArray, reference: FloatArray, features: Sequence[str],
    texts: Mapping[str, str],
) -> tuple[Effect, ...]:  # fmt: skip
    """Return what an applicant's features added, merged by reason text, strongest against first.

    Args:
        contributions: Of the applicant, the baseline last, shape (k + 1,).
        reference: Mean contributions of the reference group, shape (k + 1,).
        features: Names of the k features.
        texts: Reason text of every feature.

    Raises:
        ShapeError: The lengths differ.

    >>> found = effects(np.array([0.5, -0.2, 0.1, 0.0]), np.zeros(4), ("a", "b", "c"),
    ...                 {"a": "Income", "b": "Age", "c": "Income"})
    >>> [(one.text, round(one.effect, 3)) for one in found]
    [('Income', 0.6), ('Age', -0.2)]
    """
    if not len(contributions) == len(reference) == len(features) + 1:
        raise ShapeError(
            f"{len(contributions)} contributions and {len(reference)} means for "
            f"{len(features)} features", field="reasons",
        )  # fmt: skip
    merged: dict[str, float] = {}
    members: dict[str, list[str]] = {}
    for name, own, mean in zip(features, contributions.tolist(), reference.tolist(), strict=False):
        text = texts[name]
        merged[text] = merged.get(text, 0.0) + own - mean
        members.setdefault(text, []).append(name)
    found = [
        Effect(text=text, effect=effect, features=tuple(members[text]))
        for text, effect in merged.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.effect, one.text)))


def principal(found: Sequence[Effect], most: int = MOST_REASONS) -> tuple[Reason, ...]:
    """Return the principal reasons: what spoke against the applicant, strongest first.

    Args:
        found: From `effects`.
        most: How many at most.
    """
    return tuple(
        Reason(text=one.text, source=Source.MODEL, effect=one.effect)
        for one in found[:most]
        if one.effect > 0.0
    )


def text_of(name: str, patterns: Mapping[str, str]) -> str | None:
    """Return the reason text of a feature: that of the first pattern its name matches.

    >>> text_of("top_ups_count_7d", {"top_ups_*": "How often you topped up"})
    'How often you topped up'
    """
    for pattern, text in patterns.items():
        if name == pattern or fnmatch.fnmatchcase(name, pattern):
            return text
    return None
