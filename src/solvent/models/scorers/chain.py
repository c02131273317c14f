"""Several models in a row: each application is scored by the first whose sources know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from solvent.errors import BundleError
from solvent.features import CategoryColumn, FeatureFrame
from solvent.models.calibration import Calibration
from solvent.models.documents import Document, Json, require_files, to_bytes
from solvent.models.nesting import nest, nested_document, unnest
from solvent.models.technique import BoolArray, FloatArray, Importance, IntArray
from solvent.models.trained import TrainedModel

CHAIN_FILE: Final = "chain.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainLink:
    """One model of a chain.

    Args:
        name: Its word.
        words: Whom it is for, as a person says it.
        asks: Values that tell whether a source knows the applicant, from `features.presence`; all
            must for this model to score. Empty in the last link.
        trained: The model with its own calibration.
        rows: Training applications that it scores.
    """

    name: str
    words: str
    asks: tuple[str, ...]
    trained: TrainedModel
    rows: int


@dataclass(frozen=True, kw_only=True, eq=False)
class ChainModel:
    """Models in the order they are tried; the last one takes everybody.

    Its margins are its links' calibrated log-odds, so that PDs of different links mean the same.

    Args:
        links: At least one.
    """

    links: tuple[ChainLink, ...]

    @property
    def scorer(self) -> str:
        """The native form; empty where a link has none."""
        return "chain" if all(link.trained.model.scorer for link in self.links) else ""

    @property
    def technique(self) -> str:
        """The name of its links' technique; several with a comma between."""
        return ", ".join(dict.fromkeys(link.trained.technique for link in self.links))

    @property
    def exact(self) -> bool:
        """Whether every link's contributions are exact."""
        return all(link.trained.model.exact for link in self.links)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The features that any link reads."""
        every = (name for link in self.links for name in link.trained.features)
        return tuple(dict.fromkeys(every))

    def places(self, frame: FeatureFrame) -> IntArray:
        """Return which link scores each row, shape (n,).

        Args:
            frame: Holds what the links ask. A value that is not there at all says of nobody that
                a source knows them: the source is absent.
        """
        place = np.full(frame.rows, len(self.links) - 1, dtype=np.int64)
        for number in range(len(self.links) - 2, -1, -1):
            place[known_to(frame, self.links[number].asks)] = number
        return place

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return calibrated log-odds of bad, shape (n,)."""
        margin = np.empty(frame.rows, dtype=np.float64)
        for link, rows in self._shares(frame):
            margin[rows] = link.trained.margin(_narrow(frame, link, rows))
        return margin

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return what each feature adds, and last the baseline of the row's own link.

        A feature that this link does not read adds 0.
        """
        column = {name: place for place, name in enumerate(self.features)}
        found = np.zeros((frame.rows, len(self.features) + 1), dtype=np.float64)
        for link, rows in self._shares(frame):
            columns = np.array([*(column[name] for name in link.trained.features), -1])
            found[np.ix_(rows, columns)] = link.trained.contributions(_narrow(frame, link, rows))
        return found

    def importance(self) -> tuple[Importance, ...]:
        """Return each feature's share, by how many applications each link scores."""
        total = max(sum(link.rows for link in self.links), 1)
        shares: dict[str, float] = {}
        directions: dict[str, set[int]] = {}
        for link in self.links:
            for one in link.trained.importance():
                shares[one.name] = shares.get(one.name, 0.0) + one.share * link.rows / total
                directions.setdefault(one.name, set()).add(one.direction)
        found = [
            Importance(name=name, share=share, direction=_agreed(directions[name]))
            for name, share in shares.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.share, one.name)))

    def save(self) -> dict[str, bytes]:
        """Return what the links are, and each link's files under its name."""
        links: list[Json] = [
            {
                **nested_document(link.trained.model), "name": link.name, "words": link.words,
                "asks": list(link.asks), "rows": link.rows,
                "calibration": link.trained.calibration.document(),
            }
            for link in self.links
        ]  # fmt: skip
        files = {CHAIN_FILE: to_bytes({"links": links})}
        for link in self.links:
            files |= nest(link.name, link.trained.model)
        return files

    def _shares(self, frame: FeatureFrame) -> list[tuple[ChainLink, IntArray]]:
        """Return the links that score any row, each with its rows."""
        place = self.places(frame)
        found = [(link, np.flatnonzero(place == number)) for number, link in enumerate(self.links)]
        return [(link, rows) for link, rows in found if len(rows)]


def known_to(frame: FeatureFrame, asks: tuple[str, ...]) -> BoolArray:
    """Return which rows every one of some sources knows, shape (n,).

    Args:
        frame: Holds the values asked for; one that is not there knows nobody.
        asks: Names of values from `features.presence`.
    """
    columns = {column.name: column for column in frame}
    known = np.ones(frame.rows, dtype=np.bool_)
    for name in asks:
        column = columns.get(name)
        if column is None or isinstance(column, CategoryColumn):
            return np.zeros(frame.rows, dtype=np.bool_)
        known &= column.values == 1.0
    return known


def _narrow(frame: FeatureFrame, link: ChainLink, rows: IntArray) -> FeatureFrame:
    wanted = set(link.trained.features)
    held = FeatureFrame(rows=frame.rows, columns=tuple(c for c in frame if c.name in wanted))
    return held if len(rows) == frame.rows else held.take(rows)


def _agreed(directions: set[int]) -> int:
    """Return the direction all links that have one share; 0 where they do not."""
    clear = directions - {0}
    return clear.pop() if len(clear) == 1 else 0


def load(files: Mapping[str, bytes], technique: str) -> ChainModel:
    """Read a chain back; see `load_scorer`."""
    del technique  # each link tells its own
    (raw,) = require_files(files, CHAIN_FILE)
    told = Document.parse(raw, CHAIN_FILE).documents("links")
    if not told or told[-1].texts("asks"):
        raise BundleError("has no last link that takes everybody", field=CHAIN_FILE)
    return ChainModel(links=tuple(_link(one, files) for one in told))


def _link(told: Document, files: Mapping[str, bytes]) -> ChainLink:
    name = told.text("name")
    trained = TrainedModel(
        model=unnest(name, files, told), calibration=Calibration.read(told.document("calibration"))
    )
    return ChainLink(
        name=name, words=told.text("words"), asks=told.texts("asks"), trained=trained,
        rows=int(told.number("rows")),
    )  # fmt: skip
