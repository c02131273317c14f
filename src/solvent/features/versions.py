"""Rows in a proven order, each with the span of time in which it was the version known.

Duplicates (same id, same body) become one event; a correction (same id, another body, available
later) replaces its forerunner once it is available. The identity of an event is its id within
its entity; its body is its time and the columns the program reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solvent.errors import TooManyRowsError
from solvent.features import _kernel
from solvent.features.frame import BoolArray, IntArray
from solvent.features.rows import MAX_ROWS, NULL, EntityRows, Values
from solvent.features.windows import FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedRows:
    """Rows sorted by (entity, time, available, id, columns) with their visibility.

    Args:
        rows: The rows in that order.
        seen_from: Row counts from this instant on, int64, shape (n,).
        seen_until: Row counts before this instant, int64, shape (n,).
    """

    rows: EntityRows
    seen_from: IntArray
    seen_until: IntArray


def group_rows(entity: IntArray, time: IntArray, entities: int) -> tuple[IntArray, IntArray]:
    """Return where each entity's rows start, and the order that sorts rows by (entity, time).

    Args:
        entity: Entity number of each row, in [0, entities), shape (n,).
        time: Time of each row, shape (n,).
        entities: Number of entities.

    Returns:
        int64 arrays of shapes (entities + 1,) and (n,).
    """
    starts, order = _kernel.grouped(entity, time, entities)
    return starts, order


def sort_rows(rows: EntityRows, names: Sequence[str], *, source: str) -> SortedRows:
    """Return `rows` in the one order every feeder shares, with visibility.

    Args:
        rows: Rows grouped by entity, in any order within one.
        names: Columns that settle ties and make up the body, in declared order.
        source: Name of the source, for errors.

    Raises:
        TooManyRowsError: If one entity has more than `MAX_ROWS` rows.
    """
    sizes = np.diff(rows.starts)
    if len(sizes) and int(sizes.max()) > MAX_ROWS:
        raise TooManyRowsError(
            f"one customer has more than {MAX_ROWS} rows",
            hint="check the key column: is it the customer's?", field=source,
        )  # fmt: skip
    order = _order(rows, names)
    if order is not None:
        rows = rows.take(order, rows.starts)
    seen_until = np.full(len(rows), FOREVER, np.int64)
    seen_from = rows.available
    if rows.id is not None:
        marks = _kernel.repeated(rows.starts, rows.id.array)
        if marks.any():
            seen_from = seen_from.copy()
            _settle_versions(rows, names, marks, seen_from, seen_until)
    return SortedRows(rows=rows, seen_from=seen_from, seen_until=seen_until)


def _order(rows: EntityRows, names: Sequence[str]) -> IntArray | None:
    """Return the permutation that sorts, or None where the rows already stand so."""
    n = len(rows)
    if n < 2:
        return None
    new_entity = np.zeros(n, np.bool_)
    inner = rows.starts[1:-1]
    new_entity[inner[inner < n]] = True
    step = np.diff(rows.time)
    inside = ~new_entity[1:]
    order = None
    time = rows.time
    if bool((step[inside] < 0).any()):
        entity = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
        order = np.lexsort((rows.time, entity))
        time = rows.time[order]
        step = np.diff(time)
    tied = np.zeros(n, np.bool_)
    ties = inside & (step == 0)
    tied[1:] |= ties
    tied[:-1] |= ties
    if not tied.any():
        return order
    places = np.flatnonzero(tied)
    run = np.cumsum(~np.concatenate([[False], ties])[places])
    picked = places if order is None else order[places]
    keys = [_rank(rows.columns[name], picked) for name in reversed(names)]
    if rows.id is not None:
        keys.append(_rank(rows.id, picked))
    within = np.lexsort((*keys, rows.available[picked], run))
    if order is None:
        order = np.arange(n)
    order[places] = picked[within]
    return order


def _rank(
    values: Values, picked: IntArray
) -> IntArray | np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return sort keys, null first, that do not depend on how a feeder numbered its labels."""
    chosen = values.array[picked]
    if not values.levels:
        return np.where(np.isnan(chosen), -np.inf, chosen) if chosen.dtype.kind == "f" else chosen
    rank = np.empty(len(values.levels) + 1, np.int64)
    rank[np.argsort(np.array(values.levels, dtype=object), kind="stable")] = np.arange(
        len(values.levels)
    )
    rank[-1] = -1
    return rank[np.where(chosen == NULL, len(values.levels), chosen).astype(np.intp)]


def _settle_versions(
    rows: EntityRows,
    names: Sequence[str],
    marks: BoolArray,
    seen_from: IntArray,
    seen_until: IntArray,
) -> None:
    """Write, for rows that share an id, from when until when each is the version known."""
    if rows.id is None:
        return
    places = np.flatnonzero(marks)
    entity = np.searchsorted(rows.starts, places, side="right")
    body = [rows.time[places], *(_rank(rows.columns[name], places) for name in names)]
    available, ids = rows.available[places], rows.id.array[places]
    order = np.lexsort((*reversed(body), available, ids, entity))
    places, entity, ids, available = places[order], entity[order], ids[order], available[order]
    same_event = (np.diff(entity) == 0) & (np.diff(ids) == 0)
    same_body = same_event.copy()
    for part in body:
        same_body &= part[order[1:]] == part[order[:-1]]
    duplicate = np.concatenate([[False], same_body])
    seen_from[places[duplicate]] = FOREVER
    kept = np.flatnonzero(~duplicate)
    follows = (np.diff(entity[kept]) == 0) & (np.diff(ids[kept]) == 0)
    seen_until[places[kept[:-1][follows]]] = available[kept[1:][follows]]
