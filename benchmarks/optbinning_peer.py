"""Peer: optbinning. Run by the interpreter of its own environment; imports nothing of the project.

`python -P optbinning_peer.py solve PROBLEMS.json OUT.json` gives pre-bins to its solver alone.
`python -P optbinning_peer.py bin TABLE.parquet` bins every column of a table as its users do.
Both print what they took as their last line.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np


def solve(problems_file: Path, out: Path) -> dict[str, float]:
    """Solve every problem to proven optimality; tell the CPU-seconds per problem."""
    from optbinning.binning.cp import BinningCP  # type: ignore[import-not-found]  # its own venv

    solved, took = [], []
    for problem in json.loads(problems_file.read_text(encoding="utf-8")):
        goods, bads = np.array(problem["goods"]), np.array(problem["bads"])
        least = problem["min_rows"]
        started = time.process_time()
        optimizer = BinningCP(
            problem["trend"], None, problem["max_bins"], least, None, None, None, None, None, 0,
            problem["significance"], "consecutive", 0.0, None, 600,
        )  # fmt: skip
        optimizer.build_model("iv", goods, bads, None)
        status, ends = optimizer.solve()
        took.append(time.process_time() - started)
        assert status == "OPTIMAL", status
        solved.append({**problem, "ends": np.asarray(ends).astype(int).tolist()})
    out.write_text(json.dumps(solved), encoding="utf-8")
    return {"cpu": float(np.median(took)), "problems": len(took)}


def bin_table(table_file: Path) -> dict[str, float]:
    """Bin all columns of a table, its own defaults but for the bars both sides are held to."""
    import pandas
    from optbinning import BinningProcess  # type: ignore[import-not-found]  # its own venv

    table = pandas.read_parquet(table_file)
    bad = table.pop("bad").to_numpy()
    categories = [name for name in table.columns if name.startswith("cat")]
    for name in categories:
        table[name] = table[name].astype(object)
    loaded, started = _peak(), time.process_time()
    process = BinningProcess(
        list(table.columns), categorical_variables=categories, max_n_bins=8, min_bin_size=0.05,
        special_codes=[-999.0, -998.0],
    )  # fmt: skip
    process.fit(table, bad)
    took = time.process_time() - started
    peak, summary = _peak(), process.summary()
    ivs = dict(zip(summary["name"], summary["iv"].astype(float), strict=True))
    return {
        "cpu": took, "loaded_mb": loaded, "peak_mb": peak, "columns": table.shape[1],
        "categories": sum(ivs[name] for name in categories),
        "numbers": sum(iv for name, iv in ivs.items() if name not in categories),
    }  # fmt: skip


def _peak() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    told = (
        solve(*map(Path, sys.argv[2:4])) if sys.argv[1] == "solve" else bin_table(Path(sys.argv[2]))
    )
    print(json.dumps(told))
