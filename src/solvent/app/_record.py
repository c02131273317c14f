"""The facts of a training, gathered for its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from solvent.app._shapes import shapes_record
from solvent.binning import Stability
from solvent.dataset import Check, Dataset
from solvent.dataset.build import random_words
from solvent.dataset.gate import model_frame
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.metrics import Validation, auc_difference, auc_interval
from solvent.models import TrainedModel, points_card
from solvent.models.card_stability import card_stability, month_numbers
from solvent.models.chain import chain_of
from solvent.models.scorers.card import CardModel
from solvent.models.scorers.chain import known_to
from solvent.report import (
    CalibrationRecord,
    Fairness,
    FeatureLine,
    LinkLine,
    Reachable,
    Readable,
    TrainingRecord,
)
from solvent.scoring import Scale

BoolArray = NDArray[np.bool_]
_MONTH = "datetime64[M]"
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A model's figures.

    Args:
        pd_test: PD of each test application.
        test: Figures on the test side.
        out_of_fold: Figures on the training side, each PD from folds that had not seen it.
        cutoff_words: Where the cutoff of both comes from.
        calibration: How the PDs were calibrated, and where they hold.
        fairness: How protected groups fare; None where no attribute is protected.
        links: Figures of each model of a chain; empty where there is one model.
    """

    pd_test: NDArray[np.float64]
    test: Validation
    out_of_fold: Validation
    cutoff_words: str
    calibration: CalibrationRecord
    fairness: Fairness | None
    links: tuple[LinkLine, ...] = ()


def feature_lines(dataset: Dataset, model: TrainedModel) -> tuple[FeatureLine, ...]:
    """Return the model's features, the most important first.

    Args:
        dataset: The dataset it was trained on.
        model: The model.
    """
    told = {found.name: found for found in model.importance()}
    frame = model_frame(dataset.open_data.plan, dataset.frame)
    by_name = {feature.name: feature for feature in dataset.open_data.plan.model_features}
    lines = []
    for column in frame:
        feature, found = by_name[column.name], told.get(column.name)
        lines.append(
            FeatureLine(
                name=column.name,
                title=feature.title,
                unit=feature.unit,
                description=feature.describe(),
                importance=0.0 if found is None else found.share,
                direction=0 if found is None else found.direction,
                missing=_missing(column),
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.importance, line.name)))


def _missing(column: NumberColumn | CategoryColumn) -> float:
    null = np.isnan(column.values) if isinstance(column, NumberColumn) else column.codes < 0
    return float(null.mean())


def training_record(
    dataset: Dataset, checks: tuple[Check, ...], model: TrainedModel, judged: Judged,
    about: Mapping[str, Any], *, truth: Mapping[str, float] | None,
) -> TrainingRecord:  # fmt: skip
    """Return everything the training report shows.

    Args:
        dataset: The dataset.
        checks: The leakage gate's findings.
        model: The model.
        judged: Its figures.
        about: What the bundle tells about the training.
        truth: True PD by application id, where the lender is simulated.
    """
    plan = dataset.open_data.plan
    lines = feature_lines(dataset, model)
    return TrainingRecord(
        product=plan.product, title=about["title"] or plan.product.replace("_", " "),
        technique=about["technique"], version=str(about["version"]), seed=about["seed"],
        created_at=about["created_at"], bad_words=about["bad"]["words"],
        split_words=_split_words(about, random_words(plan)),
        test_is_later=dataset.split.cut is not None, observed_until=about["observed_until"],
        immature=dataset.immature,
        funnel=dataset.funnel,
        refusals=tuple((r.table, r.reason, r.rows) for r in dataset.refusals),
        gate=checks,
        pd_test=judged.pd_test, bad_test=dataset.bad[dataset.split.test], validation=judged.test,
        out_of_fold=judged.out_of_fold, period_test=periods_tested(dataset),
        features=lines, left_out=_left_out(dataset),
        protected=plan.protected,
        cutoff_words=judged.cutoff_words,
        sources=tuple((f.file, f.rows, f.sha256) for f in dataset.fingerprints),
        versions=about["versions"], reachable=_reachable(dataset, judged, truth),
        score_scale=Scale(**about["scale"]), selection=model.selected,
        calibration=judged.calibration,
        fairness=judged.fairness, contest=model.contest,
        links=judged.links,
        readable=_readable(dataset, model, lines),
        links_aside=tuple((one["words"], one["source"]) for one in about.get("links_aside", ())),
    )  # fmt: skip


def _readable(
    dataset: Dataset, model: TrainedModel, lines: tuple[FeatureLine, ...]
) -> tuple[Readable, ...]:
    """Return what can be read by hand of the model, or of each of a chain's."""
    chain = chain_of(model)
    if chain is None:
        return (_read_of(dataset, model, lines, (), ""),)
    return tuple(_read_of(dataset, one.trained, lines, one.asks, one.words) for one in chain.links)


def _read_of(
    dataset: Dataset, model: TrainedModel, lines: tuple[FeatureLine, ...], asks: tuple[str, ...],
    words: str,
) -> Readable:  # fmt: skip
    split, known = dataset.split, known_to(dataset.frame, asks)
    frame = dataset.frame.select(model.features)
    own = model.model
    return Readable(
        words=words,
        card=points_card(model) if isinstance(own, CardModel) else None,
        months=_card_months(dataset, own, frame, known) if isinstance(own, CardModel) else None,
        shapes=shapes_record(model, frame.take(split.train & known), lines),
    )


def _card_months(
    dataset: Dataset, card: CardModel, frame: FeatureFrame, known: BoolArray
) -> dict[str, Stability] | None:
    """Return how the bins of a card fare from month to month; None without times."""
    if dataset.open_data.plan.applications.as_of is None:
        return None
    rows = (dataset.split.train | dataset.split.test) & known
    months = month_numbers(dataset.applications.as_of[rows])
    return card_stability(card, frame.take(rows), dataset.bad[rows], months)


def cutoff_words(recall: float | None) -> str:
    """Return where the report's cutoff comes from.

    Args:
        recall: Share of defaulters it was to catch; None: it has the best F1.
    """
    if recall is None:
        return "It is the PD with the best F1 on the training side."
    return f"It is the highest PD that catches {recall:.0%} of the defaulters on the training side."


def _split_words(about: Mapping[str, Any], why: str) -> str:
    split = about["split"]
    if split["cut"] is None:
        return (
            f"at random by customer ({why}): {split['train']:,} to train, {split['test']:,} to test"
        )
    return (
        f"by time: trained on {split['train']:,} applications until {split['cut'][:10]}, tested "
        f"on {split['test']:,} later ones of other customers; {split['set_aside']:,} were set "
        "aside because no customer may stand on both sides"
    )


def periods_tested(dataset: Dataset) -> NDArray[np.str_] | None:
    """Return the month, or week, of each test application; None where the test is no later one."""
    if dataset.split.cut is None:
        return None
    as_of = dataset.applications.as_of[dataset.split.test]
    months = as_of.astype("datetime64[us]").astype(_MONTH)
    if len(np.unique(months)) > 1:
        return months.astype(str)
    weeks = as_of.astype("datetime64[us]").astype("datetime64[W]").astype("datetime64[D]")
    return np.char.add("week of ", weeks.astype(str))


def _left_out(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    plan = dataset.open_data.plan
    kept = {feature.name for feature in plan.scored_features}
    protected = [
        (feature.title, "protected: never given to the model")
        for feature in plan.features
        if feature.name not in kept
    ]
    absent = [(name, "optional source, absent from the data") for name in dataset.open_data.absent]
    return (*protected, *absent)


def _reachable(
    dataset: Dataset, judged: Judged, truth: Mapping[str, float] | None
) -> Reachable | None:
    """Return what share of the Gini of the true PD the model has; None outside a sandbox."""
    if truth is None:
        return None
    test = dataset.split.test
    ids = [str(value) for value in dataset.ids.filter(pa.array(test)).to_pylist()]
    if any(value not in truth for value in ids):
        return None
    true_pd = np.array([truth[value] for value in ids])
    bad = dataset.bad[test]
    customer = dataset.customer[test]
    best = auc_interval(true_pd, bad, clusters=customer)
    gap = auc_difference(judged.pd_test, true_pd, bad, clusters=customer)
    own = judged.test.auc
    gini, reach = 2 * own.auc - 1, 2 * best.auc - 1
    share = gini / reach
    # delta method for a ratio of two correlated Ginis; covariance from the paired difference
    a, b = own.standard_error**2, best.standard_error**2
    both = (a + b - gap.standard_error**2) / 2
    variance = 4 * share**2 * (a / gini**2 + b / reach**2 - 2 * both / (gini * reach))
    half = _NORMAL_95 * max(variance, 0.0) ** 0.5
    return Reachable(auc=best.auc, share=share, low=share - half, high=share + half)
