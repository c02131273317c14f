"""Tuning: settings searched within a budget, judged on applications their models had not seen.

Trial 0 is the technique as it comes, so what is chosen never does worse out of fold than that. Each
trial's search is seeded by its own number and sees the trials before it only: a search that was
stopped and resumed goes on as if it had not been.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from solvent.errors import SolventError, TechniqueError
from solvent.metrics import log_loss
from solvent.models._searching import Search, require_optuna
from solvent.models.documents import Json
from solvent.models.technique import (
    BoolArray,
    Range,
    Settings,
    Technique,
    Training,
    part_of,
)
from solvent.models.trained import fit_model
from solvent.models.trials import Budget, State, Trial, TrialBook
from solvent.progress import Progress, Silent

FOLDS: Final = 3
"""Folds a trial is judged on, at most, and folds that each of its fits deals for itself."""
_NONE: Final[Settings] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What a search found.

    Args:
        technique: Its word.
        budget: In words.
        folds: Folds each trial was judged on.
        space: The values that were searched.
        trials: In order.
        importance: Setting -> share of what moves the log loss, summing to 1; empty where there
            are too few trials to tell.
        stopped: Whether a person stopped it.
    """

    technique: str
    budget: str
    folds: int
    space: Mapping[str, Range]
    trials: tuple[Trial, ...]
    importance: Mapping[str, float] = field(default_factory=dict)
    stopped: bool = False

    @property
    def best(self) -> Trial | None:
        """The trial of least log loss, the earliest of equals; None where none is done."""
        done = [trial for trial in self.trials if trial.state is State.DONE]
        return min(done, key=lambda trial: (trial.loss, trial.number), default=None)

    @property
    def settings(self) -> Settings:
        """The settings to train with; empty where the technique is best as it comes."""
        return _NONE if self.best is None else self.best.settings

    def document(self) -> dict[str, Json]:
        """Return itself as JSON, without the seconds: the same search gives the same bytes."""
        return {
            "technique": self.technique, "budget": self.budget, "folds": self.folds,
            "space": {name: range_document(one) for name, one in self.space.items()},
            "trials": [
                {key: value for key, value in trial.document().items() if key != "seconds"}
                for trial in self.trials
            ],
            "importance": dict(self.importance), "stopped": self.stopped,
        }  # fmt: skip


def range_document(one: Range) -> dict[str, Json]:
    """Return a range as JSON."""
    return {"low": one.low, "high": one.high, "whole": one.whole, "log": one.log}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """Rows of a training to learn from, and rows to judge on.

    Args:
        train, test: Masks of shape (n,).
    """

    train: BoolArray
    test: BoolArray


def require_tunable(technique: Technique) -> None:
    """Refuse what cannot be tuned, before hours are spent on data.

    Raises:
        TechniqueError: The technique has no setting to tune.
        MissingExtraError: Optuna is not installed.
    """
    if not technique.space():
        raise TechniqueError(
            f"{technique.name} has no setting to tune: it chooses what it needs while it learns",
            hint="leave --tune out, or tune another technique", field="tune",
        )  # fmt: skip
    require_optuna()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """What is to be tuned.

    Args:
        technique: Whose settings are searched.
        training: What to learn from.
        folds: What each trial learns from and is judged on.
    """

    technique: Technique
    training: Training
    folds: Sequence[Fold]


def tune(
    task: Task, budget: Budget, *, book: TrialBook, progress: Progress,
    clock: Callable[[], float] = time.monotonic,
) -> Tuned:  # fmt: skip
    """Search the technique's space; see the module.

    Stopped by a person (KeyboardInterrupt), it gives what it has found by then.

    Args:
        task: What is to be tuned.
        budget: How long to search; at least trial 0 is made.
        book: Trials of an earlier run are read from it, new ones noted.
        progress: Told how far it is, and the best so far.
        clock: Seconds that only rise.

    Raises:
        TechniqueError, MissingExtraError: As `require_tunable`.
        SolventError: The technique cannot learn as it comes.
    """
    technique = task.technique
    require_tunable(technique)
    search = Search(technique.space(), seed=task.training.seed)
    trials = list(book.read())
    for trial in trials:
        search.know(trial)
    judging = _Judging(task)
    stopped = False
    try:
        with progress.step(f"tuning {technique.title}", budget.whole) as step:
            step.advance(min(budget.spent(trials), budget.whole))
            _say_best(step.say, trials)
            while not trials or budget.spent(trials) < budget.whole:
                trial = _try_once(search, judging, len(trials), clock)
                trials.append(trial)
                book.add(trial)
                step.advance(budget.spent([trial]))
                _say_best(step.say, trials)
    except KeyboardInterrupt:
        stopped = True
    return Tuned(
        technique=technique.name, budget=budget.words, folds=len(task.folds),
        space=technique.space(), trials=tuple(trials), importance=search.importance(),
        stopped=stopped,
    )  # fmt: skip


def _say_best(say: Callable[[str], None], trials: Sequence[Trial]) -> None:
    best = min((trial.loss for trial in trials), default=float("inf"))
    if np.isfinite(best):
        say(f"{len(trials)} tried, best log loss {best:.5f}")


def _try_once(search: Search, judging: _Judging, number: int, clock: Callable[[], float]) -> Trial:
    """Make one trial, fold by fold, until it is done, pruned or failed."""
    start = clock()
    asked = search.ask(number)
    losses: list[float] = []
    state, words = State.DONE, ""
    try:
        for loss in judging.losses(asked.settings):
            losses.append(loss)
            if asked.hopeless(loss) and len(losses) < judging.folds:
                state = State.PRUNED
                break
    except SolventError as error:
        if number == 0:
            raise
        state, words = State.FAILED, error.message
    trial = Trial(
        number=number, settings=asked.settings, losses=tuple(losses), state=state,
        seconds=round(clock() - start, 3), words=words,
    )  # fmt: skip
    asked.tell(trial)
    return trial


class _Judging:
    """Settings judged fold by fold, each by a model made whole inside the fold's training part."""

    def __init__(self, task: Task) -> None:
        training, self._technique = task.training, task.technique
        self._parts = [
            (
                part_of(training, fold.train, folds=FOLDS),
                training.frame.take(fold.test),
                training.bad[fold.test],
            )
            for fold in task.folds
        ]

    @property
    def folds(self) -> int:
        """How many there are."""
        return len(self._parts)

    def losses(self, settings: Settings) -> Iterator[float]:
        """Give the log loss over all rows judged so far, fold after fold.

        Raises:
            SolventError: The technique cannot learn with these settings.
        """
        total, rows = 0.0, 0
        for part, frame, bad in self._parts:
            model = fit_model(part.tuned(settings), self._technique, progress=Silent())
            total += log_loss(model.pd(frame), bad) * len(bad)
            rows += len(bad)
            yield total / rows
