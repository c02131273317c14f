"""A batch of a million applications: CPU and memory from the file to its results.

A boosted model of 60 columns; the file is accepted, scored by one worker and its results are
written, all in one process whose cost is measured. Explained rows are fewer, and told by the row.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.folder import bench_folder
from benchmarks.measure import Cost, timed_command
from benchmarks.outcome import Row

ROWS, EXPLAINED = 1_000_000, 20_000
FIELDS, TRAINED, SEED = 60, 6_000, 7
MOST_CPU, MOST_MB = 60.0, 1_500.0
PRODUCT = """from solvent import Applications, Product, behaviour, category, equals, number
loans = Applications(name="loans", files="loans.parquet", id="loan", key="client", columns={
    **{f"n{i}": number(title=f"number {i}") for i in range(55)},
    **{f"c{i}": category(title=f"label {i}") for i in range(5)},
})
product = Product(
    name="wide", applications=loans, features=[behaviour(loans)],
    bad=equals("bad", 1, matured="given"), technique="boosted_trees",
    split="at_random", reasons={"*": "Other things we know of you"},
)
"""
POLICY = """product: wide
name: first
cutoffs: {approve_below: 0.3, refer_below: 0.5}
offer: {variants: [{name: loan, title: Loan}]}
cost_matrix: {good_approved: 1, bad_approved: -5}
"""


def rows() -> Iterator[Row]:
    """Yield the promises of a batch."""
    folder = bench_folder() / "batch"
    _prepare(folder)
    plain = _run(folder, ROWS, reasons=False)
    yield Row(
        promise=f"batch of {ROWS:,} rows, boosted model, no reasons", bar=f"≤ {MOST_CPU:.0f} CPU-s",
        value=f"{plain.cpu:.1f} CPU-s", met=plain.cpu <= MOST_CPU,
        note=f"{plain.wall:.1f} s on the clock; from the file to the CSV of results",
        figures={"cpu": plain.cpu, "wall": plain.wall, "peak_mb": plain.peak_mb},
    )  # fmt: skip
    yield Row(
        promise="memory of that batch", bar=f"≤ {MOST_MB:,.0f} MB",
        value=f"{plain.peak_mb:,.0f} MB",
        met=plain.peak_mb <= MOST_MB, note="API and worker in one process",
    )  # fmt: skip
    told = _run(folder, EXPLAINED, reasons=True)
    each = 1_000 * told.cpu / EXPLAINED
    yield Row(
        promise=f"batch of {EXPLAINED:,} rows, explained", bar="reported",
        value=f"{each:.2f} CPU-ms a row", met=None, note=f"{told.cpu:.1f} CPU-s, start included",
        figures={"cpu": told.cpu, "wall": told.wall, "peak_mb": told.peak_mb},
    )  # fmt: skip


def _run(folder: Path, count: int, *, reasons: bool) -> Cost:
    command = [sys.executable, "-m", "benchmarks.batch", str(folder), str(count), str(int(reasons))]
    return timed_command(command, "batch")


def _prepare(folder: Path) -> None:
    """Train the model, and write the file, where that was not done before."""
    if (folder / f"{ROWS}.csv").is_file():
        return
    from solvent.app.train import TrainRequest, train
    from solvent.product import load_product

    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wide" / "data").mkdir(parents=True)
    (folder / "wide" / "product.py").write_text(PRODUCT, encoding="utf-8")
    (folder / "wide" / "policy.yaml").write_text(POLICY, encoding="utf-8")
    made = _applications(TRAINED)
    first = made["n0"].to_numpy() + made["n1"].to_numpy()
    noise = np.random.default_rng(SEED).normal(size=TRAINED)
    made = made.append_column("bad", pa.array((first + noise > 1.5).astype(np.int64)))
    made = made.append_column("given", pa.array(np.ones(TRAINED, np.int64)))
    made = made.rename_columns({"user_id": "client", "application_id": "loan"})
    pq.write_table(made, folder / "wide" / "data" / "loans.parquet")
    train(
        TrainRequest(
            loaded=load_product(folder / "wide"), data=folder / "wide" / "data", technique=None,
            seed=0, home=folder / "home", report=None, created_at="2025-05-01T00:00:00+00:00",
        )
    )  # fmt: skip
    import pyarrow.csv as pacsv

    for count in (EXPLAINED, ROWS):
        pacsv.write_csv(_applications(count), folder / f"{count}.csv")


def _applications(count: int) -> pa.Table:
    rng = np.random.default_rng(SEED + count)
    columns: dict[str, pa.Array[Any]] = {
        "user_id": pa.array([f"U{n}" for n in range(count)]),
        "application_id": pa.array([f"A{n}" for n in range(count)]),
    }
    for place in range(FIELDS - 5):
        columns[f"n{place}"] = pa.array(np.round(rng.normal(size=count), 4))
    for place in range(5):
        labels = pa.array([f"label {n}" for n in range(8)])
        columns[f"c{place}"] = labels.take(rng.integers(0, 8, count))
    return pa.table(columns)


def _work(folder: Path, count: int, *, reasons: bool) -> dict[str, int]:
    """Accept a file, do it, and write its results, as the API and a worker do."""
    from solvent.app.batches import BatchRequest, accept, cancel, new_folder, results_csv
    from solvent.app.bootstrap import open_service
    from solvent.app.settings import Settings
    from solvent.app.worker import Worker
    from solvent.store import BatchMode

    service = open_service(Settings(home=folder / "home"), folders=[folder / "wide"])
    draft = new_folder(service)
    shutil.copyfile(folder / f"{count}.csv", draft / "body")
    request = BatchRequest(
        product="wide", name="", mode=BatchMode.SCORE, reasons=reasons, owner="bench",
        idempotency_key=None, digest="", kind="csv",
    )  # fmt: skip
    batch = accept(service, request, draft, draft / "body")
    worker = Worker(service)
    while worker.work_once():
        pass
    batch = service.batches.get(batch.id)
    with (folder / "results.csv").open("w", encoding="utf-8") as out:
        for part in results_csv(service, batch):
            out.write(part)
    counts = service.batches.counts(batch.number)
    cancel(service, batch)
    service.close()
    return {"done": counts.done, "set_aside": counts.set_aside}


if __name__ == "__main__":
    print(json.dumps(_work(Path(sys.argv[1]), int(sys.argv[2]), reasons=sys.argv[3] == "1")))
