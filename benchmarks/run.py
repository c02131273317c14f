"""`python -m benchmarks.run TABLE ...`: measure the promises of some tables and print them.

Tables: speed, cutoffs, largest, scaling, live, decision, quality, preparation, cards,
contributions, serving, batch.

Results go to `results/<table>.json`, and into README.md between its markers. Promises that do not
hold are said so; the exit code is 0 all the same, for a measurement is not a test.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.measure import THREADS, keep_to_cores
from benchmarks.outcome import Row

HERE = Path(__file__).resolve().parent
TABLES = {
    "speed": "make bench", "cutoffs": "python -m benchmarks.run cutoffs",
    "largest": "python -m benchmarks.run largest", "scaling": "python -m benchmarks.run scaling",
    "quality": "make bench-quality",
    "decision": "python -m benchmarks.run decision",
    "live": "python -m benchmarks.run live",
    "preparation": "python -m benchmarks.run preparation",
    "cards": "python -m benchmarks.run cards",
    "contributions": "python -m benchmarks.run contributions",
    "serving": "python -m benchmarks.run serving",
    "batch": "python -m benchmarks.run batch",
}  # fmt: skip
_FILES = {"live": "live_rows"}
"""Files that are not called like their table."""
_IN_ROUNDS = {"speed", "cutoffs", "scaling"}
_LIBRARIES = ("numpy", "numba", "duckdb", "pyarrow", "lightgbm", "polars", "pandas")


def main() -> None:
    """Measure tables, one after the other; each is written as soon as it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="+", choices=sorted(TABLES), metavar="TABLE")
    parser.add_argument(
        "--date", default="", help="date written beside the figures; none by default"
    )
    parser.add_argument("--rounds", type=int, default=2, help="rounds of interleaved runs (speed)")
    asked = parser.parse_args()
    keep_to_cores()
    for table in asked.tables:
        _keep(table, _measure(table, asked.rounds), _about(asked.date))


def _keep(name: str, rows: Sequence[Row], about: Mapping[str, str]) -> None:
    kept = HERE / "results" / f"{name}.json"
    kept.parent.mkdir(exist_ok=True)
    record = {"about": about, "rows": [asdict(row) for row in rows]}
    kept.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    table = _table(rows)
    _write_readme(name, table, about)
    print(f"\n{table}", flush=True)


def _measure(table: str, rounds: int) -> list[Row]:
    module = import_module(f"benchmarks.{_FILES.get(table, table)}")
    return list(module.rows(rounds) if table in _IN_ROUNDS else module.rows())


def _about(date: str) -> dict[str, str]:
    """Return what the figures were measured on."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores (used: {THREADS}), "
        f"{pages * size / 2**30:.0f} GiB, {platform.system()}",
        "python": platform.python_version(),
        "libraries": ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES),
        "commit": _commit(),
        "date": date,
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _commit() -> str:
    command = ["git", "-C", str(HERE), "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _table(rows: Sequence[Row]) -> str:
    lines = ["| promise | bar | seen | | |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.promise} | {row.bar} | {row.value} | {row.verdict} | {row.note} |" for row in rows
    ]
    return "\n".join(lines)


def _write_readme(name: str, table: str, about: Mapping[str, str]) -> None:
    """Put the table between its markers."""
    path = HERE / "README.md"
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    head, _, rest = path.read_text(encoding="utf-8").partition(begin)
    _, _, tail = rest.partition(end)
    when = f", {about['date']}" if about["date"] else ""
    told = (
        f"Commit {about['commit']}{when}; {about['machine']}; Python {about['python']}; "
        f"{about['libraries']}. Again: `{TABLES[name]}`."
    )
    path.write_text(f"{head}{begin}\n{table}\n\n{told}\n{end}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
