"""Tuning: within its budget, never worse than the technique as it comes, the same when resumed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import DeclarationError, MissingExtraError, TechniqueError, TrainingError
from solvent.metrics import log_loss
from solvent.models.documents import Document, to_bytes
from solvent.models.technique import part_of
from solvent.models.trained import fit_model
from solvent.models.trials import Budget, State, Trial, read_budget
from solvent.models.tuning import FOLDS, Fold, Task, Tuned, tune
from solvent.progress import Silent
from tests.models.angles import RIGHT, Angles, plane

PLANE = plane()
TRIALS = 24


class Book:
    """Trials in a list, read back from JSON as from a file."""

    def __init__(self, trials: Sequence[Trial] = ()) -> None:
        self.lines = [to_bytes(trial.document()) for trial in trials]

    def read(self) -> tuple[Trial, ...]:
        return tuple(Trial.read(Document.parse(line, "book")) for line in self.lines)

    def add(self, trial: Trial) -> None:
        self.lines.append(to_bytes(trial.document()))


def folds() -> list[Fold]:
    third = np.arange(len(PLANE.bad)) % 3
    return [Fold(train=third != k, test=third == k) for k in range(3)]


def ticking(step: float = 1.0) -> Iterator[float]:
    return (step * tick for tick in count())


def tuned(
    budget: Budget | None = None, *, technique: Angles | None = None, book: Book | None = None,
    seed: int = 7,
) -> Tuned:  # fmt: skip
    clock = ticking()
    task = Task(technique=technique or Angles(), training=replace(PLANE, seed=seed), folds=folds())
    return tune(
        task, budget or Budget(trials=TRIALS),
        book=book or Book(), progress=Silent(), clock=lambda: next(clock),
    )  # fmt: skip


WHOLE = tuned()


def test_what_is_chosen_is_not_worse_than_the_technique_as_it_comes_and_near_the_right_angle() -> (
    None
):
    first, best = WHOLE.trials[0], WHOLE.best
    assert first.settings == {}
    assert first.state is State.DONE
    assert best is not None
    assert best.loss < first.loss
    assert WHOLE.settings["angle"] == pytest.approx(RIGHT, abs=0.25)


def test_a_technique_that_is_best_as_it_comes_is_left_so() -> None:
    found = tuned(Budget(trials=1))
    assert found.best is found.trials[0]
    assert found.settings == {}


def test_the_loss_of_a_trial_is_that_of_models_that_had_not_seen_what_they_judge() -> None:
    trial = next(trial for trial in WHOLE.trials[1:] if trial.state is State.DONE)
    pd = np.empty(len(PLANE.bad))
    for fold, seen in zip(folds(), trial.losses, strict=True):
        part = part_of(PLANE.tuned(trial.settings), fold.train, folds=FOLDS)
        model = fit_model(part, Angles(), progress=Silent())
        pd[fold.test] = model.pd(PLANE.frame.take(fold.test))
        judged = np.logical_or.reduce([one.test for one in folds()[: trial.losses.index(seen) + 1]])
        assert seen == pytest.approx(log_loss(pd[judged], PLANE.bad[judged]), abs=1e-12)


def test_the_same_seed_tries_the_same_and_another_seed_something_else() -> None:
    assert tuned().document() == WHOLE.document()
    assert [t.settings for t in tuned(seed=8).trials] != [t.settings for t in WHOLE.trials]


@pytest.mark.parametrize("made", [1, 4, 11, 19, TRIALS])
def test_a_resumed_search_is_the_one_that_was_never_stopped(made: int) -> None:
    assert tuned(book=Book(WHOLE.trials[:made])).document() == WHOLE.document()


def test_a_search_stopped_by_a_person_keeps_what_it_found_and_can_be_resumed() -> None:
    book = Book()
    stopped = tuned(technique=Angles(stop_at=20), book=book)
    assert stopped.stopped
    assert 1 < len(stopped.trials) < TRIALS
    assert stopped.trials == WHOLE.trials[: len(stopped.trials)]
    assert stopped.best is not None
    assert tuned(book=book).document() == WHOLE.document()


def test_a_search_stopped_before_anything_was_tried_leaves_the_technique_as_it_comes() -> None:
    stopped = tuned(technique=Angles(stop_at=1))
    assert (stopped.trials, stopped.best, dict(stopped.settings)) == ((), None, {})
    assert stopped.stopped


def test_trials_that_fall_behind_are_given_up_early_and_never_chosen() -> None:
    given_up = [trial for trial in WHOLE.trials if trial.state is State.PRUNED]
    assert given_up
    assert all(len(trial.losses) < len(folds()) for trial in given_up)
    assert WHOLE.best not in given_up
    assert all(trial.state is State.DONE for trial in WHOLE.trials[:5])


def test_a_budget_of_time_is_spent_once_whoever_spent_it() -> None:
    """The clock ticks a second per look, so a trial takes one: it looks twice."""
    book = Book()
    found = tuned(Budget(seconds=6.0), book=book)
    assert len(found.trials) == 6
    assert found.trials == WHOLE.trials[:6]
    assert len(tuned(Budget(seconds=6.0), book=book).trials) == 6
    assert len(tuned(Budget(seconds=8.0), book=book).trials) == 8


def test_settings_that_cannot_be_learnt_with_are_noted_and_the_others_go_on() -> None:
    found = tuned(technique=Angles(fail_above=2.0))
    failed = [trial for trial in found.trials if trial.state is State.FAILED]
    assert failed
    assert all(trial.words == "such an angle cannot be looked from" for trial in failed)
    assert found.settings["angle"] < 2.0
    assert failed[0].number < found.trials[-1].number
    with pytest.raises(TrainingError, match="cannot be looked from"):
        tuned(technique=Angles(fail_above=1.0))


def test_what_a_library_raises_ends_one_trial_and_its_words_stay_unsaid() -> None:
    """They may hold a person's data; the class and the line are told."""
    found = tuned(technique=Angles(fail_above=2.0, error=ValueError("ANN-MIDDLETON")))
    failed = [trial for trial in found.trials if trial.state is State.FAILED]
    assert failed
    assert all(one.words.startswith("ValueError in angles.py, line") for one in failed)
    assert failed[0].number < found.trials[-1].number
    assert found.settings["angle"] < 2.0
    with pytest.raises(ValueError, match="MIDDLETON"):
        tuned(technique=Angles(fail_above=1.0, error=ValueError("ANN-MIDDLETON")))


def test_whole_settings_are_told_as_whole_numbers_also_when_read_back() -> None:
    technique = Angles()
    book = Book(WHOLE.trials[:6])
    tuned(technique=technique, book=book)
    tried = [settings["unused"] for settings in technique.told if settings]
    assert all(type(value) is int and 1 <= value <= 40 for value in tried)
    assert all(type(t.settings["unused"]) is int for t in book.read()[1:])


def test_what_moves_the_loss_is_told_apart_from_what_does_not() -> None:
    found = tuned(Budget(trials=40))
    assert sum(found.importance.values()) == pytest.approx(1.0)
    assert found.importance["angle"] > 0.7
    assert tuned(Budget(trials=3)).importance == {}


def test_nothing_is_written_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    tuned(Budget(trials=3))
    assert capfd.readouterr() == ("", "")


def test_a_technique_without_settings_is_refused() -> None:
    class Rigid(Angles):
        def space(self) -> dict[str, object]:  # type: ignore[override]
            return {}

    with pytest.raises(TechniqueError, match="has no setting to tune") as refused:
        tuned(technique=Rigid())
    assert "--tune" in refused.value.hint


def test_without_optuna_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError) as missing:
        tuned()
    assert missing.value.hint == 'install "solvent[train]"'


@given(st.integers(1, 10**6), st.sampled_from("smh"), st.sampled_from(["", " "]))
def test_a_time_is_read_in_its_unit(number: int, unit: str, space: str) -> None:
    seconds = number * {"s": 1, "m": 60, "h": 3600}[unit]
    assert read_budget(f"{number}{space}{unit}") == Budget(seconds=float(seconds))


@given(st.integers(1, 10**6), st.sampled_from(["", " trials", "trials"]))
def test_a_number_of_trials_is_read(number: int, word: str) -> None:
    assert read_budget(f" {number}{word} ") == Budget(trials=number)


@pytest.mark.parametrize("text", ["", "0", "0s", "-5", "ten", "10d", "1m30", "5 trials m", "1e3s"])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(DeclarationError, match="is no budget") as refused:
        read_budget(text)
    assert refused.value.field == "tune"


@pytest.mark.parametrize(
    ("budget", "words"), [("90s", "90 s"), ("120s", "2 m"), ("1h", "1 h"), ("1", "1 trial")]
)
def test_a_budget_is_told_in_words(budget: str, words: str) -> None:
    assert read_budget(budget).words == words
