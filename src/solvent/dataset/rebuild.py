"""Features rebuilt after all that was not known at `as_of` was changed, taken away or added to.

An honest value stays where it is, whatever happens to rows and columns nobody could know yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solvent.dataset._feed import KeyedApplications
from solvent.dataset.below import entities_of, with_below
from solvent.dataset.build import Dataset
from solvent.features import (
    DAY,
    NULL,
    ApplicationRows,
    Attributes,
    CategoryColumn,
    EntityRows,
    FeatureFrame,
    NumberColumn,
    Values,
)
from solvent.features.evaluate import assemble, evaluate
from solvent.features.program import Program, SourceProgram
from solvent.features.rows import known_from, known_name

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Evaluate = Callable[[Program, ApplicationRows, Mapping[str, EntityRows]], FeatureFrame]
Change = Callable[[SourceProgram, EntityRows, IntArray, np.random.Generator], EntityRows]
Part = tuple[IntArray, FeatureFrame]

SAMPLE = 400
"""Applications whose features are rebuilt."""
ROWS_AT_ONCE = 1_000_000
"""Rows rebuilt at once; the rows of one application are never parted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of the features when the data were changed in one way.

    Args:
        name: The change, in plain words.
        fault: What it means that a value moved.
        moved: Names of the features that moved.
        applications: Applications rebuilt.
    """

    name: str
    fault: str
    moved: tuple[str, ...]
    applications: int


def rebuild_trials(
    dataset: Dataset, *, seed: int, rebuild: Evaluate = evaluate
) -> tuple[Trial, ...]:
    """Rebuild a sample's features once for each change; empty where no source is read.

    Args:
        dataset: The dataset as it would be trained on.
        seed: Decides the sample and the noise.
        rebuild: The evaluator; it is given one source, and some applications, at a time.
    """
    program = dataset.open_data.program
    if not program.sources:
        return ()
    rng = np.random.default_rng(seed)
    size = min(SAMPLE, len(dataset.bad))
    places = np.sort(rng.choice(len(dataset.bad), size, replace=False))
    sample = dataset.applications.take(places)
    found: dict[str, dict[str, NumberColumn | CategoryColumn]] = {name: {} for name in CHANGES}
    for source in program.sources:
        parts = _rebuild_source(dataset, source, sample, rng, rebuild)
        for name in CHANGES:
            found[name] |= _merge(source, parts[name], size)
    held = dataset.frame.take(places)
    rows = _application_rows(sample, np.arange(size))
    return tuple(
        Trial(
            name=name, fault=fault, applications=size,
            moved=_differing(held, assemble(program, rows, found[name])),
        )
        for name, (fault, _) in CHANGES.items()
    )  # fmt: skip


def _application_rows(sample: KeyedApplications, places: IntArray) -> ApplicationRows:
    """Return some of the sample, each as if it were its own customer."""
    part = sample.take(places)
    return ApplicationRows(as_of=part.as_of, entity=np.arange(len(part)), columns=part.columns)


def _rebuild_source(
    dataset: Dataset,
    source: SourceProgram,
    sample: KeyedApplications,
    rng: np.random.Generator,
    rebuild: Evaluate,
) -> dict[str, list[Part]]:
    """Return, for each change, the source's features: some applications at a time."""
    alone = replace(dataset.open_data.program, sources=(source,), features=tuple(source.features))
    parts: dict[str, list[Part]] = {name: [] for name in CHANGES}
    for places, rows in _pieces(dataset, source, sample):
        applications = _application_rows(sample, places)
        held = tuple(with_below(dataset.open_data.feed(), source, rows, applications.as_of))
        for name, (_, change) in CHANGES.items():
            changed = {h.source.table.name: change(h.source, h.rows, h.as_of, rng) for h in held}
            parts[name].append((places, rebuild(alone, applications, changed)))
    return parts


def _pieces(
    dataset: Dataset, source: SourceProgram, sample: KeyedApplications
) -> Iterator[tuple[IntArray, EntityRows]]:
    """Yield places in the sample, and every row of each one's customer as if it were its own."""
    coded = sample.keys.dictionary_encode()
    entity = coded.indices.to_numpy().astype(np.int64)
    for first, rows in dataset.open_data.feed().chunks(source, coded.dictionary):
        sizes = np.diff(rows.starts)
        inside = np.flatnonzero((entity >= first) & (entity < first + len(sizes)))
        piece = np.cumsum(sizes[entity[inside] - first]) // ROWS_AT_ONCE
        for places in np.split(inside, np.flatnonzero(np.diff(piece)) + 1):
            if len(places):
                yield places, rows.of_entities(entity[places] - first)


def _keep(rows: EntityRows, keep: BoolArray) -> EntityRows:
    kept = np.concatenate([[0], np.cumsum(keep)])
    return rows.take(np.flatnonzero(keep), kept[rows.starts])


def _events(rows: EntityRows) -> IntArray:
    """Return the number of each row's event: versions and duplicates of one event share it."""
    if rows.id is None:
        return np.arange(len(rows))
    entity, ids = entities_of(rows), rows.id.array
    order = np.lexsort((ids, entity))
    new = _changes(entity[order]) | _changes(ids[order])
    event = np.empty(len(rows), np.int64)
    event[order] = np.cumsum(new) - 1
    return event


def _changes(values: NDArray[np.generic]) -> BoolArray:
    """Return True where a value differs from the one before it; the first one does."""
    differs = np.ones(len(values), np.bool_)
    differs[1:] = values[1:] != values[:-1]
    return differs


def _future(source: SourceProgram, rows: EntityRows, as_of: IntArray) -> BoolArray:
    at = as_of[entities_of(rows)]
    return rows.time > at if isinstance(source.table, Attributes) else rows.time >= at


def _rewrite_future(
    source: SourceProgram, rows: EntityRows, as_of: IntArray, rng: np.random.Generator
) -> EntityRows:
    """Rewrite every column of rows at or after `as_of` to noise."""
    mask, event = _future(source, rows, as_of), _events(rows)
    columns = {name: _noise(values, mask, event, rng) for name, values in rows.columns.items()}
    return replace(rows, columns=columns)


def _remove_future(
    source: SourceProgram, rows: EntityRows, as_of: IntArray, _rng: np.random.Generator
) -> EntityRows:
    """Remove rows at or after `as_of`, but not a correction that moves an earlier event there."""
    event, past = _events(rows), ~_future(source, rows, as_of)
    return _keep(rows, (np.bincount(event, weights=past) > 0)[event])


def _add_future(
    source: SourceProgram, rows: EntityRows, as_of: IntArray, rng: np.random.Generator
) -> EntityRows:
    """Add two rows of noise to each application, one at the first forbidden instant, one after."""
    if source.table.time_column is None:
        return rows  # undated facts have no future
    n = len(as_of)
    first = as_of + 1 if isinstance(source.table, Attributes) else as_of
    entity = np.concatenate([entities_of(rows), np.arange(n), np.arange(n)])
    order = np.argsort(entity, kind="stable")
    added = EntityRows(
        starts=np.searchsorted(entity[order], np.arange(n + 1)),
        time=np.concatenate([rows.time, first, first + rng.integers(1, 30 * DAY, n)]),
        available=np.concatenate([rows.available, as_of, as_of]),
        id=None if rows.id is None else _with_new_ids(rows.id, n),
        columns={
            name: Values(
                array=np.concatenate([values.array, _draw(values, 2 * n, rng)]),
                levels=values.levels,
            )
            for name, values in rows.columns.items()
        },
        number=None if rows.number is None else np.append(rows.number, np.full(2 * n, len(rows))),
    )
    return added.take(order, added.starts)


def _with_new_ids(ids: Values, n: int) -> Values:
    """Return ids with two more for each of n applications, of which no row has one."""
    if ids.levels:
        mark = "+" + max(ids.levels, key=len)
        levels = (*ids.levels, mark, mark + "+")
        free = np.arange(len(ids.levels), len(levels))
    else:
        levels, free = (), np.setdiff1d(np.arange(len(ids.array) + 2), ids.array)[:2]
    return Values(array=np.concatenate([ids.array, np.repeat(free, n)]), levels=levels)


def _remove_late(
    _source: SourceProgram, rows: EntityRows, as_of: IntArray, _rng: np.random.Generator
) -> EntityRows:
    return _keep(rows, rows.available <= as_of[entities_of(rows)])


def _rewrite_late(
    source: SourceProgram, rows: EntityRows, as_of: IntArray, rng: np.random.Generator
) -> EntityRows:
    """Rewrite columns not known at `as_of`, all versions of an event alike, keeping them unknown.

    Where versions contradict each other at one instant the larger body counts: noise could make
    the other one larger, so such events stay as they are.
    """
    at, event = as_of[entities_of(rows)], _events(rows)
    settled = ~_contradicted(source, rows, event)
    columns = dict(rows.columns)
    declared = source.table.columns
    for name, values in rows.columns.items():
        late = declared[name].known_at if name in declared else None
        if late is None:
            continue
        times = known_from(rows.columns, late)
        hidden = settled & ((times == NULL) | (times > at))
        if late == name:
            later = at + rng.integers(1, 10**15, len(at))[event]
            moved = hidden & (values.array != NULL)
            columns[name] = Values(array=np.where(moved, later, values.array))
            if known_name(name) in columns:
                columns[known_name(name)] = Values(array=np.where(moved, later, times))
        else:
            columns[name] = _noise(values, hidden, event, rng)
    return replace(rows, columns=columns)


def _contradicted(source: SourceProgram, rows: EntityRows, event: IntArray) -> BoolArray:
    """Return True for rows of an event of which two bodies became available at one instant."""
    if rows.id is None:
        return np.zeros(len(rows), np.bool_)
    arrays = (rows.columns[name].array for name in source.columns)
    body = [rows.time, *(np.nan_to_num(a, nan=-np.inf) if a.dtype.kind == "f" else a
                         for a in arrays)]  # fmt: skip
    order = np.lexsort((*body, rows.available, event))
    other = np.any([_changes(part[order]) for part in body], axis=0)
    again = ~(_changes(event[order]) | _changes(rows.available[order]))
    return np.isin(event, event[order][again & other])


def _noise(values: Values, mask: BoolArray, event: IntArray, rng: np.random.Generator) -> Values:
    noise = _draw(values, len(event), rng)[event]
    return Values(array=np.where(mask, noise, values.array), levels=values.levels)


def _draw(
    values: Values, size: int, rng: np.random.Generator
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return noise of the kind a column holds, shape (size,)."""
    if values.array.dtype == np.float64:
        return rng.normal(0, 1e6, size)
    if not values.levels and bool((values.array == NULL).all()):
        return np.full(size, NULL)  # perhaps a category without a level: no code would name one
    return rng.integers(0, len(values.levels) or 2**39, size)


CHANGES: Mapping[str, tuple[str, Change]] = {
    "future rewritten": (
        "values change when events at or after the application are rewritten", _rewrite_future
    ),
    "future rows removed": (
        "values change when events at or after the application are removed", _remove_future
    ),
    "future rows added": (
        "values change when events at or after the application are added", _add_future
    ),
    "late rows removed": (
        "values change when rows that were not available yet are removed", _remove_late
    ),
    "late columns rewritten": (
        "values change when columns not known yet are rewritten", _rewrite_late
    ),
}  # fmt: skip
"""What is done to the data, by name, and what it means when a value moves."""


def _merge(
    source: SourceProgram, parts: Sequence[Part], size: int
) -> dict[str, NumberColumn | CategoryColumn]:
    """Return a source's features of the whole sample, in its order."""
    found: dict[str, NumberColumn | CategoryColumn] = {}
    for feature in source.features:
        columns = [(places, frame[feature.name]) for places, frame in parts]
        values, codes, book = np.full(size, np.nan), np.full(size, -1, np.int32), dict[str, int]()
        for places, column in columns:
            if isinstance(column, NumberColumn):
                values[places] = column.values
            else:
                numbers = [book.setdefault(level, len(book)) for level in column.levels]
                codes[places] = np.array([*numbers, -1], np.int32)[column.codes]
        if feature.is_category:
            found[feature.name] = CategoryColumn(name=feature.name, codes=codes, levels=tuple(book))
        else:
            found[feature.name] = NumberColumn(name=feature.name, values=values)
    return found


def _differing(held: FeatureFrame, rebuilt: FeatureFrame) -> tuple[str, ...]:
    return tuple(column.name for column in held if not _equal(column, rebuilt[column.name]))


def _equal(a: NumberColumn | CategoryColumn, b: NumberColumn | CategoryColumn) -> bool:
    if isinstance(a, NumberColumn) and isinstance(b, NumberColumn):
        return bool(np.array_equal(a.values, b.values, equal_nan=True))
    if isinstance(a, CategoryColumn) and isinstance(b, CategoryColumn):
        return _labels(a) == _labels(b)
    return False


def _labels(column: CategoryColumn) -> list[str | None]:
    return [None if code < 0 else column.levels[code] for code in column.codes]
