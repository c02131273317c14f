"""solvent's side of the offline promises: the product's own way from files to feature values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.declared import product
from benchmarks.wanted import KEY
from solvent import Product
from solvent.dataset import open_data
from solvent.dataset.build import keyed, read_applications
from solvent.features import CategoryColumn, FeatureFrame

THREADS = 2


def run(folder: Path, events_file: str, out: Path, *, plain: bool = False) -> None:
    """Compute the features as `solvent score` does, and write them."""
    compute(product(events_file, plain=plain), folder, out)


def compute(declared: Product, folder: Path, out: Path) -> None:
    """Compute a product's features and write them."""
    with open_data(declared.plan, folder, outcomes=False) as data:
        table = read_applications(data, outcomes=False)
        frame = data.feed(threads=THREADS).features(keyed(data, table))
        # hardly a value comes twice: a dictionary of them would cost twice the writing
        pq.write_table(_arrow(table["id"], frame), out, use_dictionary=False)


def _arrow(ids: pa.ChunkedArray[Any], frame: FeatureFrame) -> pa.Table:
    columns: dict[str, pa.Array[Any] | pa.ChunkedArray[Any]] = {KEY: ids}
    for column in frame:
        if isinstance(column, CategoryColumn):
            raise TypeError(f"{column.name}: the benchmark's features are numbers")
        columns[column.name] = pa.array(column.values, from_pandas=True)
    return pa.table(columns)
