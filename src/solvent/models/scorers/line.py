"""A weighted sum of standardised columns, and the encoder that feeds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.errors import BundleError
from solvent.features import FeatureFrame
from solvent.models.documents import Document, Json, require_files, to_bytes
from solvent.models.matrix import ENCODER_FILE, Encoder
from solvent.models.technique import FloatArray, Importance

LINE_FILE: Final = "line.json"


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
class LineModel:
    """A line and the encoder that feeds it.

    Args:
        technique: The name of the technique that fitted it.
        line: The weighted sum.
        encoder: From features to the matrix the line reads.
        importances: Most important first; empty in a model of one fold.
    """

    technique: str
    line: Line
    encoder: Encoder
    importances: tuple[Importance, ...] = ()

    scorer = "line"
    exact = True

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
            "importances": [one.document() for one in self.importances],
        }
        encoder: dict[str, Json] = {"features": self.encoder.document()}
        return {LINE_FILE: to_bytes(line), ENCODER_FILE: to_bytes(encoder)}


def load(files: Mapping[str, bytes], technique: str) -> LineModel:
    """Read a model back; see `load_scorer`."""
    raw, encoding = require_files(files, LINE_FILE, ENCODER_FILE)
    document = Document.parse(raw, LINE_FILE)
    encoder = Encoder.read(Document.parse(encoding, ENCODER_FILE).documents("features"))
    line = Line(
        intercept=document.number("intercept"),
        weights=document.numbers("weights"),
        means=document.numbers("means"),
        scales=document.numbers("scales"),
    )
    width = len(encoder.owners)
    if not len(line.weights) == len(line.means) == len(line.scales) == width:
        raise BundleError(f"does not fit the encoder's {width} columns", field=LINE_FILE)
    return LineModel(
        technique=technique, line=line, encoder=encoder,
        importances=tuple(Importance.read(one) for one in document.documents("importances")),
    )  # fmt: skip
