"""`python -m tests.binning.make_optbinning_golden OUT`: problems solved by optbinning's own solver.

Needs the environment `scorecards` of benchmarks/peers.toml. The problems are drawn by a seed and
kept with the answers, so tests need neither.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from json import dumps
from pathlib import Path

import numpy as np

from benchmarks.peers import python_of

PEER = Path(__file__).resolve().parents[2] / "benchmarks" / "optbinning_peer.py"
TRENDS = ("ascending", "descending", "peak", "valley", None)


def problems(seed: int, count: int) -> list[dict[str, object]]:
    """Draw pre-bins with a course of their own, and rules; a third ask for a size that binds."""
    rng = np.random.default_rng(seed)
    drawn: list[dict[str, object]] = []
    for number in range(count):
        bins = int(rng.integers(6, 15))
        rows = rng.integers(150, 700, bins)
        course = rng.normal(0.0, 0.5) * np.linspace(-1, 1, bins) + rng.normal(0.0, 0.3, bins)
        bads = np.clip(rng.binomial(rows, 1.0 / (1.0 + np.exp(1.8 - course))), 1, rows - 1)
        binds = number % 3 == 2
        drawn.append({
            "goods": (rows - bads).tolist(), "bads": bads.tolist(),
            "trend": TRENDS[number % len(TRENDS)],
            "max_bins": (None, 4, 6)[int(rng.integers(3))],
            "min_rows": int(np.ceil(0.15 * rows.sum())) if binds else int(rows.min()),
            "significance": 0.05 if number % 4 == 1 else None,
        })  # fmt: skip
    return drawn


def solved(drawn: list[dict[str, object]], out: Path) -> None:
    """Let optbinning solve problems and write them with the ends it chose."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "problems.json"
        asked.write_text(dumps(drawn), encoding="utf-8")
        command = [str(python_of("scorecards")), "-P", str(PEER), "solve", str(asked), str(out)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    solved(problems(seed=5, count=120), Path(sys.argv[1]))
