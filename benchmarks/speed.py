"""The promises about speed, one function each, in the order of the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from benchmarks.data import (
    APPLICATIONS,
    FULL,
    SHUFFLED,
    SMALL,
    SORTED,
    Size,
    book,
    warm,
)
from benchmarks.folder import bench_folder
from benchmarks.measure import Cost, cheapest, interleaved, timed, usual
from benchmarks.outcome import Figure, Row
from benchmarks.peers import require_versions
from benchmarks.wanted import FEATURES

AGAINST = {
    "pandas": ("pandas merge + groupby", 10.0),
    "polars": ("Polars conditional aggregation", 1.5),
    "sql": ("the best DuckDB SQL we can write", 1.5),
}
"""Peers by piece: words, and how many times solvent's CPU-seconds they must take."""
OVER_SCAN = 3.0
ONE_ENTITY_MS = 0.1
AGAINST_BOOSTER = 0.8
FLAT = 1.2
"""Memory counts as flat where four times the rows take at most this many times the peak."""
FEW, MANY = 250_000, 1_000_000

Costs = Mapping[str, Sequence[Cost]]


def rows(rounds: int) -> Iterator[Row]:
    """Measure every promise.

    Args:
        rounds: Rounds of runs in turns.
    """
    print(f"peers: {require_versions()}", flush=True)
    timed("simulate")
    for events in (SORTED, SHUFFLED):
        # compiles the kernel where nobody has, and shows equal values before the long runs
        _run_offline(SMALL, events, 1)
    for events in (SORTED, SHUFFLED):
        costs, equality = _run_offline(FULL, events, rounds)
        yield from _offline(
            costs, events.removeprefix("events_").removesuffix(".parquet"), equality
        )
    yield _one_entity()
    yield from _file_scored(rounds)


def _run_offline(size: Size, events: str, rounds: int) -> tuple[Costs, str]:
    folder, out = book(size), bench_folder()
    warm(folder / events, folder / APPLICATIONS)
    results = {name: out / f"{name}.parquet" for name in ("solvent", *AGAINST)}
    for result in results.values():
        result.unlink(missing_ok=True)
    print(f"{size.events:,} events, {events}", flush=True)
    pieces: dict[str, tuple[object, ...]] = {
        name: (f"{name}_offline", folder, events, result) for name, result in results.items()
    }
    pieces["scan"] = ("duckdb_scan", folder, events)
    costs = interleaved(pieces, rounds=rounds)
    told = {
        peer: str(timed("compare", results["solvent"], results[peer], size.applications).said)
        for peer in AGAINST
    }
    print("  " + "\n  ".join(told.values()), flush=True)
    return costs, "; ".join(f"{peer}: {words}" for peer, words in told.items())


def _offline(costs: Costs, order: str, equality: str) -> Iterator[Row]:
    ours = usual(costs["solvent"])
    figures = {**_figures(costs), "equality": equality}
    memory = {name: max(cost.peak_mb for cost in some) / 1024 for name, some in costs.items()}
    for peer, (words, bar) in AGAINST.items():
        ratio = usual(costs[peer]) / ours
        yield Row(
            promise=f"{FEATURES} features, 20M events × 200k applications ({order}), vs {words}",
            bar=f">= {bar:g}×",
            value=f"{ratio:.2f}×",
            met=ratio >= bar,
            note=(
                f"CPU-s {_span(costs['solvent'])} against {_span(costs[peer])}; "
                f"peak {memory['solvent']:.1f} against {memory[peer]:.1f} GiB"
            ),
            figures=figures,
        )
    ratio = ours / usual(costs["scan"])
    yield Row(
        promise=f"whole offline path vs a bare DuckDB scan and sort ({order})",
        bar=f"<= {OVER_SCAN:g}×",
        value=f"{ratio:.2f}×",
        met=ratio <= OVER_SCAN,
        note=f"CPU-s {_span(costs['solvent'])} against {_span(costs['scan'])}",
        figures=figures,
    )


def _one_entity() -> Row:
    seen = _dictionary(timed("one_entity").said)
    value = seen["prepared_p50_ms"]
    return Row(
        promise=f"one customer in memory, {seen['rows']:.0f} rows, {seen['features']:.0f} features",
        bar=f"p50 <= {ONE_ENTITY_MS} ms",
        value=f"{value:.3f} ms",
        met=value <= ONE_ENTITY_MS,
        note=(
            f"rows prepared: p99 {seen['prepared_p99_ms']:.3f} ms (the kernel alone: p50 "
            f"{seen['kernel_p50_ms']:.3f}); from raw rows: p50 {seen['raw_p50_ms']:.3f}, "
            f"p99 {seen['raw_p99_ms']:.3f} ms; {seen['calls']:.0f} calls"
        ),
        figures=seen,
    )


def _file_scored(rounds: int) -> Iterator[Row]:
    print("scoring a file", flush=True)
    timed("scoring_prepare")
    timed("score_file", FEW)
    costs = interleaved(
        {
            "solvent": ("score_file", MANY),
            "booster": ("predict_in_memory", MANY),
            "few": ("score_file", FEW),
        },
        rounds=rounds,
    )
    equality = str(timed("scoring_compare", MANY).said)
    ours = median(MANY / cost.cpu for cost in costs["solvent"])
    peer = median(MANY / _dictionary(cost.said)["cpu"] for cost in costs["booster"])
    figures = {
        "rows_per_cpu_s": ours, "booster_rows_per_cpu_s": peer, "equality": equality,
        **_figures(costs),
    }  # fmt: skip
    yield Row(
        promise="score 1M applications of 60 numbers, file to file, vs a bare Booster.predict",
        bar=f">= {AGAINST_BOOSTER:g}× its rows per CPU-s",
        value=f"{ours / peer:.2f}×",
        met=ours / peer >= AGAINST_BOOSTER,
        note=f"{ours:,.0f} against {peer:,.0f} rows per CPU-s; {equality}",
        figures=figures,
    )
    few, many = (min(cost.peak_mb for cost in costs[name]) for name in ("few", "solvent"))
    yield Row(
        promise="memory of scoring is flat in rows",
        bar=f"4× the rows: <= {FLAT:g}× the peak",
        value=f"{many / few:.2f}×",
        met=many / few <= FLAT,
        note=f"{few:.0f} MB at 250k rows, {many:.0f} MB at 1M",
        figures={"few_mb": few, "many_mb": many},
    )


def _dictionary(said: object) -> dict[str, float]:
    if not isinstance(said, dict):
        raise TypeError(f"a piece said {said!r} where figures were expected")
    return said


def _span(costs: Sequence[Cost]) -> str:
    return f"{usual(costs):.1f} (min {cheapest(costs):.1f})"


def _figures(costs: Costs) -> dict[str, Figure]:
    return {
        name: {
            "cpu": ", ".join(f"{cost.cpu:.2f}" for cost in some),
            "wall": ", ".join(f"{cost.wall:.2f}" for cost in some),
            "peak_mb": round(max(cost.peak_mb for cost in some)),
        }
        for name, some in costs.items()
    }
