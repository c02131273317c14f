"""A weighted sum of other models, each kept in its own native form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.features import FeatureFrame
from solvent.models.documents import Document, Json, require_files, to_bytes
from solvent.models.nesting import nest, nested_document, unnest
from solvent.models.technique import FittedModel, FloatArray, Importance

BLEND_FILE: Final = "blend.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A model and how much of its margin counts.

    Args:
        weight: > 0.
        model: The model.
    """

    weight: float
    model: FittedModel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlendModel:
    """A weighted sum of models' margins.

    Args:
        technique: The name of the technique that weighed them.
        intercept: In log-odds.
        parts: At least one.
        features: Every feature a part reads.
        importances: Most important first.
    """

    technique: str
    intercept: float
    parts: tuple[Part, ...]
    features: tuple[str, ...]
    importances: tuple[Importance, ...] = ()

    @property
    def scorer(self) -> str:
        """Its native form; empty where a part has none."""
        return "blend" if all(part.model.scorer for part in self.parts) else ""

    @property
    def exact(self) -> bool:
        """Whether every part's contributions are exact."""
        return all(part.model.exact for part in self.parts)

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return uncalibrated log-odds of bad, shape (n,)."""
        out = np.full(frame.rows, self.intercept)
        for part in self.parts:
            out += part.weight * part.model.margin(frame)
        return out

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return what each feature adds, and last the baseline: the parts' own, weighted."""
        places = {name: place for place, name in enumerate(self.features)}
        out = np.zeros((frame.rows, len(self.features) + 1))
        out[:, -1] = self.intercept
        for part in self.parts:
            mine = [places[name] for name in part.model.features]
            out[:, [*mine, -1]] += part.weight * part.model.contributions(frame)
        return out

    def importance(self) -> tuple[Importance, ...]:
        """Return each feature's share of the spread it gives margins, most important first."""
        return self.importances

    def save(self) -> dict[str, bytes]:
        """Return what each part is, as JSON, and the parts' own files, numbered."""
        parts: list[Json] = []
        files: dict[str, bytes] = {}
        for number, part in enumerate(self.parts):
            parts.append({"weight": part.weight, **nested_document(part.model)})
            files |= nest(str(number), part.model)
        blend: dict[str, Json] = {
            "intercept": self.intercept, "parts": parts, "features": self.features,
            "importances": [one.document() for one in self.importances],
        }  # fmt: skip
        return {**files, BLEND_FILE: to_bytes(blend)}


def load(files: Mapping[str, bytes], technique: str) -> BlendModel:
    """Read a model back; see `load_scorer`."""
    (raw,) = require_files(files, BLEND_FILE)
    document = Document.parse(raw, BLEND_FILE)
    parts = [
        Part(weight=one.number("weight"), model=unnest(str(number), files, one))
        for number, one in enumerate(document.documents("parts"))
    ]
    return BlendModel(
        technique=technique, intercept=document.number("intercept"), parts=tuple(parts),
        features=document.texts("features"),
        importances=tuple(Importance.read(one) for one in document.documents("importances")),
    )  # fmt: skip
