"""Hints: the smallest single changes with which the same model and policy would approve.

All values tried of all changeable features are judged in one batch, by the code that decides; what
is told was approved there. They are found when a refusal is made, so that they are kept with it and
can be replayed; an approval pays nothing, and neither does a product that marks nothing changeable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from solvent.app.applicants import Applicants, value_at
from solvent.app.comparison import text_of_value
from solvent.app.live_product import LiveProduct
from solvent.domain import Hint, Verdict, Way
from solvent.features import Feature
from solvent.policy import Judgement

MOST_HINTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """The values to try of one feature, the nearest to the applicant's own first.

    Args:
        feature: The feature.
        told: What training kept of it: which way it may be changed, the values of its grid.
        own: The applicant's value.
        values: Those further that way.
    """

    feature: Feature
    told: Mapping[str, Any]
    own: float
    values: tuple[float, ...]

    @property
    def way(self) -> Way:
        return Way(self.told["way"])

    def share(self, value: float) -> float:
        """Return how far a value is from the applicant's, as a share of what is usual."""
        grid = self.told["grid"]
        return abs(value - self.own) / ((grid[-1] - grid[0]) or 1.0)


def hints_of(
    live: LiveProduct, applicants: Applicants, place: int, found: Judgement
) -> tuple[Hint, ...]:
    """Return what would have turned one applicant's refusal into an approval, the nearest first.

    Args:
        live: The product.
        applicants: Applicants with their aggregates computed.
        place: Which of them.
        found: What the policy says of them.

    Returns:
        At most three, each of another feature; empty where approved, and where nothing that is
        marked changeable would change the verdict: so after a rule that reads none of it.
    """
    changeable = live.facts.get("changeable", {})
    if found.verdict is Verdict.APPROVE or not changeable:
        return ()
    courses = list(_courses(live, applicants, place, changeable))
    changes = [(one.feature.name, value) for one in courses for value in one.values]
    if not changes:
        return ()
    varied = applicants.varied(place, changes)
    approved = [varied.judge(row).verdict is Verdict.APPROVE for row in range(len(changes))]
    hints: list[tuple[float, Hint]] = []
    start = 0
    for one in courses:
        held = approved[start : start + len(one.values)]
        start += len(one.values)
        if any(held):
            first = held.index(True)
            hints.append((one.share(one.values[first]), _hint(live, one, first, all(held[first:]))))
    hints.sort(key=lambda pair: (pair[0], pair[1].feature))
    return tuple(hint for _, hint in hints[:MOST_HINTS])


def _courses(
    live: LiveProduct, applicants: Applicants, place: int, changeable: Mapping[str, Any]
) -> Iterator[_Course]:
    """Yield what to try: nothing of a feature that is not known, or at the end of its range."""
    columns = {column.name: column for column in applicants.frame()}
    for feature in live.program.features:
        told = changeable.get(feature.name)
        own = value_at(columns[feature.name], place) if told is not None else None
        if told is None or not isinstance(own, float):
            continue
        higher = told["way"] == Way.HIGHER
        values = [v for v in told["grid"] if (v > own if higher else v < own)]
        if values:
            nearest = values if higher else values[::-1]
            yield _Course(feature=feature, told=told, own=own, values=tuple(nearest))


def _hint(live: LiveProduct, course: _Course, place: int, beyond: bool) -> Hint:
    value, name = course.values[place], course.feature.name
    text = live.facts["texts"][name]
    return Hint(
        feature=name, title=text["title"], way=course.way, value=value, beyond=beyond,
        value_text=text_of_value(course.feature, value, text["unit"]),
    )  # fmt: skip
