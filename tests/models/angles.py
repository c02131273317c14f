"""A technique that learns nothing: it looks at two numbers from an angle, which can be tuned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from solvent.errors import TrainingError
from solvent.features import FeatureFrame
from solvent.models import Guidance, Importance, Learnt, Range, Training, start_training
from solvent.progress import Progress
from tests.models.frames import number

RIGHT = 0.6
"""The angle from which goods and bads are told apart best."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A model: a fixed direction."""

    angle: float
    technique: str = "angles"
    scorer: str = ""
    exact: bool = True
    features: tuple[str, ...] = ("east", "north")

    def margin(self, frame: FeatureFrame) -> np.ndarray:
        return self.contributions(frame).sum(axis=1)

    def contributions(self, frame: FeatureFrame) -> np.ndarray:
        east, north = frame["east"].values, frame["north"].values
        nothing = np.zeros_like(east)
        return np.column_stack([np.cos(self.angle) * east, np.sin(self.angle) * north, nothing])

    def importance(self) -> tuple[Importance, ...]:
        return ()

    def save(self) -> dict[str, bytes]:
        return {}


@dataclass(kw_only=True)
class Angles:
    """The technique; it counts its fits, and may be stopped or fail at one."""

    name: str = "angles"
    title: str = "two numbers from an angle"
    fits: int = 0
    stop_at: int | None = None
    fail_above: float = 9.0
    error: Exception = field(
        default_factory=lambda: TrainingError("such an angle cannot be looked from")
    )
    told: list[Mapping[str, float]] = field(default_factory=list)

    def space(self) -> Mapping[str, Range]:
        return {
            "angle": Range(low=0.0, high=3.1), "unused": Range(low=1, high=40, whole=True, log=True)
        }  # fmt: skip

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        del progress
        if self.fits == self.stop_at:
            raise KeyboardInterrupt
        self.fits += 1
        settings = training.guidance.settings
        self.told.append(settings)
        angle = settings.get("angle", 1.8)
        if angle > self.fail_above:
            raise self.error
        model = Look(angle=angle)
        return Learnt(model=model, margin=model.margin(training.frame))


def plane(rows: int = 600, seed: int = 3) -> Training:
    """Applicants on a plane."""
    rng = np.random.default_rng(seed)
    east, north = rng.normal(size=(2, rows))
    odds = 1.6 * (np.cos(RIGHT) * east + np.sin(RIGHT) * north) - 0.5
    bad = rng.random(rows) < 1.0 / (1.0 + np.exp(-odds))
    frame = FeatureFrame(rows=rows, columns=(number("east", east), number("north", north)))
    return start_training(frame, bad, groups=np.arange(rows), seed=7, guidance=Guidance())
