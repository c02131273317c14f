"""Scorecards on a wide table: fitting, scoring many rows and one, against optbinning.

The table is that of `binning`. Both sides read it from the same Parquet file, which is not counted;
scoring starts from what the library scores: a frame of codes here, pandas there. optbinning fits
one card on every row. So does `one card` here; `fit` makes five more, each without a fold, as every
model here is made.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.binning import ROWS, SPECIAL, coded, folder, peak_mb
from benchmarks.measure import timed, timed_command
from benchmarks.outcome import Row
from benchmarks.peers import pinned, python_of

if TYPE_CHECKING:  # measured pieces import what they use themselves
    from solvent.features import FeatureFrame
    from solvent.models import TrainedModel

FIT, SCORE, PER_SECOND, SINGLE = 5.0, 8.0, 1e6, 15e-6
_SINGLES = 2000


def rows() -> Iterator[Row]:
    """Measure every promise about cards."""
    timed("binning_prepare")
    timed("make_card")  # compiles where nobody has
    ours = _told(timed("make_card").said)
    files = (folder() / "rows.parquet", folder() / "new_rows.parquet")
    script = Path(__file__).with_name("optbinning_card_peer.py")
    command = [python_of("scorecards"), "-P", script, *files]
    theirs = _told(timed_command([*map(str, command)], "optbinning's card").said)
    title = f"optbinning {pinned('scorecards')['optbinning']}"
    told = f"AUC on new rows {ours['auc']:.4f} against {theirs['auc']:.4f}"
    for name, words in (
        ("one", "one card"),
        ("fit", "that card and five more, each without a fold"),
    ):
        times = theirs["fit"] / ours[name]
        yield Row(
            promise=f"{words} of {ROWS:,} rows x 50 columns, against {title}", bar=f"≥ {FIT:.0f}x",
            value=f"{times:.1f}x", met=times >= FIT, figures={"ours": ours, "theirs": theirs},
            note=f"{ours[name]:.2f} against {theirs['fit']:.1f} CPU-s; {told}; "
            f"{ours['characteristics']:.0f} characteristics against 50; peak "
            f"{ours['peak_mb']:.0f} against {theirs['peak_mb']:.0f} MB",
        )  # fmt: skip
    times = ours["rows_per_second"] / theirs["rows_per_second"]
    yield Row(
        promise=f"score rows by a card, against {title}",
        bar=f"≥ {SCORE:.0f}x and ≥ 1M a CPU-s",
        value=f"{times:.0f}x, {ours['rows_per_second'] / 1e6:.1f}M a CPU-s",
        met=times >= SCORE and ours["rows_per_second"] >= PER_SECOND,
        note=f"{theirs['rows_per_second'] / 1e6:.2f}M a CPU-s there",
    )
    yield Row(
        promise="one row by a card", bar=f"≤ {1e6 * SINGLE:.0f} µs",
        value=f"{1e6 * ours['single']:.1f} µs", met=ours["single"] <= SINGLE,
        note=f"margin and PD, median of {_SINGLES:,}; {1e3 * theirs['single']:.0f} ms there",
    )  # fmt: skip


def _told(said: object) -> Mapping[str, float]:
    assert isinstance(said, dict)
    return said


def run() -> dict[str, float]:
    """Fit a card by solvent, score new rows and single ones; tell the CPU-seconds of each."""
    from solvent.metrics import auc
    from solvent.models import Card, Guidance, find_technique, fit_model, start_training
    from solvent.models._card_draft import Draft, all_rules
    from solvent.models.techniques.logistic import one_thread
    from solvent.models.techniques.scorecard import Sketch
    from solvent.progress import Silent

    frame, bad = _frame("rows.parquet")
    new, truth = _frame("new_rows.parquet")
    card = Card(special={"num*": SPECIAL})
    few = np.arange(3000)
    told = start_training(
        frame.take(few), bad[few], groups=few, seed=1, guidance=Guidance(card=card)
    )
    fit_model(told, find_technique("scorecard"), progress=Silent())  # numba starts
    training = start_training(
        frame, bad, groups=np.arange(len(bad)), seed=1, guidance=Guidance(card=card)
    )
    started = time.process_time()
    with one_thread("scorecard"):
        drafted = Draft.of(training, all_rules(frame, card, {}))
        Sketch.of(drafted, card, None).card(card.most, card)
    one = time.process_time() - started
    started = time.process_time()
    trained = fit_model(training, find_technique("scorecard"), progress=Silent())
    fit, highest = time.process_time() - started, peak_mb()
    started = time.process_time()
    pd = trained.pd(new)
    scored = time.process_time() - started
    return {
        "one": one, "fit": fit, "peak_mb": highest, "rows_per_second": new.rows / scored,
        "single": _single(trained, new), "auc": auc(pd, truth),
        "characteristics": len(trained.features),
    }  # fmt: skip


def _single(trained: TrainedModel, new: FeatureFrame) -> float:
    singles = [new.take(np.array([row])) for row in range(_SINGLES)]
    took = []
    for one in singles:
        begun = time.perf_counter()
        trained.pd(one)
        took.append(time.perf_counter() - begun)
    return median(took)


def _frame(name: str) -> tuple[FeatureFrame, np.ndarray]:
    from solvent.features import CategoryColumn, FeatureFrame, NumberColumn

    table = pq.read_table(folder() / name)
    columns: list[Any] = []
    for column in table.column_names[1:]:
        if column.startswith("cat"):
            codes, levels = coded(table[column])
            columns.append(CategoryColumn(name=column, codes=codes, levels=tuple(levels)))
        else:
            columns.append(NumberColumn(name=column, values=table[column].to_numpy()))
    return FeatureFrame(rows=len(table), columns=tuple(columns)), table["bad"].to_numpy() == 1


if __name__ == "__main__":
    print(json.dumps(run()))
