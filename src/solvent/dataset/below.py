"""A table's rows with those of the tables below it, each row above an entity of its own below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solvent.dataset._feed import Feed, names_of
from solvent.features import EntityRows
from solvent.features.program import SourceProgram
from solvent.features.rows import joined

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Rows of one table, with the instant each of its entities is asked at."""

    source: SourceProgram
    rows: EntityRows
    as_of: IntArray


def with_below(
    feed: Feed, source: SourceProgram, rows: EntityRows, as_of: IntArray
) -> Iterator[Held]:
    """Yield a source's rows, and those of the tables below it, one entity per row above.

    Each table below has one entity more, without rows: a row that is added above has nothing below.

    Args:
        feed: Where rows are read.
        source: The source's program.
        rows: Its rows.
        as_of: The instant each of their entities is asked at.
    """
    if source.below is None:
        yield Held(source=source, rows=rows, as_of=as_of)
        return
    yield Held(source=source, rows=replace(rows, number=np.arange(len(rows))), as_of=as_of)
    coded = names_of(rows).dictionary_encode(null_encoding="encode")
    entity = coded.indices.to_numpy().astype(np.int64)
    asked = np.append(as_of[entities_of(rows)], 0)
    for below in source.below.sources:
        every = joined([piece for _, piece in feed.chunks(below, coded.dictionary)])
        copied = every.of_entities(entity)
        copied = replace(copied, starts=np.append(copied.starts, copied.starts[-1]))
        yield from with_below(feed, below, copied, asked)


def entities_of(rows: EntityRows) -> IntArray:
    """Return the entity of each row, shape (rows,)."""
    return np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
