"""A contest: what a contender raises is its own failure, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from solvent.errors import DataError, TechniqueError, TrainingError
from solvent.models import Learnt, Range, Training, fit_model
from solvent.models.contest import fit_entrants
from solvent.models.techniques.best import Best
from solvent.models.techniques.blend import Blend
from solvent.progress import Progress, Silent
from tests.models.angles import Look, plane

PLANE = plane()
PERSON = "Ada Lovelace-4711"


class Contestant:
    """A technique whose margins are what it is told, or that raises."""

    directed = True

    def __init__(self, name: str, margin: Callable[[np.ndarray], Any]) -> None:
        self.name = self.title = name
        self._margin = margin
        self.told: list[Mapping[str, float]] = []

    def space(self) -> Mapping[str, Range]:
        return {"angle": Range(low=0.0, high=3.0)}

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        del progress
        self.told.append(training.guidance.settings)
        model = Look(angle=0.6)
        return Learnt(model=model, margin=self._margin(model.margin(training.frame)))


def raises(error: BaseException) -> Callable[[np.ndarray], Any]:
    def margin(_: np.ndarray) -> Any:
        raise error

    return margin


SOUND = Contestant("sound", lambda margin: margin)


@pytest.mark.parametrize(
    ("margin", "told"),
    [
        (raises(ZeroDivisionError(PERSON)), "failed: ZeroDivisionError in test_contest.py, line "),
        (raises(DataError("is infinite", field="income")), "failed: income: is infinite"),
        (raises(TrainingError("too few")), "failed: too few"),
        (raises(TechniqueError("no JAX", hint="get it")), "not tried: no JAX; get it"),
        (lambda margin: margin[:, None], "found of shape (600, 1)"),
        (lambda margin: margin[:-1], "found of shape (599,)"),
        (lambda margin: margin.tolist(), "found a list"),
        (lambda margin: (margin * 100).astype(int), "found of type int64"),
        (lambda margin: np.where(np.arange(600) < 2, np.nan, margin), "found 2 times not finite"),
        (lambda margin: np.where(np.arange(600) < 3, np.inf, margin), "found 3 times not finite"),
    ],
)
@pytest.mark.parametrize("made_of", [Blend, Best])
def test_whatever_a_contender_raises_or_gives_is_its_own_failure(
    margin: Callable[[np.ndarray], Any], told: str, made_of: type[Blend | Best]
) -> None:
    members = (Contestant("faulty", margin), SOUND)
    learnt = made_of(members=members).fit(PLANE, progress=Silent())
    by_name = {one.technique: one for one in learnt.contest}
    assert told in by_name["faulty"].why
    assert by_name["faulty"].log_loss is None
    assert by_name["sound"].log_loss is not None
    assert PERSON not in by_name["faulty"].why


def test_a_person_who_stops_it_is_obeyed() -> None:
    with pytest.raises(KeyboardInterrupt):
        fit_entrants((SOUND, Contestant("slow", raises(KeyboardInterrupt()))), PLANE,
                     progress=Silent())  # fmt: skip


def test_where_all_fail_each_reason_is_told() -> None:
    members = [Contestant("one", raises(KeyError("x"))), Contestant("two", raises(DataError("y")))]
    with pytest.raises(TechniqueError, match="none of its 2 techniques could learn") as failed:
        fit_entrants(members, PLANE, progress=Silent())
    assert "KeyError" in failed.value.hint
    assert "failed: y" in failed.value.hint


def test_each_contender_is_told_the_settings_tuned_for_it_and_no_other() -> None:
    one, two = (Contestant(name, lambda margin: margin) for name in ("one", "two"))
    told = PLANE.tuned({"angle": 9.0}, {"one": {"angle": 1.0}})
    fit_entrants((one, two), told, progress=Silent())
    assert [dict(told) for told in one.told + two.told] == [{"angle": 1.0}, {}]


def test_margins_of_no_use_are_refused_of_a_technique_alone_too() -> None:
    """One number for all rows would be broadcast, and every row would get it."""
    with pytest.raises(TechniqueError, match=r"each of 600 rows, found of shape \(1,\)") as refused:
        fit_model(PLANE, Contestant("short", lambda margin: margin[:1]), progress=Silent())
    assert refused.value.field == "angles.margin"
    assert "shape (n,)" in refused.value.hint
