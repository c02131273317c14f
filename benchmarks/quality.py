"""How well solvent's models rank and how true their PDs are, on real public data, against LightGBM.

Five folds by hash of the application's id; PDs of all folds pooled. The peer is LightGBM as a
careful hand sets it (slow, small trees, held back, stopped early on an inner fifth), once with
every category native and once with long ones told by how common a level is: whichever ranks
better over all folds is the peer, a choice in its favour. LightGBM as it comes is told beside
it. All are given the same features.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.outcome import Figure, Row
from solvent import Applications, Product, behaviour, category, equals, money, number
from solvent.dataset import Dataset, Plan, build_dataset, open_data
from solvent.features import (
    CategoryColumn,
    FeatureFrame,
    NumberColumn,
    Own,
)
from solvent.features.aggregates import tables_of
from solvent.metrics import auc, auc_difference, calibration
from solvent.models import train_model
from solvent.product import load_product
from solvent.progress import Silent

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Learner = Callable[[FeatureFrame, BoolArray, IntArray, FeatureFrame], FloatArray]

FOLDS = 5
SEED = 7
NOT_WORSE = -0.002
"""Bar: 95 % lower bound of solvent's AUC minus the careful peer's."""
SLOPES = (0.9, 1.1)
ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
MOST_ROUNDS = 3000
_CAREFUL = {
    "objective": "binary", "metric": "auc", "learning_rate": 0.03, "num_leaves": 15,
    "min_data_in_leaf": 100, "lambda_l2": 10.0, "feature_fraction": 0.6, "bagging_fraction": 0.8,
    "bagging_freq": 1,
}  # fmt: skip
MANY_LEVELS = 64
"""A category with more levels than this is told by counts in one of the peers."""
_ALIKE = {"num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": SEED,
          "verbosity": -1}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One real portfolio.

    Args:
        name: Its folder in the data.
        plan: What is read and which features are made.
    """

    name: str
    plan: Plan


def data_folder() -> Path:
    """Return the folder of real data: SOLVENT_REAL_DATA, else beside the repository."""
    return Path(os.environ.get("SOLVENT_REAL_DATA", ROOT.parent / "shared" / "data"))


def rows() -> Iterator[Row]:
    """Measure every portfolio that is there; say why one is not."""
    for task in (
        Task(name="pakdd2010", plan=load_product(EXAMPLES / "card_portfolio").product.plan),
        Task(name="sf_scoring", plan=load_product(EXAMPLES / "instant_card").product.plan),
        Task(name="taiwan", plan=_taiwan().plan),
    ):
        folder = data_folder() / task.name
        if folder.is_dir():
            yield from _against_lightgbm(task, folder)
        else:
            yield Row.skipped(task.name, "the data are not here (SOLVENT_REAL_DATA)")
    folder = data_folder() / "superlender"
    if folder.is_dir():
        yield _earlier_loans(load_product(EXAMPLES / "repeat_loans").product.plan, folder)
    else:
        yield Row.skipped("superlender", "the data are not here (SOLVENT_REAL_DATA)")


def _taiwan() -> Product:
    months = ("0", "2", "3", "4", "5", "6")
    clients = Applications(
        name="clients", files="default.parquet", id="ID", key="ID",
        columns={
            "LIMIT_BAL": money("TWD"),
            **{name: category() for name in ("SEX", "EDUCATION", "MARRIAGE")},
            "AGE": number("years"),
            **{f"PAY_{month}": number("months") for month in months},
            **{f"BILL_AMT{k}": money("TWD") for k in range(1, 7)},
            **{f"PAY_AMT{k}": money("TWD") for k in range(1, 7)},
        },
    )  # fmt: skip
    return Product(
        name="taiwan", applications=clients, features=[behaviour(clients)],
        bad=equals("default.payment.next.month", "1", matured="given"),
    )  # fmt: skip


def read_dataset(plan: Plan, folder: Path) -> Dataset:
    with open_data(plan, folder) as data:
        return build_dataset(data, seed=SEED, now=time.time_ns() // 1_000)


def _against_lightgbm(task: Task, folder: Path) -> Iterator[Row]:
    dataset = read_dataset(task.plan, folder)
    bad, fold = dataset.bad, folds_of(dataset.ids)
    learners: dict[str, Learner] = {
        "ours": learn_ours, "native": _careful, "counts": _with_counts, "default": _default,
    }  # fmt: skip
    started, found, seconds = time.perf_counter(), {}, {}
    for name, learner in learners.items():
        found[name] = out_of_fold(dataset.frame, bad, fold, learner)
        now = time.perf_counter()
        seconds[name], started = round(now - started, 1), now
        print(
            f"  {task.name} {name}: AUC {auc(found[name], bad):.4f}, {seconds[name]} s", flush=True
        )
    peer = max(("native", "counts", "default"), key=lambda name: auc(found[name], bad))
    gap = auc_difference(found["ours"], found[peer], bad)
    slope = calibration(found["ours"], bad).slope
    figures: dict[str, Figure] = {
        **{f"auc_{name}": auc(pd, bad) for name, pd in found.items()},
        "difference": gap.difference, "low": gap.low, "high": gap.high, "slope": slope,
        "applications": len(bad), "bads": int(bad.sum()), "peer": peer, "seconds": seconds,
    }  # fmt: skip
    told = ", ".join(f"{name} {auc(pd, bad):.4f}" for name, pd in found.items())
    yield Row(
        promise=f"{task.name}: AUC not below a careful LightGBM's",
        bar=f"95 % lower bound >= {NOT_WORSE}",
        value=f"{gap.difference:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]",
        met=gap.low >= NOT_WORSE,
        note=f"AUC {told}; against {peer!r}; n = {len(bad):,}",
        figures=figures,
    )
    yield Row(
        promise=f"{task.name}: PDs are calibrated",
        bar=f"slope {SLOPES[0]} to {SLOPES[1]}",
        value=f"{slope:.3f}",
        met=SLOPES[0] <= slope <= SLOPES[1],
        note=f"pooled out-of-fold PDs, bad rate {bad.mean():.3f}",
        figures={"slope": slope},
    )


def _earlier_loans(plan: Plan, folder: Path) -> Row:
    application = tuple(f for f in plan.features if isinstance(f, Own))
    history = tuple(f for f in plan.features if "earlier_loans" in tables_of(f))
    dataset = read_dataset(replace(plan, features=application + history), folder)
    bad, fold = dataset.bad, folds_of(dataset.ids)
    alone = dataset.frame.select([f.name for f in application])
    pd_with = out_of_fold(dataset.frame, bad, fold, learn_ours)
    pd_alone = out_of_fold(alone, bad, fold, learn_ours)
    gap = auc_difference(pd_with, pd_alone, bad)
    with_history, without = auc(pd_with, bad), auc(pd_alone, bad)
    print(
        f"  superlender: {with_history:.4f} with earlier loans, {without:.4f} without", flush=True
    )
    return Row(
        promise="superlender: features of earlier loans add to the application alone",
        bar="95 % lower bound > 0",
        value=f"{gap.difference:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]",
        met=gap.low > 0,
        note=(
            f"AUC {with_history:.4f} with {len(history)} features of earlier loans, "
            f"{without:.4f} without; n = {len(bad):,}"
        ),
        figures={
            "auc_with": with_history, "auc_without": without, "difference": gap.difference,
            "low": gap.low, "high": gap.high, "applications": len(bad),
        },
    )  # fmt: skip


def folds_of(ids: pa.Array[Any], *, salt: str = "fold", folds: int = FOLDS) -> IntArray:
    """Return each application's fold by hash of its id, shape (n,)."""
    return np.array(
        [
            int.from_bytes(hashlib.sha256(f"{salt}:{one}".encode()).digest()[:8]) % folds
            for one in ids.to_pylist()
        ]
    )


def out_of_fold(
    frame: FeatureFrame, bad: BoolArray, fold: IntArray, learner: Learner
) -> FloatArray:
    pd = np.empty(len(bad))
    position = np.arange(len(bad))
    for k in range(FOLDS):
        out = fold == k
        pd[out] = learner(frame.take(~out), bad[~out], position[~out], frame.take(out))
    return pd


def learn_ours(
    train: FeatureFrame, bad: BoolArray, position: IntArray, test: FeatureFrame
) -> FloatArray:
    model = train_model(
        train, bad, groups=np.arange(len(position)), technique="boosted_trees", seed=SEED,
        progress=Silent(),
    )  # fmt: skip
    return model.pd(test)


def _careful(
    train: FeatureFrame, bad: BoolArray, position: IntArray, test: FeatureFrame
) -> FloatArray:
    inner = folds_of(pa.array(position), salt="inner", folds=5) == 0
    data = _native(train.take(~inner), bad[~inner])
    valid = _native(train.take(inner), bad[inner], data)
    booster = lightgbm.train(
        {**_CAREFUL, **_ALIKE}, data, MOST_ROUNDS, valid_sets=[valid],
        callbacks=[lightgbm.early_stopping(100, verbose=False)],
    )  # fmt: skip
    return np.asarray(booster.predict(_matrix(test), num_iteration=booster.best_iteration))


def _with_counts(
    train: FeatureFrame, bad: BoolArray, position: IntArray, test: FeatureFrame
) -> FloatArray:
    long = {c.name for c in train if isinstance(c, CategoryColumn) and _used(c) > MANY_LEVELS}
    return _careful(_counted(train, train, long), bad, position, _counted(test, train, long))


def _used(column: CategoryColumn) -> int:
    return len(np.unique(column.codes))


def _counted(frame: FeatureFrame, train: FeatureFrame, names: set[str]) -> FeatureFrame:
    """Return `frame` with named categories told by how often `train` has the level."""
    columns: list[NumberColumn | CategoryColumn] = []
    for column, learnt in zip(frame, train, strict=True):
        if (
            isinstance(column, CategoryColumn)
            and isinstance(learnt, CategoryColumn)
            and column.name in names
        ):
            counts = np.bincount(learnt.codes[learnt.codes >= 0], minlength=len(learnt.levels))
            values = np.append(counts, 0)[column.codes].astype(np.float64)
            values[column.codes < 0] = np.nan
            columns.append(NumberColumn(name=column.name, values=values))
        else:
            columns.append(column)
    return FeatureFrame(rows=frame.rows, columns=tuple(columns))


def _default(
    train: FeatureFrame, bad: BoolArray, position: IntArray, test: FeatureFrame
) -> FloatArray:
    del position
    booster = lightgbm.train({"objective": "binary", **_ALIKE}, _native(train, bad), 100)
    return np.asarray(booster.predict(_matrix(test)))


def _native(
    frame: FeatureFrame, bad: BoolArray, like: lightgbm.Dataset | None = None
) -> lightgbm.Dataset:
    codes = [j for j, column in enumerate(frame) if isinstance(column, CategoryColumn)]
    return lightgbm.Dataset(
        _matrix(frame), bad.astype(np.float64), reference=like, categorical_feature=codes,
        params={"verbosity": -1},
    )  # fmt: skip


def _matrix(frame: FeatureFrame) -> FloatArray:
    return np.column_stack(
        [
            np.where(column.codes < 0, np.nan, column.codes)
            if isinstance(column, CategoryColumn)
            else column.values
            for column in frame
        ]
    )
