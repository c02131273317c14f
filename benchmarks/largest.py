"""Promise: a hundred million payments and a million applications fit a laptop.

The book is five copies of the full one, each of other customers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.data import APPLICATIONS, COPIES, FULL, SHUFFLED, SORTED, warm
from benchmarks.folder import bench_folder
from benchmarks.measure import timed
from benchmarks.outcome import Row
from benchmarks.wanted import FEATURES

CPU_S, PEAK_GB = 30.0, 6.0


def rows() -> Iterator[Row]:
    """Measure it once for each order of the file."""
    timed("simulate")
    folder = Path(str(timed("large").said))
    out = bench_folder() / "largest.parquet"
    events, applications = FULL.events * COPIES // 10**6, FULL.applications * COPIES // 10**6
    for name in (SORTED, SHUFFLED):
        warm(folder / name, folder / APPLICATIONS)
        cost = timed("solvent_offline", folder, name, out)
        order = name.removeprefix("events_").removesuffix(".parquet")
        size = f"{events}M events × {applications}M applications"
        peak = cost.peak_mb / 1e3 * 1.048576
        print(f"  {order}: {cost.cpu:.1f} CPU-s, {cost.wall:.1f} s, {peak:.2f} GB", flush=True)
        yield Row(
            promise=f"{FEATURES} features, {size} ({order})",
            bar=f"<= {CPU_S:g} CPU-s, peak <= {PEAK_GB:g} GB",
            value=f"{cost.cpu:.1f} CPU-s, {peak:.1f} GB",
            met=cost.cpu <= CPU_S and peak <= PEAK_GB,
            note=f"{cost.wall:.1f} s on the clock; file to file, every row judged",
            figures={"cpu": cost.cpu, "wall": cost.wall, "peak_mb": cost.peak_mb},
        )
