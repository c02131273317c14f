"""Peer: optbinning's scorecard. Run by the interpreter of its own environment.

`python -P optbinning_card_peer.py TABLE.parquet NEW.parquet` fits a card of all columns of a table,
scores new rows, and single ones. Prints what it took as its last line.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from statistics import median

import numpy as np
import pandas
from optbinning import BinningProcess, Scorecard  # type: ignore[import-not-found]  # its own venv
from sklearn.linear_model import LogisticRegression

SINGLE_ROWS = 20


def _read(path: str) -> pandas.DataFrame:
    table = pandas.read_parquet(path)
    for name in table.columns:
        if name.startswith("cat"):
            table[name] = table[name].astype(object)
    return table


def run(table_file: str, new_file: str) -> dict[str, float]:
    """Fit, score and tell the CPU-seconds of each."""
    table, new = _read(table_file), _read(new_file)
    bad = table.pop("bad").to_numpy()
    truth = new.pop("bad").to_numpy().astype(bool)
    categories = [name for name in table.columns if name.startswith("cat")]
    started = time.process_time()
    process = BinningProcess(
        list(table.columns), categorical_variables=categories, max_n_bins=8, min_bin_size=0.05,
        special_codes=[-999.0, -998.0],
    )  # fmt: skip
    card = Scorecard(
        binning_process=process, estimator=LogisticRegression(max_iter=1000),
        scaling_method="pdo_odds",
        scaling_method_params={"pdo": 20, "odds": 30, "scorecard_points": 600},
    )  # fmt: skip
    card.fit(table, bad)
    fitted, peak = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pd = card.predict_proba(new)[:, 1]
    scored = time.process_time()
    card.score(new.iloc[:1])
    single = []
    for row in range(SINGLE_ROWS):
        begun = time.process_time()
        card.score(new.iloc[row : row + 1])
        single.append(time.process_time() - begun)
    return {
        "fit": fitted - started, "rows_per_second": len(new) / (scored - fitted),
        "single": median(single), "auc": _auc(pd, truth), "peak_mb": peak,
    }  # fmt: skip


def _auc(pd: np.ndarray, bad: np.ndarray) -> float:
    ranks = pandas.Series(pd).rank().to_numpy()
    bads = int(bad.sum())
    return float((ranks[bad].sum() - bads * (bads + 1) / 2) / (bads * (len(bad) - bads)))


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:3])))
