"""Promise: far less CPU per application than Featuretools with cutoff times, at equal values.

Both are given the same files: the first applications of the full book, and their customers'
payments. The cost of one application is a slope, so that starting up does not count; solvent's is
taken over a longer stretch, for over the peer's it is too small to tell from noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.data import APPLICATIONS, FULL, SORTED, warm
from benchmarks.folder import bench_folder
from benchmarks.measure import Cost, timed, timed_command, usual
from benchmarks.outcome import Figure, Row
from benchmarks.peers import pinned, python_of

FEW, MANY = 200, 1_000
OUR_FEW = 20_000
SLOPE, WHOLE = 500.0, 30.0
_PEER = Path(__file__).with_name("featuretools_peer.py")


def rows(rounds: int) -> Iterator[Row]:
    """Measure both promises.

    Args:
        rounds: Rounds of runs in turns.
    """
    timed("simulate")
    python = python_of("featuretools")
    books = {count: _book(count) for count in (FEW, MANY, OUR_FEW, FULL.applications)}
    ours: dict[int, list[Cost]] = {count: [] for count in books}
    peer: dict[int, list[Cost]] = {FEW: [], MANY: []}
    _ours(books, FEW)
    for _ in range(rounds):
        for count in books:
            ours[count].append(_ours(books, count))
            print(f"  solvent, {count:,}: {ours[count][-1].cpu:.2f} CPU-s", flush=True)
            if count in peer:
                peer[count].append(_peer(books, count, python))
                print(f"  Featuretools, {count:,}: {peer[count][-1].cpu:.2f} CPU-s", flush=True)
    equality = str(timed("compare", _out("solvent", MANY), _out("peer", MANY), MANY).said)
    print(f"  {equality}", flush=True)
    cost = {count: usual(some) for count, some in ours.items()}
    theirs = {count: usual(some) for count, some in peer.items()}
    our_slope = (cost[FULL.applications] - cost[OUR_FEW]) / (FULL.applications - OUR_FEW)
    their_slope = (theirs[MANY] - theirs[FEW]) / (MANY - FEW)
    figures: dict[str, Figure] = {
        "equality": equality,
        "solvent": {str(count): round(value, 3) for count, value in cost.items()},
        "featuretools": {str(count): round(value, 3) for count, value in theirs.items()},
    }
    version = f"Featuretools {pinned('featuretools')['featuretools']}"
    yield Row(
        promise=f"35 features, CPU per application, vs {version} with cutoff times",
        bar=f">= {SLOPE:g}×",
        value=f"{their_slope / our_slope:,.0f}×",
        met=their_slope >= SLOPE * our_slope,
        note=(
            f"{their_slope * 1e3:.1f} CPU-ms (slope {FEW} to {MANY:,}) against "
            f"{our_slope * 1e3:.4f} (slope {OUR_FEW:,} to {FULL.applications:,}); "
            f"{MANY:,} applications equal"
        ),
        figures=figures,
    )
    yield Row(
        promise=f"35 features of {MANY:,} applications, the whole process, vs {version}",
        bar=f">= {WHOLE:g}×",
        value=f"{theirs[MANY] / cost[MANY]:.0f}×",
        met=theirs[MANY] >= WHOLE * cost[MANY],
        note=f"{theirs[MANY]:.1f} against {cost[MANY]:.2f} CPU-s, starts included",
        figures=figures,
    )


def _book(count: int) -> Path:
    if count == FULL.applications:
        folder = bench_folder() / FULL.slug
    else:
        folder = Path(str(timed("few_applications", count).said))
    warm(folder / SORTED, folder / APPLICATIONS)
    return folder


def _out(who: str, count: int) -> Path:
    return bench_folder() / f"cutoffs_{who}_{count}.parquet"


def _ours(books: dict[int, Path], count: int) -> Cost:
    return timed("solvent_plain", books[count], SORTED, _out("solvent", count))


def _peer(books: dict[int, Path], count: int, python: Path) -> Cost:
    folder = books[count]
    files = (folder / SORTED, folder / APPLICATIONS, _out("peer", count))
    return timed_command(
        [str(python), "-P", "-W", "ignore", str(_PEER), *map(str, files)], "featuretools"
    )
