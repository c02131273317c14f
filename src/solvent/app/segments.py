"""Calibration by segment of the test side: bands of PD, months, customers, levels of categories."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from solvent.app.groups import others
from solvent.dataset import Dataset
from solvent.dataset.gate import model_frame, scored_frame
from solvent.features import CategoryColumn, FeatureFrame
from solvent.metrics import calibration_by_segment, holm
from solvent.models import TrainedModel
from solvent.models.chain import chain_of
from solvent.report import FEWEST_SHOWN, SegmentCheck

BANDS = 5
MOST_FEATURES = 5
MOST_LEVELS = 6
LEAST_SHARE = 0.05
MISSING = "not known"
TextArray = NDArray[np.str_]


def segment_checks(
    dataset: Dataset,
    model: TrainedModel,
    pd_test: NDArray[np.float64],
    periods: TextArray | None,
) -> tuple[SegmentCheck, ...]:
    """Return mean PD against bad rate in segments of the test side, read together.

    PDs are taken before any shift to a central tendency, which outcomes cannot confirm.

    Args:
        dataset: The dataset.
        model: The model.
        pd_test: PD of each test application.
        periods: Period of each, where there are times.
    """
    bad = dataset.bad[dataset.split.test]
    pd = model.calibration.unshifted(pd_test)
    found = [
        (by, segment)
        for by, labels in _segments(dataset, model, pd, periods)
        for segment in calibration_by_segment(pd, bad, labels)
    ]
    p_values = [None if s.n < FEWEST_SHOWN else s.p_value for _, s in found]
    adjusted = iter(holm([p_value for p_value in p_values if p_value is not None]).tolist())
    return tuple(
        SegmentCheck(by=by, found=segment, p_value=None if p_value is None else next(adjusted))
        for (by, segment), p_value in zip(found, p_values, strict=True)
    )


def calibrated_links(model: TrainedModel) -> tuple[tuple[str, str], ...]:
    """Return whom each model of a chain scores, and the kind that calibrates it.

    Args:
        model: A chain, or a single model, which has none.
    """
    chain = chain_of(model)
    links = () if chain is None else chain.links
    return tuple((link.words, link.trained.calibration.kind) for link in links)


def _segments(
    dataset: Dataset, model: TrainedModel, pd: NDArray[np.float64], periods: TextArray | None
) -> Iterator[tuple[str, TextArray]]:
    """Yield what segments are of, and the label of each test application."""
    yield "Band of PD", pd_bands(pd)
    if periods is not None and len(np.unique(periods)) > 1:
        yield "Period", periods
    first = _first_applications(dataset)
    if first is not None:
        yield "Customer", first
    plan, chain = dataset.open_data.plan, chain_of(model)
    if chain is not None:
        words = np.array([link.words for link in chain.links])
        yield "Scored by the model for", words[chain.places(_tested(dataset))]
    titles = {feature.name: feature.title for feature in plan.model_features}
    frame = model_frame(plan, dataset.frame)
    heaviest = [found.name for found in model.importance() if found.share > 0.0]
    columns = [frame[name] for name in heaviest]
    categories = [column for column in columns if isinstance(column, CategoryColumn)]
    for column in categories[:MOST_FEATURES]:
        labels = main_levels(column, dataset.split.test)
        if len(np.unique(labels)) > 1:
            yield titles[column.name], labels


def _tested(dataset: Dataset) -> FeatureFrame:
    """Return what scoring needs of the test side."""
    return scored_frame(dataset.open_data.plan, dataset.frame).take(dataset.split.test)


def pd_bands(pd: NDArray[np.float64]) -> TextArray:
    """Return the band of each PD, of five or, as equal PDs share one, of fewer.

    Args:
        pd: PDs, shape (n,).
    """
    edges = np.quantile(pd, np.arange(1, BANDS) / BANDS)
    seen, band = np.unique(np.searchsorted(edges, pd, side="left"), return_inverse=True)
    if len(seen) == 1:
        return np.full(len(pd), "all, of one PD" if np.ptp(pd) == 0.0 else "all")
    words = [f"{place} of {len(seen)}" for place in range(1, len(seen) + 1)]
    words[0], words[-1] = f"{words[0]}, safest", f"{words[-1]}, riskiest"
    return np.array(words)[band]


def _first_applications(dataset: Dataset) -> TextArray | None:
    """Return whether each is its customer's first in the data; None where few come twice."""
    first = np.zeros(len(dataset.bad), dtype=bool)
    first[np.unique(dataset.customer, return_index=True)[1]] = True  # in the order of as_of
    test = first[dataset.split.test]
    if not LEAST_SHARE <= float(test.mean()) <= 1.0 - LEAST_SHARE:
        return None
    return np.where(test, "first application in the data", "applied before")


def main_levels(column: CategoryColumn, rows: NDArray[np.bool_]) -> TextArray:
    """Return the level of each row, the small ones as one, called by how many they are.

    A level is small below a twentieth of the rows, or so few rows that it could point at somebody.

    Args:
        column: A category.
        rows: Which of its rows are asked about, shape (n,).

    Returns:
        Labels, shape (rows asked about,).
    """
    codes = column.codes[rows].astype(np.int64)
    counts = np.bincount(codes + 1, minlength=len(column.levels) + 1)
    large = np.flatnonzero(counts[1:] >= max(LEAST_SHARE * len(codes), FEWEST_SHOWN))
    kept = large[np.argsort(-counts[1:][large], kind="stable")][:MOST_LEVELS]
    left = others(int(np.count_nonzero(counts[1:])) - len(kept), "level")
    words = np.array([MISSING, *([left] * len(column.levels))], dtype=object)
    for code in kept.tolist():
        words[code + 1] = column.levels[code]
    return words[codes + 1].astype(str)
