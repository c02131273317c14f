"""Trees in LightGBM's native text, and the encoder that feeds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from solvent.errors import BundleError
from solvent.features import FeatureFrame
from solvent.models._lightgbm import Trees
from solvent.models._native_bounds import require_bounds
from solvent.models.documents import Document, Json, require_files, to_bytes
from solvent.models.matrix import ENCODER_FILE, Encoder
from solvent.models.technique import (
    EXPLAINED_ROWS,
    FloatArray,
    Importance,
    rank_importances,
    sample_rows,
)

MODEL_FILE: Final = "model.txt"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TreesModel:
    """Trees and the encoder that feeds them.

    Args:
        technique: The name of the technique that grew them.
        trees: The booster.
        text: The booster in LightGBM's native text.
        encoder: From features to the matrix the booster reads.
        importances: Most important first; empty in a model of one fold.
    """

    technique: str
    trees: Trees
    text: str
    encoder: Encoder
    importances: tuple[Importance, ...] = ()

    scorer = "trees"
    exact = True

    @classmethod
    def read_text(cls, text: str, encoder: Encoder, technique: str) -> TreesModel:
        """Make a model of LightGBM's native text.

        Raises:
            BundleError: The text is no model, or does not fit the encoder.
        """
        trees = Trees.from_text(text)
        if trees.width != len(encoder.owners):
            raise BundleError(
                f"reads {trees.width} columns, the encoder gives {len(encoder.owners)}",
                field=MODEL_FILE,
            )
        return cls(technique=technique, trees=trees, text=text, encoder=encoder)

    @property
    def features(self) -> tuple[str, ...]:
        """The features it reads."""
        return self.encoder.features

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return uncalibrated log-odds of bad, shape (n,)."""
        return self.trees.margin(self.encoder.matrix(frame))

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return Shapley values by feature and last the baseline, shape (n, k + 1), log-odds.

        Source: Lundberg et al. (2020), TreeSHAP by path, as LightGBM computes it.
        """
        found = self.trees.contributions(self.encoder.matrix(frame))
        return np.column_stack([self.encoder.sum_by_feature(found[:, :-1]), found[:, -1]])

    def importance(self) -> tuple[Importance, ...]:
        """Return each feature's share of the gain, most important first."""
        return self.importances

    def save(self) -> dict[str, bytes]:
        """Return the native text, and the encoder as JSON."""
        document: dict[str, Json] = {
            "features": self.encoder.document(),
            "importances": [one.document() for one in self.importances],
        }
        return {MODEL_FILE: self.text.encode(), ENCODER_FILE: to_bytes(document)}


def rank_by_gain(
    model: TreesModel, gain: FloatArray, frame: FeatureFrame
) -> tuple[Importance, ...]:
    """Return how much trees lean on each feature, most important first.

    Args:
        model: The trees.
        gain: Training gain of each matrix column, shape (width,).
        frame: Training rows; some are explained, to tell directions.
    """
    some = frame.take(sample_rows(frame.rows, EXPLAINED_ROWS))
    weights = model.encoder.sum_by_feature(gain[None, :])[0]
    return rank_importances(weights, some, model.contributions(some)[:, :-1])


def load(files: Mapping[str, bytes], technique: str) -> TreesModel:
    """Read a model back; see `load_scorer`."""
    raw, encoding = require_files(files, MODEL_FILE, ENCODER_FILE)
    require_bounds(raw, MODEL_FILE)
    document = Document.parse(encoding, ENCODER_FILE)
    model = TreesModel.read_text(
        raw.decode("utf-8", "replace"), Encoder.read(document.documents("features")), technique
    )
    importances = tuple(Importance.read(one) for one in document.documents("importances"))
    return replace(model, importances=importances)
