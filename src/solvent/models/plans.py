"""How one feature becomes the columns a model reads, learnt in training and kept as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from solvent.binning.evidence import LevelTable
from solvent.errors import BundleError, DataError
from solvent.features import CategoryColumn, NumberColumn
from solvent.models.documents import Document, Json
from solvent.models.levels import Levels

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
AnyColumn = NumberColumn | CategoryColumn

FEW_LEVELS: Final = 16
KNOTS: Final = 33
MISSING_MATTERS: Final = 0.005
FARTHEST_RANK: Final = 0.002


class Plan(Protocol):
    """How one feature is encoded."""

    @property
    def name(self) -> str:
        """The feature."""
        ...

    @property
    def width(self) -> int:
        """How many columns it becomes."""
        ...

    def encode(self, column: AnyColumn) -> FloatArray:
        """Return the columns, shape (n, width).

        Raises:
            DataError: The column is of another kind than in training, or infinite.
        """
        ...

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A number as it is, NaN where missing."""

    name: str
    width: int = 1

    def encode(self, column: AnyColumn) -> FloatArray:
        """Return the values."""
        return number_values(column)[:, None]

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {"kind": "plain", "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """A number as a normal score, and how far it lies above each bend.

    The score is straight between knots and level beyond the last ones, so no outlier pulls. Missing
    becomes the median; where missing is common enough a last column marks it.

    Args:
        knots: Values, increasing, shape (k,).
        scores: Normal scores of the knots, increasing, shape (k,).
        bends: Scores from which a line may turn, increasing, shape (b,).
        median: Of the known values.
        marks_missing: Whether there is a mark.
    """

    name: str
    knots: FloatArray
    scores: FloatArray
    bends: FloatArray
    median: float
    marks_missing: bool

    @property
    def width(self) -> int:
        """The score, the bends and the mark."""
        return 1 + len(self.bends) + self.marks_missing

    @classmethod
    def learn(cls, column: NumberColumn, bends: int) -> Scored:
        """Learn knots at even quantiles; a column without values gets one knot at zero.

        Args:
            column: Training values.
            bends: How many bends at most, placed at even quantiles of the knots.
        """
        values = number_values(column)
        known = np.sort(values[~np.isnan(values)])
        share = 1.0 - len(known) / max(len(values), 1)
        known = known if len(known) else np.zeros(1)
        knots = np.unique(np.quantile(known, np.linspace(0.0, 1.0, KNOTS), method="lower"))
        scores = _normal_scores(known, knots)
        inner = scores[1:-1]
        turns = np.linspace(0, len(inner) - 1, min(bends, len(inner))).astype(np.int64)
        return cls(
            name=column.name,
            knots=knots,
            scores=scores,
            bends=inner[turns],
            median=float(np.median(known)),
            marks_missing=MISSING_MATTERS <= share < 1.0,
        )

    def encode(self, column: AnyColumn) -> FloatArray:
        """Return the score, its height above each bend, and the mark of a missing value."""
        score, missing = self.score(column)
        score = score[:, None]
        parts = [score, np.maximum(score - self.bends, 0.0), missing[:, None].astype(np.float64)]
        return np.concatenate(parts, axis=1)[:, : self.width]

    def score(self, column: AnyColumn) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return the score, and whether the value is missing, shape (n,) each."""
        values = number_values(column)
        missing = np.isnan(values)
        filled = np.where(missing, self.median, values)
        return np.interp(filled, self.knots, self.scores), missing

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {
            "kind": "scored", "name": self.name, "knots": self.knots.tolist(),
            "scores": self.scores.tolist(), "bends": self.bends.tolist(),
            "median": self.median, "marks_missing": self.marks_missing,
        }  # fmt: skip

    @classmethod
    def read(cls, document: Document) -> Scored:
        """Read it back.

        Raises:
            BundleError: An entry is missing or wrong.
        """
        return cls(
            name=document.text("name"),
            knots=document.numbers("knots"),
            scores=document.numbers("scores"),
            bends=document.numbers("bends"),
            median=document.number("median"),
            marks_missing=document.flag("marks_missing"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A number by how much of each piece of its normal score lies below it, in [0, 1].

    The same information as `Scored`, spread so that a network can weigh each stretch of values by
    itself.

    Args:
        scored: The score, its bends, which part the pieces, and the mark of missing values.

    Source: piecewise linear encoding, Gorishniy, Rubachev and Babenko (2022).
    """

    scored: Scored
    _starts: FloatArray = field(init=False, repr=False, compare=False)
    _lengths: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        edges = np.unique(np.append(self.scored.bends, self.scored.scores[[0, -1]]))
        if len(edges) == 1:  # a column of one value has a piece all the same
            edges = np.append(edges, edges + 1.0)
        object.__setattr__(self, "_starts", edges[:-1])
        object.__setattr__(self, "_lengths", np.diff(edges))

    @property
    def name(self) -> str:
        """The feature."""
        return self.scored.name

    @property
    def width(self) -> int:
        """The pieces and the mark."""
        return len(self._starts) + self.scored.marks_missing

    def encode(self, column: AnyColumn) -> FloatArray:
        """Return the pieces, and the mark of a missing value."""
        score, missing = self.scored.score(column)
        out = np.empty((len(score), self.width))
        pieces = out[:, : len(self._starts)]
        np.subtract(score[:, None], self._starts, out=pieces)
        pieces /= self._lengths
        np.minimum(np.maximum(pieces, 0.0, out=pieces), 1.0, out=pieces)
        if self.scored.marks_missing:
            out[:, -1] = missing
        return out

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {**self.scored.document(), "kind": "pieces"}


def _normal_scores(ordered: FloatArray, knots: FloatArray) -> FloatArray:
    """The normal quantile of each knot's middle rank, the ends held in."""
    ranks = np.searchsorted(ordered, knots, "left") + np.searchsorted(ordered, knots, "right")
    shares = np.clip(ranks / (2.0 * len(ordered)), FARTHEST_RANK, 1.0 - FARTHEST_RANK)
    normal = NormalDist()
    return np.array([normal.inv_cdf(share) for share in shares.tolist()])


@dataclass(frozen=True, slots=True, kw_only=True)
class OneHot:
    """A category of few levels: a column for each level and one for missing; unknown is none."""

    name: str
    levels: Levels

    @property
    def width(self) -> int:
        """Levels and missing."""
        return len(self.levels) + 1

    def encode(self, column: AnyColumn) -> FloatArray:
        """Return zeros and ones."""
        level = self.levels.place(category(column))
        hot: FloatArray = (level[:, None] == np.arange(self.width)).astype(np.float64)
        return hot

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {"kind": "one_hot", "name": self.name, "labels": self.levels.labels}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """A category by what training said of its level: log-odds and, of many levels, rarity.

    Args:
        levels: Its levels.
        table: What is said of each.
        leading: The levels that stand for themselves, by place in a column before the figures;
            of these no figure is given. The others share place 0, and have no figures either where
            every label leads.
    """

    name: str
    levels: Levels
    table: LevelTable
    leading: tuple[int, ...] = ()

    @property
    def figures(self) -> int:
        """How many columns speak of log-odds and rarity, which matters where levels are many."""
        if self.leading and set(range(len(self.levels))) <= set(self.leading):
            return 0
        return 2 if len(self.levels) > FEW_LEVELS else 1

    @property
    def width(self) -> int:
        """The place of a leading level, where there is one, and the figures."""
        return bool(self.leading) + self.figures

    def encode(self, column: AnyColumn) -> FloatArray:
        """Return the level's figures; an unknown level has the portfolio's odds and no rows."""
        return self.read(self.levels.place(category(column)))

    def read(self, level: IntArray) -> FloatArray:
        """Return the columns of levels by place, -1 where unknown, shape (n, width)."""
        unknown = level < 0
        log_odds = np.where(unknown, self.table.prior, self.table.log_odds[level])
        rarity = np.where(unknown, 0.0, self.table.rarity[level])
        return self.lead(level, np.column_stack([log_odds, rarity]))

    def lead(self, level: IntArray, figures: FloatArray) -> FloatArray:
        """Put the place of leading levels before the figures of the others, shape (n, width).

        Args:
            level: Each row's, -1 where unknown, shape (n,).
            figures: At least as many columns as are kept, n rows.
        """
        figures = figures[:, : self.figures]
        if not self.leading:
            return figures
        places = np.zeros(len(self.levels) + 2)
        places[list(self.leading)] = np.arange(1, len(self.leading) + 1)
        place = places[level]
        return np.column_stack([place, np.where(place[:, None] > 0.0, np.nan, figures)])

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {
            "kind": "told", "name": self.name, "labels": self.levels.labels,
            "log_odds": self.table.log_odds.tolist(), "rarity": self.table.rarity.tolist(),
            "prior": self.table.prior, **({"leading": self.leading} if self.leading else {}),
        }  # fmt: skip


def read_plan(document: Document) -> Plan:
    """Read a plan back.

    Raises:
        BundleError: Its kind is unknown, or an entry is missing or wrong.
    """
    name, kind = document.text("name"), document.text("kind")
    if kind == "plain":
        return Plain(name=name)
    if kind == "scored":
        return Scored.read(document)
    if kind == "pieces":
        return Pieces(scored=Scored.read(document))
    levels = Levels(labels=document.texts("labels"))
    if kind == "one_hot":
        return OneHot(name=name, levels=levels)
    if kind != "told":
        raise BundleError(f"holds an unknown kind of feature, {kind}", field=document.name)
    table = LevelTable(
        log_odds=document.numbers("log_odds"),
        rarity=document.numbers("rarity"),
        prior=document.number("prior"),
    )
    leading: tuple[int, ...] = ()
    if "leading" in document.entries():
        leading = tuple(int(place) for place in document.numbers("leading").tolist())
        if not all(0 <= place <= len(levels) for place in leading):
            raise BundleError("leads with levels there are not", field=document.name)
    return Told(name=name, levels=levels, table=table, leading=leading)


def number_values(column: AnyColumn) -> FloatArray:
    """Return a number column's values.

    Raises:
        DataError: It is a category, or holds an infinite number.
    """
    if isinstance(column, CategoryColumn):
        raise DataError("holds labels; the model was trained on numbers", field=column.name)
    if np.isinf(column.values).any():
        raise DataError("holds an infinite number", hint="give null instead", field=column.name)
    return column.values


def category(column: AnyColumn) -> CategoryColumn:
    """Return a category.

    Raises:
        DataError: It is a number.
    """
    if isinstance(column, NumberColumn):
        raise DataError("holds numbers; the model was trained on labels", field=column.name)
    return column
