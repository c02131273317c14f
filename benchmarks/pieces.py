"""What is measured, each piece in a process of its own: `python -m benchmarks.pieces PIECE ...`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path


def solvent_offline(folder: str, events_file: str, out: str) -> None:
    """Compute the features by solvent."""
    from benchmarks import offline

    offline.run(Path(folder), events_file, Path(out))


def pandas_offline(folder: str, events_file: str, out: str) -> None:
    """Compute the features by pandas."""
    from benchmarks import pandas_peer

    pandas_peer.run(Path(folder), events_file, Path(out))


def polars_offline(folder: str, events_file: str, out: str) -> None:
    """Compute the features by Polars."""
    from benchmarks import polars_peer

    polars_peer.run(Path(folder), events_file, Path(out))


def duckdb_scan(folder: str, events_file: str) -> int:
    """Scan and sort by DuckDB."""
    from benchmarks import duckdb_peer

    return duckdb_peer.scan_and_sort(Path(folder), events_file)


PIECES: dict[str, Callable[..., object]] = {
    piece.__name__: piece
    for piece in (solvent_offline, pandas_offline, polars_offline, duckdb_scan)
}

if __name__ == "__main__":
    said = PIECES[sys.argv[1]](*sys.argv[2:])
    if said is not None:
        print(json.dumps(said))
