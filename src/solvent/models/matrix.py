"""From features to the matrix a model reads, in training and ever after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvent.errors import DataError
from solvent.features import CategoryColumn, FeatureFrame
from solvent.models.documents import Document, Json
from solvent.models.evidence import BoolArray, Evidence
from solvent.models.levels import Levels
from solvent.models.plans import AnyColumn, Plan, Told, category, read_plan

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """Turns features into a matrix.

    Args:
        plans: One per feature.
    """

    plans: tuple[Plan, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """The features' names in order."""
        return tuple(plan.name for plan in self.plans)

    @property
    def owners(self) -> IntArray:
        """The place of the feature each matrix column belongs to, shape (width,)."""
        return np.repeat(np.arange(len(self.plans)), [plan.width for plan in self.plans])

    def matrix(self, frame: FeatureFrame) -> FloatArray:
        """Return the matrix, shape (n, width).

        Args:
            frame: Holds every feature, in any order; it may hold more.

        Raises:
            DataError: A feature is missing, of the wrong kind, or infinite.
        """
        columns = {column.name: column for column in frame}
        for name in self.features:
            if name not in columns:
                raise DataError("the model reads this feature; it is not given", field=name)
        return np.concatenate([plan.encode(columns[plan.name]) for plan in self.plans], axis=1)

    def sum_by_feature(self, columns: FloatArray) -> FloatArray:
        """Add up matrix columns, shape (n, width), by feature, shape (n, features)."""
        out = np.zeros((len(columns), len(self.plans)), dtype=np.float64)
        for place, owner in enumerate(self.owners.tolist()):
            out[:, owner] += columns[:, place]
        return out

    def document(self) -> list[Json]:
        """Return itself as JSON."""
        return [plan.document() for plan in self.plans]

    @classmethod
    def read(cls, documents: tuple[Document, ...]) -> Encoder:
        """Read it back.

        Raises:
            BundleError: A plan is damaged.
        """
        return cls(plans=tuple(read_plan(document) for document in documents))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """A category told by evidence, on its way through training.

    Args:
        levels: Its levels.
        level: Each training row's level, shape (n,).
        evidence: Counts by level and fold.
    """

    levels: Levels
    level: IntArray
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """Training rows on their way into matrices in which no row's own label speaks for it.

    Args:
        encoder: For new rows: every training row speaks.
        fold: The fold of each row, shape (n,).
        fixed: The matrix of the training rows as the encoder gives it, shape (n, width).
        heard: By place in the encoder, what needs replacing.
    """

    encoder: Encoder
    fold: IntArray
    fixed: FloatArray
    heard: dict[int, Heard]

    @classmethod
    def of(
        cls,
        frame: FeatureFrame,
        bad: BoolArray,
        fold: IntArray,
        plan: Callable[[AnyColumn], Plan | None],
    ) -> Draft:
        """Learn every feature's plan.

        Args:
            frame: The training rows.
            bad: Labels, shape (n,).
            fold: Fold of each row, shape (n,).
            plan: Learns from a column without labels; None for a category to be told by evidence.

        Raises:
            DataError: There is no feature, or a number is infinite.
        """
        if not frame.columns:
            raise DataError("there is no feature to learn from", field="frame")
        plans: list[Plan] = []
        heard: dict[int, Heard] = {}
        for place, column in enumerate(frame):
            learnt = plan(column)
            if learnt is None:
                heard[place] = _hear(category(column), bad, fold)
                learnt = Told(
                    name=column.name,
                    levels=heard[place].levels,
                    table=heard[place].evidence.table(),
                )
            plans.append(learnt)
        encoder = Encoder(plans=tuple(plans))
        return cls(encoder=encoder, fold=fold, fixed=encoder.matrix(frame), heard=heard)

    def matrix(self) -> FloatArray:
        """Return the training matrix: each row is told by the other folds' rows."""
        out, owners = self.fixed.copy(), self.encoder.owners
        for place, one in self.heard.items():
            told = np.column_stack(one.evidence.others(one.level, self.fold))
            out[:, owners == place] = told[:, : self.encoder.plans[place].width]
        return out

    def matrix_without(self, held: int) -> FloatArray:
        """Return the matrix for validation on fold `held`: that fold's labels speak nowhere."""
        out, owners, mine = self.fixed.copy(), self.encoder.owners, self.fold == held
        for place, one in self.heard.items():
            rest = one.evidence.without(held)
            told = np.column_stack(rest.others(one.level, self.fold))
            table = rest.table()
            told[mine] = np.column_stack([table.log_odds, table.rarity])[one.level[mine]]
            out[:, owners == place] = told[:, : self.encoder.plans[place].width]
        return out


def _hear(column: CategoryColumn, bad: BoolArray, fold: IntArray) -> Heard:
    levels = Levels.seen(column)
    level = levels.place(column)
    return Heard(
        levels=levels, level=level, evidence=Evidence.of(level, bad, fold, len(levels) + 1)
    )
