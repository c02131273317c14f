"""What it costs to make a model and to ask it: processor seconds, rows a second, bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from typing import Final

import numpy as np

from solvent.features import FeatureFrame
from solvent.models import Technique, TrainedModel, Training, fit_model
from solvent.models.documents import to_bytes
from solvent.progress import Silent

MANY: Final = 20_000
"""Rows scored together, about: what there is, again and again where it is less."""
TIMES: Final = 3
CALLS: Final = 50
CHECKED: Final = 200
CLOSE: Final = 1e-6
"""Furthest a row's contributions may sum from its margin, as a share of it, and still be exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a model costs to ask and to keep.

    Args:
        rows_per_cpu_second: Scored together.
        row_microseconds: To score one row alone, the median.
        size: Bytes when saved; None where it cannot be.
        features: How many it reads.
        exact: Whether its contributions sum to its margin, as it says they do.
    """

    rows_per_cpu_second: float
    row_microseconds: float
    size: int | None
    features: int
    exact: bool


def fit_measured(
    training: Training, technique: Technique
) -> tuple[TrainedModel, tuple[float, float]]:
    """Make a calibrated model; return it, and the CPU-seconds and seconds it took."""
    cpu, wall = process_time(), perf_counter()
    model = fit_model(training, technique, progress=Silent())
    return model, (process_time() - cpu, perf_counter() - wall)


def measure(model: TrainedModel, frame: FeatureFrame) -> Measured:
    """Measure a model on applications.

    Args:
        model: The model.
        frame: At least one row.
    """
    many = frame.take(np.resize(np.arange(frame.rows), max(MANY, frame.rows)))
    one = frame.take(np.arange(1))
    together = min(_took(lambda: model.pd(many), process_time) for _ in range(TIMES))
    alone = median(_took(lambda: model.pd(one), perf_counter) for _ in range(CALLS))
    return Measured(
        rows_per_cpu_second=many.rows / max(together, 1e-9),
        row_microseconds=1e6 * alone,
        size=_size(model),
        features=len(model.features),
        exact=model.model.exact and _sums(model, frame.take(np.arange(min(frame.rows, CHECKED)))),
    )


def _took(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def _size(model: TrainedModel) -> int | None:
    if not model.model.scorer:
        return None
    files = (*model.model.save().values(), to_bytes(model.calibration.document()))
    return sum(map(len, files))


def _sums(model: TrainedModel, frame: FeatureFrame) -> bool:
    """Tell whether contributions sum to the margin, row by row."""
    margin = model.margin(frame)
    gap = np.abs(model.contributions(frame).sum(axis=1) - margin)
    return bool((gap <= CLOSE * (1.0 + np.abs(margin))).all())
