"""Fitting several techniques to the same rows and folds, and judging them on the same terms."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from solvent.errors import DataError, TechniqueError
from solvent.metrics import auc
from solvent.models.calibration import mean_gain, to_pd
from solvent.models.calibrators import row_losses
from solvent.models.contender import Contender
from solvent.models.failing import failure_words
from solvent.models.finding import find_technique
from solvent.models.mixing import cross_fitted
from solvent.models.technique import (
    FloatArray,
    Learnt,
    Technique,
    Training,
    require_directed,
    require_margins,
)
from solvent.progress import Progress, Step


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entrant:
    """A technique and what it learnt.

    Args:
        technique: The technique.
        learnt: What it learnt.
        margin: What was said of each row by models, and a calibration, that had not seen it:
            log-odds, shape (n,).
        seconds: Of the processor, for learning.
    """

    technique: Technique
    learnt: Learnt
    margin: FloatArray
    seconds: float


@dataclass(frozen=True, slots=True)
class _Under:
    """Steps told under the name of the technique they belong to."""

    title: str
    progress: Progress

    def step(self, label: str, total: float | None = None) -> AbstractContextManager[Step]:
        """Open a step."""
        return self.progress.step(f"{self.title}: {label}", total)


def fit_entrants(
    members: Sequence[str | Technique], training: Training, *, progress: Progress
) -> tuple[tuple[Entrant, ...], tuple[Contender, ...]]:
    """Fit techniques on the same folds.

    Args:
        members: Techniques, or names of those that come with solvent.
        training: What to learn from; of tuned settings each is told those of its name.
        progress: Told how far each is.

    Returns:
        Those that learnt, in order; and those that failed, with the reason.

    Raises:
        DataError: All failed for what is wrong with the data: the first one's.
        TechniqueError: All failed otherwise, or a name is unknown.
    """
    entrants, absent = [], []
    errors: list[Exception] = []
    for member in members:
        technique = find_technique(member) if isinstance(member, str) else member
        started = time.process_time()
        try:
            own = training.tuned(training.guidance.members.get(technique.name, {}))
            require_directed(technique, own)
            learnt = technique.fit(own, progress=_Under(technique.title, progress))
            require_margins(learnt.margin, training.bad, technique.name)
            seconds = time.process_time() - started
            margin = cross_fitted(learnt.margin[:, None], training.bad, training.fold)
        except Exception as error:  # noqa: BLE001 - a user's own file may raise anything
            why = "; ".join(words for words in failure_words(error) if words)
            told = f"{'not tried' if isinstance(error, TechniqueError) else 'failed'}: {why}"
            absent.append(Contender(technique=technique.name, title=technique.title, why=told))
            errors.append(error)
            continue
        entrants.append(Entrant(technique=technique, learnt=learnt, margin=margin, seconds=seconds))
    if not entrants:
        if errors and all(isinstance(error, DataError) for error in errors):
            raise errors[0]
        raise TechniqueError(
            f"none of its {len(members)} techniques could learn here",
            hint="; ".join(one.why for one in absent), field="technique",
        )  # fmt: skip
    return tuple(entrants), tuple(absent)


def judge(entrants: Sequence[Entrant], training: Training) -> tuple[Contender, ...]:
    """Return how each did on rows it had not seen, in order; nobody is chosen yet."""
    losses = [row_losses(one.margin, training.bad) for one in entrants]
    least = losses[int(np.argmin([loss.mean() for loss in losses]))]
    found = []
    for one, loss in zip(entrants, losses, strict=True):
        behind, error = mean_gain(loss, least, training.groups)
        told = Contender(
            technique=one.technique.name, title=one.technique.title,
            auc=auc(to_pd(one.margin), training.bad), log_loss=float(loss.mean()),
            behind=behind, error=error, seconds=one.seconds,
        )  # fmt: skip
        found.append(told)
    return tuple(found)
