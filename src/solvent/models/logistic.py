"""Logistic regression: every feature on one scale, held back by L2 chosen on log loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from solvent.errors import BundleError, TechniqueError
from solvent.features import FeatureFrame, NumberColumn
from solvent.metrics import log_loss
from solvent.models.calibration import to_pd
from solvent.models.documents import Document, Json, to_bytes
from solvent.models.folds import FOLDS, deal_folds
from solvent.models.levels import Levels
from solvent.models.matrix import Draft, Encoder
from solvent.models.plans import FEW_LEVELS, AnyColumn, OneHot, Plan, Scored
from solvent.models.technique import (
    BoolArray,
    FloatArray,
    Importance,
    IntArray,
    Learnt,
    rank_importances,
    sample_rows,
)
from solvent.progress import Progress

NAME: Final = "logistic"
MODEL_FILE: Final = "logistic.json"
ENCODER_FILE: Final = "encoder.json"

BENDS: Final = 6
MOST_SCORES: Final = 300
STRENGTHS: Final = (1e-4, 1e-3, 1e-2, 1e-1)
EXPLAINED_ROWS: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """A weighted sum of standardised columns.

    Args:
        intercept: Log-odds of the average row.
        weights: Log-odds per standard deviation, shape (width,).
        means: Of the training columns, shape (width,).
        scales: Standard deviations of the training columns, 1 where constant, shape (width,).
    """

    intercept: float
    weights: FloatArray
    means: FloatArray
    scales: FloatArray

    def margin(self, matrix: FloatArray) -> FloatArray:
        """Return log-odds of bad, shape (n,)."""
        return np.asarray(self.intercept + self.terms(matrix).sum(axis=1), dtype=np.float64)

    def terms(self, matrix: FloatArray) -> FloatArray:
        """Return what each column adds, shape (n, width), log-odds."""
        found: FloatArray = (matrix - self.means) / self.scales * self.weights
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogisticModel:
    """A line and the encoder that feeds it.

    Args:
        line: The weighted sum.
        encoder: From features to the matrix the line reads.
        importances: Most important first.
    """

    line: Line
    encoder: Encoder
    importances: tuple[Importance, ...]

    @property
    def technique(self) -> str:
        """The name of its technique."""
        return NAME

    @property
    def features(self) -> tuple[str, ...]:
        """The features it reads."""
        return self.encoder.features

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return uncalibrated log-odds of bad, shape (n,)."""
        return self.line.margin(self.encoder.matrix(frame))

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return what each feature adds, against the average row, and last the intercept."""
        by_feature = self.encoder.sum_by_feature(self.line.terms(self.encoder.matrix(frame)))
        return np.column_stack([by_feature, np.full(frame.rows, self.line.intercept)])

    def importance(self) -> tuple[Importance, ...]:
        """Return each feature's share of the spread it gives margins, most important first."""
        return self.importances

    def save(self) -> dict[str, bytes]:
        """Return the weights and the encoder, both as JSON."""
        line: dict[str, Json] = {
            "intercept": self.line.intercept,
            "weights": self.line.weights.tolist(),
            "means": self.line.means.tolist(),
            "scales": self.line.scales.tolist(),
            "importances": [
                {"name": one.name, "share": one.share, "direction": one.direction}
                for one in self.importances
            ],
        }
        encoder: dict[str, Json] = {"features": self.encoder.document()}
        return {MODEL_FILE: to_bytes(line), ENCODER_FILE: to_bytes(encoder)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """The technique."""

    name: str = NAME

    def fit(
        self,
        frame: FeatureFrame,
        bad: BoolArray,
        *,
        groups: IntArray,
        seed: int,
        progress: Progress,
    ) -> Learnt:
        """Learn; see `Technique.fit`.

        Every strength of L2 is tried on every fold; the one of least log loss out of fold learns
        from every row.

        Raises:
            TechniqueError: scikit-learn is not installed.
        """
        fold = deal_folds(bad, groups, seed=seed, folds=FOLDS)
        draft = Draft.of(frame, bad, fold, choose_plan(frame))
        with _one_thread():
            strength, margin = _try_strengths(draft, bad, progress)
            line = _fit_lines(draft.matrix(), bad, (strength,))[0]
        return Learnt(model=_model(line, draft.encoder, frame), margin=margin)

    def load(self, files: dict[str, bytes]) -> LogisticModel:
        """Read a model back; see `Technique.load`."""
        for name in (MODEL_FILE, ENCODER_FILE):
            if name not in files:
                raise BundleError("is missing", hint="restore the bundle", field=name)
        document = Document.parse(files[MODEL_FILE], MODEL_FILE)
        parsed = Document.parse(files[ENCODER_FILE], ENCODER_FILE)
        encoder = Encoder.read(parsed.documents("features"))
        line = Line(
            intercept=document.number("intercept"),
            weights=document.numbers("weights"),
            means=document.numbers("means"),
            scales=document.numbers("scales"),
        )
        width = len(encoder.owners)
        if not len(line.weights) == len(line.means) == len(line.scales) == width:
            raise BundleError(f"does not fit the encoder's {width} columns", field=MODEL_FILE)
        importances = tuple(
            Importance(
                name=one.text("name"),
                share=one.number("share"),
                direction=int(one.number("direction")),
            )
            for one in document.documents("importances")
        )
        return LogisticModel(line=line, encoder=encoder, importances=importances)


def choose_plan(frame: FeatureFrame) -> Callable[[AnyColumn], Plan | None]:
    """Return how columns are encoded: bent normal scores, ones and zeros, or evidence.

    Lines get fewer bends where there are many numbers, so that wide frames stay quick.
    """
    count = sum(isinstance(column, NumberColumn) for column in frame)
    bends = max(0, min(BENDS, MOST_SCORES // max(count, 1) - 1))

    def plan(column: AnyColumn) -> Plan | None:
        if isinstance(column, NumberColumn):
            return Scored.learn(column, bends)
        levels = Levels.seen(column)
        return OneHot(name=column.name, levels=levels) if len(levels) <= FEW_LEVELS else None

    return plan


def _try_strengths(draft: Draft, bad: BoolArray, progress: Progress) -> tuple[float, FloatArray]:
    """Return the best strength, and out-of-fold margins at it, shape (n,)."""
    folds = int(draft.fold.max()) + 1
    margins = np.empty((len(STRENGTHS), len(bad)), dtype=np.float64)
    with progress.step("choosing how far to hold back", folds) as step:
        for fold in range(folds):
            matrix, out = draft.matrix_without(fold), draft.fold == fold
            for place, line in enumerate(_fit_lines(matrix[~out], bad[~out], STRENGTHS)):
                margins[place, out] = line.margin(matrix[out])
            step.advance()
    losses = [log_loss(to_pd(margin), bad) for margin in margins]
    best = int(np.argmin(losses))
    return STRENGTHS[best], margins[best]


def _fit_lines(matrix: FloatArray, bad: BoolArray, strengths: tuple[float, ...]) -> list[Line]:
    """Fit a line for each strength, each starting from the last."""
    means, scales = matrix.mean(axis=0), matrix.std(axis=0)
    scales = np.where(scales > 1e-12, scales, 1.0)
    standard = (matrix - means) / scales
    learner, lines = _learner(), []
    for strength in strengths:
        learner.set_params(C=strength).fit(standard, bad)
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
def _one_thread() -> Iterator[None]:
    """One thread, so that sums are the same bits on every machine with the same libraries."""
    try:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has none
    except ImportError as error:
        raise TechniqueError(
            "scikit-learn is not installed", hint='install "solvent[train]"', field=NAME
        ) from error
    with threadpool_limits(limits=1):
        yield


def _model(line: Line, encoder: Encoder, frame: FeatureFrame) -> LogisticModel:
    some = frame.take(sample_rows(frame.rows, EXPLAINED_ROWS))
    shown = encoder.sum_by_feature(line.terms(encoder.matrix(some)))
    importances = rank_importances(shown.std(axis=0), some, shown)
    return LogisticModel(line=line, encoder=encoder, importances=importances)
