"""Bins of a wide table: the exact search against a solver, and end to end against two libraries.

500,000 rows by 50 columns: 45 numbers of six courses (every fourth is noise; with missing values
and two special codes) and five categories of 50 to 10,000 levels (two of them noise). Reading the
file is not counted, on any side; turning texts into codes is.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.data import SEED
from benchmarks.folder import bench_folder
from benchmarks.measure import Cost, timed, timed_command
from benchmarks.outcome import Row
from benchmarks.peers import pinned, python_of

FloatArray = NDArray[np.float64]

ROWS, NEW_ROWS = 500_000, 200_000
NUMBERS, LEVELS = 45, (50, 200, 1_000, 3_000, 10_000)
NOISE_CATEGORIES = ("cat2", "cat4")
SPECIAL = (-999.0, -998.0)
MAX_BINS, MIN_SHARE = 8, 0.05
PRE_BINS = 50
SOLVER = {"ascending": (500.0, 8), "peak": (2_000.0, 3)}
"""By course: how many times our CPU-seconds the solver must take, and on how many problems."""
AGAINST = {"optbinning": 10.0, "toad": 80.0}
WITHIN = 0.15
_COURSES = {"ascending": 0, "peak": 2}
_REPEATS = 200
_HERE = Path(__file__).resolve().parent


def folder() -> Path:
    """Return where this benchmark keeps its files."""
    return bench_folder() / "binning"


def rows() -> Iterator[Row]:
    """Measure every promise about bins."""
    timed("binning_prepare")
    yield from _solver_rows()
    timed("bin_table")  # compiles where nobody has
    ours = timed("bin_table")
    said = _said(ours)
    peers = {name: _peer(name, "bin", folder() / "rows.parquet") for name in AGAINST}
    for name, bar in AGAINST.items():
        theirs = _said(peers[name])
        times = theirs["cpu"] / said["cpu"]
        yield Row(
            promise=f"bin {ROWS:,} rows x 50 columns, end to end, against {_title(name)}",
            bar=f"≥ {bar:.0f}x", value=f"{times:.0f}x", met=times >= bar,
            note=f"{said['cpu']:.2f} against {theirs['cpu']:.1f} CPU-s",
            figures={"ours": said, name: theirs},
        )  # fmt: skip
    theirs = _said(peers["optbinning"])
    yield Row(
        promise="peak memory of that, against optbinning", bar="≤ 1x",
        value=f"{said['peak_mb'] / theirs['peak_mb']:.2f}x",
        met=said["peak_mb"] <= theirs["peak_mb"],
        note=f"{said['peak_mb']:.0f} against {theirs['peak_mb']:.0f} MB, of which loading took "
        f"{said['loaded_mb']:.0f} and {theirs['loaded_mb']:.0f}",
    )  # fmt: skip
    ratio = said["categories_new"] / said["categories"]
    yield Row(
        promise="IV of categories on new rows, against that seen in training",
        bar=f"within {WITHIN:.0%}", value=f"{ratio - 1.0:+.1%}", met=abs(ratio - 1.0) <= WITHIN,
        note=f"{said['categories']:.3f} in training, {said['categories_new']:.3f} on new rows; "
        f"categories of noise {said['noise']:.4f} and {said['noise_new']:.4f}; numbers "
        f"{said['numbers']:.3f} and {said['numbers_new']:.3f} (optbinning in training: categories "
        f"{theirs['categories']:.3f}, numbers {theirs['numbers']:.3f})",
    )  # fmt: skip


def _solver_rows() -> Iterator[Row]:
    for course, (bar, count) in SOLVER.items():
        asked, answers = folder() / f"{course}.json", folder() / f"{course}_solved.json"
        asked.write_text(json.dumps(problems(course, count)), encoding="utf-8")
        theirs = _said(_peer("optbinning", "solve", asked, answers))["cpu"]
        ours = _said(timed("solve_bins", answers))
        times = theirs / ours["cpu"]
        yield Row(
            promise=f"exact search against optbinning's solver, {PRE_BINS} pre-bins, {course}",
            bar=f"≥ {bar:,.0f}x", value=f"{times:,.0f}x", met=times >= bar,
            note=f"{1e3 * ours['cpu']:.2f} against {1e3 * theirs:,.0f} CPU-ms a variable, median "
            f"of {count}; IV never lower, higher on {ours['higher']:.0f}",
            figures={"ours_cpu": ours["cpu"], "optbinning_cpu": theirs},
        )  # fmt: skip


def _peer(name: str, *arguments: object) -> Cost:
    python, script = python_of("scorecards"), _HERE / f"{name}_peer.py"
    return timed_command([str(python), "-P", str(script), *map(str, arguments)], name)


def _said(cost: Cost) -> Mapping[str, float]:
    assert isinstance(cost.said, dict)
    return cost.said


def _title(name: str) -> str:
    word = f"{name} {pinned('scorecards')[name]}"
    return f"{word}, tree binning" if name == "toad" else word


def problems(course: str, count: int) -> list[dict[str, Any]]:
    """Draw pre-bins of about as many rows, whose bad rate runs as a course does, and then some."""
    rng = np.random.default_rng(SEED)
    at = np.linspace(-1.0, 1.0, PRE_BINS)
    tilt = at if course == "ascending" else 1.0 - 2.0 * at**2
    drawn = []
    for _ in range(count):
        n = rng.integers(900, 1_100, PRE_BINS)
        bads = rng.binomial(n, 1.0 / (1.0 + np.exp(1.8 - 0.6 * tilt)))
        drawn.append({
            "goods": (n - bads).tolist(), "bads": bads.tolist(), "trend": course,
            "max_bins": MAX_BINS, "min_rows": int(np.ceil(MIN_SHARE * n.sum())),
            "significance": None,
        })  # fmt: skip
    return drawn


def solve(answers: Path) -> dict[str, float]:
    """Search the problems that the peer solved; tell the CPU-seconds of one, the median."""
    from solvent.binning import iv
    from solvent.binning._search import judge, search

    took, higher = [], 0
    for problem in json.loads(answers.read_text(encoding="utf-8")):
        goods, bads = (np.array(problem[kind], np.float64) for kind in ("goods", "bads"))
        counts, whole = (
            np.stack([goods + bads, goods, bads])[None],
            np.array([goods.sum(), bads.sum()]),
        )
        course = _COURSES[problem["trend"]]
        asked = np.arange(5) == course
        limits = (float(problem["min_rows"]), 0.0, 0.0, 0.0, 0.5)

        def run() -> float:
            judged = judge(counts, whole, limits)  # noqa: B023 - run at once
            return float(search(judged, asked, (1, MAX_BINS, 0.0))[0][course])  # noqa: B023

        worth = run()
        started = time.process_time()
        for _ in range(_REPEATS):
            run()
        took.append((time.process_time() - started) / _REPEATS)
        ends = np.flatnonzero(problem["ends"])
        starts = np.concatenate(([0], ends[:-1] + 1))
        theirs = iv(np.add.reduceat(goods, starts), np.add.reduceat(bads, starts))
        assert worth >= theirs - 1e-5, f"IV {worth} is below the solver's {theirs}"
        higher += worth > theirs + 1e-5
    return {"cpu": float(np.median(took)), "higher": higher}


def run() -> dict[str, float]:
    """Bin the table by solvent; tell CPU-seconds, memory and IV in training and on new rows."""
    from solvent.binning import BinRules, Outcomes, bin_levels, bin_numbers

    # numba starts; the imports of the peers are not counted either
    few = Outcomes(bad=np.arange(100) % 2 == 0)
    bin_numbers(np.arange(100.0), few, BinRules())
    bin_levels(np.arange(100) % 9, list("abcdefghi"), few, BinRules())
    table = pq.read_table(folder() / "rows.parquet")
    loaded, started = peak_mb(), time.process_time()
    outcomes = Outcomes(bad=table["bad"].to_numpy())
    rules = BinRules(max_bins=MAX_BINS, min_share=MIN_SHARE, special=SPECIAL)
    found: dict[str, Any] = {}
    for name in table.column_names[1:]:
        if name.startswith("cat"):
            codes, levels = coded(table[name])
            found[name] = bin_levels(codes, levels, outcomes, rules).binning
        else:
            found[name] = bin_numbers(table[name].to_numpy(), outcomes, rules).binning
    cpu, peak = time.process_time() - started, peak_mb()
    new = _ivs(pq.read_table(folder() / "new_rows.parquet"), found)
    seen = {name: binning.iv for name, binning in found.items()}
    told: dict[str, float] = {"cpu": cpu, "loaded_mb": loaded, "peak_mb": peak}
    for kind, has in _KINDS.items():
        told[kind] = sum(value for name, value in seen.items() if has(name))
        told[f"{kind}_new"] = sum(value for name, value in new.items() if has(name))
    return told


_KINDS: Mapping[str, Callable[[str], bool]] = {
    "numbers": lambda name: name.startswith("num"),
    "categories": lambda name: name.startswith("cat"),
    "noise": lambda name: name in NOISE_CATEGORIES,
}


def _ivs(table: pa.Table, found: Mapping[str, Any]) -> dict[str, float]:
    bad, ivs = table["bad"].to_numpy(), {}
    for name, binning in found.items():
        values = coded(table[name]) if name.startswith("cat") else (table[name].to_numpy(),)
        ivs[name] = binning.table(binning.place(*values), bad).total_iv
    return ivs


def coded(column: pa.ChunkedArray[Any]) -> tuple[NDArray[np.int32], list[str]]:
    one = column.combine_chunks().dictionary_encode()
    codes = one.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, [str(label) for label in one.dictionary.to_pylist()]


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def prepare() -> None:
    """Write the table to learn from, and new rows of the same kind, once."""
    done = folder() / "complete"
    if not done.exists():
        folder().mkdir(parents=True, exist_ok=True)
        for number, (name, n) in enumerate((("rows", ROWS), ("new_rows", NEW_ROWS))):
            pq.write_table(_drawn(SEED + number, n), folder() / f"{name}.parquet")
        done.touch()


def _drawn(seed: int, n: int) -> pa.Table:
    """Draw rows; what a level or a number means is the same for every seed."""
    rng, fixed = np.random.default_rng(seed), np.random.default_rng(SEED)
    log_odds = np.full(n, -2.2)
    columns: dict[str, Any] = {}
    for at in range(NUMBERS):
        value, effect = _NUMBERS[at % len(_NUMBERS)](rng, n)
        missing = rng.random(n) < 0.05 * (at % 3)
        if at % 4 != 3:
            log_odds += 0.18 * np.where(missing, 1.0, effect)
        value[missing] = np.nan
        if at % 5 == 0:
            code = rng.random(n)
            value[code < 0.02], value[code > 0.99] = SPECIAL
        columns[f"num{at}"] = value
    for at, levels in enumerate(LEVELS):
        own = fixed.normal(0.0, 0.5, levels)
        codes = np.floor(levels * rng.random(n) ** 1.5).astype(np.int32)
        if f"cat{at}" not in NOISE_CATEGORIES:
            log_odds += own[codes]
        names = pa.array([f"level {number}" for number in range(levels)])
        mask = rng.random(n) < 0.03
        columns[f"cat{at}"] = names.take(pa.array(codes, pa.int32(), mask=mask))
    bad = rng.random(n) < 1.0 / (1.0 + np.exp(-log_odds))
    return pa.table({"bad": bad.astype(np.int8), **columns})


def _log_normal(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    z = rng.normal(size=n)
    return np.exp(7.0 + z).round(2), z


def _valley(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    age = rng.integers(18, 75, n).astype(np.float64)
    return age, np.abs(age - 45.0) / 12.0 - 1.2


def _counts(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    found = rng.poisson(2.0, n).astype(np.float64)
    return found, (found - 2.0) / 1.4


def _step(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    u = rng.random(n)
    return u, np.where(u > 0.7, 1.4, -0.6)


def _hill(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    z = rng.normal(size=n)
    return z, 1.5 * np.exp(-(z**2)) - 0.85


def _mostly_none(rng: np.random.Generator, n: int) -> tuple[FloatArray, FloatArray]:
    none = rng.random(n) < 0.6
    amount = np.where(none, 0.0, rng.gamma(2.0, 100.0, n).round(0))
    return amount, np.where(none, -0.5, 0.75)


_NUMBERS = (_log_normal, _valley, _counts, _step, _hill, _mostly_none)
