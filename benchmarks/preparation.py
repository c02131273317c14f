"""What each table of the home credit example brings, table by table, on the same five folds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.folder import bench_folder
from benchmarks.outcome import Figure, Row
from benchmarks.quality_ours import out_of_fold
from benchmarks.quality_sets import EXAMPLES, SEED, data_folder, folds_of, read_dataset
from solvent.features import Feature
from solvent.features.aggregates import tables_of
from solvent.metrics import auc, auc_difference
from solvent.product import load_product
from solvent.sandbox import simulate

BoolArray = NDArray[np.bool_]
SIMULATED = 20_000
"""Customers of the simulated lender."""
STEPS = ("bureau", "bureau_months", "previous", "cash_months", "card_months", "instalments")
"""Sources in the order they are added."""


def rows() -> Iterator[Row]:
    """Measure the real copy where it is, and the simulated lender."""
    folder = data_folder() / "home_credit"
    if folder.is_dir():
        yield from _steps("real copy", folder, only=_with_history(folder))
    else:
        yield Row.skipped("home_credit, real copy", "the data are not here (SOLVENT_REAL_DATA)")
    yield from _steps("simulated", _simulated(), only=None)


def _simulated() -> Path:
    folder = bench_folder() / f"home_credit_{SIMULATED}"
    if not folder.is_dir():
        simulate("home_credit", customers=SIMULATED, seed=SEED, out=folder)
    return folder


def _with_history(folder: Path) -> set[int]:
    """Return the clients whose child tables are in the copy: those with a row in any."""
    found: set[int] = set()
    for name in ("bureau", "previous_application", "POS_CASH_balance", "credit_card_balance"):
        table = pq.read_table(folder / f"{name}.parquet", columns=["SK_ID_CURR"])
        found.update(int(key) for key in table["SK_ID_CURR"].to_pylist() if key is not None)
    return found


def _step_of(feature: Feature) -> str:
    """Return the last source a feature needs; empty for the application's own."""
    read = tables_of(feature)
    return next((step for step in reversed(STEPS) if step in read), "")


def _steps(label: str, folder: Path, *, only: set[int] | None) -> Iterator[Row]:
    """Add one source after the other; all applications train, those of `only` are judged."""
    plan = load_product(EXAMPLES / "home_credit").product.plan
    dataset = read_dataset(plan, folder)
    bad, fold = dataset.bad, folds_of(dataset.ids)
    judged = np.ones(len(bad), np.bool_)
    if only is not None:
        judged = np.array([one in only for one in dataset.ids.to_pylist()])
    kept = [f for f in dataset.open_data.plan.model_features if not _step_of(f)]
    before = out_of_fold(dataset.frame.select([f.name for f in kept]), bad, fold)
    yield _alone(label, before, bad, judged, len(kept))
    for step in STEPS:
        added = [f for f in dataset.open_data.plan.model_features if _step_of(f) == step]
        if not added:
            yield Row.skipped(f"home_credit, {label}: {step} adds", "the table is not there")
            continue
        kept += added
        pd = out_of_fold(dataset.frame.select([f.name for f in kept]), bad, fold)
        yield _gain(f"home_credit, {label}: {step} adds", pd, before, bad, judged, len(added))
        before = pd


def _alone(
    label: str, pd: NDArray[np.float64], bad: BoolArray, judged: BoolArray, features: int
) -> Row:
    every, part = auc(pd, bad), auc(pd[judged], bad[judged])
    return Row(
        promise=f"home_credit, {label}: the application alone", bar="", value=f"{part:.4f}",
        met=None,
        note=f"{features} features; on all {len(bad):,} applications {every:.4f}; judged on "
        f"{int(judged.sum()):,} with {int(bad[judged].sum()):,} bads",
        figures={"auc": part, "auc_all": every, "applications": int(judged.sum())},
    )  # fmt: skip


def _gain(
    promise: str,
    pd: NDArray[np.float64],
    before: NDArray[np.float64],
    bad: BoolArray,
    judged: BoolArray,
    features: int,
) -> Row:
    gap = auc_difference(pd[judged], before[judged], bad[judged])
    reached = auc(pd[judged], bad[judged])
    print(f"  {promise} {gap.difference:+.4f}, AUC {reached:.4f}", flush=True)
    figures: Mapping[str, Figure] = {
        "auc": reached, "difference": gap.difference, "low": gap.low, "high": gap.high,
        "features": features,
    }  # fmt: skip
    return Row(
        promise=promise, bar="",
        value=f"{gap.difference:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]", met=None,
        note=f"{features} features; AUC {reached:.4f}", figures=figures,
    )  # fmt: skip
