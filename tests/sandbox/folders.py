"""A sandbox read back from its files, with customers as numbers and times as int64 microseconds."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

NULL = int(np.iinfo(np.int64).min)
DAY = 86_400_000_000


class Folder:
    """Tables of one sandbox, each column as a numpy array.

    Args:
        path: Where it is.
        key: Column that names the customer.
        people: Table in which every customer stands.
    """

    def __init__(self, path: Path, *, key: str = "uuid", people: str = "customers") -> None:
        self.path, self.key, self.people = path, key, people

    @cached_property
    def _customers(self) -> pa.Array:
        return pc.unique(self.table(self.people)[self.key])

    def table(self, name: str) -> pa.Table:
        return pq.read_table(self.path / f"{name}.parquet")

    def column(self, table: str, name: str) -> NDArray[Any]:
        values = pq.read_table(self.path / f"{table}.parquet", columns=[name])[name]
        if name == self.key:
            places = pc.index_in(values, value_set=self._customers)
            return pc.fill_null(places, -1).to_numpy().astype(np.int64)
        if pa.types.is_timestamp(values.type):
            return pc.fill_null(values.cast(pa.int64()), NULL).to_numpy()
        return values.to_numpy()

    def outcomes(self) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
        """Which loans are mature, the true PD of those, and which of those are bad."""
        due, paid = self.column("loans", "due_at"), self.column("loans", "paid_at")
        mature = due <= np.datetime64("2025-01-01", "us").astype(np.int64)
        bad = (paid == NULL) | (paid > due)
        assert (self.column("truth", "loan_id") == self.column("loans", "loan_id")).all()
        return mature, self.column("truth", "true_pd")[mature], bad[mature]
