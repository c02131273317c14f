"""A sum of shape functions, of one column or of two, and the encoder that feeds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from solvent.errors import BundleError
from solvent.features import FeatureFrame
from solvent.models.documents import Document, Json, require_files, to_bytes
from solvent.models.levels import UNKNOWN
from solvent.models.matrix import Encoder
from solvent.models.plans import Told
from solvent.models.technique import FloatArray, Importance, IntArray

SHAPES_FILE: Final = "shapes.json"
ENCODER_FILE: Final = "encoder.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Term:
    """What one column, or two together, add to the margin.

    Args:
        columns: Their places in the matrix: one or two.
        values: Log-odds by bin, the first bin of each axis is missing; shape (bins,) or
            (bins, bins).
    """

    columns: tuple[int, ...]
    values: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Additive:
    """Terms over binned columns.

    Args:
        intercept: Log-odds.
        cuts: Of each column, increasing; a value at a cut lies above it. Column j has
            `len(cuts[j]) + 2` bins: missing, and one more than cuts.
        terms: What is added to the intercept.
    """

    intercept: float
    cuts: tuple[FloatArray, ...]
    terms: tuple[Term, ...]

    def bins(self, matrix: FloatArray) -> IntArray:
        """Return the bin of each value, 0 where missing, shape (n, width)."""
        found = np.empty(matrix.shape, dtype=np.int64)
        for place, cuts in enumerate(self.cuts):
            found[:, place] = find_bins(matrix[:, place], cuts)
        return found

    def added(self, matrix: FloatArray) -> FloatArray:
        """Return what each term adds, shape (n, terms)."""
        bins = self.bins(matrix)
        found = np.empty((len(matrix), len(self.terms)))
        for place, term in enumerate(self.terms):
            found[:, place] = term.values[tuple(bins[:, column] for column in term.columns)]
        return found

    def margin(self, matrix: FloatArray) -> FloatArray:
        """Return log-odds of bad, shape (n,), summed in the order of the terms."""
        total = np.full(len(matrix), self.intercept)
        for term in self.added(matrix).T:
            total += term
        return total


def find_bins(values: FloatArray, cuts: FloatArray) -> IntArray:
    """Return the bin of each value: 0 where missing, else 1 + how many cuts are not above it.

    >>> find_bins(np.array([np.nan, 1.0, 2.0, 9.0]), np.array([2.0, 5.0])).tolist()
    [0, 1, 2, 3]
    """
    found: IntArray = np.searchsorted(cuts, values, side="right") + 1
    found[np.isnan(values)] = 0
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """What a feature, or a pair of features, adds: a curve to draw, or a table.

    Args:
        features: One name or two.
        axes: For each, the names of its bins in order: "missing", ranges or labels.
        edges: For each, the values at which one bin ends and the next begins, increasing.
        values: Log-odds by bin, shape (bins,) or (bins, bins).
    """

    features: tuple[str, ...]
    axes: tuple[tuple[str, ...], ...]
    edges: tuple[FloatArray, ...]
    values: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdditiveModel:
    """Shape functions and the encoder that feeds them.

    Args:
        technique: The name of the technique that fitted them.
        additive: The shape functions.
        encoder: From features to the matrix they read.
        importances: Most important first; empty in a model of one fold.
    """

    technique: str
    additive: Additive
    encoder: Encoder
    importances: tuple[Importance, ...] = ()

    scorer = "additive"
    exact = True

    @property
    def features(self) -> tuple[str, ...]:
        """The features it reads."""
        return self.encoder.features

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return uncalibrated log-odds of bad, shape (n,)."""
        return self.additive.margin(self.encoder.matrix(frame))

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return what each feature adds and last the intercept, shape (n, k + 1), log-odds.

        Half of what a pair adds goes to each of its two.
        """
        added, owners = self.additive.added(self.encoder.matrix(frame)), self.encoder.owners
        out = np.zeros((frame.rows, len(self.features) + 1))
        for values, term in zip(added.T, self.additive.terms, strict=True):
            for column in term.columns:
                out[:, owners[column]] += values / len(term.columns)
        out[:, -1] = self.additive.intercept
        return out

    def importance(self) -> tuple[Importance, ...]:
        """Return each feature's share of the spread it gives margins, most important first."""
        return self.importances

    def shapes(self) -> tuple[Shape, ...]:
        """Return every term as something to look at, in the order of the features.

        A category has a bin for each of its frequent levels and, in terms of their own, one for
        each range of the log-odds of the others; see `levels` for what each adds by itself.
        """
        owners = self.encoder.owners
        return tuple(
            Shape(
                features=tuple(self.features[owners[column]] for column in term.columns),
                axes=tuple(_bin_names(self.additive.cuts[column]) for column in term.columns),
                edges=tuple(self.additive.cuts[column] for column in term.columns),
                values=term.values,
            )
            for term in self.additive.terms
        )

    def levels(self, feature: str) -> dict[str, float]:
        """Return what each level of a category adds by itself, log-odds; "" is an unknown one."""
        place = self.features.index(feature)
        plan = self.encoder.plans[place]
        if not isinstance(plan, Told):
            raise BundleError("is no category of this model", field=feature)
        labels = (*plan.levels.labels, "missing", "")
        read = plan.read(np.append(np.arange(len(labels) - 1), UNKNOWN))
        added = np.zeros(len(labels))
        owned = np.flatnonzero(self.encoder.owners == place)
        for term in self.additive.terms:
            if len(term.columns) == 1 and term.columns[0] in owned:
                column = term.columns[0]
                values = read[:, int(column - owned[0])]
                added += term.values[find_bins(values, self.additive.cuts[column])]
        return dict(zip(labels, added.tolist(), strict=True))

    def save(self) -> dict[str, bytes]:
        """Return the shape functions and the encoder, both as JSON."""
        shapes: dict[str, Json] = {
            "intercept": self.additive.intercept,
            "cuts": [{"at": cuts.tolist()} for cuts in self.additive.cuts],
            "terms": [
                {"columns": list(term.columns), "values": term.values.reshape(-1).tolist()}
                for term in self.additive.terms
            ],
            "importances": [one.document() for one in self.importances],
        }
        encoder: dict[str, Json] = {"features": self.encoder.document()}
        return {SHAPES_FILE: to_bytes(shapes), ENCODER_FILE: to_bytes(encoder)}


def _bin_names(cuts: FloatArray) -> tuple[str, ...]:
    edges = [f"{cut:g}" for cut in cuts.tolist()]
    if not edges:
        return ("missing", "any value")
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return ("missing", f"below {edges[0]}", *between, f"{edges[-1]} and more")


def load(files: Mapping[str, bytes], technique: str) -> AdditiveModel:
    """Read a model back; see `load_scorer`."""
    raw, encoding = require_files(files, SHAPES_FILE, ENCODER_FILE)
    document = Document.parse(raw, SHAPES_FILE)
    encoder = Encoder.read(Document.parse(encoding, ENCODER_FILE).documents("features"))
    cuts = tuple(one.numbers("at") for one in document.documents("cuts"))
    if len(cuts) != len(encoder.owners):
        raise BundleError(
            f"does not fit the encoder's {len(encoder.owners)} columns", field=SHAPES_FILE
        )
    additive = Additive(
        intercept=document.number("intercept"), cuts=cuts,
        terms=tuple(_read_term(one, cuts) for one in document.documents("terms")),
    )  # fmt: skip
    return AdditiveModel(
        technique=technique, additive=additive, encoder=encoder,
        importances=tuple(Importance.read(one) for one in document.documents("importances")),
    )  # fmt: skip


def _read_term(document: Document, cuts: Sequence[FloatArray]) -> Term:
    columns = tuple(int(place) for place in document.numbers("columns").tolist())
    if not columns or not all(0 <= place < len(cuts) for place in columns):
        raise BundleError("holds a term of columns there are not", field=SHAPES_FILE)
    shape = tuple(len(cuts[place]) + 2 for place in columns)
    values = document.numbers("values")
    if values.size != np.prod(shape):
        raise BundleError("holds a term that does not fit its bins", field=SHAPES_FILE)
    return Term(columns=columns, values=values.reshape(shape))
