"""A scorecard: bins of a few features, and what each bin adds to the log-odds."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from solvent.binning import LevelBinning, NumberBinning, Trend, binning_from_json
from solvent.errors import BundleError, DataError
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.models.documents import Document, Json, require_files, to_bytes
from solvent.models.technique import FloatArray, Importance, IntArray
from solvent.scoring import Scale

CARD_FILE: Final = "card.json"
DIRECTIONS: Final = {Trend.ASCENDING: 1, Trend.DESCENDING: -1}
AnyColumn = NumberColumn | CategoryColumn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Characteristic:
    """A feature on a card.

    Args:
        name: The feature.
        binning: Its bins, and what they were learnt from: of a category each row by the rate that
            other folds give its level.
        rows, bads: Training rows, and bad ones, that a reader of the card finds in each bin, shape
            (size,).
        woe: Of each bin, shape (size,); positive is safer.
        coefficient: Log-odds of bad per unit of woe in the regression on the woe of all
            characteristics, < 0.
        error: Its standard error there.
        log_odds: What each bin adds to the log-odds of bad, shape (size,): woe times coefficient,
            held towards a weight common to all and moved where the rest of the card tells it.
    """

    name: str
    binning: NumberBinning | LevelBinning
    rows: IntArray
    bads: IntArray
    woe: FloatArray
    coefficient: float
    error: float
    log_odds: FloatArray
    _edges: FloatArray = field(init=False, repr=False)
    _special: FloatArray = field(init=False, repr=False)
    _raw: FloatArray = field(init=False, repr=False)
    _by_value: dict[object, float] = field(init=False, repr=False)
    _kind: type[AnyColumn] = field(init=False, repr=False)
    _told_edges: list[float] = field(init=False, repr=False)
    _told: list[float] = field(init=False, repr=False)
    _others: float = field(init=False, repr=False)
    _missing: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        bins, put = self.binning.bins, object.__setattr__
        raw = self.log_odds[list(self.binning.homes.joins)]
        told = raw.tolist()
        numbers = isinstance(self.binning, NumberBinning)
        edges = list(self.binning.bins.edges) if isinstance(self.binning, NumberBinning) else []
        by_value: dict[object, float] = dict(
            zip(bins.special, told[bins.known : bins.size - 1], strict=True)
        )
        if isinstance(self.binning, LevelBinning):
            for place, group in enumerate(self.binning.bins.groups):
                by_value.update(dict.fromkeys(group, told[place]))
        put(self, "_edges", np.array(edges, dtype=np.float64))
        put(self, "_special", np.array(bins.special if numbers else [], dtype=np.float64))
        put(self, "_raw", raw)
        put(self, "_by_value", by_value)
        put(self, "_kind", NumberColumn if numbers else CategoryColumn)
        put(self, "_told_edges", edges)
        put(self, "_told", told)
        put(self, "_others", told[bins.known - 1])  # of levels rare or never seen
        put(self, "_missing", told[-1])

    @property
    def share(self) -> FloatArray:
        """Share of the training rows in each bin, shape (size,)."""
        return np.asarray(self.rows / self.rows.sum())

    @property
    def mean(self) -> float:
        """What it adds to the average training row."""
        return float(self.share @ self.log_odds)

    @property
    def spread(self) -> float:
        """Standard deviation of what it adds to the training rows."""
        return float(np.sqrt(self.share @ (self.log_odds - self.mean) ** 2))

    def add(self, column: AnyColumn, out: FloatArray) -> None:
        """Add what each row's bin says to margins, shape (n,), in place.

        Raises:
            DataError: The column is of the wrong kind, or holds an infinite number.
        """
        if isinstance(column, CategoryColumn):
            out += self._by_code(column)[column.codes]
            return
        self._require_kind(column)
        from solvent.models._card_kernel import add_numbers  # numba takes a while to import

        infinite = add_numbers(
            np.ascontiguousarray(column.values), self._edges, self._special, self._raw, out
        )
        if infinite:
            raise self._infinite()

    def of_one(self, column: AnyColumn) -> float:
        """Return what the first row's bin says: as `add`, quicker for one row."""
        if type(column) is not self._kind:
            self._require_kind(column)
        if isinstance(column, CategoryColumn):
            code = column.codes.item(0)
            return (
                self._missing if code < 0 else self._by_value.get(column.levels[code], self._others)
            )
        value = column.values.item(0)
        if value - value != 0.0:  # not known, or infinite
            if math.isinf(value):
                raise self._infinite()
            return self._missing
        if self._by_value and value in self._by_value:
            return self._by_value[value]
        return self._told[bisect_left(self._told_edges, value)]

    def _by_code(self, column: CategoryColumn) -> FloatArray:
        """Return what each level says, and last what is missing, shape (levels + 1,)."""
        self._require_kind(column)
        found = (self._by_value.get(level, self._others) for level in column.levels)
        return np.fromiter((*found, self._missing), np.float64, len(column.levels) + 1)

    def _require_kind(self, column: AnyColumn) -> None:
        if not isinstance(column, self._kind):
            given, learnt = ("numbers", "labels")[:: 1 if self._kind is CategoryColumn else -1]
            raise DataError(f"holds {given}; the model was trained on {learnt}", field=self.name)

    def _infinite(self) -> DataError:
        return DataError("holds an infinite number", hint="give null instead", field=self.name)

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {
            "name": self.name, "coefficient": self.coefficient, "error": self.error,
            "woe": self.woe.tolist(), "log_odds": self.log_odds.tolist(),
            "rows": self.rows.tolist(), "bads": self.bads.tolist(),
            "bins": self.binning.to_json(),
        }  # fmt: skip

    @classmethod
    def read(cls, document: Document) -> Characteristic:
        """Read it back.

        Raises:
            BundleError: An entry is missing or of another kind.
        """
        binning = binning_from_json(document.document("bins").entries())
        woe, log_odds = document.numbers("woe"), document.numbers("log_odds")
        rows, bads = document.numbers("rows"), document.numbers("bads")
        if not len(woe) == len(log_odds) == len(rows) == len(bads) == binning.size:
            raise BundleError(f"does not fit the bins of {document.text('name')}", field=CARD_FILE)
        return cls(
            name=document.text("name"), binning=binning, woe=woe, log_odds=log_odds,
            rows=rows.astype(np.int64), bads=bads.astype(np.int64),
            coefficient=document.number("coefficient"), error=document.number("error"),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CardModel:
    """A scorecard.

    Args:
        technique: The name of the technique that made it.
        intercept: Log-odds of bad where every characteristic adds nothing.
        characteristics: The features on the card; they are added in this order.
        scale: Where its scores stand.
    """

    technique: str
    intercept: float
    characteristics: tuple[Characteristic, ...]
    scale: Scale

    scorer = "card"
    exact = True

    @property
    def features(self) -> tuple[str, ...]:
        """The features it reads."""
        return tuple(one.name for one in self.characteristics)

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return uncalibrated log-odds of bad, shape (n,)."""
        if frame.rows == 1:
            total = self.intercept
            for one, column in self._columns(frame):
                total += one.of_one(column)
            return np.array([total])
        out = np.full(frame.rows, self.intercept)
        for one, column in self._columns(frame):
            one.add(column, out)
        return out

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return what each feature adds, against the average row, and last the average margin."""
        out = np.zeros((len(self.characteristics) + 1, frame.rows))
        base = self.intercept
        for place, (one, column) in enumerate(self._columns(frame)):
            one.add(column, out[place])
            out[place] -= one.mean
            base += one.mean
        out[-1] = base
        return np.ascontiguousarray(out.T)

    def importance(self) -> tuple[Importance, ...]:
        """Return each feature's share of the spread it gives margins, most important first."""
        whole = sum(one.spread for one in self.characteristics) or 1.0
        found = [
            Importance(
                name=one.name, share=one.spread / whole,
                direction=DIRECTIONS.get(one.binning.trend, 0)
                if isinstance(one.binning, NumberBinning) else 0,
            )
            for one in self.characteristics
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda one: (-one.share, one.name)))

    def save(self) -> dict[str, bytes]:
        """Return the card as JSON."""
        scale: dict[str, Json] = {
            "base_score": self.scale.base_score, "base_odds": self.scale.base_odds,
            "pdo": self.scale.pdo,
        }  # fmt: skip
        document: dict[str, Json] = {
            "intercept": self.intercept, "scale": scale,
            "characteristics": [one.document() for one in self.characteristics],
        }  # fmt: skip
        return {CARD_FILE: to_bytes(document)}

    def _columns(self, frame: FeatureFrame) -> Iterator[tuple[Characteristic, AnyColumn]]:
        columns = {column.name: column for column in frame.columns}
        for one in self.characteristics:
            column = columns.get(one.name)
            if column is None:
                raise DataError("the model reads this feature; it is not given", field=one.name)
            yield one, column


def load(files: Mapping[str, bytes], technique: str) -> CardModel:
    """Read a card back; see `load_scorer`."""
    (raw,) = require_files(files, CARD_FILE)
    document = Document.parse(raw, CARD_FILE)
    scale = document.document("scale")
    return CardModel(
        technique=technique, intercept=document.number("intercept"),
        characteristics=tuple(
            Characteristic.read(one) for one in document.documents("characteristics")
        ),
        scale=Scale(
            base_score=scale.number("base_score"), base_odds=scale.number("base_odds"),
            pdo=scale.number("pdo"),
        ),
    )  # fmt: skip
