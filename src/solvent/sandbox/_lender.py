"""What a simulated lender is, so that one writer serves them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from solvent.sandbox._block import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Lender:
    """A simulated lender: its tables and how one block of its customers is simulated.

    Attributes:
        name: The word used in code, folders and commands.
        title: One line for people.
        version: Raised whenever the same seed would give other values.
        period_start: First instant of the simulated period, UTC, without zone; None where all
            times count from the application.
        lending_start: First instant whose applications are to be learnt from, UTC, without zone;
            None as above.
        observed_until: The data's end, UTC, without zone; None as above.
        tables: Schema of each table by name; each is one Parquet file.
        simulate_block: (seed, block) to the block's tables; pure.
    """

    name: str
    title: str
    version: str
    period_start: datetime | None
    lending_start: datetime | None
    observed_until: datetime | None
    tables: Mapping[str, pa.Schema]
    simulate_block: Callable[[int, int], Mapping[str, Columns]]


def schema(**columns: pa.DataType) -> pa.Schema:
    """The schema of a table whose columns come in the order given."""
    return pa.schema(list(columns.items()))
