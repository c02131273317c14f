"""Features of many applications: sort, compute rows, run the kernel, name the columns."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from solvent.features import _kernel
from solvent.features.aggregates import Aggregate, Feature, Own
from solvent.features.combinations import Difference, Ratio, ZScore
from solvent.features.detail import detail_column
from solvent.features.expressions import Column, Type
from solvent.features.frame import (
    CategoryColumn,
    CodeArray,
    FeatureFrame,
    FloatArray,
    IntArray,
    NumberColumn,
)
from solvent.features.program import Program, Slot, SourceProgram
from solvent.features.rows import NULL, ApplicationRows, EntityRows, Values, known_from
from solvent.features.tables import AS_OF, Attributes
from solvent.features.values import Computed, compute
from solvent.features.versions import sort_rows
from solvent.features.windows import DAY, FOREVER

_CHUNKS_PER_THREAD = 8
_Number = TypeVar("_Number", np.int64, np.float64, np.int8)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRows:
    """Rows of one source, sorted and with every row expression computed: ready for the kernel.

    Args:
        program: The source's program.
        rows: The kernel's (starts, time, seen_from, seen_until, inclusive).
        slots: The kernel's (exacts, floats, truths, known).
        levels: Per output column, the labels its codes index; empty for numbers.
    """

    program: SourceProgram
    rows: tuple[IntArray, IntArray, IntArray, IntArray, bool]
    slots: tuple[IntArray, FloatArray, NDArray[np.int8], IntArray]
    levels: tuple[tuple[str, ...], ...]


def evaluate(
    program: Program,
    applications: ApplicationRows,
    rows: Mapping[str, EntityRows],
    *,
    threads: int = 1,
) -> FeatureFrame:
    """Compute every feature of every application as things were known at its `as_of`.

    Args:
        program: The compiled features.
        applications: The applications, n of them.
        rows: Rows of each source the program reads, by source name, in any order.
        threads: Threads the kernel may use.

    Returns:
        The features in declared order, each of n rows.

    Raises:
        TooManyRowsError: If one entity has more rows than exact arithmetic carries.
    """
    return assemble(program, applications, aggregate(program, applications, rows, threads=threads))


def aggregate(
    program: Program,
    applications: ApplicationRows,
    rows: Mapping[str, EntityRows],
    *,
    threads: int = 1,
) -> dict[str, NumberColumn | CategoryColumn]:
    """Compute the aggregates of every source: what does not hang on the application's own values.

    Args:
        program: The compiled features.
        applications: The applications, n of them; only their instants and entities are read.
        rows: Rows of each source the program reads, by source name, in any order.
        threads: Threads the kernel may use.

    Returns:
        The aggregates' columns by name, for `assemble`.

    Raises:
        TooManyRowsError: If one entity has more rows than exact arithmetic carries.
    """
    found: dict[str, NumberColumn | CategoryColumn] = {}
    for source in program.sources:
        held, asked = rows[source.table.name], applications
        if source.below is not None:
            held, asked, below = per_instant(held, applications)
            details = aggregate(source.below, below, rows, threads=threads)
            held = with_details(held, assemble(source.below, below, details))
        prepared = prepare(source, held)
        matrix = run_kernel(prepared, asked, threads=threads)
        found |= name_columns(source, prepared.levels, matrix)
    return found


def per_instant(
    rows: EntityRows, applications: ApplicationRows
) -> tuple[EntityRows, ApplicationRows, ApplicationRows]:
    """Repeat a table's rows for every instant at which they are asked about.

    What the rows below a row add up to hangs on the instant, so each pair of entity and instant
    becomes an entity of its own.

    Args:
        rows: The table's rows.
        applications: The applications that ask.

    Returns:
        The rows, repeated; the same applications of those entities; and one "application" per
        repeated row, whose entity is the row's own number, to ask the tables below.
    """
    pairs = np.stack([applications.entity, applications.as_of])
    asked, place = np.unique(pairs, axis=1, return_inverse=True)
    entity, as_of = asked
    repeated = replace(rows, number=rows.numbers()).of_entities(entity)
    sizes = np.diff(repeated.starts)
    below = ApplicationRows(as_of=np.repeat(as_of, sizes), entity=repeated.numbers(), columns={})
    again = replace(applications, entity=place.reshape(-1).astype(np.int64))
    return repeated, again, below


def with_details(rows: EntityRows, details: FeatureFrame) -> EntityRows:
    """Return rows with what the tables below add up to for each, as columns.

    Args:
        rows: The rows.
        details: One row of features for each of them.
    """
    columns = dict(rows.columns)
    for column in details:
        if isinstance(column, CategoryColumn):
            codes = np.where(column.codes < 0, NULL, column.codes.astype(np.int64))
            columns[detail_column(column.name)] = Values(array=codes, levels=column.levels)
        else:
            columns[detail_column(column.name)] = Values(array=column.values)
    return replace(rows, columns=columns)


def prepare(program: SourceProgram, rows: EntityRows) -> PreparedRows:
    """Sort rows, settle versions and compute every row expression once.

    Args:
        program: The source's program.
        rows: The rows, grouped by entity.
    """
    ordered = sort_rows(rows, program.columns, source=program.table.name)
    rows = ordered.rows
    columns = dict(rows.columns)
    if program.table.time_column is not None:
        columns[program.table.time_column] = Values(array=rows.time)
    known = np.empty((len(program.late), len(rows)), np.int64)
    for j, name in enumerate(program.late):
        times = known_from(columns, name)
        known[j] = np.where(times == NULL, FOREVER, times)
    return PreparedRows(
        program=program,
        rows=(
            rows.starts, rows.time, ordered.seen_from, ordered.seen_until,
            isinstance(program.table, Attributes),
        ),
        slots=(
            _fill(program.exacts, columns, len(rows), np.int64),
            _fill(program.floats, columns, len(rows), np.float64),
            _fill(program.truths, columns, len(rows), np.int8),
            known,
        ),
        levels=tuple(_levels(feature, columns) for feature in program.features),
    )  # fmt: skip


def run_kernel(
    prepared: PreparedRows, applications: ApplicationRows, *, threads: int = 1
) -> FloatArray:
    """Run the kernel over all applications.

    Args:
        prepared: Rows of one source.
        applications: The applications, n of them.
        threads: Threads to use.

    Returns:
        float64, shape (n, features of the source); codes of categories as floats.
    """
    n, program = len(applications), prepared.program
    out = np.empty((n, len(program.features)), np.float64)
    tables = (program.windows, program.accumulators, program.outputs, program.numbers)
    given = ((applications.entity, applications.as_of), prepared.rows, prepared.slots, tables, out)
    if threads == 1 or n < threads * _CHUNKS_PER_THREAD:
        _kernel.run((0, n), *given)
        return out
    cuts = np.linspace(0, n, threads * _CHUNKS_PER_THREAD + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda span: _kernel.run(span, *given), pairwise(cuts)))
    return out


def name_columns(
    program: SourceProgram, levels: tuple[tuple[str, ...], ...], matrix: FloatArray
) -> dict[str, NumberColumn | CategoryColumn]:
    """Return the kernel's output as named columns.

    Args:
        program: The source's program.
        levels: Per output column, the labels its codes index; empty for numbers.
        matrix: float64, shape (n, features of the source).
    """
    found: dict[str, NumberColumn | CategoryColumn] = {}
    for j, feature in enumerate(program.features):
        values = matrix[:, j]
        if feature.is_category:
            found[feature.name] = CategoryColumn(
                name=feature.name, codes=_codes(values), levels=levels[j]
            )
        else:
            found[feature.name] = NumberColumn(name=feature.name, values=values)
    return found


def assemble(
    program: Program,
    applications: ApplicationRows,
    found: Mapping[str, NumberColumn | CategoryColumn],
) -> FeatureFrame:
    """Add the application's own values and the ratios; return all in declared order.

    Args:
        program: The compiled features.
        applications: The applications.
        found: The aggregates' columns by name.
    """
    columns = _own_columns(applications, program)
    return FeatureFrame(
        rows=len(applications),
        columns=tuple(_column(f, found, columns, applications) for f in program.features),
    )


def _column(
    feature: Feature,
    found: Mapping[str, NumberColumn | CategoryColumn],
    columns: Mapping[str, Values],
    applications: ApplicationRows,
) -> NumberColumn | CategoryColumn:
    if isinstance(feature, Aggregate):
        return found[feature.name]
    if isinstance(feature, Own):
        if isinstance(feature.value, Column) and feature.value.type is Type.FLOAT:
            given = columns[feature.value.name].array.astype(np.float64, copy=False)
            return NumberColumn(name=feature.name, values=given + 0.0)
        return _own_value(feature, compute(feature.value, columns), applications)
    parts = [_numbers(_column(part, found, columns, applications)) for part in feature.parts]
    return NumberColumn(name=feature.name, values=_combine(feature, parts))


def _combine(feature: Feature, parts: list[FloatArray]) -> FloatArray:
    with np.errstate(all="ignore"):
        if isinstance(feature, Ratio):
            raw = parts[0] / parts[1]
        elif isinstance(feature, Difference):
            raw = parts[0] - parts[1]
        elif isinstance(feature, ZScore):
            raw = (parts[0] - parts[1]) / parts[2]
        else:
            raise TypeError(f"{type(feature).__name__} is no feature")
    return np.where(np.isfinite(raw), raw, np.nan)


def _numbers(column: NumberColumn | CategoryColumn) -> FloatArray:
    return column.values if isinstance(column, NumberColumn) else column.codes.astype(np.float64)


def _own_value(
    feature: Own, value: Computed, applications: ApplicationRows
) -> NumberColumn | CategoryColumn:
    n = len(applications)
    if value.type is Type.CODE:
        codes = np.where(value.null, -1, value.array).astype(np.int32)
        return CategoryColumn(name=feature.name, codes=codes, levels=value.levels)
    if value.type is Type.TIME:
        age = (applications.as_of - value.array).astype(np.float64) / float(DAY)
        return NumberColumn(name=feature.name, values=np.where(value.null, np.nan, age))
    if value.type is Type.FLOAT:
        return NumberColumn(name=feature.name, values=_full(value.floats() + 0.0, n))
    exact = Computed(Type.EXACT, value.exacts(), value.scale)
    return NumberColumn(name=feature.name, values=_full(exact.floats(), n))


def _full(values: FloatArray, n: int) -> FloatArray:
    """Return n values, a constant repeated."""
    return values if values.shape == (n,) else np.broadcast_to(values, n).copy()


def _own_columns(applications: ApplicationRows, program: Program) -> dict[str, Values]:
    """Return the application's columns as known at `as_of`, with the instant itself."""
    columns = {AS_OF: Values(array=applications.as_of)}
    declared = program.applications.columns
    for name, values in applications.columns.items():
        late = declared[name].known_at if name in declared else None
        columns[name] = values if late is None else _hide(values, applications, late)
    return columns


def _hide(values: Values, applications: ApplicationRows, late: str) -> Values:
    times = known_from(applications.columns, late)
    hidden = (times == NULL) | (times > applications.as_of)
    null = np.nan if values.array.dtype == np.float64 else NULL
    return Values(array=np.where(hidden, null, values.array), levels=values.levels)


def _fill(
    slots: tuple[Slot, ...], columns: Mapping[str, Values], n: int, dtype: type[_Number]
) -> NDArray[_Number]:
    filled = np.empty((sum(2 ** len(slot.late) for slot in slots), n), dtype)
    for slot in slots:
        for variant in range(2 ** len(slot.late)):
            seen = _with_known(slot, columns, variant) if slot.late else columns
            filled[slot.base + variant] = _array(slot, compute(slot.expression, seen), dtype)
    return filled


def _array(
    slot: Slot, value: Computed, dtype: type[np.generic]
) -> IntArray | FloatArray | NDArray[np.int8]:
    if slot.as_bits:
        return value.bits()
    if dtype == np.float64:
        return value.floats() + 0.0  # one zero, whichever of two tied rows comes first
    return value.exacts() if dtype == np.int64 else value.array


def _with_known(slot: Slot, columns: Mapping[str, Values], variant: int) -> dict[str, Values]:
    """Return the columns with those not yet known in this variant turned to null."""
    unknown = {name for bit, name in enumerate(slot.late) if not variant >> bit & 1}
    seen = dict(columns)
    for column in slot.expression.columns():
        if column.declared.known_at in unknown:
            values = columns[column.name]
            null = np.nan if values.array.dtype == np.float64 else NULL
            seen[column.name] = Values(array=np.full_like(values.array, null), levels=values.levels)
    return seen


def _levels(feature: Aggregate, columns: Mapping[str, Values]) -> tuple[str, ...]:
    if not feature.is_category or feature.value is None:
        return ()
    return compute(feature.value, columns).levels


def _codes(values: FloatArray) -> CodeArray:
    return np.where(np.isnan(values), -1.0, values).astype(np.int32)
