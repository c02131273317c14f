"""`python -m benchmarks.quality_ours SET FOLD TECHNIQUE=OUT ...`: some of ours learn one fold.

A blend is made of what its members learnt a moment before, and pays for it in the figures.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
from solvent.models import (
    Learnt,
    Range,
    Technique,
    TrainedModel,
    Training,
    find_technique,
    fit_model,
    start_training,
)
from solvent.models.techniques.best import Best
from solvent.models.techniques.blend import Blend
from solvent.progress import Progress, Silent


@dataclass(slots=True, kw_only=True)
class Once:
    """A technique that learns a fold once, whoever asks.

    Args:
        technique: How.
        learnt: What it learnt; empty before.
        seconds: Of the processor, what that cost.
    """

    technique: Technique
    learnt: list[Learnt] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return self.technique.name

    @property
    def title(self) -> str:
        return self.technique.title

    @property
    def directed(self) -> bool:
        return self.technique.directed

    def space(self) -> Mapping[str, Range]:
        return self.technique.space()

    def fit(self, training: Training, *, progress: Progress) -> Learnt:
        if not self.learnt:
            started = _spent()
            self.learnt.append(self.technique.fit(training, progress=progress))
            self.seconds = _spent() - started
        return self.learnt[0]


def learn(
    train: FeatureFrame, bad: BoolArray, groups: IntArray, technique: Technique
) -> TrainedModel:
    """Train with default settings: the one place that calls solvent's training."""
    training = start_training(train, bad, groups=groups, seed=SEED)
    return fit_model(training, technique, progress=Silent())


def out_of_fold(frame: FeatureFrame, bad: BoolArray, fold: IntArray) -> FloatArray:
    """Return the PD of each row by boosted trees that learnt from the other folds, shape (n,)."""
    pd = np.empty(len(bad))
    for number in range(FOLDS):
        out = fold == number
        model = learn(
            frame.take(~out), bad[~out], np.flatnonzero(~out), find_technique("boosted_trees")
        )
        pd[out] = model.pd(frame.take(out))
    return pd


def run(set_file: Path, number: int, wanted: Mapping[str, Path]) -> None:
    """Let techniques learn a fold and score it; write the PDs and what both cost in CPU-seconds."""
    data = read_set(set_file.parent.name, set_file)
    learnt, tested = learnt_from(data.fold, number, data.split), data.fold == number
    train, test, members = data.frame.take(learnt), data.frame.take(tested), dict[str, Once]()
    for name in sorted(wanted, key=lambda one: one in _MADE_OF_OTHERS):
        technique, before = _once(name, members), sum(one.seconds for one in members.values())
        started = _spent()
        model = learn(train, data.bad[learnt], data.group[learnt], technique)
        ready = _spent()
        pd = model.pd(test)
        paid = before if name in _MADE_OF_OTHERS else 0.0
        cost = {"fit": ready - started + paid, "score": _spent() - ready, "told": _told(model)}
        found = pa.table({"row": np.flatnonzero(tested), "pd": pd})
        fresh = wanted[name].with_suffix(f".{os.getpid()}")
        pq.write_table(found.replace_schema_metadata({"cost": json.dumps(cost)}), fresh)
        fresh.replace(wanted[name])


_MADE_OF_OTHERS = ("best", "blend")


def _once(name: str, members: dict[str, Once]) -> Technique:
    """Return a technique; one made of others is made of those that learn once."""
    technique = find_technique(name)
    if isinstance(technique, Best | Blend):
        names = [str(member) for member in technique.members]
        return replace(technique, members=tuple(_member(one, members) for one in names))
    return _member(name, members)


def _member(name: str, members: dict[str, Once]) -> Once:
    return members.setdefault(name, Once(technique=find_technique(name)))


def _told(model: TrainedModel) -> dict[str, object]:
    """Return the weights of a blend's members, and whom `best` chose."""
    contest = model.contest or ()
    return {
        "weights": {one.technique: one.weight for one in contest if one.weight is not None},
        "chosen": [one.technique for one in contest if one.chosen],
    }


def _spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    pairs = [argument.partition("=") for argument in sys.argv[3:]]
    run(Path(sys.argv[1]), int(sys.argv[2]), {name: Path(out) for name, _, out in pairs})
