"""`python -m benchmarks.quality_ours TECHNIQUE SET FOLD=OUT ...`: one of ours learns some folds."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.quality_sets import (
    FOLDS,
    SEED,
    BoolArray,
    FloatArray,
    IntArray,
    learnt_from,
    read_set,
)
from solvent.features import FeatureFrame
from solvent.models import TrainedModel, train_model
from solvent.progress import Silent


def learn(
    train: FeatureFrame, bad: BoolArray, groups: IntArray, technique: str = "boosted_trees"
) -> TrainedModel:
    """Train a technique with its default settings: the one place that calls solvent's training."""
    return train_model(train, bad, groups=groups, technique=technique, seed=SEED, progress=Silent())


def out_of_fold(frame: FeatureFrame, bad: BoolArray, fold: IntArray) -> FloatArray:
    """Return the PD of each row by boosted trees that learnt from the other folds, shape (n,)."""
    pd = np.empty(len(bad))
    for number in range(FOLDS):
        out = fold == number
        model = learn(frame.take(~out), bad[~out], np.flatnonzero(~out))
        pd[out] = model.pd(frame.take(out))
    return pd


def run(technique: str, set_file: Path, number: int, out: Path) -> None:
    """Learn a fold, score it, and write the PDs and what both cost in CPU-seconds."""
    data = read_set(set_file.parent.name, set_file)
    learnt, tested = learnt_from(data.fold, number, data.split), data.fold == number
    train, test = data.frame.take(learnt), data.frame.take(tested)
    started = _spent()
    model = learn(train, data.bad[learnt], data.group[learnt], technique)
    ready = _spent()
    pd = model.pd(test)
    cost = {"fit": ready - started, "score": _spent() - ready, "told": {}}
    found = pa.table({"row": np.flatnonzero(tested), "pd": pd})
    fresh = out.with_suffix(f".{os.getpid()}")
    pq.write_table(found.replace_schema_metadata({"cost": json.dumps(cost)}), fresh)
    fresh.replace(out)


def _spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    for wanted in sys.argv[3:]:
        fold_number, _, out_file = wanted.partition("=")
        run(sys.argv[1], Path(sys.argv[2]), int(fold_number), Path(out_file))
