"""Promise: cost grows no faster than events, applications, windows and features do.

Each point is a fresh process, less what the same program takes on next to no rows. On log-log
paper a cost in proportion is a line of slope one; the slope is fitted and written on the plot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import altair as alt
import numpy as np

from benchmarks.data import APPLICATIONS, FULL, SORTED, warm
from benchmarks.folder import bench_folder
from benchmarks.measure import timed
from benchmarks.outcome import Row

LINEAR = 1.1
"""Slope up to which growth counts as in proportion: what is measured is noisy."""
PLOTS = Path(__file__).with_name("plots")
_NOTHING = 200
"""Applications of the book that tells what starting takes."""
_THIN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What one quantity is varied over.

    Args:
        over: The quantity.
        amounts: How much of it.
        fixed: What is held fixed, in words.
    """

    over: str
    amounts: tuple[int, ...]
    fixed: str


CURVES = (
    Curve(over="events", amounts=(8, 4, 2, 1), fixed="200k applications, 56 features"),
    Curve(
        over="applications", amounts=(25_000, 50_000, 100_000, 200_000),
        fixed="the payments of their customers, 56 features",
    ),
    Curve(
        over="windows", amounts=(2, 4, 8, 16, 32),
        fixed="7 features a window, 5M events, 200k applications",
    ),
    Curve(
        over="features", amounts=(8, 16, 32, 64, 128),
        fixed="each a walk of its own, 5M events, 200k applications",
    ),
)  # fmt: skip


def rows(rounds: int) -> Iterator[Row]:
    """Measure and plot every curve.

    Args:
        rounds: Runs of each point; the cheapest counts.
    """
    timed("simulate")
    points: list[Mapping[str, object]] = []
    for curve in CURVES:
        amounts, cpu = _measured(curve, rounds)
        slope = float(np.polyfit(np.log(amounts), np.log(cpu), 1)[0])
        steepest = float((np.diff(np.log(cpu)) / np.diff(np.log(amounts))).max())
        points += [
            {"over": f"{curve.over}: slope {slope:.2f}", "amount": float(a), "cpu": float(c)}
            for a, c in zip(amounts, cpu, strict=True)
        ]
        yield Row(
            promise=f"cost against {curve.over} ({curve.fixed})",
            bar=f"slope <= {LINEAR:g} on log-log",
            value=f"{slope:.2f}",
            met=slope <= LINEAR,
            note=(
                f"{cpu[0]:.2f} CPU-s at {amounts[0]:,.0f}, {cpu[-1]:.2f} at {amounts[-1]:,.0f} "
                f"(start taken off); steepest step {steepest:.2f}"
            ),
            figures={f"{a:.0f}": round(float(c), 3) for a, c in zip(amounts, cpu, strict=True)},
        )
    _plot(points)


def _measured(curve: Curve, rounds: int) -> tuple[Sequence[float], Sequence[float]]:
    """Return amounts ascending, and the CPU-seconds each takes above a start."""
    amounts, costs = [], []
    start: dict[int, float] = {}
    for amount in curve.amounts:
        folder = _folder(curve, amount)
        warm(folder / SORTED, folder / APPLICATIONS)
        # the program is compiled to arrays and its output named: no rows make that cheaper
        program = amount if curve.over in {"windows", "features"} else 0
        if program not in start:
            start[program] = _cheapest(curve, amount, _few(_NOTHING), rounds)
        cost = _cheapest(curve, amount, folder, rounds) - start[program]
        is_events = curve.over == "events"
        amounts.append(float(FULL.events / amount if is_events else amount))
        costs.append(max(cost, 1e-3))
        print(f"  {curve.over} {amounts[-1]:,.0f}: {cost:.2f} CPU-s above a start", flush=True)
    return amounts, costs


def _cheapest(curve: Curve, amount: int, folder: Path, rounds: int) -> float:
    runs = (timed("solvent_scaled", curve.over, amount, folder) for _ in range(rounds))
    return min(cost.cpu for cost in runs)


def _folder(curve: Curve, amount: int) -> Path:
    if curve.over == "applications":
        whole = bench_folder() / FULL.slug
        return whole if amount == FULL.applications else _few(amount)
    share = amount if curve.over == "events" else _THIN
    return bench_folder() / FULL.slug if share == 1 else Path(str(timed("thinned", share).said))


def _few(count: int) -> Path:
    return Path(str(timed("few_applications", count).said))


def _plot(points: Sequence[Mapping[str, object]]) -> None:
    """Draw the curves side by side, each on log-log paper with its slope."""
    line = (
        alt.Chart(alt.InlineData(values=list(points)))
        .mark_line(point=alt.OverlayMarkDef(size=50, filled=True), color="#1f5a96")
        .encode(
            x=alt.X("amount:Q").scale(type="log", nice=False, padding=12).title(None)
            .axis(format="~s", labelOverlap=True, gridColor="#eeeeee", tickCount=4),
            y=alt.Y("cpu:Q").scale(type="log", nice=False, padding=12)
            .title("CPU-seconds above a start").axis(format="~g", gridColor="#eeeeee", tickCount=4),
        )
        .properties(width=190, height=190)
        .facet(
            alt.Facet("over:N").title(None).header(labelFontSize=13, labelFontWeight="bold"),
            columns=4,
        )
        .resolve_scale(x="independent", y="independent")
        .properties(title="What a training set costs: start taken off, both axes logarithmic")
        .configure_view(stroke="#cccccc")
    )  # fmt: skip
    PLOTS.mkdir(exist_ok=True)
    line.save(str(PLOTS / "scaling.svg"))
    line.save(str(PLOTS / "scaling.png"), scale_factor=1)
