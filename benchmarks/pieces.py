"""What is measured, each piece in a process of its own: `python -m benchmarks.pieces PIECE ...`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from pathlib import Path


def solvent_offline(folder: str, events_file: str, out: str) -> None:
    """Compute the features by solvent."""
    from benchmarks import offline

    offline.run(Path(folder), events_file, Path(out))


def solvent_plain(folder: str, events_file: str, out: str) -> None:
    """Compute by solvent the features that Featuretools has too."""
    from benchmarks import offline

    offline.run(Path(folder), events_file, Path(out), plain=True)


def solvent_scaled(case: str, amount: str, folder: str) -> None:
    """Compute by solvent one point of a curve."""
    from benchmarks import scaled

    scaled.run(case, int(amount), Path(folder))


def pandas_offline(folder: str, events_file: str, out: str) -> None:
    """Compute the features by pandas."""
    from benchmarks import pandas_peer

    pandas_peer.run(Path(folder), events_file, Path(out))


def polars_offline(folder: str, events_file: str, out: str) -> None:
    """Compute the features by Polars."""
    from benchmarks import polars_peer

    polars_peer.run(Path(folder), events_file, Path(out))


def sql_offline(folder: str, events_file: str, out: str) -> None:
    """Compute the features by SQL in DuckDB."""
    from benchmarks import sql_peer

    sql_peer.run(Path(folder), events_file, Path(out))


def duckdb_scan(folder: str, events_file: str) -> int:
    """Scan and sort by DuckDB."""
    from benchmarks import duckdb_peer

    return duckdb_peer.scan_and_sort(Path(folder), events_file)


def few_applications(count: str) -> str:
    """Write a book of the first applications and their customers' payments, once."""
    from benchmarks import data

    return str(data.first_applications(data.FULL, int(count)))


def thinned(share: str) -> str:
    """Write a book of one payment in so many, once."""
    from benchmarks import data

    return str(data.thinned(data.FULL, int(share)))


def large() -> str:
    """Write the largest book, once."""
    from benchmarks import data

    return str(data.shifted_copies(data.FULL, data.COPIES))


def simulate() -> None:
    """Write the simulated books, once."""
    from benchmarks import data

    for size in (data.SMALL, data.FULL):
        data.book(size)


def compare(ours: str, peer: str, rows: str) -> str:
    """Tell how equal two results are; fail where they are not."""
    from benchmarks import equal

    return equal.require_equal(Path(ours), Path(peer), rows=int(rows))


def one_entity() -> dict[str, float]:
    """Time one customer's features."""
    from benchmarks import online

    return online.run()


def scoring_prepare() -> None:
    """Train, register and write the applications, once."""
    from benchmarks import scoring

    scoring.prepare()


def score_file(rows: str) -> dict[str, float]:
    """Score a file by solvent."""
    from benchmarks import scoring

    return scoring.score_file(rows)


def predict_in_memory(rows: str) -> dict[str, float]:
    """Predict a matrix by a bare booster."""
    from benchmarks import scoring

    return scoring.predict_in_memory(rows)


def scoring_compare(rows: str) -> str:
    """Tell how equal solvent's and the booster's predictions are."""
    from benchmarks import scoring

    return scoring.require_equal(int(rows))


def binning_prepare() -> None:
    """Write the wide table to bin, once."""
    from benchmarks import binning

    binning.prepare()


def bin_table() -> dict[str, float]:
    """Bin the wide table by solvent."""
    from benchmarks import binning

    return binning.run()


def solve_bins(answers: str) -> dict[str, float]:
    """Search problems that a peer has solved."""
    from benchmarks import binning

    return binning.solve(Path(answers))


def make_card() -> dict[str, float]:
    """Fit a scorecard of the wide table, and score by it."""
    from benchmarks import scorecards

    return scorecards.run()


PIECES: dict[str, Callable[..., object]] = {
    piece.__name__: piece
    for piece in (
        solvent_offline, solvent_plain, solvent_scaled, pandas_offline, polars_offline,
        sql_offline, duckdb_scan, simulate, few_applications, thinned, large, compare, one_entity,
        scoring_prepare, score_file, predict_in_memory, scoring_compare, binning_prepare,
        bin_table, solve_bins, make_card,
    )
}  # fmt: skip
OURS = (
    "solvent_offline",
    "solvent_plain",
    "solvent_scaled",
    "score_file",
    "bin_table",
    "make_card",
)


class _WithoutPandas(MetaPathFinder):
    """An install without pandas, as solvent's own is: PyArrow loads it for nothing if it can."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Refuse pandas; leave the rest to others."""
        del path, target
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


if __name__ == "__main__":
    if sys.argv[1] in OURS:
        sys.meta_path.insert(0, _WithoutPandas())
    said = PIECES[sys.argv[1]](*sys.argv[2:])
    if said is not None:
        print(json.dumps(said))
