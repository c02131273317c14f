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

from solvent.errors import DeclarationError, TechniqueError
from solvent.metrics import log_loss
from solvent.models._searching import Search, require_optuna
from solvent.models.documents import Json
from solvent.models.failing import failure_words
from solvent.models.finding import find_technique
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
        link: The link of a chain whose model it is for; empty where there is one model.
        whom: Whom that link is for, in words.
        title: What a person calls the technique; empty for its word.
        words: Why nothing could be tried; else empty.
    """

    technique: str
    budget: str
    folds: int
    space: Mapping[str, Range]
    trials: tuple[Trial, ...]
    importance: Mapping[str, float] = field(default_factory=dict)
    stopped: bool = False
    link: str = ""
    whom: str = ""
    title: str = ""
    words: str = ""

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
            "link": self.link, "technique": self.technique, "budget": self.budget,
            "folds": self.folds, "settings": dict(self.settings), "words": self.words,
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
        features: Those selected on the rows to learn from; None where all are offered.
    """

    train: BoolArray
    test: BoolArray
    features: tuple[str, ...] | None = None

    def part(self, training: Training, *, folds: int) -> Training:
        """Return what its models learn from.

        Args:
            training: The whole.
            folds: How many folds to deal among these rows at most.

        Raises:
            OneClassError, TrainingError: As `start_training`.
        """
        offered = training if self.features is None else training.reading(self.features)
        return part_of(offered, self.train, folds=folds)


def tunable(technique: Technique) -> tuple[Technique, ...]:
    """Return what there is to tune: a technique with settings, or those it is made of.

    Args:
        technique: One, or one with `members`, techniques or names of those that come with solvent.
    """
    if technique.space():
        return (technique,)
    members = (
        find_technique(member) if isinstance(member, str) else member
        for member in getattr(technique, "members", ())
    )
    return tuple(member for member in members if member.space())


def require_tunable(techniques: Sequence[Technique], budget: Budget) -> None:
    """Refuse what cannot be tuned, before hours are spent on data.

    Args:
        techniques: Of each model that is to be made.
        budget: For all of them together.

    Raises:
        TechniqueError: None has a setting to tune.
        DeclarationError: The trials are fewer than what is to be tuned.
        MissingExtraError: Optuna is not installed.
    """
    parts = [part for technique in techniques for part in tunable(technique)]
    if not parts:
        names = ", ".join(dict.fromkeys(technique.name for technique in techniques))
        raise TechniqueError(
            f"{names} has no setting to tune: it chooses what it needs while it learns",
            hint="leave --tune out, or tune another technique", field="tune",
        )  # fmt: skip
    if budget.trials is not None and budget.trials < len(parts):
        told = ", ".join(part.name for part in parts)
        raise DeclarationError(
            f"{budget.words} cannot be shared by {len(parts)} techniques ({told})",
            hint=f"give at least {len(parts)} trials, better twenty times as many, or a time",
            field="tune",
        )
    require_optuna()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """What is to be tuned.

    Args:
        technique: Whose settings are searched.
        training: What to learn from.
        folds: What each trial learns from and is judged on.
        link: The link of a chain whose model it is for; empty where there is one model.
        whom: Whom that link is for, in words.
    """

    technique: Technique
    training: Training
    folds: Sequence[Fold]
    link: str = ""
    whom: str = ""

    @property
    def title(self) -> str:
        """What is tuned, and for whom, in words."""
        return f"{self.technique.title}, for {self.whom}" if self.whom else self.technique.title


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
    require_tunable((technique,), budget)
    search = Search(technique.space(), seed=task.training.seed)
    trials = list(budget.within(book.read()))
    for trial in trials:
        search.know(trial)
    judging = _Judging(task)
    stopped = False
    try:
        with progress.step(f"tuning {task.title}", budget.whole) as step:
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
        stopped=stopped, link=task.link, whom=task.whom, title=technique.title,
    )  # fmt: skip


def not_tuned(task: Task, error: Exception) -> Tuned:
    """Return what is told of a technique that cannot learn here as it comes.

    Args:
        task: What was to be tuned.
        error: Why it cannot.
    """
    return Tuned(
        technique=task.technique.name, budget=Budget(trials=0).words, folds=len(task.folds),
        space=task.technique.space(), trials=(), link=task.link, whom=task.whom,
        title=task.technique.title, words=failure_words(error)[0],
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
    except Exception as error:
        if number == 0:
            raise
        state, words = State.FAILED, failure_words(error)[0]
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
                fold.part(training, folds=FOLDS),
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
