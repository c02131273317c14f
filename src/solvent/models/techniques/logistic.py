"""Logistic regression: every feature on one scale, held back by L2 chosen on log loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from solvent.errors import TechniqueError
from solvent.features import FeatureFrame, NumberColumn
from solvent.metrics import log_loss
from solvent.models._settings import read_settings
from solvent.models.calibration import to_pd
from solvent.models.levels import Levels
from solvent.models.matrix import Draft
from solvent.models.plans import FEW_LEVELS, AnyColumn, OneHot, Plan, Scored
from solvent.models.scorers.line import Line, LineModel
from solvent.models.technique import (
    BoolArray,
    FloatArray,
    Learnt,
    Range,
    Technique,
    Training,
    importances_of,
    out_of_fold,
)
from solvent.progress import Progress

NAME: Final = "logistic"

BENDS: Final = 6
MOST_SCORES: Final = 300
PENALTIES: Final = (1e4, 1e3, 1e2, 1e1)
"""Strengths of L2 that are tried, the strongest first: half the sum of squares costs so much."""
SPACE: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "bends": Range(low=0, high=12, whole=True),
        "penalty": Range(low=1.0, high=1e5, log=True),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """The technique."""

    name: str = NAME
    title: str = "logistic regression"
    directed: bool = False

    def space(self) -> Mapping[str, Range]:
        """Return the settings worth tuning: how often lines bend, and how far to hold back."""
        return SPACE

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        """Learn; see `Technique.fit`.

        Every penalty is tried on every fold; the one of least log loss out of fold learns from
        every row.

        Raises:
            TechniqueError: scikit-learn is not installed; or a setting is unknown.
        """
        frame, bad = training.frame, training.bad
        told = read_settings(self, training.guidance.settings, {})
        penalties = (told["penalty"],) if "penalty" in told else PENALTIES
        plan = choose_plan(frame, int(told.get("bends", BENDS)))
        draft = Draft.of(frame, bad, training.fold, plan)
        with one_thread(NAME):
            lines = _try_penalties(draft, bad, penalties, progress)
            best, bag = _best(lines, draft, training)
            line = _fit_lines(draft.matrix(), bad, (penalties[best],))[0]
        model = LineModel(technique=NAME, line=line, encoder=draft.encoder)
        return Learnt(
            model=replace(model, importances=importances_of(model, frame)),
            margin=out_of_fold(bag, training), bag=bag,
        )  # fmt: skip


def choose_plan(frame: FeatureFrame, most_bends: int = BENDS) -> Callable[[AnyColumn], Plan | None]:
    """Return how columns are encoded: bent normal scores, ones and zeros, or evidence.

    Lines get fewer bends where there are many numbers, so that wide frames stay quick.
    """
    count = sum(isinstance(column, NumberColumn) for column in frame)
    bends = max(0, min(most_bends, MOST_SCORES // max(count, 1) - 1))

    def plan(column: AnyColumn) -> Plan | None:
        if isinstance(column, NumberColumn):
            return Scored.learn(column, bends)
        levels = Levels.seen(column)
        return OneHot(name=column.name, levels=levels) if len(levels) <= FEW_LEVELS else None

    return plan


def _try_penalties(
    draft: Draft, bad: BoolArray, penalties: tuple[float, ...], progress: Progress
) -> list[list[Line]]:
    """Return a line of each penalty for each fold, learnt without it."""
    folds = int(draft.fold.max()) + 1
    found = []
    with progress.step("choosing how far to hold back", folds) as step:
        for fold in range(folds):
            rest = draft.fold != fold
            found.append(_fit_lines(draft.matrix_without(fold)[rest], bad[rest], penalties))
            step.advance()
    return found


def _best(
    lines: list[list[Line]], draft: Draft, training: Training
) -> tuple[int, tuple[LineModel, ...]]:
    """Return the place of the penalty of least log loss out of fold, and its models by fold."""
    encoders = [draft.encoder_without(fold) for fold in range(len(lines))]
    bags = [
        tuple(
            LineModel(technique=NAME, line=tried[place], encoder=encoder)
            for tried, encoder in zip(lines, encoders, strict=True)
        )
        for place in range(len(lines[0]))
    ]
    losses = [log_loss(to_pd(out_of_fold(bag, training)), training.bad) for bag in bags]
    best = int(np.argmin(losses))
    return best, bags[best]


def _fit_lines(matrix: FloatArray, bad: BoolArray, penalties: tuple[float, ...]) -> list[Line]:
    """Fit a line for each penalty, each starting from the last."""
    means, scales = matrix.mean(axis=0), matrix.std(axis=0)
    scales = np.where(scales > 1e-12, scales, 1.0)
    standard = (matrix - means) / scales
    learner, lines = _learner(), []
    for penalty in penalties:
        learner.set_params(C=1.0 / penalty).fit(standard, bad)
        lines.append(
            Line(
                intercept=float(learner.intercept_[0]),
                weights=np.array(learner.coef_[0], dtype=np.float64),
                means=means,
                scales=scales,
            )
        )
    return lines


def _learner() -> Any:  # noqa: ANN401 - scikit-learn ships no types
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(solver="newton-cholesky", max_iter=100, tol=1e-5, warm_start=True)


@contextmanager
def one_thread(technique: str) -> Iterator[None]:
    """One thread, so that sums are the same bits on every machine with the same libraries."""
    try:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has none
    except ImportError as error:
        raise TechniqueError(
            "scikit-learn is not installed", hint='install "solvent[train]"', field=technique
        ) from error
    with threadpool_limits(limits=1):
        yield


technique: Technique = Logistic()
