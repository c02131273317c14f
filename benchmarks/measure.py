"""Run one piece in a fresh process; tell what it cost. Keeps to light imports on purpose.

A child's peak memory starts from its parent's, so whoever calls `timed` should hold little.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.folder import bench_folder

THREADS = 2
_THREAD_SETTINGS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS", "ARROW_NUM_THREADS",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of a piece cost.

    Args:
        cpu: User and system time of the process and its children, seconds.
        wall: Seconds on the clock.
        peak_mb: Largest resident memory, MB.
        said: What the piece printed as its last line, parsed as JSON; None if nothing.
    """

    cpu: float
    wall: float
    peak_mb: float
    said: object = None


def timed(piece: str, *arguments: object) -> Cost:
    """Run `python -m benchmarks.pieces PIECE ARGUMENTS` on two cores and measure it.

    Raises:
        RuntimeError: The piece failed.
    """
    return timed_command(
        [sys.executable, "-m", "benchmarks.pieces", piece, *map(str, arguments)], piece
    )


def timed_command(command: Sequence[str], piece: str) -> Cost:
    """Run a command on two cores and measure it.

    Raises:
        RuntimeError: It failed.
    """
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        printed = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{piece} failed with code {process.returncode}")
    lines = printed.strip().splitlines()
    return Cost(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=time.perf_counter() - started,
        peak_mb=usage.ru_maxrss / 1024,
        said=json.loads(lines[-1]) if lines else None,
    )


def environment() -> dict[str, str]:
    """Return an environment in which every library may use two threads."""
    held = dict(os.environ)
    held.update(dict.fromkeys(_THREAD_SETTINGS, str(THREADS)))
    held.setdefault("NUMBA_CACHE_DIR", str(Path(sys.prefix) / ".numba"))
    # byte code is kept, as in any install, and out of the environment
    held.pop("PYTHONDONTWRITEBYTECODE", None)
    held["PYTHONPYCACHEPREFIX"] = str((bench_folder() / "bytecode").resolve())
    return held


def keep_to_cores() -> None:
    """Keep this process and its children to two cores, where the system knows how."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def interleaved(
    pieces: Mapping[str, Sequence[object]], *, rounds: int
) -> dict[str, tuple[Cost, ...]]:
    """Run every piece once per round, one after the other, so that a busy hour hits all alike.

    Args:
        pieces: Label -> the piece's name and arguments.
        rounds: How often.
    """
    found: dict[str, list[Cost]] = {label: [] for label in pieces}
    for number in range(rounds):
        for label, (piece, *arguments) in pieces.items():
            cost = timed(str(piece), *arguments)
            found[label].append(cost)
            print(
                f"  round {number + 1} {label}: {cost.cpu:.2f} CPU-s, {cost.wall:.2f} s, "
                f"{cost.peak_mb:.0f} MB",
                flush=True,
            )
    return {label: tuple(costs) for label, costs in found.items()}


def cheapest(costs: Sequence[Cost]) -> float:
    """Return the least CPU-seconds of several runs."""
    return min(cost.cpu for cost in costs)


def usual(costs: Sequence[Cost]) -> float:
    """Return the median CPU-seconds of several runs."""
    return median(cost.cpu for cost in costs)
