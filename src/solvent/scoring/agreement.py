"""How often two reference groups give the same reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.scoring.reasons import MOST_REASONS

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of how many applicants two reference groups tell the same.

    Args:
        n: How many applicants were looked at.
        top: Of how many the first reason is the same.
        every: Of how many the reasons, at most four, are the same, in any order.
    """

    n: int
    top: int
    every: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighed:
    """What was weighed of many applicants, merged by reason text.

    Args:
        texts: The texts, in the order of their words, t of them.
        effect: Log-odds against a reference group, shape (n, t).
    """

    texts: tuple[str, ...]
    effect: FloatArray

    def principal(self) -> tuple[tuple[int, ...], ...]:
        """Return each applicant's reasons as places in `texts`: as `scoring.principal` does."""
        order = np.argsort(-self.effect, axis=1, kind="stable")[:, :MOST_REASONS]
        against = np.take_along_axis(self.effect, order, axis=1) > 0.0
        return tuple(tuple(row[held].tolist()) for row, held in zip(order, against, strict=True))


def weigh_many(
    contributions: FloatArray, reference: FloatArray, features: Sequence[str],
    texts: Mapping[str, str],
) -> Weighed:  # fmt: skip
    """Return what `scoring.effects` says of each of many applicants, to the last bit.

    Args:
        contributions: Of the applicants, the baseline last, shape (n, k + 1).
        reference: Mean contributions of the reference group, shape (k + 1,).
        features: Names of the k features.
        texts: Reason text of every feature.
    """
    words = sorted({texts[name] for name in features})
    effect = np.zeros((len(contributions), len(words)))
    for place, name in enumerate(features):
        own = effect[:, words.index(texts[name])]
        own += contributions[:, place]
        own -= reference[place]
    return Weighed(texts=tuple(words), effect=effect)


def agreement(first: Weighed, second: Weighed) -> Agreement:
    """Return how often the reasons of the same applicants agree.

    Args:
        first: Against one reference group.
        second: Against the other.

    >>> one = Weighed(texts=("Age", "Income"), effect=np.array([[0.2, 0.1], [0.2, -0.1]]))
    >>> two = Weighed(texts=("Age", "Income"), effect=np.array([[0.1, 0.2], [0.1, -0.2]]))
    >>> agreement(one, two)
    Agreement(n=2, top=1, every=2)
    """
    pairs = list(zip(first.principal(), second.principal(), strict=True))
    return Agreement(
        n=len(pairs), top=sum(one[:1] == two[:1] for one, two in pairs),
        every=sum(set(one) == set(two) for one, two in pairs),
    )  # fmt: skip
