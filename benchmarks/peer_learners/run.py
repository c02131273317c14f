"""`python -m benchmarks.peer_learners.run FILE LEARNER SET FOLD=OUT ...`: a peer learns some folds.

Imports nothing of solvent. Writes the PD of every tested row and the CPU-seconds it cost.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas
import pyarrow as pa
import pyarrow.parquet as pq


def run(file: str, learner: str, table_file: Path, number: int, out: Path) -> None:
    """Learn from the rows of the other folds (by time: of those before) and score this one."""
    table = pq.read_table(table_file)
    fold, bad = table["__fold"].to_numpy(), table["__bad"].to_numpy()
    by_time = table.schema.metadata[b"split"] == b"time"
    learnt = fold < number if by_time else fold != number
    tested = fold == number
    names = [name for name in table.column_names if not name.startswith("__")]
    frame: pandas.DataFrame = table.select(names).to_pandas()
    learn = importlib.import_module(f"benchmarks.peer_learners.{file}").LEARNERS[learner]
    started = spent()
    score, told = learn(frame[learnt].reset_index(drop=True), bad[learnt].astype(np.int64))
    ready = spent()
    pd = score(frame[tested].reset_index(drop=True))
    cost = {"fit": ready - started, "score": spent() - ready, "told": told}
    found = pa.table({"row": np.flatnonzero(tested), "pd": np.asarray(pd, np.float64)})
    fresh = out.with_suffix(f".{os.getpid()}")
    pq.write_table(found.replace_schema_metadata({"cost": json.dumps(cost)}), fresh)
    fresh.replace(out)


def spent() -> float:
    """Return the CPU-seconds of this process, its threads and its children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for wanted in sys.argv[4:]:
        fold_number, _, out_file = wanted.partition("=")
        run(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(fold_number), Path(out_file))
