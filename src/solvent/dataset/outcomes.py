"""What became of the loans of a table, by the product's own definition and maturity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from solvent.dataset._feed import values_of
from solvent.dataset.bad import STANDINGS, BoolArray, IntArray, Standing
from solvent.dataset.build import OpenData, last_observed, outcome_values, read_applications
from solvent.errors import DeclarationError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableOutcomes:
    """Applications of a table, and what is known of each.

    Args:
        ids: Application ids as text, shape (n,).
        standing: Indices into `STANDINGS`, shape (n,).
        matured_at: Instant from which each could be trusted, int64 microseconds, shape (n,).
        observed_until: Instant up to which outcomes are known; None where there are no times.
    """

    ids: pa.Array[Any]
    standing: NDArray[np.int8]
    matured_at: IntArray
    observed_until: int | None

    def are(self, standing: Standing) -> BoolArray:
        """Return which applications have a standing, shape (n,)."""
        found: BoolArray = self.standing == STANDINGS.index(standing)
        return found


def read_outcomes(data: OpenData, *, now: int) -> TableOutcomes:
    """Read what became of the applications of an open table.

    Args:
        data: The open tables; the plan names the bad definition.
        now: The clock, int UTC microseconds; no outcome lies ahead of it.

    Raises:
        DeclarationError: There is no bad definition.
        DataError: The outcome columns cannot be used.
    """
    plan = data.plan
    if plan.bad is None:
        raise DeclarationError("no bad definition", hint="declare bad=equals(...)", field="bad")
    table = read_applications(data, outcomes=True)
    as_of = values_of(table["as_of"]).array.astype(np.int64)
    outcomes = outcome_values(plan.bad, table)
    until = last_observed(data, as_of, outcomes, now) if plan.has_times else None
    return TableOutcomes(
        ids=table["id"].cast(pa.string()).combine_chunks(),
        standing=plan.bad.standings(as_of, outcomes, until or 0),
        matured_at=plan.bad.matured_at(as_of, outcomes), observed_until=until,
    )  # fmt: skip
