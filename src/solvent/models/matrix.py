"""From features to the matrix a model reads, in training and ever after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.evidence import BoolArray, Evidence
from solvent.errors import DataError
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.models.documents import Document, Json
from solvent.models.levels import Levels
from solvent.models.plans import AnyColumn, Plain, Plan, Told, category, number_values, read_plan

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ENCODER_FILE: Final = "encoder.json"
"""Where a model that has an encoder keeps it."""
_ROWS_IN_CACHE: Final = 2048
_FEW_ROWS: Final = 64
"""So few rows are put together at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """Turns features into a matrix.

    Args:
        plans: One per feature.
    """

    plans: tuple[Plan, ...]
    _width: int = field(init=False, repr=False, compare=False)
    _plain: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _places: IntArray = field(init=False, repr=False, compare=False)
    _others: tuple[tuple[int, Plan], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay the matrix out once: a decision reads it for every model and amount."""
        ends = np.cumsum([0, *(plan.width for plan in self.plans)]).tolist()
        placed = [*zip(ends, self.plans, strict=False)]
        plain = [(place, plan.name) for place, plan in placed if isinstance(plan, Plain)]
        others = [(place, plan) for place, plan in placed if not isinstance(plan, Plain)]
        object.__setattr__(self, "_width", ends[-1])
        object.__setattr__(self, "_plain", tuple(name for _, name in plain))
        object.__setattr__(self, "_places", np.array([place for place, _ in plain], np.int64))
        object.__setattr__(self, "_others", tuple(others))

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
        out = np.empty((frame.rows, self._width), dtype=np.float64)
        try:
            for place, plan in self._others:
                out[:, place : place + plan.width] = plan.encode(columns[plan.name])
            plain = [_as_it_is(columns[name]) for name in self._plain]
        except KeyError:
            lost = next(name for name in self.features if name not in columns)
            raise DataError("the model reads this feature; it is not given", field=lost) from None
        if frame.rows <= _FEW_ROWS:
            if plain:
                out[:, self._places] = np.array(plain).T
        else:  # some rows at a time, so that what is written stays in the processor's cache
            for start in range(0, frame.rows, _ROWS_IN_CACHE):
                block = out[start : start + _ROWS_IN_CACHE]
                for place, values in zip(self._places, plain, strict=True):
                    block[:, place] = values[start : start + _ROWS_IN_CACHE]
        if np.isinf(out).any():
            self._name_infinite(out)
        return out

    def _name_infinite(self, matrix: FloatArray) -> None:
        worst = int(np.flatnonzero(np.isinf(matrix).any(axis=0))[0])
        raise DataError(
            "holds an infinite number",
            hint="give null instead",
            field=self.features[int(self.owners[worst])],
        )

    def sum_by_feature(self, columns: FloatArray) -> FloatArray:
        """Add up matrix columns, shape (n, width), by feature, shape (n, features)."""
        widths = np.array([plan.width for plan in self.plans])
        starts = np.cumsum(widths) - widths
        summed: FloatArray = np.add.reduceat(columns, starts, axis=1)
        return summed

    def directions(self, declared: Mapping[str, int]) -> list[int]:
        """Return the declared direction of each matrix column: 0 but for plain numbers.

        Args:
            declared: Feature -> +1 where a higher value may only be riskier, -1 where only safer.
        """
        return [
            declared.get(plan.name, 0) if isinstance(plan, Plain) else 0
            for plan in self.plans
            for _ in range(plan.width)
        ]

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


def _as_it_is(column: AnyColumn) -> FloatArray:
    """Return a number's values, not looked through: the whole matrix is; refuse a category."""
    return column.values if isinstance(column, NumberColumn) else number_values(column)


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
        return self._with(self.told())

    def told(self) -> FloatArray:
        """Return the columns of the training matrix that `heard_at` names, shape (n, t)."""
        return self._told(lambda one: one.evidence.others(one.level, self.fold))

    @property
    def heard_at(self) -> IntArray:
        """The matrix columns that are told by evidence, shape (t,)."""
        return np.flatnonzero(np.isin(self.encoder.owners, list(self.heard)))

    def encoder_without(self, held: int) -> Encoder:
        """Return the encoder to which fold `held`'s labels said nothing."""
        plans = list(self.encoder.plans)
        for place, one in self.heard.items():
            table = one.evidence.without(held).table()
            plans[place] = Told(name=plans[place].name, levels=one.levels, table=table)
        return Encoder(plans=tuple(plans))

    def matrix_without(self, held: int) -> FloatArray:
        """Return the matrix for validation on fold `held`: that fold's labels speak nowhere."""
        return self._with(self.told_without(held))

    def told_without(self, held: int) -> FloatArray:
        """Return the columns of `matrix_without` that `heard_at` names, shape (n, t)."""
        mine = self.fold == held

        def rest(one: Heard) -> tuple[FloatArray, FloatArray]:
            others = one.evidence.without(held)
            log_odds, rarity = others.others(one.level, self.fold)
            table = others.table()
            log_odds[mine], rarity[mine] = (
                figures[one.level[mine]] for figures in (table.log_odds, table.rarity)
            )
            return log_odds, rarity

        return self._told(rest)

    def _told(self, tell: Callable[[Heard], tuple[FloatArray, FloatArray]]) -> FloatArray:
        parts = [
            np.column_stack(tell(one))[:, : self.encoder.plans[place].width]
            for place, one in self.heard.items()
        ]
        return np.concatenate([np.empty((len(self.fold), 0)), *parts], axis=1)

    def _with(self, told: FloatArray) -> FloatArray:
        out = self.fixed.copy()
        out[:, self.heard_at] = told
        return out


def _hear(column: CategoryColumn, bad: BoolArray, fold: IntArray) -> Heard:
    levels = Levels.seen(column)
    level = levels.place(column)
    return Heard(
        levels=levels, level=level, evidence=Evidence.of(level, bad, fold, len(levels) + 1)
    )
