"""Peer: toad's tree binning. Run by the interpreter of its own environment.

`python -P toad_peer.py bin TABLE.parquet` bins every column of a table and prints what that took.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas
import toad  # type: ignore[import-not-found]  # in an environment of its own


def bin_table(table_file: Path) -> dict[str, float]:
    """Bin all columns under the bars both sides are held to."""
    table = pandas.read_parquet(table_file)
    bad = table.pop("bad").to_numpy().astype(np.int64)
    for name in table.columns:
        if name.startswith("cat"):
            table[name] = table[name].astype(object).where(table[name].notna(), "missing")
    loaded, started = _peak(), time.process_time()
    combiner = toad.transform.Combiner()
    combiner.fit(table, bad, method="dt", n_bins=8, min_samples=0.05, empty_separate=True)
    took = time.process_time() - started
    return {"cpu": took, "loaded_mb": loaded, "peak_mb": _peak(), "columns": table.shape[1]}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(bin_table(Path(sys.argv[2]))))
